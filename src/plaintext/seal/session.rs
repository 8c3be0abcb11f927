//! The AES key of one value.

use zeroize::Zeroizing;

use super::NotSealed;

/// A key that seals one value: it cannot be copied, and `seal` takes it.
///
/// With a nonce that is always zero, a second value under the same key would give both away.
pub(crate) struct SessionKey(Zeroizing<[u8; 32]>);

impl SessionKey {
    /// Makes a key of the system's random numbers.
    pub(crate) fn random() -> Result<Self, NotSealed> {
        let mut bytes = Zeroizing::new([0; 32]);
        getrandom::fill(&mut *bytes).map_err(|_| NotSealed)?;
        Ok(Self(bytes))
    }

    /// Reads the key; for `seal` only.
    pub(super) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionKey(redacted)")
    }
}
