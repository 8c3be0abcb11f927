//! Derives the first key of the local log from what the keychain holds for it: one way, and for nothing else.

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::SecretValue;

/// Returns the first key of a log; what it is made from cannot be told from it.
pub(crate) fn log_key(seed: &SecretValue) -> Zeroizing<[u8; 32]> {
    let mut hash = Sha256::new();
    hash.update(b"secretsafe log, first key\0");
    hash.update(seed.expose());
    Zeroizing::new(hash.finalize().into())
}
