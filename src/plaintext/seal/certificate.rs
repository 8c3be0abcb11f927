//! The certificate of a controller: its public key, and what has to be true of it (requirement S24).

use jiff::Timestamp;
use rsa::pkcs8::DecodePublicKey;
use rsa::traits::PublicKeyParts;
use rsa::{BoxedUint, PublicKey};
use sha2::{Digest, Sha256};
use x509_parser::pem::Pem;

use crate::plaintext::wire::WireBody;

/// Fewest bits of a key that values are sealed for.
const LEAST_BITS: usize = 2048;

/// Smallest public exponent; no controller makes another one, and small ones are where attacks on RSA begin.
const LEAST_EXPONENT: u64 = 65_537;

/// A certificate that values can be sealed for.
#[derive(Debug)]
pub(crate) struct Certificate {
    key: PublicKey,
    fingerprint: String,
    until: Timestamp,
}

/// Why nothing can be sealed for a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CertificateError {
    /// There is none.
    #[error("there is no certificate in it (PEM, `BEGIN CERTIFICATE`)")]
    None,
    /// It is none.
    #[error("the certificate cannot be read")]
    Unreadable,
    /// Its key is of another sort.
    #[error("its key is no RSA key that values can be sealed for")]
    NotRsa,
    /// Its key can be broken.
    #[error("its RSA key has {0} bits, and at least {LEAST_BITS} are needed")]
    Short(usize),
}

impl crate::error::Cause for CertificateError {}

impl Certificate {
    /// Reads the first certificate of a PEM text, as the controller's own tool does.
    pub(crate) fn from_pem(text: &[u8]) -> Result<Self, CertificateError> {
        let mut blocks = Pem::iter_from_buffer(text).flatten();
        let block = blocks.find(|block| block.label == "CERTIFICATE").ok_or(CertificateError::None)?;
        let certificate = block.parse_x509().map_err(|_| CertificateError::Unreadable)?;
        let until = certificate.validity().not_after.timestamp();
        let until = Timestamp::from_second(until).map_err(|_| CertificateError::Unreadable)?;
        let info = certificate.public_key().raw;
        let key = PublicKey::from_public_key_der(info).map_err(|_| CertificateError::NotRsa)?;
        let bits = usize::try_from(key.n().bit_width()).unwrap_or_default();
        if bits < LEAST_BITS {
            return Err(CertificateError::Short(bits));
        }
        if key.e() < &BoxedUint::from(LEAST_EXPONENT) {
            return Err(CertificateError::NotRsa);
        }
        let fingerprint = Sha256::digest(info).iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { key, fingerprint, until })
    }

    /// Reads what a controller has answered.
    pub(crate) fn from_answer(body: &WireBody) -> Result<Self, CertificateError> {
        Self::from_pem(body.bytes())
    }

    /// Returns SHA-256 of the key (of its SubjectPublicKeyInfo), in hex: a certificate that is renewed for the same key
    /// has the same.
    pub(crate) fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Returns when it ends.
    pub(crate) fn until(&self) -> Timestamp {
        self.until
    }

    /// Returns the key.
    pub(super) fn key(&self) -> &PublicKey {
        &self.key
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_certificates_with_a_long_rsa_key_are_taken() {
        let error = |text: &str| Certificate::from_pem(text.as_bytes()).unwrap_err();
        let block = "-----BEGIN CERTIFICATE-----\nbm90LWEtcmVhbC1vbmU=\n-----END CERTIFICATE-----\n";
        assert_eq!(error(""), CertificateError::None);
        assert_eq!(error(&block.replace("CERTIFICATE", "PUBLIC KEY")), CertificateError::None);
        assert_eq!(error(block), CertificateError::Unreadable);
        let key = rcgen::KeyPair::generate().unwrap();
        let pem = rcgen::CertificateParams::default().self_signed(&key).unwrap().pem();
        assert_eq!(error(&pem), CertificateError::NotRsa);
    }
}
