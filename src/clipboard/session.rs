//! Whether the clipboard is that of the person who asks: never over SSH, never without a desktop.

use std::ffi::OsString;

use super::NoClipboard;

/// What sshd sets; the last one also without a terminal.
const SSH: &[&str] = &["SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"];

/// Looks at our environment; nothing is connected to.
pub(crate) fn look() -> Result<(), NoClipboard> {
    judge(|name| std::env::var_os(name).filter(|text| !text.is_empty()))
}

fn judge(variable: impl Fn(&str) -> Option<OsString>) -> Result<(), NoClipboard> {
    if SSH.iter().any(|name| variable(name).is_some()) {
        return Err(NoClipboard::Ssh);
    }
    #[cfg(target_os = "linux")]
    if variable("WAYLAND_DISPLAY").is_none() {
        let display = variable("DISPLAY").ok_or(NoClipboard::NoDesktop)?;
        if !is_local(&display) {
            return Err(NoClipboard::Network);
        }
    }
    Ok(())
}

/// Tells whether DISPLAY names a socket of this machine: `:0` or `unix:0`, not `localhost:10`, which ssh forwards.
#[cfg(target_os = "linux")]
pub(super) fn is_local(display: &std::ffi::OsStr) -> bool {
    display.to_str().is_some_and(|text| [":", "unix:", "/"].iter().any(|start| text.starts_with(start)))
}

#[cfg(target_os = "linux")]
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_desktop_of_this_machine_will_do() {
        let judged = |set: &[(&str, &str)]| {
            judge(|name| set.iter().find(|(known, _)| *known == name).map(|(_, text)| OsString::from(text)))
        };
        assert_eq!(judged(&[]), Err(NoClipboard::NoDesktop));
        for name in SSH {
            assert_eq!(
                judged(&[("DISPLAY", ":0"), ("WAYLAND_DISPLAY", "wayland-0"), (name, "x")]),
                Err(NoClipboard::Ssh)
            );
        }
        for display in [":0", ":1.0", "unix:0", "/tmp/launch/x:0"] {
            assert_eq!(judged(&[("DISPLAY", display)]), Ok(()), "{display}");
        }
        for display in ["localhost:10.0", "example.com:0", "tcp/a:0"] {
            assert_eq!(judged(&[("DISPLAY", display)]), Err(NoClipboard::Network), "{display}");
        }
        assert_eq!(judged(&[("WAYLAND_DISPLAY", "wayland-0")]), Ok(()));
    }
}
