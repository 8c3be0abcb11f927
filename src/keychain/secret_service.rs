//! What the keyring crate does not tell about the Secret Service (freedesktop.org, version 0.2).

use zbus::blocking::Connection;
use zbus::zvariant::OwnedObjectPath;

/// The collection that lives only as long as the log-in session.
const SESSION: &str = "/org/freedesktop/secrets/collection/session";

/// Tells whether the default collection is the one that is forgotten at log-out.
pub(super) fn default_is_volatile() -> bool {
    let default = Connection::session().ok().and_then(|connection| {
        let service = Some("org.freedesktop.secrets");
        let interface = Some("org.freedesktop.Secret.Service");
        let answer =
            connection.call_method(service, "/org/freedesktop/secrets", interface, "ReadAlias", &"default").ok()?;
        answer.body().deserialize::<OwnedObjectPath>().ok()
    });
    default.is_some_and(|path| path.as_str() == SESSION)
}
