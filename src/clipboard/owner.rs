//! What the holder does: connects, takes a value from its standard input, and offers it until its time is over.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::FromRawFd;
use std::process::ExitCode;

use zeroize::Zeroizing;

use crate::plaintext::SecretValue;
use crate::process::harden;

use super::holder::{CONNECTED, OFFERED};
use super::{session, wayland, x11};

/// How long the desktop may take to answer, in seconds.
const PATIENCE: u32 = 10;

/// A place to put a value.
enum Desktop {
    Wayland,
    X11(Box<x11::Display>),
}

/// Holds a value for so many seconds. Ends well when something else was copied, and by SIGALRM when the time is over.
pub(crate) fn hold(seconds: u32) -> ExitCode {
    match held(seconds) {
        Some(()) => ExitCode::SUCCESS,
        None => ExitCode::FAILURE,
    }
}

fn held(seconds: u32) -> Option<()> {
    harden::protect_memory().ok()?;
    go_with_the_starter();
    // SAFETY: nothing else in this process uses its standard input and output.
    let (mut input, mut output) = unsafe { (File::from_raw_fd(0), File::from_raw_fd(1)) };
    end_after(PATIENCE);
    let desktop = connect()?;
    end_after(0);
    output.write_all(&[CONNECTED]).ok()?;
    let mut bytes = Zeroizing::new(Vec::with_capacity(16 * 1024));
    input.read_to_end(&mut bytes).ok()?;
    let value = SecretValue::from_bytes(bytes);
    if value.is_empty() {
        return None;
    }
    end_after(seconds);
    let mut offered = || output.write_all(&[OFFERED]).ok();
    match desktop {
        Desktop::Wayland => wayland::offer(value, offered),
        Desktop::X11(display) => {
            let owned = display.own()?;
            offered()?;
            owned.serve(&value)
        }
    }
}

/// Wayland's own way first; a compositor without it (GNOME's) has X11 beside it.
fn connect() -> Option<Desktop> {
    if std::env::var_os("WAYLAND_DISPLAY").is_some_and(|name| !name.is_empty()) && wayland::answers() {
        return Some(Desktop::Wayland);
    }
    std::env::var_os("DISPLAY").filter(|display| session::is_local(display))?;
    x11::Display::connect().map(Box::new).map(Desktop::X11)
}

/// Makes the kernel end us when who started us ends, however that happens.
fn go_with_the_starter() {
    // SAFETY: prctl takes a number here. If our starter has ended already, our input ends without a value.
    unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
}

/// Sets the alarm that ends this process, whatever it is doing; 0 takes it back.
fn end_after(seconds: u32) {
    // SAFETY: neither call takes a pointer to memory of ours. We may have been started with the signal ignored.
    unsafe {
        libc::signal(libc::SIGALRM, libc::SIG_DFL);
        libc::alarm(seconds);
    }
}
