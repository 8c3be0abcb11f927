//! How hard a generated value is to guess for somebody who knows how it was made.

/// Bits of `length` independent draws from `charset` characters.
pub(super) fn of_draws(length: usize, charset: usize) -> f64 {
    length as f64 * (charset as f64).log2()
}

/// Bits that are left when strings are rejected that miss one of the classes.
///
/// The accepted strings are equally likely, so the loss is -log2 of the share that is accepted. Its
/// exact value, by inclusion and exclusion over the classes: the share of strings that have none of
/// the characters of a set of classes is ((n - their size) / n) ^ length.
pub(super) fn with_classes(length: usize, charset: usize, classes: &[usize]) -> f64 {
    of_draws(length, charset) + accepted_share(length, charset, classes).max(f64::MIN_POSITIVE).log2()
}

/// The share of strings that have at least one character of every class.
pub(super) fn accepted_share(length: usize, charset: usize, classes: &[usize]) -> f64 {
    let exponent = i32::try_from(length).unwrap_or(i32::MAX);
    (0..1_u32 << classes.len())
        .map(|set| {
            let members = classes.iter().enumerate().filter(|(index, _)| set >> index & 1 == 1);
            let missing: usize = members.map(|(_, size)| *size).sum();
            let share = (charset.saturating_sub(missing) as f64 / charset as f64).powi(exponent);
            if set.count_ones() % 2 == 0 { share } else { -share }
        })
        .sum::<f64>()
        .clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_figures() {
        assert!((of_draws(10, 2) - 10.0).abs() < 1e-9);
        assert!((of_draws(24, 62) - 142.9).abs() < 0.1);
        // Two characters of {a,b}, both classes wanted: `ab` and `ba` of four strings.
        assert!((accepted_share(2, 2, &[1, 1]) - 0.5).abs() < 1e-9);
        assert!((with_classes(2, 2, &[1, 1]) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn classes_never_add_bits() {
        for length in 4..40 {
            assert!(with_classes(length, 62, &[26, 26, 10]) <= of_draws(length, 62));
        }
    }
}
