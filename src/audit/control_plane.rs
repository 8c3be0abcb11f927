//! How the API server is run, as far as its static Pods and its metrics tell.

use std::collections::BTreeSet;

/// How the values of Secrets are written to etcd, or read from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Written {
    /// Encrypted.
    Encrypted,
    /// As they are.
    Plain,
}

/// Flags of kube-apiserver.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Flags {
    /// `--encryption-provider-config`; what stands in its file is not known.
    pub(crate) encryption: bool,
    /// A policy, and a file or a webhook to write to.
    pub(crate) audit: bool,
}

/// Metrics of kube-apiserver, of one server where there are several.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Metrics {
    /// They are those of an API server.
    pub(crate) is_api_server: bool,
    /// How Secrets were written since it started.
    pub(crate) to_storage: BTreeSet<Written>,
    /// How Secrets were read from etcd since it started.
    pub(crate) from_storage: BTreeSet<Written>,
    /// Whether there was an audit event since it started.
    pub(crate) audit_events: Option<bool>,
}

/// Whether Secrets are encrypted before they are written to etcd.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encryption {
    /// They are.
    On,
    /// They are written as they are.
    Off,
}

/// What is known; each with how it was seen.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ControlPlane {
    /// Encryption at rest.
    pub(crate) encryption: Option<(Encryption, &'static str)>,
    /// Whether there is an audit log.
    pub(crate) audit: Option<(bool, &'static str)>,
}

impl ControlPlane {
    /// Judges; `any_secret` tells whether this API server has surely read a Secret from etcd.
    pub(crate) fn of(flags: Option<Flags>, metrics: Option<&Metrics>, any_secret: bool) -> Self {
        let metrics = metrics.filter(|metrics| metrics.is_api_server);
        Self { encryption: encryption(flags, metrics, any_secret), audit: audit(flags, metrics) }
    }
}

fn encryption(flags: Option<Flags>, metrics: Option<&Metrics>, any_secret: bool) -> Option<(Encryption, &'static str)> {
    if flags.is_some_and(|flags| !flags.encryption) {
        return Some((Encryption::Off, "a static Pod of kube-apiserver has no --encryption-provider-config"));
    }
    let Metrics { to_storage, from_storage, .. } = metrics?;
    let has = |written: &Written| to_storage.contains(written);
    if has(&Written::Encrypted) || (to_storage.is_empty() && from_storage.contains(&Written::Encrypted)) {
        return Some((Encryption::On, "by the API server's metrics"));
    }
    if has(&Written::Plain) {
        return Some((Encryption::Off, "by the API server's metrics, Secrets are written by provider `identity`"));
    }
    // Without a configuration nothing is counted, though Secrets were read.
    let uncounted = to_storage.is_empty() && from_storage.is_empty();
    (uncounted && any_secret && flags.is_none())
        .then_some((Encryption::Off, "by the API server's metrics, it has read Secrets and decrypted none"))
}

fn audit(flags: Option<Flags>, metrics: Option<&Metrics>) -> Option<(bool, &'static str)> {
    match (flags, metrics.and_then(|metrics| metrics.audit_events)) {
        (_, Some(true)) => Some((true, "by the API server's metrics")),
        (Some(Flags { audit: false, .. }), _) => {
            Some((false, "a static Pod of kube-apiserver has no audit policy, or nowhere to write to"))
        }
        (_, Some(false)) => Some((false, "by the API server's metrics, there was no audit event since it started")),
        (Some(_), None) => Some((true, "by the static Pods of kube-apiserver")),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metrics(to: &[Written], from: &[Written]) -> Metrics {
        let set = |list: &[Written]| list.iter().copied().collect();
        Metrics { is_api_server: true, to_storage: set(to), from_storage: set(from), audit_events: None }
    }

    #[test]
    fn encryption_is_told_only_where_it_is_known() {
        let (yes, no) = (Some(Flags { encryption: true, audit: true }), Some(Flags::default()));
        let (enc, plain) = (Written::Encrypted, Written::Plain);
        for (flags, seen, any_secret, wanted) in [
            (None, None, true, None),
            (no, None, true, Some(Encryption::Off)),
            (yes, None, true, None),
            (yes, Some(metrics(&[enc], &[])), true, Some(Encryption::On)),
            (yes, Some(metrics(&[plain], &[enc])), true, Some(Encryption::Off)),
            (None, Some(metrics(&[], &[enc])), true, Some(Encryption::On)),
            (None, Some(metrics(&[], &[plain])), true, None),
            (None, Some(metrics(&[], &[])), true, Some(Encryption::Off)),
            (None, Some(metrics(&[], &[])), false, None),
            (None, Some(Metrics::default()), true, None),
        ] {
            let found = ControlPlane::of(flags, seen.as_ref(), any_secret).encryption.map(|(state, _)| state);
            assert_eq!(found, wanted, "{flags:?} {seen:?} {any_secret}");
        }
    }

    #[test]
    fn an_audit_log_is_known_by_its_events_or_its_flags() {
        let with = |events| Metrics { audit_events: events, ..metrics(&[], &[]) };
        let (yes, no) = (Some(Flags { encryption: true, audit: true }), Some(Flags::default()));
        for (flags, events, wanted) in [
            (None, None, None),
            (None, Some(true), Some(true)),
            (None, Some(false), Some(false)),
            (yes, None, Some(true)),
            (yes, Some(false), Some(false)),
            (no, None, Some(false)),
            (no, Some(true), Some(true)),
        ] {
            let found = ControlPlane::of(flags, Some(&with(events)), true).audit.map(|(on, _)| on);
            assert_eq!(found, wanted, "{flags:?} {events:?}");
        }
    }
}
