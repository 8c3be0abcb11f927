//! Tells whether two values are the same, in constant time, and nothing more.

use subtle::ConstantTimeEq;

use super::SecretValue;

/// Tells whether two values are the same.
///
/// The time depends on the lengths only, as `subtle` compares slices.
pub(crate) fn same(left: &SecretValue, right: &SecretValue) -> bool {
    left.expose().ct_eq(right.expose()).into()
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
}
