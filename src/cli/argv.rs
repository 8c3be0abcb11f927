//! Says where on the command line a text stood, so that errors can point at it without quoting it.

use std::ffi::OsStr;

/// Returns `argument N`, the place of `text` on the command line, counted after the program's name.
pub(crate) fn name_of(text: &str) -> String {
    position(std::env::args_os().skip(1), text).map_or_else(|| "the text".to_owned(), |n| format!("argument {n}"))
}

/// Returns which of `words` stands behind `create`, as in `create tls`.
pub(crate) fn created(words: &[&'static str]) -> Option<&'static str> {
    word_behind("create", std::env::args_os().skip(1), words)
}

fn word_behind<T: AsRef<OsStr>>(
    first: &str,
    arguments: impl Iterator<Item = T>,
    words: &[&'static str],
) -> Option<&'static str> {
    let mut behind = arguments.skip_while(|argument| argument.as_ref() != OsStr::new(first)).skip(1);
    behind.find_map(|argument| words.iter().find(|word| argument.as_ref() == OsStr::new(word)).copied())
}

/// Finds the argument that is `text`, or that holds it after `=`.
fn position<T: AsRef<OsStr>>(arguments: impl Iterator<Item = T>, text: &str) -> Option<usize> {
    if text.is_empty() {
        return None;
    }
    let arguments: Vec<_> = arguments.map(|a| a.as_ref().to_string_lossy().into_owned()).collect();
    let exact = arguments.iter().position(|a| a == text);
    let held = || arguments.iter().position(|a| a.split_once('=').is_some_and(|(k, v)| k == text || v == text));
    let piece = || arguments.iter().position(|a| a.starts_with(text));
    exact.or_else(held).or_else(piece).map(|index| index + 1)
}

#[cfg(test)]
mod tests {
    use super::{position, word_behind};

    #[test]
    fn the_kind_is_the_word_behind_create() {
        let find = |args: &[&str]| word_behind("create", args.iter(), &["tls", "generic"]);
        assert_eq!(find(&["-n", "tls", "create", "tls", "web"]), Some("tls"));
        assert_eq!(find(&["create", "-n", "prod", "generic", "tls"]), Some("generic"));
        assert_eq!(find(&["set", "tls"]), None);
    }

    #[test]
    fn counts_from_one_and_looks_behind_equal_signs() {
        let args = ["create", "generic", "db", "k=v", "--label=x=y"];
        assert_eq!(position(args.iter(), "db"), Some(3));
        assert_eq!(position(args.iter(), "v"), Some(4));
        assert_eq!(position(args.iter(), "k"), Some(4));
        assert_eq!(position(args.iter(), "nothing"), None);
        assert_eq!(position(args.iter(), ""), None);
    }
}
