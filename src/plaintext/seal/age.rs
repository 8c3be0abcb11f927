//! Turns a value into an age file (age-encryption.org/v1) for native X25519 recipients, armored.
//!
//! Only the writing side, and of the recipients only the native ones: no plugin is looked for in `PATH`, no passphrase. The
//! primitives are ring's. The `age` crate would do the same with 58 more crates, those of its translations among them.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::agreement::{EphemeralPrivateKey, UnparsedPublicKey, X25519, agree_ephemeral};
use ring::rand::SystemRandom;
use ring::{hkdf, hmac};
use zeroize::Zeroizing;

use crate::plaintext::SecretValue;

use super::NotSealed;

/// What a recipient begins with.
const PREFIX: &str = "age";
/// How much is sealed at a time.
const CHUNK: usize = 64 * 1024;
/// Characters in a line of an armored file.
const COLUMNS: usize = 64;

/// Whom a value is sealed for: a public key, as `age-keygen` prints it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Recipient([u8; 32]);

impl Recipient {
    /// Reads `age1…`.
    pub(crate) fn read(text: &str) -> Option<Self> {
        // BIP-0173 allows upper case, but not both.
        let is_mixed = text.contains(char::is_lowercase) && text.contains(char::is_uppercase);
        let text = text.to_ascii_lowercase();
        let (prefix, data) = text.rsplit_once('1')?;
        let key = bech32(prefix, data).filter(|_| prefix == PREFIX && !is_mixed)?;
        key.try_into().ok().map(Self)
    }
}

/// Seals a value for each of the recipients.
pub(crate) fn seal_for(value: SecretValue, recipients: &[Recipient]) -> Result<String, NotSealed> {
    let mut file_key = Zeroizing::new([0; 16]);
    getrandom::fill(&mut *file_key).map_err(|_| NotSealed)?;
    let mut file = b"age-encryption.org/v1\n".to_vec();
    for recipient in recipients {
        let (share, wrapped) = wrap(&file_key, recipient)?;
        file.extend_from_slice(format!("-> X25519 {}\n", STANDARD_NO_PAD.encode(share)).as_bytes());
        // 32 bytes are 43 characters, so there is one line, and it is the last one because it is short.
        file.extend_from_slice(format!("{}\n", STANDARD_NO_PAD.encode(wrapped)).as_bytes());
    }
    file.extend_from_slice(b"---");
    let key = derive(&[], &*file_key, b"header")?;
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &*key), &file);
    file.extend_from_slice(format!(" {}\n", STANDARD_NO_PAD.encode(tag)).as_bytes());
    payload(value, &file_key, &mut file)?;
    Ok(armored(&file))
}

/// Wraps the file key for a recipient; returns what the recipient needs to open it, and the key.
fn wrap(file_key: &[u8; 16], recipient: &Recipient) -> Result<(Vec<u8>, Vec<u8>), NotSealed> {
    let secret = EphemeralPrivateKey::generate(&X25519, &SystemRandom::new()).map_err(|_| NotSealed)?;
    let share = secret.compute_public_key().map_err(|_| NotSealed)?.as_ref().to_vec();
    let salt = [share.as_slice(), &recipient.0].concat();
    // A recipient whose shared secret is all zero, whatever we are, is refused by ring.
    let their_key = UnparsedPublicKey::new(&X25519, recipient.0);
    let key = agree_ephemeral(secret, &their_key, |shared| derive(&salt, shared, b"age-encryption.org/v1/X25519"));
    let mut wrapped = file_key.to_vec();
    // The key is new, so the nonce may be zero.
    sealer(&*key.map_err(|_| NotSealed)??)?
        .seal_in_place_append_tag(Nonce::assume_unique_for_key([0; NONCE_LEN]), Aad::empty(), &mut wrapped)
        .map_err(|_| NotSealed)?;
    Ok((share, wrapped))
}

/// Seals the value in chunks (STREAM), each with its number as the nonce, and a mark on the last.
fn payload(value: SecretValue, file_key: &[u8; 16], file: &mut Vec<u8>) -> Result<(), NotSealed> {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).map_err(|_| NotSealed)?;
    file.extend_from_slice(&salt);
    let sealer = sealer(&*derive(&salt, file_key, b"payload")?)?;
    let chunks = value.expose().chunks(CHUNK);
    let last = chunks.len().saturating_sub(1);
    // A value of no bytes has one chunk of none.
    let empty: &[u8] = &[];
    for (number, chunk) in chunks.chain(value.is_empty().then_some(empty)).enumerate() {
        let mut nonce = [0; NONCE_LEN];
        let counter = (number as u64).to_be_bytes();
        nonce.iter_mut().skip(3).zip(counter).for_each(|(to, from)| *to = from);
        nonce.iter_mut().skip(NONCE_LEN - 1).for_each(|to| *to = u8::from(number == last));
        let mut sealed = chunk.to_vec();
        let nonce = Nonce::assume_unique_for_key(nonce);
        sealer.seal_in_place_append_tag(nonce, Aad::empty(), &mut sealed).map_err(|_| NotSealed)?;
        file.extend_from_slice(&sealed);
    }
    drop(value);
    Ok(())
}

/// HKDF-SHA-256, 32 bytes.
fn derive(salt: &[u8], secret: &[u8], info: &[u8]) -> Result<Zeroizing<[u8; 32]>, NotSealed> {
    let mut key = Zeroizing::new([0; 32]);
    let extracted = hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(secret);
    let info = [info];
    let expanded = extracted.expand(&info, hkdf::HKDF_SHA256).map_err(|_| NotSealed)?;
    expanded.fill(&mut *key).map_err(|_| NotSealed)?;
    Ok(key)
}

fn sealer(key: &[u8; 32]) -> Result<LessSafeKey, NotSealed> {
    UnboundKey::new(&CHACHA20_POLY1305, key).map(LessSafeKey::new).map_err(|_| NotSealed)
}

fn armored(file: &[u8]) -> String {
    let mut text = "-----BEGIN AGE ENCRYPTED FILE-----\n".to_owned();
    for (index, character) in STANDARD.encode(file).chars().enumerate() {
        if index > 0 && index.is_multiple_of(COLUMNS) {
            text.push('\n');
        }
        text.push(character);
    }
    text.push_str("\n-----END AGE ENCRYPTED FILE-----\n");
    text
}

/// Decodes the data part of Bech32 (BIP-0173), once its checksum is right.
fn bech32(prefix: &str, data: &str) -> Option<Vec<u8>> {
    const DIGITS: &str = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    let digits: Vec<u8> =
        data.chars().map(|digit| DIGITS.find(digit).and_then(|at| at.try_into().ok())).collect::<Option<_>>()?;
    let high = prefix.bytes().map(|byte| byte >> 5);
    let low = prefix.bytes().map(|byte| byte & 31);
    let all = high.chain([0]).chain(low).chain(digits.iter().copied());
    let checksum = all.fold(1_u32, |checksum, digit| {
        const GENERATORS: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
        let top = checksum >> 25;
        let next = (checksum & 0x01ff_ffff) << 5 ^ u32::from(digit);
        let set = GENERATORS.iter().enumerate().filter(|(bit, _)| top >> bit & 1 == 1);
        set.fold(next, |next, (_, generator)| next ^ generator)
    });
    let digits = digits.split_at_checked(digits.len().checked_sub(6)?).filter(|_| checksum == 1)?.0;
    let (mut bytes, mut buffer, mut bits) = (Vec::new(), 0_u32, 0_u32);
    for digit in digits {
        buffer = (buffer << 5 | u32::from(*digit)) & 0xfff;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(buffer >> bits & 0xff).ok()?);
        }
    }
    // What is left over is less than a digit, and zero.
    (bits < 5 && buffer & ((1 << bits) - 1) == 0).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One that the age project's README shows, and its author's key.
    const RECIPIENT: &str = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";

    #[test]
    fn native_recipients_are_read_and_nothing_else_is() {
        let key = Recipient::read(RECIPIENT).unwrap();
        assert_eq!(Recipient::read(&RECIPIENT.to_uppercase()), Some(key));
        let wrong = RECIPIENT.replace("ql3z", "ql3q");
        let mixed = RECIPIENT.replace("age1", "AGE1");
        let short = RECIPIENT.get(..40).unwrap();
        for bad in ["", "age1", "1", "age1ql3z7b", &wrong, &mixed, short, "ssh-ed25519 AAAA", "age1yubikey1q0"] {
            assert_eq!(Recipient::read(bad), None, "{bad}");
        }
        // A valid one of another sort: that of BIP-0173 itself.
        assert_eq!(Recipient::read("abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw"), None);
        assert!(bech32("abcdef", "qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw").is_some());
    }

    #[test]
    fn nothing_is_sealed_twice_to_the_same_text() {
        let recipient = Recipient::read(RECIPIENT).unwrap();
        let seal = || {
            let value = SecretValue::from_bytes(Zeroizing::new(b"not-a-real-password".to_vec()));
            seal_for(value, &[recipient, recipient]).unwrap()
        };
        let (one, other) = (seal(), seal());
        assert_ne!(one.get(200..), other.get(200..));
        assert!(one.lines().all(|line| line.len() <= COLUMNS) && !one.contains("\n\n"));
    }

    #[test]
    fn a_key_of_small_order_is_refused() {
        let value = SecretValue::from_bytes(Zeroizing::new(b"a".to_vec()));
        assert_eq!(seal_for(value, &[Recipient([0; 32])]), Err(NotSealed));
    }
}
