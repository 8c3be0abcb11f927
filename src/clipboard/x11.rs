//! The clipboard of an X11 server: owns the selection CLIPBOARD and answers who pastes.
//!
//! Written here, as libraries give what they hold to a clipboard manager when they end (SAVE_TARGETS), and cannot
//! give it up only if it is still theirs.

use x11rb::connection::{Connection, RequestConnection};
use x11rb::errors::ConnectionError;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    Atom, AtomEnum, ConnectionExt as _, CreateWindowAux, EventMask, PropMode, SELECTION_NOTIFY_EVENT,
    SelectionNotifyEvent, SelectionRequestEvent, Timestamp, Window, WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;
use x11rb::{COPY_DEPTH_FROM_PARENT, COPY_FROM_PARENT, CURRENT_TIME, NONE};

use crate::plaintext::SecretValue;
use crate::plaintext::lend::{self, Carrier};

x11rb::atom_manager! {
    /// Names that the server has numbers for.
    Atoms: AtomsCookie {
        CLIPBOARD,
        TARGETS,
        TIMESTAMP,
        UTF8_STRING,
        TEXT,
        PLAIN_UTF8: b"text/plain;charset=utf-8",
        PLAIN: b"text/plain",
        // What clipboard managers look for: KDE's own came first, others follow it.
        HINT: b"x-kde-passwordManagerHint",
    }
}

/// A connection with a window that is never shown.
pub(super) struct Display {
    connection: RustConnection,
    window: Window,
    atoms: Atoms,
}

/// The same, as the owner of the clipboard since a time of the server.
pub(super) struct Owned {
    display: Display,
    since: Timestamp,
}

impl Display {
    /// Connects to the server that DISPLAY names.
    pub(super) fn connect() -> Option<Self> {
        let (connection, screen) = x11rb::connect(None).ok()?;
        let root = connection.setup().roots.get(screen)?.root;
        let atoms = Atoms::new(&connection).ok()?.reply().ok()?;
        let window = connection.generate_id().ok()?;
        let settings = CreateWindowAux::new().event_mask(EventMask::PROPERTY_CHANGE);
        let class = WindowClass::INPUT_OUTPUT;
        let created = connection.create_window(
            COPY_DEPTH_FROM_PARENT,
            window,
            root,
            0,
            0,
            1,
            1,
            0,
            class,
            COPY_FROM_PARENT,
            &settings,
        );
        created.ok()?.check().ok()?;
        Some(Self { connection, window, atoms })
    }

    /// Becomes the owner of the clipboard.
    pub(super) fn own(self) -> Option<Owned> {
        let since = self.now()?;
        let Self { connection, window, atoms } = &self;
        connection.set_selection_owner(*window, atoms.CLIPBOARD, since).ok()?.check().ok()?;
        let owner = connection.get_selection_owner(atoms.CLIPBOARD).ok()?.reply().ok()?.owner;
        (owner == *window).then_some(Owned { display: self, since })
    }

    /// Asks for the server's time, by a change that it tells us about: owners say since when (ICCCM 2.1).
    fn now(&self) -> Option<Timestamp> {
        let (name, kind) = (self.atoms.TIMESTAMP, AtomEnum::INTEGER);
        self.connection.change_property32(PropMode::APPEND, self.window, name, kind, &[]).ok()?;
        self.connection.flush().ok()?;
        loop {
            if let Event::PropertyNotify(event) = self.connection.wait_for_event().ok()? {
                return Some(event.time);
            }
        }
    }
}

impl Owned {
    /// Answers who pastes, until something else is copied; `None` when the server goes away.
    pub(super) fn serve(self, value: &SecretValue) -> Option<()> {
        let Display { connection, atoms, .. } = &self.display;
        loop {
            match connection.wait_for_event().ok()? {
                Event::SelectionClear(event) if event.selection == atoms.CLIPBOARD => return Some(()),
                Event::SelectionRequest(request) => self.answer(&request, value).ok()?,
                // Errors are those of windows that went away before they got their answer.
                _ => {}
            }
        }
    }

    /// Writes what was asked for where it was asked for, and says whether it did.
    fn answer(&self, request: &SelectionRequestEvent, value: &SecretValue) -> Result<(), ConnectionError> {
        let connection = &self.display.connection;
        // Clients of long ago name no property.
        let place = if request.property == NONE { request.target } else { request.property };
        let asked_in_time = request.time == CURRENT_TIME || request.time >= self.since;
        let written = request.selection == self.display.atoms.CLIPBOARD
            && asked_in_time
            && self.write(request.requestor, place, request.target, value)?;
        let answer = SelectionNotifyEvent {
            response_type: SELECTION_NOTIFY_EVENT,
            sequence: 0,
            time: request.time,
            requestor: request.requestor,
            selection: request.selection,
            target: request.target,
            property: if written { place } else { NONE },
        };
        connection.send_event(false, request.requestor, EventMask::NO_EVENT, answer)?;
        connection.flush()
    }

    fn write(&self, to: Window, place: Atom, target: Atom, value: &SecretValue) -> Result<bool, ConnectionError> {
        let Display { connection, atoms, .. } = &self.display;
        let texts = [atoms.UTF8_STRING, atoms.PLAIN_UTF8, atoms.PLAIN, atoms.TEXT];
        if target == atoms.TARGETS {
            let known = [&[atoms.TARGETS, atoms.TIMESTAMP][..], &texts, &[atoms.HINT]].concat();
            connection.change_property32(PropMode::REPLACE, to, place, AtomEnum::ATOM, &known)?;
        } else if target == atoms.TIMESTAMP {
            connection.change_property32(PropMode::REPLACE, to, place, AtomEnum::INTEGER, &[self.since])?;
        } else if target == atoms.HINT {
            connection.change_property8(PropMode::REPLACE, to, place, target, b"secret")?;
        } else if texts.contains(&target) && value.len() + ROOM < connection.maximum_request_bytes() {
            // A text of any encoding is given in ours.
            let kind = if target == atoms.TEXT { atoms.UTF8_STRING } else { target };
            lend::to_clipboard(value, &mut Property { connection, to, place, kind })?;
        } else {
            return Ok(false);
        }
        Ok(true)
    }
}

/// What a request takes beside the value.
const ROOM: usize = 64;

/// A property of the window of who pastes.
struct Property<'a> {
    connection: &'a RustConnection,
    to: Window,
    place: Atom,
    kind: Atom,
}

impl Carrier for Property<'_> {
    type Error = ConnectionError;

    fn take(&mut self, bytes: &[u8]) -> Result<usize, Self::Error> {
        self.connection.change_property8(PropMode::REPLACE, self.to, self.place, self.kind, bytes)?;
        Ok(bytes.len())
    }
}
