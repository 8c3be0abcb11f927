//! Finds the program that a user named, as a shell would, but never in the working directory
//! (requirement S7).

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// Finds a file by its absolute path, or in the absolute folders of PATH.
pub(crate) fn look_up(name: &OsStr, fits: impl Fn(&Path) -> bool) -> Option<PathBuf> {
    let path = Path::new(name);
    if name.is_empty() {
        return None;
    }
    if path.components().count() > 1 {
        return path.is_absolute().then(|| path.to_owned()).filter(|path| fits(path));
    }
    let folders = std::env::var_os("PATH")?;
    let mut with_suffix = name.to_owned();
    with_suffix.push(std::env::consts::EXE_SUFFIX);
    std::env::split_paths(&folders)
        .filter(|folder| folder.is_absolute())
        .flat_map(|folder| [folder.join(name), folder.join(&with_suffix)])
        .find(|candidate| fits(candidate))
}

/// Finds the program behind `flag`, such as `--`. What was typed is not repeated: it may have been a value.
pub(crate) fn find(name: &OsStr, flag: &str) -> Result<PathBuf> {
    let path = Path::new(name);
    if path.components().count() > 1 && !path.is_absolute() {
        return Err(Error::usage(format!("the program behind `{flag}` is named by a relative path"))
            .because("which program that is depends on the working directory")
            .hint("write its whole path, such as \"$PWD\"/PROGRAM, or the name of a program in PATH"));
    }
    let Some(program) = look_up(name, is_executable) else {
        return Err(match look_up(name, Path::is_file) {
            Some(file) => Error::usage(format!("`{}` may not be executed", file.display()))
                .hint(format!("if it is a program, type: chmod +x {}", file.display())),
            None if path.is_absolute() => Error::usage(format!("the program behind `{flag}` is not there"))
                .because("there is no such file")
                .hint("write the path of a program, or its name alone to have it looked for in PATH"),
            None => Error::usage(format!("the program behind `{flag}` is not there"))
                .because("it was looked for in the absolute folders of PATH")
                .hint("see where they are: echo \"$PATH\"; or write the program's whole path"),
        });
    };
    refuse_writable(&program, "it would be handed a value")?;
    Ok(program)
}

/// Finds a program that we run of our own accord, if there is one; `why` says why nobody else may have written it.
pub(crate) fn find_tool(name: &str, why: &str) -> Result<Option<PathBuf>> {
    let program = look_up(OsStr::new(name), is_executable);
    program.map(|program| refuse_writable(&program, why).map(|()| program)).transpose()
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::ffi::OsStrExt;

    let Ok(text) = std::ffi::CString::new(path.as_os_str().as_bytes()) else { return false };
    // SAFETY: `text` is a string that outlives the call, which keeps no pointer.
    path.is_file() && unsafe { libc::access(text.as_ptr(), libc::X_OK) } == 0
}

#[cfg(not(unix))]
fn is_executable(path: &Path) -> bool {
    path.is_file()
}

/// Refuses a program that anyone may have replaced: it would be handed a value.
#[cfg(unix)]
fn refuse_writable(program: &Path, why: &str) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;

    let unknown = || Error::refused(format!("`{}` is not run: its owner and mode cannot be seen", program.display()));
    // The link and the file behind it can be replaced in different folders.
    let file = program.canonicalize().map_err(|_| unknown())?;
    for place in [program.parent(), Some(file.as_path()), file.parent()].into_iter().flatten() {
        let mode = place.metadata().map_err(|_| unknown())?.permissions().mode();
        if mode & 0o002 != 0 {
            return Err(Error::refused(format!("`{}` is not run: {why}", program.display()))
                .because(format!("anyone may write to `{}`", place.display()))
                .hint(format!("type: chmod o-w {}", place.display())));
        }
    }
    Ok(())
}

#[cfg(not(unix))]
fn refuse_writable(_program: &Path, _why: &str) -> Result<()> {
    Ok(())
}
