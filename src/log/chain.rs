//! The chain of keys, and the state that is kept between two lines (requirement S20). Pure.
//!
//! Each line's MAC key is the hash of the one before, and only the next one is kept: who takes it can write new lines,
//! and cannot change or cut out old ones. The keys are no values of Secrets, but they are secret: they are wiped, and
//! stand in the state file only.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, Zeroizing};

/// The key of one line.
pub(crate) struct Key(Zeroizing<[u8; 32]>);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}

impl Key {
    /// Takes the first key of a keyed log.
    pub(crate) fn first(bytes: Zeroizing<[u8; 32]>) -> Self {
        Self(bytes)
    }

    /// Makes the first key of a log without a keychain: anyone can, so that it finds accidents only.
    pub(super) fn public(id: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"secretsafe log without a key\0");
        hash.update(id.as_bytes());
        Self(Zeroizing::new(hash.finalize().into()))
    }

    /// Returns the key of the next line.
    pub(super) fn next(&self) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"secretsafe log, next key\0");
        hash.update(self.0.as_slice());
        Self(Zeroizing::new(hash.finalize().into()))
    }

    /// Returns the MAC of a line, in hex.
    pub(super) fn mac(&self, text: &[u8]) -> String {
        hex(&self.keyed(text).finalize().into_bytes())
    }

    /// Tells whether a MAC in hex is that of a line, in constant time.
    pub(super) fn made(&self, text: &[u8], mac: &[u8]) -> bool {
        unhex(mac).is_some_and(|mac| self.keyed(text).verify_slice(mac.as_slice()).is_ok())
    }

    fn keyed(&self, text: &[u8]) -> Hmac<Sha256> {
        // A block is longer than the key, so that it is used as it is (RFC 2104).
        let mut block = Zeroizing::new([0_u8; 64]);
        for (place, byte) in block.iter_mut().zip(self.0.iter()) {
            *place = *byte;
        }
        let mut mac = Hmac::<Sha256>::new((&*block).into());
        mac.update(text);
        mac
    }

    /// Returns the key itself once more.
    pub(super) fn again(&self) -> Self {
        Self(self.0.clone())
    }

    fn is(&self, other: &Self) -> bool {
        *self.0 == *other.0
    }
}

/// What is kept between two lines.
#[derive(Debug)]
pub(crate) struct State {
    /// The random id of the log.
    pub(crate) log: String,
    /// Whether its first key is in the keychain.
    pub(crate) keyed: bool,
    /// How many lines there are: the number of the next one.
    pub(crate) count: u64,
    /// How many bytes they take.
    pub(crate) bytes: u64,
    /// The key of the next one.
    pub(crate) key: Key,
}

/// Digits of an id: 64 bits.
pub(super) const ID_DIGITS: usize = 16;

impl State {
    /// Begins a log.
    pub(super) fn new(log: String, key: Option<Key>) -> Self {
        let keyed = key.is_some();
        Self { key: key.unwrap_or_else(|| Key::public(&log)), log, keyed, count: 0, bytes: 0 }
    }

    /// Goes on behind a line of so many bytes.
    pub(super) fn advance(&mut self, bytes: u64) {
        self.count += 1;
        self.bytes += bytes;
        self.key = self.key.next();
    }

    /// Tells whether the key is this one.
    pub(super) fn awaits(&self, key: &Key) -> bool {
        self.key.is(key)
    }

    /// Writes it; always as long, so that it can be replaced in place.
    pub(super) fn written(&self) -> Zeroizing<Vec<u8>> {
        let Self { log, keyed, count, bytes, key } = self;
        let mut digits = hex(key.0.as_slice());
        let keyed = if *keyed { 'k' } else { 'p' };
        let mut text =
            Zeroizing::new(format!("secretsafe 1 {log} {keyed} {count:020} {bytes:020} {digits}").into_bytes());
        digits.zeroize();
        let sum = checksum(&text);
        text.extend_from_slice(format!(" {sum}\n").as_bytes());
        text
    }

    /// Reads it; `None` if it is no state.
    pub(super) fn read(text: &[u8]) -> Option<Self> {
        let text = text.strip_suffix(b"\n")?;
        let (text, sum) = text.split_at_checked(text.len().checked_sub(SUM_DIGITS)?)?;
        let text = text.strip_suffix(b" ")?;
        if checksum(text).as_bytes() != sum {
            return None;
        }
        let words: Vec<&str> = std::str::from_utf8(text).ok()?.split(' ').collect();
        let ["secretsafe", "1", log, keyed, count, bytes, key] = words.as_slice() else { return None };
        Some(Self {
            log: (*log).to_owned(),
            keyed: *keyed == "k",
            count: count.parse().ok()?,
            bytes: bytes.parse().ok()?,
            key: Key(unhex(key.as_bytes())?),
        })
    }
}

const SUM_DIGITS: usize = 16;

/// Tells a state that was torn from a whole one; it is no protection against anybody.
fn checksum(text: &[u8]) -> String {
    hex(&Sha256::digest(text)).chars().take(SUM_DIGITS).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from_digit(u32::from(digit), 16).unwrap_or_default());
        }
        text
    })
}

fn unhex(text: &[u8]) -> Option<Zeroizing<[u8; 32]>> {
    let mut bytes = Zeroizing::new([0_u8; 32]);
    if text.len() != 64 {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).filter(|_| !byte.is_ascii_uppercase());
    for (place, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        let [high, low] = pair else { return None };
        *place = u8::try_from(digit(*high)? * 16 + digit(*low)?).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mac_is_that_of_rfc_4231() {
        // Test case 2 of RFC 4231, whose key is padded with zeros as ours is.
        let mut key = [0; 32];
        key[..4].copy_from_slice(b"Jefe");
        let mac = Key::first(Zeroizing::new(key)).mac(b"what do ya want for nothing?");
        assert_eq!(mac, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }

    #[test]
    fn a_state_is_read_as_it_was_written_and_no_other_is() {
        let mut state = State::new("0123456789abcdef".to_owned(), None);
        state.advance(321);
        let text = state.written();
        let again = State::read(&text).unwrap();
        assert_eq!((again.log.as_str(), again.keyed, again.count, again.bytes), ("0123456789abcdef", false, 1, 321));
        assert!(again.awaits(&state.key) && !again.awaits(&state.key.next()));
        assert_eq!(text.len(), State::new("0123456789abcdef".to_owned(), Some(Key::public("x"))).written().len());
        for place in 0..text.len() {
            let mut changed = text.to_vec();
            changed[place] ^= 1;
            assert!(State::read(&changed).is_none(), "byte {place}");
        }
        assert!(State::read(b"").is_none());
    }

    #[test]
    fn keys_of_logs_and_lines_differ() {
        let (one, other) = (Key::public("a"), Key::public("b"));
        assert!(!one.is(&other) && !one.is(&one.next()) && one.next().is(&one.next()));
        assert_eq!(format!("{one:?}"), "Key(…)");
    }
}
