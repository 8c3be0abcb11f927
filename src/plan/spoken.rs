//! Ages as kubectl writes them: `45s`, `5m`, `7h30m`, `41d`, `2y`.

use jiff::Timestamp;

use super::age::{Basis, ChangedAt};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const YEAR: i64 = 365 * DAY;

/// Writes the time from `then` to `now`, by the rules of apimachinery's `HumanDuration`.
pub(crate) fn human(then: Timestamp, now: Timestamp) -> String {
    let seconds = now.as_second().saturating_sub(then.as_second());
    let two = |large: i64, small: i64, names: [&str; 2]| {
        let (first, rest) = (seconds / large, seconds % large / small);
        if rest == 0 { format!("{first}{}", names[0]) } else { format!("{first}{}{rest}{}", names[0], names[1]) }
    };
    match seconds {
        ..0 => "0s".to_owned(),
        s if s < 2 * MINUTE => format!("{s}s"),
        s if s < 10 * MINUTE => two(MINUTE, 1, ["m", "s"]),
        s if s < 3 * HOUR => format!("{}m", s / MINUTE),
        s if s < 8 * HOUR => two(HOUR, MINUTE, ["h", "m"]),
        s if s < 2 * DAY => format!("{}h", s / HOUR),
        s if s < 8 * DAY => two(DAY, HOUR, ["d", "h"]),
        s if s < 2 * YEAR => format!("{}d", s / DAY),
        s if s < 8 * YEAR => two(YEAR, DAY, ["y", "d"]),
        s => format!("{}y", s / YEAR),
    }
}

/// Writes how old a change is; `≥` marks a lower bound, and `≤` an upper one: a key is not older than its object.
pub(crate) fn bounded(at: &ChangedAt, now: Timestamp) -> String {
    let mark = match (at.exact, at.basis) {
        (true, _) => "",
        (false, Basis::Creation) => "≤ ",
        (false, _) => "≥ ",
    };
    format!("{mark}{}", human(at.time, now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_read_like_kubectls() {
        let now: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let ago = |seconds| human(now - jiff::SignedDuration::from_secs(seconds), now);
        for (seconds, text) in [
            (0, "0s"),
            (119, "119s"),
            (120, "2m"),
            (125, "2m5s"),
            (600, "10m"),
            (3 * HOUR, "3h"),
            (3 * HOUR + 60, "3h1m"),
            (9 * HOUR, "9h"),
            (2 * DAY, "2d"),
            (2 * DAY + HOUR, "2d1h"),
            (41 * DAY, "41d"),
            (3 * YEAR + DAY, "3y1d"),
            (9 * YEAR, "9y"),
            (-5, "0s"),
        ] {
            assert_eq!(ago(seconds), text);
        }
    }
}
