//! Tells whether values are the same, and nothing more: two in constant time, or many by tags that mean nothing outside
//! of this run.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::error::{Error, Result};

use super::SecretValue;

/// Tells whether two values are the same.
///
/// The time depends on the lengths only, as `subtle` compares slices.
pub(crate) fn same(left: &SecretValue, right: &SecretValue) -> bool {
    left.expose().ct_eq(right.expose()).into()
}

/// Tells whether a value is this text, which is no secret.
pub(crate) fn is_text(value: &SecretValue, text: &str) -> bool {
    value.expose().ct_eq(text.as_bytes()).into()
}

/// Makes tags with a key that is random and ends with the process, so that a tag cannot be compared with anything else.
pub(crate) struct Tagger(Zeroizing<[u8; 32]>);

/// The same for the same value. Its `Debug` is empty and it has no `Serialize`: it is for comparing only.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Tag([u8; 16]);

impl Tagger {
    /// Makes a key.
    pub(crate) fn new() -> Result<Self> {
        let mut key = Zeroizing::new([0; 32]);
        getrandom::fill(&mut *key).map_err(|_| Error::source("the operating system gives no random numbers"))?;
        Ok(Self(key))
    }

    /// Tags a value: the first half of SHA-256 over key and value.
    pub(crate) fn tag(&self, value: &SecretValue) -> Tag {
        let digest = Sha256::new().chain_update(self.0.as_slice()).chain_update(value.expose()).finalize();
        let mut tag = [0; 16];
        tag.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
        Tag(tag)
    }
}

impl std::fmt::Debug for Tagger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tagger(…)")
    }
}

impl std::fmt::Debug for Tag {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tag(…)")
    }
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::*;

    #[test]
    fn compares_whole_values() {
        let value = |text: &[u8]| SecretValue::from_bytes(Zeroizing::new(text.to_vec()));
        assert!(same(&value(b"abc"), &value(b"abc")));
        assert!(!same(&value(b"abc"), &value(b"abd")));
        assert!(!same(&value(b"abc"), &value(b"ab")));
        assert!(same(&value(b""), &value(b"")));
    }

    #[test]
    fn tags_compare_within_one_run_only() {
        let value = |text: &[u8]| SecretValue::from_bytes(Zeroizing::new(text.to_vec()));
        let (one, other) = (Tagger::new().unwrap(), Tagger::new().unwrap());
        assert!(one.tag(&value(b"abc")) == one.tag(&value(b"abc")));
        assert!(one.tag(&value(b"abc")) != one.tag(&value(b"abd")));
        assert!(one.tag(&value(b"abc")) != other.tag(&value(b"abc")));
        assert_eq!(format!("{:?} {one:?}", one.tag(&value(b"abc"))), "Tag(…) Tagger(…)");
    }
}
