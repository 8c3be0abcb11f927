//! Private keys in PEM whose key is encrypted: the same key without the encryption.

use pkcs8::EncryptedPrivateKeyInfoRef;
use pkcs8::der::Decode;
use pkcs8::der::pem::{LineEnding, PemLabel, decode_vec};
use zeroize::Zeroizing;

use crate::plaintext::SecretValue;

/// Why a key is not decrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DecryptError {
    /// It is not PKCS #8.
    #[error("it is encrypted in an old form (not PKCS #8)")]
    OldForm,
    /// It cannot be read.
    #[error("it is not a complete PEM block")]
    Broken,
    /// It does not open.
    #[error("the passphrase is wrong, or its cipher is not known")]
    WrongPassphrase,
}

impl crate::error::Cause for DecryptError {}

/// Decrypts a key of PKCS #8 (`ENCRYPTED PRIVATE KEY`: PBES2, RFC 8018).
pub(crate) fn decrypt_key(key: &SecretValue, passphrase: &SecretValue) -> Result<SecretValue, DecryptError> {
    if !key.expose().windows(21).any(|window| window == b"ENCRYPTED PRIVATE KEY") {
        return Err(DecryptError::OldForm);
    }
    let (_, der) = decode_vec(key.expose()).map_err(|_| DecryptError::Broken)?;
    let der = Zeroizing::new(der);
    let info = EncryptedPrivateKeyInfoRef::from_der(&der).map_err(|_| DecryptError::Broken)?;
    let open = info.decrypt(passphrase.expose()).map_err(|_| DecryptError::WrongPassphrase)?;
    let mut pem = open.to_pem(pkcs8::PrivateKeyInfoRef::PEM_LABEL, LineEnding::LF).map_err(|_| DecryptError::Broken)?;
    Ok(SecretValue::from_bytes(Zeroizing::new(std::mem::take(&mut *pem).into_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> SecretValue {
        SecretValue::from_bytes(Zeroizing::new(text.as_bytes().to_vec()))
    }

    /// `openssl genpkey -algorithm ed25519 | openssl pkcs8 -topk8 -v2 aes-256-cbc`, passphrase `not-a-real-one`.
    const ENCRYPTED: &str = include_str!("../../../tests/keys/encrypted-ed25519.pem");

    #[test]
    fn the_right_passphrase_opens_it() {
        let open = decrypt_key(&value(ENCRYPTED), &value("not-a-real-one")).unwrap();
        assert!(open.expose().starts_with(b"-----BEGIN PRIVATE KEY-----\n"));
        assert!(open.expose().ends_with(b"-----END PRIVATE KEY-----\n"));
    }

    #[test]
    fn everything_else_is_told_apart() {
        let error = |key: &str, passphrase: &str| decrypt_key(&value(key), &value(passphrase)).unwrap_err();
        assert_eq!(error(ENCRYPTED, "wrong"), DecryptError::WrongPassphrase);
        assert_eq!(error("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n", "x"), DecryptError::OldForm);
        assert_eq!(error("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n", "x"), DecryptError::Broken);
    }
}
