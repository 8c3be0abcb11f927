//! Templates of composed values: text with `{{ KEY }}` and `{{ KEY | FILTER }}` in it. They hold no value; they are
//! rendered in `plaintext::render`.

use crate::names::KeyName;

/// A piece of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Text that stands for itself.
    Text(String),
    /// The value of a key or part.
    Value {
        /// Its name.
        name: KeyName,
        /// How it is written.
        filter: Option<Filter>,
    },
}

/// How a value is written into a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Filter {
    /// Percent-encoded, for a part of a URL.
    Url,
    /// As the inside of a JSON string.
    Json,
    /// As base64.
    Base64,
}

impl Filter {
    /// Every filter, by the word for it.
    pub(crate) const ALL: &'static [(&'static str, Self)] =
        &[("url", Self::Url), ("json", Self::Json), ("base64", Self::Base64)];
}

/// Why a text is no template. The texts are ours, and hold nothing of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TemplateFault {
    /// No end.
    #[error("a template has `{{{{` without `}}}}` behind it")]
    Open,
    /// No key.
    #[error("between `{{{{` and `}}}}` of a template stands no name of a key or part")]
    Name,
    /// No filter.
    #[error("a template has a filter that there is not; there are: url, json, base64")]
    Filter,
    /// Only text.
    #[error("a template names no key and no part, so it would be a value itself")]
    Nothing,
}

/// Reads a template.
pub(crate) fn pieces(text: &str) -> Result<Vec<Piece>, TemplateFault> {
    let (mut rest, mut pieces) = (text, Vec::new());
    while let Some((before, behind)) = rest.split_once("{{") {
        if !before.is_empty() {
            pieces.push(Piece::Text(before.to_owned()));
        }
        let (inside, after) = behind.split_once("}}").ok_or(TemplateFault::Open)?;
        let (name, filter) = match inside.split_once('|') {
            Some((name, filter)) => (name, Some(filter.trim())),
            None => (inside, None),
        };
        let name = KeyName::checked(name.trim()).ok_or(TemplateFault::Name)?;
        let filter = match filter {
            None => None,
            Some(word) => {
                let known = Filter::ALL.iter().find(|(known, _)| *known == word);
                Some(known.ok_or(TemplateFault::Filter)?.1)
            }
        };
        pieces.push(Piece::Value { name, filter });
        rest = after;
    }
    if !pieces.iter().any(|piece| matches!(piece, Piece::Value { .. })) {
        return Err(TemplateFault::Nothing);
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest.to_owned()));
    }
    Ok(pieces)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_filters_and_text() {
        let name = |text| KeyName::checked(text).unwrap();
        assert_eq!(
            pieces("a://{{ user }}:{{pass|url}}@h/{ }}").unwrap(),
            [
                Piece::Text("a://".into()),
                Piece::Value { name: name("user"), filter: None },
                Piece::Text(":".into()),
                Piece::Value { name: name("pass"), filter: Some(Filter::Url) },
                Piece::Text("@h/{ }}".into()),
            ]
        );
    }

    #[test]
    fn what_is_no_template() {
        for (text, fault) in [
            ("", TemplateFault::Nothing),
            ("hunter2", TemplateFault::Nothing),
            ("{{ a", TemplateFault::Open),
            ("{{ }}", TemplateFault::Name),
            ("{{ .Values.a b }}", TemplateFault::Name),
            ("{{ {{ a }} }}", TemplateFault::Name),
            ("{{ a | sha1 }}", TemplateFault::Filter),
            ("{{ a | url | url }}", TemplateFault::Filter),
        ] {
            assert_eq!(pieces(text), Err(fault), "{text}");
        }
    }
}
