//! The clipboard of the desktop: whether there is one, and a value in it for a time.
//!
//! On Linux a process of its own holds the value (`holder`), offers it by X11 or Wayland, and is ended when the time
//! is over: with its connection the value is out of the clipboard, and only if nobody else has copied meanwhile. macOS
//! and Windows keep what they are given (`desktop`). Values pass through `plaintext::lend`; nothing here reads one.

mod session;

#[cfg(not(target_os = "linux"))]
mod desktop;
#[cfg(target_os = "linux")]
mod holder;
#[cfg(target_os = "linux")]
mod owner;
#[cfg(target_os = "linux")]
mod wayland;
#[cfg(target_os = "linux")]
mod x11;

#[cfg(not(target_os = "linux"))]
pub(crate) use desktop::Clipboard;
#[cfg(target_os = "linux")]
pub(crate) use holder::{Clipboard, asked as asked_to_hold};
#[cfg(target_os = "linux")]
pub(crate) use owner::hold;
pub(crate) use session::look;

/// Why there is no clipboard, or why it took nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoClipboard {
    /// The clipboard of this machine is not that of the machine at which the user sits.
    #[error("this is an SSH session, and its clipboard is not that of the machine you sit at")]
    Ssh,
    /// X11 through the network, as ssh forwards it.
    #[error("DISPLAY names a display behind the network, as ssh forwards one")]
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "a matter of X11"))]
    Network,
    /// Nothing names a desktop.
    #[error("neither WAYLAND_DISPLAY nor DISPLAY is set: there is no desktop")]
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "a matter of X11 and Wayland"))]
    NoDesktop,
    /// The desktop does not answer, or has nothing that a program without a window can use.
    #[error("the desktop does not answer, or lets no program without a window copy")]
    NoAnswer,
    /// It refused the value, or went away.
    #[error("the desktop did not take it")]
    NotTaken,
}

impl crate::error::Cause for NoClipboard {}

/// Why a value is no longer in the clipboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Left {
    /// Its time was over.
    TimeOver,
    /// Something else was copied, and that stays.
    Taken,
    /// The desktop, or what held the value, went away.
    Gone,
}
