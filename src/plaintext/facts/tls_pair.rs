//! Do a certificate chain and a private key belong together (RFC 5280, RFC 8446 section 4.4.2)?

use std::sync::Arc;

use jiff::Timestamp;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use rustls::{Error as TlsError, InconsistentKeys};
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::plaintext::SecretValue;

/// Why they cannot be used together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PairError {
    /// There is no certificate in PEM.
    #[error("there is no certificate in it (PEM, `BEGIN CERTIFICATE`)")]
    NoCertificate,
    /// A certificate cannot be read; the first is 1.
    #[error("certificate {0} of it cannot be read")]
    BadCertificate(usize),
    /// There is no private key in PEM.
    #[error("there is no private key in it (PEM, `BEGIN PRIVATE KEY`)")]
    NoKey,
    /// The private key is encrypted.
    #[error("the key is encrypted")]
    Encrypted,
    /// The private key cannot be read.
    #[error("the key cannot be read")]
    BadKey,
    /// The key is that of another certificate.
    #[error("the key does not belong to the first certificate")]
    Mismatch,
}

impl crate::error::Cause for PairError {}

/// What is worth knowing about a pair that belongs together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Pair {
    /// When the certificate expired, if it did.
    pub(crate) expired: Option<Timestamp>,
    /// When it starts to be valid, if that is still to come.
    pub(crate) not_yet: Option<Timestamp>,
    /// The first certificate of the chain that the next one did not sign, counted from 1.
    pub(crate) broken_after: Option<usize>,
    /// The key has an algorithm for which its public half cannot be computed here.
    pub(crate) unchecked: bool,
}

/// Checks a chain and a key; `now` is the time by which validity is judged.
pub(crate) fn tls_pair(chain: &SecretValue, key: &SecretValue, now: Timestamp) -> Result<Pair, PairError> {
    let chain = blocks(chain)?;
    let parsed = parse(&chain)?;
    let first = parsed.first().ok_or(PairError::NoCertificate)?;
    let time = |seconds: i64| Timestamp::from_second(seconds).ok();
    let (from, until) = (first.validity().not_before.timestamp(), first.validity().not_after.timestamp());
    let broken_after = parsed.windows(2).zip(1..).find_map(|(pair, n)| {
        let [lower, upper] = pair else { return None };
        lower.verify_signature(Some(upper.public_key())).is_err().then_some(n)
    });
    Ok(Pair {
        expired: time(until).filter(|until| *until < now),
        not_yet: time(from).filter(|from| *from > now),
        broken_after,
        unchecked: !belongs(chain.clone(), key)?,
    })
}

/// Checks a chain alone, before anybody is asked for its key.
pub(crate) fn check_chain(chain: &SecretValue) -> Result<(), PairError> {
    parse(&blocks(chain)?).map(drop)
}

fn blocks(chain: &SecretValue) -> Result<Vec<CertificateDer<'static>>, PairError> {
    let blocks: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(chain.expose()).collect();
    blocks.ok().filter(|blocks| !blocks.is_empty()).ok_or(PairError::NoCertificate)
}

fn parse<'a>(chain: &'a [CertificateDer<'static>]) -> Result<Vec<X509Certificate<'a>>, PairError> {
    let certificate = |(der, n): (&'a CertificateDer<'static>, usize)| {
        X509Certificate::from_der(der).map(|(_, it)| it).map_err(|_| PairError::BadCertificate(n))
    };
    chain.iter().zip(1..).map(certificate).collect()
}

/// Tells whether the key is that of the first certificate; `false` if that cannot be told.
fn belongs(chain: Vec<CertificateDer<'static>>, key: &SecretValue) -> Result<bool, PairError> {
    if is_encrypted_key(key) {
        return Err(PairError::Encrypted);
    }
    let key = PrivateKeyDer::from_pem_slice(key.expose()).map_err(|_| PairError::NoKey)?;
    let Ok(signing) = rustls::crypto::ring::sign::any_supported_type(&key) else {
        // ring knows RSA from 2048 bits on, P-256, P-384 and Ed25519. Another EC curve is not an error.
        return match key {
            PrivateKeyDer::Sec1(_) | PrivateKeyDer::Pkcs8(_) if is_other_curve(&key) => Ok(false),
            _ => Err(PairError::BadKey),
        };
    };
    match CertifiedKey::new(chain, Arc::clone(&signing)).keys_match() {
        Ok(()) => Ok(true),
        Err(TlsError::InconsistentKeys(InconsistentKeys::KeyMismatch)) => Err(PairError::Mismatch),
        Err(TlsError::InconsistentKeys(_)) => Ok(false),
        Err(_) => Err(PairError::BadCertificate(1)),
    }
}

/// The object identifier of P-521 (RFC 5480) in DER.
const P521: &[u8] = &[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23];

fn is_other_curve(key: &PrivateKeyDer<'_>) -> bool {
    key.secret_der().windows(P521.len()).any(|window| window == P521)
}

/// Tells whether a private key in PEM is encrypted, in PKCS #8 or the older form of RFC 1421.
pub(crate) fn is_encrypted_key(key: &SecretValue) -> bool {
    let has = |needle: &[u8]| key.expose().windows(needle.len()).any(|window| window == needle);
    has(b"-----BEGIN ENCRYPTED PRIVATE KEY-----") || has(b"Proc-Type: 4,ENCRYPTED")
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::*;

    fn value(text: &str) -> SecretValue {
        SecretValue::from_bytes(Zeroizing::new(text.as_bytes().to_vec()))
    }

    fn made(until: i32) -> (String, String) {
        let mut params = rcgen::CertificateParams::new(vec!["a.example".into()]).unwrap();
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(until, 1, 1);
        let key = rcgen::KeyPair::generate().unwrap();
        (params.self_signed(&key).unwrap().pem(), key.serialize_pem())
    }

    fn check(chain: &str, key: &str) -> Result<Pair, PairError> {
        tls_pair(&value(chain), &value(key), "2026-06-01T00:00:00Z".parse().unwrap())
    }

    #[test]
    fn a_pair_is_told_from_two_halves() {
        let ((chain, key), (other, _)) = (made(2035), made(2035));
        assert_eq!(check(&chain, &key), Ok(Pair::default()));
        assert_eq!(check(&other, &key), Err(PairError::Mismatch));
        assert_eq!(check("", &key), Err(PairError::NoCertificate));
        assert_eq!(check(&chain, "not-a-real-key"), Err(PairError::NoKey));
        assert_eq!(check(&chain, &chain), Err(PairError::NoKey));
        let broken = key.replacen("MIG", "MIH", 1);
        assert!(matches!(check(&chain, &broken), Err(PairError::BadKey | PairError::NoKey | PairError::Mismatch)));
    }

    #[test]
    fn time_and_order_are_said() {
        let (old, key) = made(2021);
        assert!(check(&old, &key).unwrap().expired.is_some());
        let (chain, key) = made(2035);
        let early = tls_pair(&value(&chain), &value(&key), "2019-01-01T00:00:00Z".parse().unwrap()).unwrap();
        assert!(early.not_yet.is_some());
        let unrelated = format!("{chain}{}", made(2035).0);
        assert_eq!(check(&unrelated, &key).unwrap().broken_after, Some(1));
    }
}
