//! Which Secrets have a key that is older than a limit, whether or not a policy says so.
//!
//! A bound counts only if the bound itself is past the limit. A key is not older than its object, so that what is in a
//! young object is surely young; everything else is undecided, and that is said.

use jiff::Timestamp;

use super::age::ChangedAt;
use super::span::Span;

/// How keys stand to a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Staleness {
    /// None is past it.
    Fresh,
    /// One may be.
    Undecided,
    /// One surely is.
    Stale,
}

/// Judges one key; `created` is when its object was made.
pub(crate) fn judge(
    changed: Option<&ChangedAt>,
    created: Option<Timestamp>,
    limit: &Span,
    now: Timestamp,
) -> Staleness {
    if changed.and_then(ChangedAt::unchanged_since).is_some_and(|since| limit.after(since) <= now) {
        return Staleness::Stale;
    }
    let exact = changed.is_some_and(|changed| changed.exact);
    // Without the server's time nothing is known to be young.
    let young = now > Timestamp::UNIX_EPOCH && created.is_some_and(|created| limit.after(created) > now);
    if exact || young { Staleness::Fresh } else { Staleness::Undecided }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::age::Basis;

    fn at(day: i64) -> Timestamp {
        Timestamp::from_second(day * 86_400).unwrap()
    }

    #[test]
    fn a_bound_counts_only_if_it_is_past() {
        let limit = "90d".parse().unwrap();
        let judged = |basis, day, created| {
            let changed = ChangedAt { time: at(day), basis, exact: basis == Basis::Record };
            judge(Some(&changed), Some(at(created)), &limit, at(1000))
        };
        for (basis, day, created, wanted) in [
            (Basis::Record, 910, 0, Staleness::Stale),
            (Basis::Record, 911, 0, Staleness::Fresh),
            (Basis::ManagedFields, 910, 0, Staleness::Stale),
            (Basis::ManagedFields, 911, 0, Staleness::Undecided),
            (Basis::ManagedFields, 990, 911, Staleness::Fresh),
            (Basis::ManagedFields, 990, 910, Staleness::Undecided),
            // The object is old; its key can be young.
            (Basis::Creation, 0, 0, Staleness::Undecided),
            (Basis::Creation, 911, 911, Staleness::Fresh),
        ] {
            assert_eq!(judged(basis, day, created), wanted, "{basis:?} of day {day}, made on day {created}");
        }
        assert_eq!(judge(None, Some(at(999)), &limit, at(0)), Staleness::Undecided, "the server gave no time");
        assert_eq!(judge(None, None, &limit, at(1000)), Staleness::Undecided);
    }
}
