//! Git's id of a content, compared and never returned: it would be a hash of a value.

use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::plaintext::SecretValue;

/// Tells whether a content has this id, in hex: of a repository with SHA-1, or with SHA-256.
pub(crate) fn is_blob(content: &SecretValue, id: &str) -> bool {
    let bytes = content.expose();
    let header = format!("blob {}\0", bytes.len());
    match id.len() {
        40 => hex(&Sha1::new().chain_update(header).chain_update(bytes).finalize()) == id,
        64 => hex(&Sha256::new().chain_update(header).chain_update(bytes).finalize()) == id,
        _ => false,
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::*;

    #[test]
    fn ids_are_those_of_git() {
        let content = SecretValue::from_bytes(Zeroizing::new(b"hello\n".to_vec()));
        assert!(is_blob(&content, "ce013625030ba8dba906f756967f9e9ca394464a"));
        assert!(is_blob(&content, "2cf8d83d9ee29543b34a87727421fdecb7e3f3a183d337639025de576db9ebb4"));
        assert!(!is_blob(&content, "ce013625030ba8dba906f756967f9e9ca394464b") && !is_blob(&content, ""));
    }
}
