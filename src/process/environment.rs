//! Takes a value out of our environment, so that no child inherits it and `/proc/PID/environ` forgets it.

use std::ffi::OsString;

use zeroize::Zeroizing;

/// Takes the variable `name`: its bytes are returned, its place in memory is overwritten, and it is gone.
pub(crate) fn take(name: &str) -> Option<Zeroizing<Vec<u8>>> {
    let value = bytes(std::env::var_os(name)?);
    overwrite(name);
    // SAFETY: sources are checked on the main thread of a single-threaded runtime, before any thread
    // for blocking work is started, so nobody reads the environment at the same time.
    unsafe { std::env::remove_var(name) };
    Some(value)
}

#[cfg(unix)]
fn bytes(value: OsString) -> Zeroizing<Vec<u8>> {
    use std::os::unix::ffi::OsStringExt;

    Zeroizing::new(value.into_vec())
}

#[cfg(not(unix))]
fn bytes(value: OsString) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(value.into_string().map_or_else(|_| Vec::new(), String::into_bytes))
}

/// Overwrites the value where the kernel put it when the process started.
#[cfg(unix)]
fn overwrite(name: &str) {
    let Ok(name) = std::ffi::CString::new(name) else { return };
    // SAFETY: getenv returns null or a string inside of the environment, which stays in place as long as
    // nobody changes the environment; see `take` for why nobody does. Only bytes of the value before its
    // final NUL are written, so every string there keeps its end.
    unsafe {
        let value = libc::getenv(name.as_ptr());
        if !value.is_null() {
            let length = libc::strlen(value);
            for index in 0..length {
                value.add(index).write_volatile(b'x' as libc::c_char);
            }
        }
    }
}

#[cfg(not(unix))]
fn overwrite(_name: &str) {}
