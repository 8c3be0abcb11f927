//! `generate:ssh-ed25519`: an Ed25519 key pair (RFC 8032) for SSH.

use pkcs8::SecretDocument;
use ssh_key::private::{Ed25519Keypair, KeypairData};
use zeroize::Zeroizing;

use crate::error::Result;

use super::key::{Format, not_encoded, pem, ssh_pair};
use super::options::Options;
use super::random::fill;
use super::{Kind, Made, Row};

pub(super) const ROW: Row = Row { name: "ssh-ed25519", options: &["format"], parse };

/// What the best known attack has to try.
pub(super) const BITS: f64 = 128.0;

/// What stands before the 32 bytes of a key in PKCS #8 (RFC 8410, section 7): a sequence of version 0,
/// the algorithm 1.3.101.112, and an octet string in an octet string.
const PREFIX: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

#[derive(Debug)]
struct SshEd25519(Format);

fn parse(options: &Options<'_>) -> Result<Box<dyn Kind>> {
    Ok(Box::new(SshEd25519(Format::parse(options, Format::OpenSsh)?)))
}

/// Draws a private key.
pub(super) fn seed() -> Result<Zeroizing<[u8; 32]>> {
    let mut seed = Zeroizing::new([0; 32]);
    fill(&mut *seed)?;
    Ok(seed)
}

/// Writes a private key as PKCS #8, in the first version of it, which every reader takes.
pub(super) fn pkcs8(seed: &[u8; 32]) -> Result<SecretDocument> {
    let mut der = Zeroizing::new(Vec::with_capacity(PREFIX.len() + seed.len()));
    der.extend_from_slice(&PREFIX);
    der.extend_from_slice(seed);
    SecretDocument::try_from(der.as_slice()).map_err(|_| not_encoded())
}

impl Kind for SshEd25519 {
    fn describe(&self) -> String {
        format!("Ed25519 key pair, {}", self.0.describe())
    }

    fn bits(&self) -> Option<f64> {
        Some(BITS)
    }

    fn most(&self) -> usize {
        2
    }

    fn make(&self, keys: usize) -> Result<Made> {
        let seed = seed()?;
        let pair = KeypairData::Ed25519(Ed25519Keypair::from_seed(&seed));
        ssh_pair(pair, self.0, keys, || pem(&pkcs8(&seed)?))
    }
}

#[cfg(test)]
mod tests {
    use pkcs8::PrivateKeyInfoRef;

    use super::*;

    #[test]
    fn pkcs8_holds_the_key_and_nothing_else() {
        let document = pkcs8(&[7; 32]).unwrap();
        let info = PrivateKeyInfoRef::try_from(document.as_bytes()).unwrap();
        assert_eq!(info.algorithm.oid.to_string(), "1.3.101.112");
        assert_eq!(info.private_key.as_bytes(), [&[4, 32][..], &[7; 32]].concat());
        assert!(info.public_key.is_none());
    }

    #[test]
    fn no_two_are_the_same() {
        let public = || SshEd25519(Format::OpenSsh).make(1).unwrap().notes.concat();
        assert_ne!(public(), public());
    }

    #[test]
    fn a_pair_fills_two_keys() {
        for format in [Format::OpenSsh, Format::Pkcs8] {
            let made = SshEd25519(format).make(2).unwrap();
            let line = made.notes.concat();
            let line = line.strip_prefix("public half: ").unwrap();
            assert!(line.starts_with("ssh-ed25519 AAAA"), "{line}");
            assert!(ssh_key::PublicKey::from_openssh(line).unwrap().comment().is_empty());
            assert_eq!((made.values.len(), made.values[1].len()), (2, line.len() + 1));
        }
    }
}
