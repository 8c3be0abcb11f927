//! A line of an htpasswd file: `user:hash`, the hash by bcrypt (the `$2b$` form).

use zeroize::Zeroizing;

use crate::plaintext::SecretValue;

/// Longest password that bcrypt looks at; what is behind it would be ignored in silence.
const MOST_BYTES: usize = 72;

/// Why there is no line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum HtpasswdError {
    /// bcrypt would ignore the rest.
    #[error("it has more than {MOST_BYTES} bytes, and bcrypt ignores the rest")]
    TooLong,
    /// bcrypt ends there.
    #[error("it holds a NUL byte, where bcrypt ends")]
    Nul,
    /// The system gives no random numbers for the salt.
    #[error("the system gives no random numbers")]
    Random,
}

impl crate::error::Cause for HtpasswdError {}

/// Makes the line for `user`; `cost` is bcrypt's, 4 to 31, and one more takes twice as long.
pub(crate) fn htpasswd(user: &str, password: &SecretValue, cost: u32) -> Result<SecretValue, HtpasswdError> {
    let bytes = password.expose();
    if bytes.len() > MOST_BYTES {
        return Err(HtpasswdError::TooLong);
    }
    if bytes.contains(&0) {
        return Err(HtpasswdError::Nul);
    }
    let hash = bcrypt::hash(bytes, cost).map_err(|_| HtpasswdError::Random)?;
    Ok(SecretValue::from_bytes(Zeroizing::new(format!("{user}:{hash}").into_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(bytes: &[u8]) -> SecretValue {
        SecretValue::from_bytes(Zeroizing::new(bytes.to_vec()))
    }

    #[test]
    fn a_line_verifies_and_what_bcrypt_would_cut_is_refused() {
        let line = htpasswd("admin", &value(b"not-a-real-password"), 4).unwrap();
        let text = std::str::from_utf8(line.expose()).unwrap();
        let (user, hash) = text.split_once(':').unwrap();
        assert_eq!((user, bcrypt::verify("not-a-real-password", hash).unwrap()), ("admin", true));
        assert!(!bcrypt::verify("another", hash).unwrap());
        assert!(htpasswd("admin", &value(&[b'a'; 72]), 4).is_ok());
        assert_eq!(htpasswd("admin", &value(&[b'a'; 73]), 4).unwrap_err(), HtpasswdError::TooLong);
        assert_eq!(htpasswd("admin", &value(b"a\0b"), 4).unwrap_err(), HtpasswdError::Nul);
    }
}
