//! Hints that depend on the shell: PowerShell has no `<`.

use crate::error::Error;

/// Says how PowerShell sends a file, behind a hint that says `< FILE`.
pub(crate) fn without_redirection(error: Error) -> Error {
    for_shell(error, cfg!(windows))
}

fn for_shell(error: Error, windows: bool) -> Error {
    let redirects = error.hints().iter().any(|hint| hint.contains("stdin < "));
    if windows && redirects {
        return error.hint("PowerShell has no `<`, type there: Get-Content -Raw FILE | kubectl secretsafe …");
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powershell_is_told_its_own_way() {
        let error = || Error::usage("no").hint("type: a=stdin < FILE");
        assert!(for_shell(error(), true).hints().join(" ").contains("Get-Content -Raw FILE | kubectl secretsafe"));
        assert_eq!(for_shell(error(), false).hints().len(), 1);
        assert!(for_shell(Error::usage("no"), true).hints().is_empty());
    }
}
