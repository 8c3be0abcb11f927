//! `generate:hex` and `generate:base64`: random bytes as text, for programs that want a key.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::error::Result;
use crate::plaintext::SecretValue;

use super::options::Options;
use super::random::fill;
use super::{Kind, Made, Row};

pub(super) const HEX: Row = Row { name: "hex", options: &["bytes"], parse: |options| parse(options, Form::Hex) };
pub(super) const BASE64: Row =
    Row { name: "base64", options: &["bytes"], parse: |options| parse(options, Form::Base64) };

const DEFAULT_BYTES: usize = 32;
/// Twice as long in hex, which is still below the limit for a value.
const MOST_BYTES: usize = 512 * 1024;

#[derive(Debug, Clone, Copy)]
enum Form {
    Hex,
    Base64,
}

#[derive(Debug)]
struct Encoded {
    bytes: usize,
    form: Form,
}

fn parse(options: &Options<'_>, form: Form) -> Result<Box<dyn Kind>> {
    Ok(Box::new(Encoded { bytes: options.number("bytes", DEFAULT_BYTES, MOST_BYTES)?, form }))
}

impl Kind for Encoded {
    fn describe(&self) -> String {
        format!("{} bytes", self.bytes)
    }

    fn bits(&self) -> Option<f64> {
        Some(self.bytes as f64 * 8.0)
    }

    fn stronger(&self) -> String {
        let name = match self.form {
            Form::Hex => HEX.name,
            Form::Base64 => BASE64.name,
        };
        format!("generate:{name},bytes={DEFAULT_BYTES}")
    }

    fn make(&self, _keys: usize) -> Result<Made> {
        let mut raw = Zeroizing::new(vec![0_u8; self.bytes]);
        fill(&mut raw)?;
        let value = match self.form {
            Form::Hex => {
                const DIGITS: &[u8; 16] = b"0123456789abcdef";
                let digit = |half: u8| DIGITS.get(usize::from(half)).copied().unwrap_or_default();
                let text = raw.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect();
                SecretValue::from_bytes(Zeroizing::new(text))
            }
            Form::Base64 => SecretValue::from_bytes(Zeroizing::new(STANDARD.encode(&*raw).into_bytes())),
        };
        Ok(value.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_those_of_the_encoding() {
        let len = |form| Encoded { bytes: 33, form }.make(1).unwrap().values[0].len();
        assert_eq!((len(Form::Hex), len(Form::Base64)), (66, 44));
    }
}
