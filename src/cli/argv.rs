//! Says where on the command line a text stood, so that errors can point at it without quoting it.

use std::ffi::OsStr;

/// Returns `argument N`, the place of `text` on the command line, counted after the program's name.
pub(crate) fn name_of(text: &str) -> String {
    position(std::env::args_os().skip(1), text).map_or_else(|| "the text".to_owned(), |n| format!("argument {n}"))
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
    use super::position;

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
