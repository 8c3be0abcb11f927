//! A value that is composed of others by a template, and a second copy of one.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use zeroize::Zeroizing;

use crate::error::Cause;
use crate::names::KeyName;
use crate::plaintext::SecretValue;
use crate::plan::spec::{Filter, Piece};

/// What a part of a URL keeps as it is (RFC 3986: unreserved).
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Why a template cannot be rendered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RenderError {
    /// A value is not there.
    #[error("there is no value for `{0}`")]
    Missing(KeyName),
    /// JSON holds text only.
    #[error("the value of `{0}` is not UTF-8, and JSON can hold text only")]
    NotText(KeyName),
}

impl Cause for RenderError {}

/// Renders a template with the values that it names.
pub(crate) fn template(
    pieces: &[Piece],
    values: &BTreeMap<&KeyName, &SecretValue>,
) -> Result<SecretValue, RenderError> {
    let mut text = Zeroizing::new(Vec::new());
    for piece in pieces {
        match piece {
            Piece::Text(literal) => text.extend_from_slice(literal.as_bytes()),
            Piece::Value { name, filter } => {
                let value = values.get(name).ok_or_else(|| RenderError::Missing(name.clone()))?.expose();
                match filter {
                    None => text.extend_from_slice(value),
                    Some(Filter::Url) => percent_encode(value, UNRESERVED).for_each(|part| text.extend(part.bytes())),
                    Some(Filter::Base64) => {
                        text.extend_from_slice(Zeroizing::new(STANDARD.encode(value)).as_bytes());
                    }
                    Some(Filter::Json) => {
                        let value = std::str::from_utf8(value).map_err(|_| RenderError::NotText(name.clone()))?;
                        // Text always serializes.
                        let quoted = Zeroizing::new(serde_json::to_string(value).unwrap_or_default());
                        let inside = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
                        text.extend_from_slice(inside.unwrap_or_default().as_bytes());
                    }
                }
            }
        }
    }
    Ok(SecretValue::from_bytes(text))
}

/// Makes a second copy of a value that goes to two places.
pub(crate) fn again(value: &SecretValue) -> SecretValue {
    SecretValue::from_bytes(Zeroizing::new(value.expose().to_vec()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::plan::spec::pieces;

    fn value(bytes: &[u8]) -> SecretValue {
        SecretValue::from_bytes(Zeroizing::new(bytes.to_vec()))
    }

    fn rendered(text: &str, given: &[u8]) -> Result<Vec<u8>, RenderError> {
        let (name, value) = (KeyName::checked("v").unwrap(), value(given));
        template(&pieces(text).unwrap(), &BTreeMap::from([(&name, &value)])).map(|value| value.expose().to_vec())
    }

    #[test]
    fn filters_write_for_where_the_value_stands() {
        assert_eq!(rendered("<{{ v }}>", b"a\xFF").unwrap(), b"<a\xFF>");
        assert_eq!(
            rendered("x://u:{{ v | url }}@h", b"a/b@c:%\xC3\xA4-._~").unwrap(),
            b"x://u:a%2Fb%40c%3A%25%C3%A4-._~@h"
        );
        assert_eq!(rendered("{\"a\":\"{{ v | json }}\"}", b"q\"\\\n").unwrap(), br#"{"a":"q\"\\\n"}"#);
        assert_eq!(rendered("{{ v | base64 }}", b"ab").unwrap(), b"YWI=");
        assert_eq!(rendered("{{ v | json }}", b"\xFF"), Err(RenderError::NotText(KeyName::checked("v").unwrap())));
        assert_eq!(rendered("{{ w }}", b""), Err(RenderError::Missing(KeyName::checked("w").unwrap())));
    }

    proptest! {
        #[test]
        fn a_url_gives_the_password_back(password in "[^\u{0}]{1,40}") {
            let text = String::from_utf8(rendered("postgres://u:{{ v | url }}@h/d", password.as_bytes()).unwrap()).unwrap();
            let url = url::Url::parse(&text).unwrap();
            let decoded = percent_encoding::percent_decode_str(url.password().unwrap()).decode_utf8().unwrap().into_owned();
            prop_assert_eq!(decoded, password);
        }

        #[test]
        fn a_json_string_gives_the_value_back(given in any::<String>()) {
            let text = String::from_utf8(rendered("\"{{ v | json }}\"", given.as_bytes()).unwrap()).unwrap();
            prop_assert_eq!(serde_json::from_str::<String>(&text).unwrap(), given);
        }
    }
}
