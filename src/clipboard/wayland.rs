//! The clipboard of a Wayland compositor that lets programs without a window copy: `ext-data-control` or
//! `wlr-data-control`, through `wl-clipboard-rs`.

use std::thread;
use std::time::Duration;

use wl_clipboard_rs::copy::{MimeType, Options, Source};
use wl_clipboard_rs::paste::{ClipboardType, Seat, get_mime_types};
use wl_clipboard_rs::utils::{PASSWORD_MANAGER_HINT_MIME_TYPE, is_primary_selection_supported};

use crate::plaintext::SecretValue;
use crate::plaintext::lend::{self, Carrier};

/// Tells whether the compositor answers, and knows one of the protocols.
pub(super) fn answers() -> bool {
    // Whether there is a second clipboard does not matter; it is the one question that sends nothing.
    is_primary_selection_supported().is_ok()
}

/// The bytes as the library wants them: it keeps a copy for the time.
struct Copied(Box<[u8]>);

impl Carrier for Copied {
    type Error = std::convert::Infallible;

    fn take(&mut self, bytes: &[u8]) -> Result<usize, Self::Error> {
        self.0 = bytes.into();
        Ok(bytes.len())
    }
}

/// Offers the value until something else is copied; `None` if it cannot be.
pub(super) fn offer(value: SecretValue, mut offered: impl FnMut() -> Option<()>) -> Option<()> {
    let mut copied = Copied(Box::default());
    lend::to_clipboard(&value, &mut copied).ok()?;
    drop(value);
    let mut options = Options::new();
    // Marked as secret for clipboard managers.
    options.foreground(true).sensitive(true);
    let serving = thread::spawn(move || {
        let ready = options.prepare_copy(Source::Bytes(copied.0), MimeType::Text).ok()?;
        ready.serve().ok()
    });
    // What is prepared is sent when serving begins; the compositor is asked until it knows. No content is read.
    while !serving.is_finished() && !is_marked() {
        thread::sleep(PAUSE);
    }
    offered()?;
    serving.join().ok()?
}

/// How long to wait before the compositor is asked again.
const PAUSE: Duration = Duration::from_millis(1);

/// Tells whether something that is marked as secret is in the clipboard.
fn is_marked() -> bool {
    get_mime_types(ClipboardType::Regular, Seat::Unspecified)
        .is_ok_and(|kinds| kinds.contains(PASSWORD_MANAGER_HINT_MIME_TYPE))
}
