//! Wipes what a call leaves on the stack.
//!
//! Libraries work there on pieces of a value: a cipher decrypts several blocks at once (with AVX-512 1,024
//! bytes of plaintext), base64 is written in chunks. They stay behind when the call returns, until a deeper
//! one happens to come by, and glibc keeps the stacks of threads that have ended.

use zeroize::Zeroize;

/// How deep is wiped: far deeper than any call that is made here goes.
const DEPTH: usize = 256 * 1024;

/// Calls `work`, and wipes the part of the stack that it ran on.
pub(crate) fn wiped<T>(work: impl FnOnce() -> T) -> T {
    let result = apart(work);
    wipe();
    result
}

/// A frame of its own, so that nothing of `work` is in the caller's, which is not wiped.
#[inline(never)]
fn apart<T>(work: impl FnOnce() -> T) -> T {
    work()
}

/// Lies where the frames of `apart` were.
#[inline(never)]
fn wipe() {
    let mut frames = [0xff_u8; DEPTH];
    frames.zeroize();
    std::hint::black_box(&frames);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_result_is_handed_on() {
        assert_eq!(wiped(|| vec![7; 3]), [7; 3]);
    }
}
