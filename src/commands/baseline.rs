//! The files of baselines: read as text within a limit, written whole or not at all.

use std::path::Path;

use crate::error::{Error, Result};

/// Larger ones are none.
const LARGEST: u64 = 64 * 1024 * 1024;

/// Reads one; `hint` says how it is written.
pub(super) fn read(path: &Path, hint: &str) -> Result<String> {
    let unreadable = |why: String| Error::usage("the file of --baseline cannot be read").because(why).hint(hint);
    let size = std::fs::metadata(path).map_err(|err| unreadable(err.kind().to_string()))?;
    if !size.is_file() || size.len() > LARGEST {
        return Err(unreadable("it is no regular file, or a very large one".to_owned()));
    }
    std::fs::read_to_string(path).map_err(|err| unreadable(err.kind().to_string()))
}

/// Writes one.
pub(super) fn write(path: &Path, text: &str) -> Result<()> {
    let failed = |err: &std::io::Error| {
        Error::usage("the file of --write-baseline cannot be written")
            .because(err.kind().to_string())
            .hint("name a file in a folder that is there and that you may write to")
    };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(|err| failed(&err))?;
    std::io::Write::write_all(&mut file, text.as_bytes()).map_err(|err| failed(&err))?;
    file.persist(path).map_err(|err| failed(&err.error))?;
    Ok(())
}
