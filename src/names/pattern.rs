//! Patterns of names: `*` is any text, `?` one character.

/// Matches `*` (any text) and `?` (one character); all else stands for itself.
pub(crate) fn fits(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    // `reached` holds how far in the text each way to read the pattern so far has come.
    let mut reached = vec![true];
    reached.resize(text.len() + 1, false);
    for wanted in pattern {
        let mut next = vec![false; text.len() + 1];
        let mut any = false;
        for (index, from) in reached.iter().enumerate() {
            any |= *from;
            if wanted == '*'
                && any
                && let Some(place) = next.get_mut(index)
            {
                *place = true;
            }
            let same = wanted != '*' && text.get(index).is_some_and(|found| wanted == '?' || wanted == *found);
            if *from
                && same
                && let Some(place) = next.get_mut(index + 1)
            {
                *place = true;
            }
        }
        reached = next;
    }
    reached.last().copied().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_globs() {
        for (pattern, text) in [
            ("prod", "prod"),
            ("prod-*", "prod-eu"),
            ("*prod*", "my-prod-1"),
            ("p?od", "prod"),
            ("*", ""),
            ("a*b*c", "aXbbc"),
        ] {
            assert!(fits(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in
            [("prod", "prod-eu"), ("prod-*", "prod"), ("p?od", "pod"), ("", "a"), ("a*b", "abc"), ("[a]", "a")]
        {
            assert!(!fits(pattern, text), "{pattern} {text}");
        }
    }
}
