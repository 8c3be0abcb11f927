//! Turns values into ciphertext that only the controller of sealed-secrets, or whoever has the key of an age recipient, can
//! read: the third way out of the wall.
//!
//! The format is that of the sealed-secrets project (pkg/crypto, `HybridEncrypt`), or that of age. Only ciphertext leaves
//! this room.

mod age;
mod certificate;
mod session;

use aes_gcm::aead::{AeadInOut, KeyInit, Nonce};
use aes_gcm::{Aes256Gcm, Key};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use getrandom::SysRng;
use rsa::Oaep;
use rsa::traits::PublicKeyParts;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::SecretValue;

pub(crate) use age::{Recipient, seal_for};
pub(crate) use certificate::{Certificate, CertificateError};
pub(crate) use session::SessionKey;

/// A value was not sealed: there were no random numbers, or the key of a recipient is one that nobody has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gives no random numbers, or a key is none")]
pub(crate) struct NotSealed;

impl crate::error::Cause for NotSealed {}

/// Seals one value for the owner of the certificate; `label` binds it to a place, without which it is not opened.
///
/// Both the value and its key are moved in. The nonce is zero, as the format has it, which is safe because a key that was
/// used once is gone.
///
/// The result is base64 of: the length of the sealed key in two bytes, big-endian; the key by RSA-OAEP with SHA-256; the
/// value by AES-256-GCM with its tag.
pub(crate) fn seal(
    value: SecretValue,
    key: SessionKey,
    certificate: &Certificate,
    label: &[u8],
) -> Result<String, NotSealed> {
    let padding = Oaep::<Sha256>::new_with_label(label);
    let sealed_key = certificate.key().encrypt(&mut SysRng, padding, key.bytes()).map_err(|_| NotSealed)?;
    let length = u16::try_from(sealed_key.len()).map_err(|_| NotSealed)?;
    let mut buffer = Zeroizing::new(value.expose().to_vec());
    drop(value);
    let cipher = Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key.bytes()));
    drop(key);
    let nonce = Nonce::<Aes256Gcm>::default();
    let tag = cipher.encrypt_inout_detached(&nonce, &[], buffer.as_mut_slice().into()).map_err(|_| NotSealed)?;
    let mut sealed = Vec::with_capacity(2 + sealed_key.len() + buffer.len() + tag.len());
    sealed.extend_from_slice(&length.to_be_bytes());
    sealed.extend_from_slice(&sealed_key);
    sealed.extend_from_slice(&buffer);
    sealed.extend_from_slice(&tag);
    Ok(STANDARD.encode(sealed))
}

/// Tells whether a controller can have made the new ciphertext of the old one for this certificate: for a key of its size, of
/// a value as long as before. What is in it, nobody but the controller can tell.
pub(crate) fn has_shape_of(new: &str, old: &str, certificate: &Certificate) -> bool {
    // Length of the sealed key, and of what is behind it.
    let shape = |text: &str| {
        let bytes = STANDARD.decode(text).ok()?;
        let (length, rest) = bytes.split_first_chunk::<2>()?;
        let length = usize::from(u16::from_be_bytes(*length));
        Some((length, rest.len().checked_sub(length)?))
    };
    match (shape(new), shape(old)) {
        (Some((key, value)), Some((_, before))) => key == certificate.key().size() && value == before,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use rsa::PrivateKey;
    use rsa::pkcs8::EncodePrivateKey;

    use super::*;

    fn value(bytes: &[u8]) -> SecretValue {
        SecretValue::from_bytes(Zeroizing::new(bytes.to_vec()))
    }

    /// A key pair, and its certificate.
    fn pair() -> (PrivateKey, Certificate) {
        let private = PrivateKey::new(&mut rsa::rand_core::UnwrapErr(SysRng), 2048).unwrap();
        let der = private.to_pkcs8_der().unwrap();
        let key = rcgen::KeyPair::try_from(der.as_bytes()).unwrap();
        let pem = rcgen::CertificateParams::default().self_signed(&key).unwrap().pem();
        (private, Certificate::from_pem(pem.as_bytes()).unwrap())
    }

    /// Opens a sealed value by the words of the format, not by calling the code above backwards.
    fn open(sealed: &str, private: &PrivateKey, label: &[u8]) -> Option<Vec<u8>> {
        let bytes = STANDARD.decode(sealed).unwrap();
        let (length, rest) = bytes.split_at(2);
        let (key, text) = rest.split_at(usize::from(length[0]) << 8 | usize::from(length[1]));
        let key = private.decrypt(Oaep::<Sha256>::new_with_label(label), key).ok()?;
        let cipher = Aes256Gcm::new_from_slice(&key).unwrap();
        let (text, tag) = text.split_at(text.len() - 16);
        let mut opened = text.to_vec();
        let tag = tag.try_into().unwrap();
        let nonce = Nonce::<Aes256Gcm>::default();
        cipher.decrypt_inout_detached(&nonce, &[], opened.as_mut_slice().into(), &tag).ok().map(|()| opened)
    }

    #[test]
    fn what_is_sealed_opens_with_its_key_and_its_label_only() {
        let (private, certificate) = pair();
        for text in [&b""[..], b"a", b"not-a-real-password", &[0xff; 100_000]] {
            let sealed = seal(value(text), SessionKey::random().unwrap(), &certificate, b"prod/db").unwrap();
            assert_eq!(open(&sealed, &private, b"prod/db").as_deref(), Some(text));
            assert_eq!(open(&sealed, &private, b"prod"), None);
            assert_eq!(open(&sealed, &private, b""), None);
        }
        let sealed = seal(value(b"a"), SessionKey::random().unwrap(), &certificate, b"").unwrap();
        assert_eq!(open(&sealed, &pair().0, b""), None, "another key");
    }

    #[test]
    fn the_same_value_is_never_sealed_to_the_same_text() {
        let (_, certificate) = pair();
        let text = |_| seal(value(b"same"), SessionKey::random().unwrap(), &certificate, b"").unwrap();
        let [one, other] = [0, 1].map(text).map(|text| STANDARD.decode(text).unwrap());
        // Not its last part either, which would be the same under the same AES key.
        assert_ne!(one[one.len() - 20..], other[other.len() - 20..]);
    }
}
