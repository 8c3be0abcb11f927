//! How old the oldest keys of Secrets are, counted in ranges; exact ages apart from bounds.

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::Serialize;

use super::age::ChangedAt;

/// Where the ranges begin, in days; each ends where the next begins.
const FROM_DAYS: [u32; 7] = [0, 7, 30, 90, 180, 365, 730];

/// Secrets by the age of their oldest key.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct Ages {
    /// How old the oldest key of each Secret is.
    #[serde(rename = "ages")]
    pub(crate) ranges: Vec<AgeRange>,
    /// Secrets with keys of whose age nothing is known but that of the object.
    #[serde(rename = "unknownAge")]
    pub(crate) unknown: usize,
}

/// One bar of the histogram.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AgeRange {
    /// Days from which on.
    pub(crate) from_days: u32,
    /// Days before which; `null`: without end.
    pub(crate) before_days: Option<u32>,
    /// Secrets whose oldest key is so old.
    pub(crate) exact: usize,
    /// Secrets whose oldest key is at least so old.
    pub(crate) at_least: usize,
}

/// The key of a Secret that was not changed for the longest time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Oldest<'a> {
    /// Which of the keys it is.
    pub(crate) index: usize,
    /// When it was changed.
    pub(crate) changed_at: &'a ChangedAt,
    /// Another key, whose age is less well known, may be older.
    pub(crate) may_be_older: bool,
}

/// Finds the oldest key by what is known of each; there are `more_keys` of which nothing is.
pub(crate) fn oldest<'a>(changes: &[Option<&'a ChangedAt>], more_keys: usize) -> Option<Oldest<'a>> {
    let dated = changes.iter().enumerate().filter_map(|(index, at)| at.map(|at| (index, at)));
    // What bounds from the other side comes last.
    let (index, changed_at) = dated.min_by_key(|(_, at)| (at.unchanged_since().is_none(), at.time))?;
    let inexact = |(other, at): (usize, &Option<&ChangedAt>)| other != index && !at.is_some_and(|at| at.exact);
    let may_be_older = more_keys > 0 || changes.iter().enumerate().any(inexact);
    Some(Oldest { index, changed_at, may_be_older })
}

impl Ages {
    /// Starts with nothing counted.
    pub(crate) fn new() -> Self {
        let ends = FROM_DAYS.iter().skip(1).map(|days| Some(*days)).chain([None]);
        let range = |(from, before)| AgeRange { from_days: from, before_days: before, exact: 0, at_least: 0 };
        Self { ranges: FROM_DAYS.iter().copied().zip(ends).map(range).collect(), unknown: 0 }
    }

    /// Counts one Secret with keys by its oldest one, and whether another may be older; `None` where no key is dated. Without
    /// the server's time nothing is known.
    pub(crate) fn add(&mut self, oldest: Option<(&ChangedAt, bool)>, now: Timestamp) {
        let known = oldest.and_then(|(at, may_be_older)| Some((at.unchanged_since()?, at.exact && !may_be_older)));
        let Some((since, exact)) = known.filter(|_| now > Timestamp::UNIX_EPOCH) else {
            self.unknown += 1;
            return;
        };
        let age = now.duration_since(since);
        // A change of this very second can seem to be in the future.
        let last = self.ranges.iter().rposition(|range| age >= days(range.from_days)).unwrap_or(0);
        if let Some(range) = self.ranges.get_mut(last) {
            *(if exact { &mut range.exact } else { &mut range.at_least }) += 1;
        }
    }

    /// Returns how many Secrets the fullest range has.
    pub(crate) fn most(&self) -> usize {
        self.ranges.iter().map(|range| range.exact + range.at_least).max().unwrap_or(0)
    }
}

impl AgeRange {
    /// Returns the range in words, such as `30d to 90d`.
    pub(crate) fn label(&self) -> String {
        match (self.from_days, self.before_days) {
            (0, Some(before)) => format!("below {before}d"),
            (from, Some(before)) => format!("{from}d to {before}d"),
            (from, None) => format!("{from}d and more"),
        }
    }
}

fn days(days: u32) -> SignedDuration {
    SignedDuration::from_hours(24 * i64::from(days))
}

#[cfg(test)]
mod tests {
    use super::super::age::Basis;
    use super::*;

    fn at(time: &str, basis: Basis) -> ChangedAt {
        ChangedAt { time: time.parse().unwrap(), basis, exact: basis == Basis::Record }
    }

    #[test]
    fn the_oldest_key_is_exact_only_if_all_are_known() {
        let now: Timestamp = "2026-03-01T00:00:00Z".parse().unwrap();
        let old = at("2026-01-20T00:00:00Z", Basis::Record);
        let young = at("2026-02-27T00:00:00Z", Basis::Record);
        let bound = at("2026-02-20T00:00:00Z", Basis::ManagedFields);
        let created = at("2020-01-01T00:00:00Z", Basis::Creation);
        let mut ages = Ages::new();
        for (keys, more, exact, range) in [
            (vec![Some(&young), Some(&old)], 0, true, 2),
            (vec![Some(&young)], 0, true, 0),
            (vec![Some(&young)], 1, false, 0),
            (vec![Some(&old), Some(&bound)], 0, false, 2),
            (vec![Some(&bound), Some(&created)], 0, false, 1),
            (vec![Some(&bound), None], 0, false, 1),
        ] {
            let found = oldest(&keys, more).unwrap();
            let before = ages.clone();
            ages.add(Some((found.changed_at, found.may_be_older)), now);
            let counts = |ages: &Ages| (ages.ranges[range].exact, ages.ranges[range].at_least);
            let (was, is) = (counts(&before), counts(&ages));
            assert_eq!((is.0 - was.0, is.1 - was.1), (usize::from(exact), usize::from(!exact)), "{keys:?}");
        }
        assert_eq!((ages.unknown, ages.most()), (0, 2));
        ages.add(Some((&created, false)), now);
        ages.add(None, now);
        ages.add(Some((&old, false)), Timestamp::UNIX_EPOCH);
        assert_eq!(ages.unknown, 3);
        assert_eq!(oldest(&[None], 0), None);
    }
}
