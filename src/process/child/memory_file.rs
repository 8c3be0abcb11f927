//! A file in memory that carries a value: programs can open it by a path, again and again, and seek in it.

use std::fs::{File, Permissions};
use std::io::{self, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::fs::PermissionsExt;

use crate::plaintext::SecretValue;
use crate::plaintext::lend::{self, Carrier};

struct MemoryFile(File);

impl Carrier for MemoryFile {
    type Error = io::Error;

    fn take(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }
}

/// Makes a file with the value, which nobody can change.
pub(super) fn make(value: &SecretValue) -> io::Result<OwnedFd> {
    let mut file = MemoryFile(open()?);
    // ssh and libpq refuse a secret that others may read, and a new memory file has mode 0777.
    file.0.set_permissions(Permissions::from_mode(0o600))?;
    let mut taken = 0;
    while taken < value.len() {
        match lend::to_child(value, taken, &mut file) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(count) => taken += count,
            Err(err) if err.kind() == io::ErrorKind::Interrupted => {}
            Err(err) => return Err(err),
        }
    }
    let seals = libc::F_SEAL_WRITE | libc::F_SEAL_GROW | libc::F_SEAL_SHRINK | libc::F_SEAL_SEAL;
    // SAFETY: fcntl takes no pointers here, and the file is open.
    if unsafe { libc::fcntl(file.0.as_raw_fd(), libc::F_ADD_SEALS, seals) } == -1 {
        return Err(io::Error::last_os_error());
    }
    Ok(file.0.into())
}

fn open() -> io::Result<File> {
    let create = |flags: libc::c_uint| {
        // SAFETY: the name is a string that outlives the call; the result is checked below.
        unsafe { libc::memfd_create(c"secretsafe".as_ptr(), flags | libc::MFD_CLOEXEC | libc::MFD_ALLOW_SEALING) }
    };
    // Systems can insist that memory files are no programs; kernels before 6.3 do not know the flag.
    let mut descriptor = create(libc::MFD_NOEXEC_SEAL);
    if descriptor == -1 && io::Error::last_os_error().raw_os_error() == Some(libc::EINVAL) {
        descriptor = create(0);
    }
    if descriptor == -1 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: a descriptor that was just made, and that nobody else owns.
    Ok(unsafe { OwnedFd::from_raw_fd(descriptor) }.into())
}
