//! The clipboard of macOS and Windows, which keep what they are given: it is taken out again by us, or not at all.

use std::time::{Duration, Instant};

use arboard::Clipboard as Native;

use crate::plaintext::SecretValue;
use crate::plaintext::lend::{self, Carrier};

use super::{Left, NoClipboard};

/// How often we look whether something else was copied.
const TICK: Duration = Duration::from_millis(500);

/// A connection to the clipboard; what was offered is taken out of it when this is dropped.
pub(crate) struct Clipboard {
    native: Native,
    time: Duration,
    offered: Option<Offered>,
}

/// What is in the clipboard, and until when.
struct Offered {
    mark: mark::Mark,
    until: Instant,
}

impl Clipboard {
    /// Connects.
    pub(crate) async fn open(time: Duration) -> Result<Self, NoClipboard> {
        let native = Native::new().map_err(|_| NoClipboard::NoAnswer)?;
        Ok(Self { native, time, offered: None })
    }

    /// Puts the value into the clipboard; its time begins.
    pub(crate) async fn offer(&mut self, value: SecretValue) -> Result<(), NoClipboard> {
        lend::to_clipboard(&value, &mut Text(&mut self.native))?;
        let mark = mark::Mark::new(value);
        self.offered = Some(Offered { mark, until: Instant::now() + self.time });
        Ok(())
    }

    /// Waits until the value is out of the clipboard, and says why.
    pub(crate) async fn over(&mut self) -> Left {
        loop {
            let Some(offered) = &self.offered else { return Left::TimeOver };
            if !offered.mark.is_there(&mut self.native) {
                self.offered = None;
                return Left::Taken;
            }
            if Instant::now() >= offered.until {
                self.clear();
                return Left::TimeOver;
            }
            tokio::time::sleep(TICK.min(offered.until.saturating_duration_since(Instant::now()))).await;
        }
    }

    /// Takes the value out, if it is still there.
    fn clear(&mut self) {
        if let Some(offered) = self.offered.take()
            && offered.mark.is_there(&mut self.native)
        {
            let _ = self.native.clear();
        }
    }
}

impl Drop for Clipboard {
    fn drop(&mut self) {
        self.clear();
    }
}

struct Text<'a>(&'a mut Native);

impl Carrier for Text<'_> {
    type Error = NoClipboard;

    fn take(&mut self, bytes: &[u8]) -> Result<usize, Self::Error> {
        let text = std::str::from_utf8(bytes).map_err(|_| NoClipboard::NotTaken)?;
        marked_secret(self.0.set()).text(text).map_err(|_| NoClipboard::NotTaken)?;
        Ok(bytes.len())
    }
}

/// Keeps it out of histories; on Windows also from the cloud.
#[cfg(windows)]
fn marked_secret(set: arboard::Set<'_>) -> arboard::Set<'_> {
    use arboard::SetExtWindows;

    set.exclude_from_monitoring().exclude_from_cloud().exclude_from_history()
}

#[cfg(target_os = "macos")]
fn marked_secret(set: arboard::Set<'_>) -> arboard::Set<'_> {
    use arboard::SetExtApple;

    set.exclude_from_history()
}

#[cfg(not(any(windows, target_os = "macos")))]
fn marked_secret(set: arboard::Set<'_>) -> arboard::Set<'_> {
    use arboard::SetExtLinux;

    set.exclude_from_history()
}

#[cfg(target_os = "macos")]
mod mark {
    //! macOS counts the changes: nothing has to be read, which it would ask the user about.

    use objc2_app_kit::NSPasteboard;

    pub(super) struct Mark(isize);

    impl Mark {
        pub(super) fn new(_value: crate::plaintext::SecretValue) -> Self {
            Self(NSPasteboard::generalPasteboard().changeCount())
        }

        pub(super) fn is_there(&self, _native: &mut arboard::Clipboard) -> bool {
            NSPasteboard::generalPasteboard().changeCount() == self.0
        }
    }
}

#[cfg(not(target_os = "macos"))]
mod mark {
    //! Windows counts too, but also when a program asks for another encoding; so the texts are compared.

    use zeroize::Zeroizing;

    use crate::plaintext::{SecretValue, compare};

    pub(super) struct Mark(SecretValue);

    impl Mark {
        pub(super) fn new(value: SecretValue) -> Self {
            Self(value)
        }

        pub(super) fn is_there(&self, native: &mut arboard::Clipboard) -> bool {
            let text = native.get_text().map(|text| SecretValue::from_bytes(Zeroizing::new(text.into_bytes())));
            text.is_ok_and(|text| compare::same(&text, &self.0))
        }
    }
}
