//! The file of a baseline: rules and names of objects.

use std::path::Path;

use crate::audit::Finding;
use crate::audit::baseline::Baseline;
use crate::error::{Error, Result};

/// Larger ones are none.
const LARGEST: u64 = 64 * 1024 * 1024;

/// Reads it.
pub(super) fn read(path: &Path) -> Result<Baseline> {
    let unreadable = |why: String| {
        Error::usage("the file of --baseline cannot be read")
            .because(why)
            .hint("write one with: kubectl secretsafe audit -A --write-baseline baseline.json")
    };
    let size = std::fs::metadata(path).map_err(|err| unreadable(err.kind().to_string()))?;
    if !size.is_file() || size.len() > LARGEST {
        return Err(unreadable("it is no regular file, or a very large one".to_owned()));
    }
    Baseline::read(&std::fs::read_to_string(path).map_err(|err| unreadable(err.kind().to_string()))?)
}

/// Writes it, whole or not at all, and returns how many findings are in it.
pub(super) fn write(path: &Path, findings: &[Finding]) -> Result<usize> {
    let baseline = Baseline::of(findings);
    let failed = |err: &std::io::Error| {
        Error::usage("the file of --write-baseline cannot be written")
            .because(err.kind().to_string())
            .hint("name a file in a folder that is there and that you may write to")
    };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(|err| failed(&err))?;
    std::io::Write::write_all(&mut file, baseline.to_text()?.as_bytes()).map_err(|err| failed(&err))?;
    file.persist(path).map_err(|err| failed(&err.error))?;
    Ok(baseline.len())
}
