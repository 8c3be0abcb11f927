//! `generate:uuid`: a random UUID, version 4 (RFC 9562).

use zeroize::Zeroizing;

use crate::error::Result;
use crate::plaintext::SecretValue;

use super::options::Options;
use super::random::fill;
use super::{Kind, Made, Row};

pub(super) const ROW: Row = Row { name: "uuid", options: &[], parse };

/// Six of the 128 bits say version and variant.
const BITS: f64 = 122.0;

#[derive(Debug)]
struct Uuid;

fn parse(_options: &Options<'_>) -> Result<Box<dyn Kind>> {
    Ok(Box::new(Uuid))
}

impl Kind for Uuid {
    fn describe(&self) -> String {
        "version 4".to_owned()
    }

    fn bits(&self) -> Option<f64> {
        Some(BITS)
    }

    fn make(&self, _keys: usize) -> Result<Made> {
        let mut raw = Zeroizing::new([0_u8; 16]);
        fill(&mut *raw)?;
        let mut text = Zeroizing::new(Vec::with_capacity(36));
        for (index, byte) in raw.iter().enumerate() {
            let byte = match index {
                6 => byte & 0x0f | 0x40,
                8 => byte & 0x3f | 0x80,
                _ => *byte,
            };
            if matches!(index, 4 | 6 | 8 | 10) {
                text.push(b'-');
            }
            for half in [byte >> 4, byte & 15] {
                text.push(char::from_digit(u32::from(half), 16).map_or(b'0', |digit| digit as u8));
            }
        }
        Ok(SecretValue::from_bytes(text).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_has_36_characters() {
        assert_eq!(Uuid.make(1).unwrap().values[0].len(), 36);
    }
}
