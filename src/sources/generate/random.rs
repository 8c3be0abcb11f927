//! Random numbers of the operating system, without bias.

use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::process::fault;

/// The operating system gives no random numbers; whatever was to be made is not made.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the system gives no random numbers")]
pub(super) struct NoRandom;

impl From<NoRandom> for Error {
    fn from(failure: NoRandom) -> Self {
        Self::source(failure.to_string())
    }
}

/// How many random bytes are fetched at a time.
const BATCH: usize = 256;

/// A stream of random bytes, wiped when it is dropped.
pub(super) struct Random {
    batch: Zeroizing<[u8; BATCH]>,
    used: usize,
}

impl Random {
    /// Makes a stream; nothing is fetched yet.
    pub(super) fn new() -> Self {
        Self { batch: Zeroizing::new([0; BATCH]), used: BATCH }
    }

    fn byte(&mut self) -> Result<u8> {
        if self.used == BATCH {
            fill(&mut *self.batch)?;
            self.used = 0;
        }
        let byte = self.batch.get(self.used).copied().unwrap_or_default();
        self.used += 1;
        Ok(byte)
    }

    /// Returns a number below 2,048, each with the same chance: there is no last round to throw away.
    pub(super) fn eleven_bits(&mut self) -> Result<usize> {
        let (high, low) = (self.byte()?, self.byte()?);
        Ok(usize::from(high & 7) << 8 | usize::from(low))
    }

    /// Returns a number below `count`, each with the same chance.
    ///
    /// Numbers from the incomplete last round are thrown away: `byte % count` alone would prefer the
    /// small ones.
    pub(super) fn below(&mut self, count: u8) -> Result<u8> {
        let count = count.max(1);
        let whole = 256 - 256 % u16::from(count);
        loop {
            let byte = self.byte()?;
            if u16::from(byte) < whole {
                return Ok(byte % count);
            }
        }
    }
}

/// Fills `bytes` from the operating system.
pub(super) fn fill(bytes: &mut [u8]) -> Result<()> {
    if fault::refuses("random") {
        return Err(NoRandom.into());
    }
    getrandom::fill(bytes).map_err(|_| NoRandom.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Chi-square over 62 classes: 61 degrees of freedom, mean 61, deviation 11. A bound of 200 is
    /// thirteen deviations away; `byte % 62`, which this guards against, gives about 1,500.
    #[test]
    fn no_number_is_preferred() {
        const CLASSES: u8 = 62;
        const DRAWS: u32 = 62 * 2000;
        let mut random = Random::new();
        let mut counts = [0_u32; CLASSES as usize];
        for _ in 0..DRAWS {
            counts[usize::from(random.below(CLASSES).unwrap())] += 1;
        }
        let expected = f64::from(DRAWS) / f64::from(CLASSES);
        let chi: f64 = counts.iter().map(|c| (f64::from(*c) - expected).powi(2) / expected).sum();
        assert!(chi < 200.0, "{chi}");
    }

    /// 2,047 degrees of freedom: mean 2,047, deviation 64. The bound is thirteen deviations away; words
    /// drawn as a byte times eight, or with a bit that is stuck, give more than 100,000.
    #[test]
    fn no_word_is_preferred() {
        const DRAWS: usize = 2048 * 100;
        let mut random = Random::new();
        let mut counts = vec![0_u32; 2048];
        for _ in 0..DRAWS {
            counts[random.eleven_bits().unwrap()] += 1;
        }
        let chi: f64 = counts.iter().map(|count| (f64::from(*count) - 100.0).powi(2) / 100.0).sum();
        assert!(chi < 2047.0 + 13.0 * 64.0, "{chi}");
    }

    #[test]
    fn every_bound_is_kept() {
        let mut random = Random::new();
        for count in 1..=255 {
            for _ in 0..50 {
                assert!(random.below(count).unwrap() < count);
            }
        }
    }
}
