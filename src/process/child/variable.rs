//! A variable of the program's environment that carries a value.

use std::ffi::OsString;
use std::process::Command;

use crate::plaintext::lend::Carrier;

use super::Unlent;

/// A variable that is still to be set; the command wipes it when it is dropped, as the allocator does.
pub(super) struct Variable<'a> {
    pub(super) command: &'a mut Command,
    pub(super) name: String,
}

impl Carrier for Variable<'_> {
    type Error = Unlent;

    fn take(&mut self, bytes: &[u8]) -> Result<usize, Unlent> {
        if bytes.contains(&0) {
            return Err(Unlent::NotForEnvironment("it has a NUL byte, which ends a variable"));
        }
        let text = text(bytes.to_vec()).ok_or(Unlent::NotForEnvironment("it is not text"))?;
        self.command.env(&self.name, text);
        Ok(bytes.len())
    }
}

#[cfg(unix)]
fn text(bytes: Vec<u8>) -> Option<OsString> {
    Some(std::os::unix::ffi::OsStringExt::from_vec(bytes))
}

#[cfg(not(unix))]
fn text(bytes: Vec<u8>) -> Option<OsString> {
    String::from_utf8(bytes).ok().map(OsString::from)
}
