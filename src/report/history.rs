//! `SecretHistory`: what is known of the past of a Secret, the newest first.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::log::Ended;
use crate::names::KeyName;
use crate::output::{Cell, Look, Report, Section, Table};
use crate::plan::Target;
use crate::plan::history::{Entry, What};
use crate::plan::spoken;

use super::API_VERSION;

/// What is known of the past of a Secret.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SecretHistory {
    #[schemars(extend("const" = API_VERSION))]
    api_version: &'static str,
    #[schemars(extend("const" = SecretHistory::KIND))]
    kind: &'static str,
    /// The Secret.
    name: String,
    /// Its namespace.
    namespace: String,
    /// Its uid: another Secret of this name has another history.
    uid: String,
    /// The key that was asked about; `null`: all.
    key: Option<KeyName>,
    /// What happened, the newest first.
    items: Vec<Entry>,
    /// Keys whose names cannot be known without reading values.
    more_keys: usize,
    /// `false`: no Events were looked at, because this user may not list them, or because they do not tell about keys.
    events_listed: bool,
    /// `false`: the local log of this machine could not be read.
    log_read: bool,
    #[serde(skip)]
    now: Timestamp,
}

impl SecretHistory {
    /// Makes the report.
    pub(crate) fn new(target: &Target, uid: &str, key: Option<KeyName>, items: Vec<Entry>, now: Timestamp) -> Self {
        Self {
            api_version: API_VERSION,
            kind: Self::KIND,
            name: target.name.to_string(),
            namespace: target.namespace.to_string(),
            uid: uid.to_owned(),
            key,
            items,
            more_keys: 0,
            events_listed: false,
            log_read: false,
            now,
        }
    }

    /// Says what could not be seen.
    pub(crate) fn seen(self, more_keys: usize, events_listed: bool, log_read: bool) -> Self {
        Self { more_keys, events_listed, log_read, ..self }
    }

    fn row(&self, entry: &Entry) -> Vec<Cell> {
        let bound = |mark: &str| if entry.exact { String::new() } else { format!("{mark} ") };
        let age = match self.now == Timestamp::UNIX_EPOCH || entry.time > self.now {
            true => "-".to_owned(),
            false => format!("{}{}", bound("≥"), spoken::human(entry.time, self.now)),
        };
        let keys: Vec<&str> = entry.keys.iter().map(KeyName::as_str).collect();
        let who = match (&entry.user, &entry.manager) {
            (Some(user), _) => user.clone(),
            (None, Some(manager)) => format!("manager {manager}"),
            (None, None) => "-".to_owned(),
        };
        let look = if entry.not_trusted || is_open(entry.what) { Look::Warning } else { Look::Plain };
        let claim = if entry.claim { ", a claim" } else { "" };
        vec![
            Cell::new(format!("{}{}", bound("≤"), entry.time), Look::Plain),
            Cell::new(age, Look::Plain),
            Cell::new(if keys.is_empty() { "-".to_owned() } else { keys.join(", ") }, Look::Strong),
            Cell::new(described(entry), look),
            Cell::new(who, Look::Plain),
            Cell::new(format!("{}{claim}", entry.basis.word()), Look::Faint),
        ]
    }
}

fn is_open(what: What) -> bool {
    matches!(what, What::RotationBegan | What::PuttingBack)
}

fn described(entry: &Entry) -> String {
    let details = &entry.details;
    let mut words = match entry.what {
        What::Created => "the Secret was made".to_owned(),
        What::Written => {
            let from = details.source.as_deref().map(|source| format!(" from {source}")).unwrap_or_default();
            let often = details.writes.filter(|writes| *writes > 1).map(|writes| format!(", write {writes}"));
            format!("written{from}{}", often.unwrap_or_default())
        }
        What::Set => "set by then".to_owned(),
        What::VersionKept => format!("replaced, kept as v{}", details.version.unwrap_or_default()),
        What::RotationBegan => "rotation began, not finished".to_owned(),
        What::PuttingBack => "rotation began, is being put back".to_owned(),
        What::Logged => {
            let action = details.action.as_deref().unwrap_or_default();
            match details.result {
                Some(Ended::Begun) => format!("`{action}` began here, no end"),
                result => format!("`{action}` here: {}", result.map_or("", Ended::word)),
            }
        }
        What::Event => {
            let times = details.count.filter(|count| *count > 1).map(|count| format!(", {count} times"));
            format!("Event {}{}", details.reason.unwrap_or_default(), times.unwrap_or_default())
        }
    };
    if entry.not_trusted {
        words.push_str("; not trusted");
    }
    words
}

impl Report for SecretHistory {
    const KIND: &'static str = "SecretHistory";

    fn summary(&self) -> Vec<String> {
        Vec::new()
    }

    fn table(&self) -> Table {
        let title = vec![
            Cell::new(format!("secret/{}", self.name), Look::Strong),
            Cell::new(format!("namespace {}", self.namespace), Look::Faint),
        ];
        let rows = self.items.iter().map(|entry| self.row(entry)).collect();
        Table { sections: vec![Section { title, header: vec!["TIME", "AGE", "KEYS", "WHAT", "WHO", "BASIS"], rows }] }
    }

    fn names(&self) -> Vec<String> {
        vec![format!("secret/{}", self.name)]
    }
}
