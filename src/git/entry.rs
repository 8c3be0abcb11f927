//! One line of git's lists of blobs, read from bytes: paths are what they are, with any byte in them but NUL.

use std::path::PathBuf;

/// What a path is in a commit or in the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// A file.
    File,
    /// A symbolic link: its blob is where it leads.
    Link,
    /// A commit of another repository.
    Submodule,
}

/// A file at some time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Its path, from the top of the repository.
    pub(crate) path: PathBuf,
    /// Git's id of its content.
    pub(crate) blob: String,
    /// The first commit that has this content; none for the index.
    pub(crate) commit: Option<String>,
    /// The number of that commit, the oldest first; 0 for the index.
    pub(crate) order: usize,
}

/// Reads a mode; none if there is nothing at the path.
pub(super) fn mode(text: &[u8]) -> Option<Mode> {
    match text {
        b"100644" | b"100755" | b"100664" => Some(Mode::File),
        b"120000" => Some(Mode::Link),
        b"160000" => Some(Mode::Submodule),
        _ => None,
    }
}

/// Reads an id; none if it is that of nothing.
pub(super) fn id(text: &[u8]) -> Option<String> {
    let is_id = matches!(text.len(), 40 | 64) && text.iter().all(u8::is_ascii_hexdigit);
    if !is_id || text.iter().all(|digit| *digit == b'0') {
        return None;
    }
    String::from_utf8(text.to_vec()).ok()
}

/// Reads what a line of `diff-tree` or `diff-index` says about the newer side: `:MODE… MODE ID… ID STATUS`, with a mode
/// and an id more for each parent more.
pub(super) fn newer(line: &[u8]) -> Option<(Mode, String)> {
    let parents = line.iter().take_while(|byte| **byte == b':').count();
    let mut words = line.get(parents..)?.split(|byte| *byte == b' ');
    let mode = mode(words.nth(parents)?)?;
    let id = id(words.nth(parents)?)?;
    Some((mode, id))
}

/// Makes a path of git's bytes.
#[cfg(unix)]
pub(super) fn path(bytes: Vec<u8>) -> PathBuf {
    PathBuf::from(<std::ffi::OsString as std::os::unix::ffi::OsStringExt>::from_vec(bytes))
}

/// Makes a path of git's bytes, which are UTF-8 there.
#[cfg(not(unix))]
pub(super) fn path(bytes: Vec<u8>) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "78981922613b2afb6025042ff6bd878ac1994e85";
    const NONE: &str = "0000000000000000000000000000000000000000";

    #[test]
    fn the_newer_side_is_read() {
        let read = |line: String| newer(line.as_bytes());
        assert_eq!(read(format!(":000000 100644 {NONE} {A} A")), Some((Mode::File, A.to_owned())));
        assert_eq!(read(format!(":100644 120000 {A} {A} T")), Some((Mode::Link, A.to_owned())));
        assert_eq!(read(format!(":000000 160000 {NONE} {A} A")), Some((Mode::Submodule, A.to_owned())));
        assert_eq!(read(format!("::100644 100644 100755 {NONE} {NONE} {A} MM")), Some((Mode::File, A.to_owned())));
        let long = A.to_owned() + &A[..24];
        assert_eq!(read(format!(":100644 100644 {long} {long} M")), Some((Mode::File, long)));
    }

    #[test]
    fn what_is_gone_or_odd_is_no_entry() {
        for line in [
            format!(":100644 000000 {A} {NONE} D"),
            format!("::100644 100644 000000 {A} {A} {NONE} DD"),
            format!(":000000 100644 {NONE} {NONE} U"),
            format!(":000000 100644 {NONE} {} A", &A[1..]),
            ":".to_owned(),
            String::new(),
        ] {
            assert_eq!(newer(line.as_bytes()), None, "{line}");
        }
    }
}
