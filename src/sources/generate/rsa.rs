//! `generate:rsa`: an RSA key pair (RFC 8017), for SSH and everything else.

use rsa::pkcs8::EncodePrivateKey;
use rsa::traits::{PrivateKeyParts, PublicKeyParts};
use rsa::{BoxedUint, PrivateKey};
use ssh_key::Mpint;
use ssh_key::private::{KeypairData, RsaKeypair, RsaPrivateKey};
use ssh_key::public::RsaPublicKey;
use zeroize::Zeroizing;

use crate::error::{Error, Result};

use super::key::{Format, not_encoded, pem, ssh_pair};
use super::options::Options;
use super::random::NoRandom;
use super::system::System;
use super::{Kind, Made, Row};

pub(super) const ROW: Row = Row { name: "rsa", options: &["bits", "format"], parse };

/// Bits of the modulus: as strong as 128 bits by NIST SP 800-57, part 1, table 2.
pub(super) const DEFAULT_BITS: usize = 3072;
const LEAST_BITS: usize = 2048;
const MOST_BITS: usize = 8192;

#[derive(Debug)]
struct Rsa {
    bits: usize,
    format: Format,
}

fn parse(options: &Options<'_>) -> Result<Box<dyn Kind>> {
    let bits = options.number_within("bits", DEFAULT_BITS, LEAST_BITS, MOST_BITS)?;
    // Some readers count a modulus in whole bytes.
    if bits % 8 != 0 {
        return Err(Error::usage("option `bits` of `generate:rsa` takes a multiple of 8")
            .hint("write bits=3072, or leave it out, which means the same"));
    }
    Ok(Box::new(Rsa { bits, format: Format::parse(options, Format::Pkcs8)? }))
}

/// Makes a key pair; it takes seconds.
pub(super) fn key(bits: usize) -> Result<PrivateKey> {
    let mut system = System::default();
    let key = PrivateKey::new(&mut system, bits);
    if system.failed() {
        return Err(NoRandom.into());
    }
    key.map_err(|_| Error::bug("no RSA key could be made"))
}

/// How many bits a modulus is worth, by the table named above; never too high.
pub(super) fn strength(modulus: usize) -> f64 {
    match modulus {
        7680.. => 192.0,
        3072.. => 128.0,
        2048.. => 112.0,
        _ => 0.0,
    }
}

impl Kind for Rsa {
    fn describe(&self) -> String {
        format!("RSA key pair of {} bits, {}", self.bits, self.format.describe())
    }

    fn bits(&self) -> Option<f64> {
        Some(strength(self.bits))
    }

    fn most(&self) -> usize {
        2
    }

    fn make(&self, keys: usize) -> Result<Made> {
        let key = key(self.bits)?;
        ssh_pair(KeypairData::Rsa(ssh(&key)?), self.format, keys, || {
            pem(&key.to_pkcs8_der().map_err(|_| not_encoded())?)
        })
    }
}

/// The same key in the words of OpenSSH.
fn ssh(key: &PrivateKey) -> Result<RsaKeypair> {
    let [p, q] = key.primes() else { return Err(not_encoded()) };
    let inverse = key.crt_coefficient().ok_or_else(not_encoded)?;
    Ok(RsaKeypair {
        public: RsaPublicKey { e: number(key.e())?, n: number(key.n())? },
        private: RsaPrivateKey { d: number(key.d())?, iqmp: number(&inverse)?, p: number(p)?, q: number(q)? },
    })
}

fn number(number: &BoxedUint) -> Result<Mpint> {
    let bytes = Zeroizing::new(number.to_be_bytes().into_vec());
    Mpint::from_positive_bytes(&bytes).map_err(|_| not_encoded())
}

#[cfg(test)]
mod tests {
    use rsa::pkcs8::DecodePrivateKey;
    use ssh_key::LineEnding;

    use super::*;

    fn described(text: &str) -> Result<String> {
        Ok(parse(&Options::parse(text, "rsa", ROW.options)?)?.describe())
    }

    #[test]
    fn short_keys_are_refused() {
        assert_eq!(described("").unwrap(), "RSA key pair of 3072 bits, PKCS #8");
        assert_eq!(described("bits=2048,format=openssh").unwrap(), "RSA key pair of 2048 bits, OpenSSH");
        for text in ["bits=1024", "bits=2047", "bits=8200", "bits=2050", "format=pem", "bits=hunter2"] {
            assert!(described(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_pair_fits_together_in_both_forms() {
        let key = key(2048).unwrap();
        assert_eq!(key.n().bit_width(), 2048);
        key.validate().unwrap();
        let again = PrivateKey::from_pkcs8_der(key.to_pkcs8_der().unwrap().as_bytes());
        assert_eq!(again.unwrap().n(), key.n());
        let pair = ssh(&key).unwrap();
        let written = ssh_key::PrivateKey::new(KeypairData::Rsa(pair), "").unwrap();
        let read = ssh_key::PrivateKey::from_openssh(written.to_openssh(LineEnding::LF).unwrap()).unwrap();
        let ssh_key::public::KeyData::Rsa(public) = read.public_key().key_data() else { panic!("an RSA key") };
        assert_eq!(public.n.as_positive_bytes().unwrap(), &*key.n().to_be_bytes());
    }
}
