//! The system's random numbers as the crate `rsa` wants them: a generator that cannot fail.
//!
//! It can, of course. The crate would panic then; so what it gets after a failure is a plain sequence
//! that lets it end, and `failed` says that the key must be thrown away.

use std::convert::Infallible;

use rsa::rand_core::{TryCryptoRng, TryRng};

use super::random::fill;

/// Random numbers, and whether all of them were.
#[derive(Debug, Default)]
pub(super) struct System {
    failed: bool,
    step: u64,
}

impl System {
    /// Tells whether anything that was given was not random.
    pub(super) fn failed(&self) -> bool {
        self.failed
    }

    /// Fills `bytes` with SplitMix64, which is spread well enough for a search of primes to end.
    fn pretend(&mut self, bytes: &mut [u8]) {
        self.failed = true;
        for chunk in bytes.chunks_mut(8) {
            self.step = self.step.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (self.step ^ (self.step >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            let mixed = mixed ^ (mixed >> 31);
            chunk.iter_mut().zip(mixed.to_le_bytes()).for_each(|(byte, made)| *byte = made);
        }
    }
}

impl TryRng for System {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        if self.failed || fill(bytes).is_err() {
            self.pretend(bytes);
        }
        Ok(())
    }
}

impl TryCryptoRng for System {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_remembered_and_what_follows_is_no_secret() {
        let mut system = System::default();
        system.try_next_u64().unwrap();
        assert!(!system.failed());
        system.pretend(&mut [0; 3]);
        let next = system.try_next_u64().unwrap();
        assert!(system.failed());
        let mut same = System::default();
        same.pretend(&mut [0; 3]);
        assert_eq!(same.try_next_u64().unwrap(), next);
    }
}
