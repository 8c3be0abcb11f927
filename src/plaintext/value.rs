//! `SecretValue`, the one type that holds plaintext.
//!
//! It has no `Display`, `Serialize`, `Clone`, `PartialEq`, `Deref` or `AsRef`: whoever holds one can
//! pass it on, and nothing else.

use std::fmt;

use zeroize::Zeroizing;

/// A value of a Secret, wiped when it is dropped.
///
/// Only `crate::plaintext` can read it. What must not compile:
///
/// ```compile_fail
/// # use kubectl_secretsafe::SecretValue;
/// fn print(value: &SecretValue) { println!("{value}"); }
/// ```
/// ```compile_fail
/// # use kubectl_secretsafe::SecretValue;
/// fn copy(value: &SecretValue) -> SecretValue { value.clone() }
/// ```
/// ```compile_fail
/// # use kubectl_secretsafe::SecretValue;
/// fn guess(a: &SecretValue, b: &SecretValue) -> bool { a == b }
/// ```
/// ```compile_fail
/// # use kubectl_secretsafe::SecretValue;
/// fn read(value: &SecretValue) -> &[u8] { value.as_ref() }
/// ```
/// ```compile_fail
/// # use kubectl_secretsafe::SecretValue;
/// fn serialize(value: &SecretValue) -> impl serde::Serialize + '_ { value }
/// ```
/// ```compile_fail
/// # use kubectl_secretsafe::SecretValue;
/// fn expose(value: &SecretValue) -> usize { value.expose().len() }
/// ```
pub struct SecretValue(Zeroizing<Box<[u8]>>);

impl SecretValue {
    /// Takes ownership of `bytes`; the caller's buffer is wiped when it drops.
    pub fn from_bytes(mut bytes: Zeroizing<Vec<u8>>) -> Self {
        // `mem::take` leaves nothing behind; shrinking may move the bytes, and the allocator wipes
        // what it frees (process::allocator).
        Self(Zeroizing::new(std::mem::take(&mut *bytes).into_boxed_slice()))
    }

    /// Makes a value of `len` bytes that `write` fills in place.
    pub(crate) fn fill<E>(len: usize, write: impl FnOnce(&mut [u8]) -> Result<(), E>) -> Result<Self, E> {
        let mut bytes = Zeroizing::new(vec![0_u8; len].into_boxed_slice());
        write(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// Returns the number of bytes, for limits; reports say it as a bucket only.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Tells whether there is nothing in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Drops one trailing newline (`\n` or `\r\n`), as piped values carry one, and tells whether there was one.
    ///
    /// Behind a PEM block it stays: it is part of the format, and OpenSSH takes no key without it.
    pub(crate) fn without_trailing_newline(self) -> (Self, bool) {
        let bytes = self.expose();
        if bytes.trim_ascii_end().ends_with(b"-----") && bytes.trim_ascii_start().starts_with(b"-----BEGIN ") {
            return (self, false);
        }
        let kept = bytes.strip_suffix(b"\r\n").or_else(|| bytes.strip_suffix(b"\n")).map(<[u8]>::len);
        match kept {
            None => (self, false),
            Some(len) => {
                let mut shorter = Zeroizing::new(Vec::with_capacity(len));
                shorter.extend(bytes.iter().take(len));
                (Self::from_bytes(shorter), true)
            }
        }
    }

    /// Returns the value of a file that stays as it is: a copy without one trailing newline, and whether there was one.
    pub(crate) fn copied_without_newline(&self) -> (Self, bool) {
        Self::from_bytes(Zeroizing::new(self.expose().to_vec())).without_trailing_newline()
    }

    /// Reads the bytes; for this room only.
    pub(in crate::plaintext) fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for SecretValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretValue(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> SecretValue {
        SecretValue::from_bytes(Zeroizing::new(text.as_bytes().to_vec()))
    }

    #[test]
    fn drops_one_newline_and_only_one() {
        for (given, kept, dropped) in
            [("a\n", "a", true), ("a\r\n", "a", true), ("a\n\n", "a\n", true), ("a", "a", false), ("a\r", "a\r", false)]
        {
            let (shorter, was) = value(given).without_trailing_newline();
            assert_eq!((shorter.expose(), was), (kept.as_bytes(), dropped));
        }
    }

    #[test]
    fn the_newline_of_a_pem_block_is_part_of_it() {
        let (kept, dropped) = value("-----BEGIN X-----\nAA\n-----END X-----\n").without_trailing_newline();
        assert!(!dropped && kept.expose().ends_with(b"-----\n"));
        assert!(value("not a block -----\n").without_trailing_newline().1);
    }

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", value("not-a-real-password")), "SecretValue(redacted)");
    }

    #[test]
    fn fill_passes_the_error_on() {
        assert_eq!(SecretValue::fill(4, |_| Err::<(), _>("no")).unwrap_err(), "no");
        assert_eq!(
            SecretValue::fill(4, |b| {
                b.fill(7);
                Ok::<_, ()>(())
            })
            .unwrap()
            .expose(),
            [7; 4]
        );
    }
}
