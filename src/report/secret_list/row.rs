//! The rows of a list: for people, and for spreadsheets.

use jiff::Timestamp;

use crate::output::{Cell, Look};
use crate::plan::findings::Finding;
use crate::plan::spoken;

use super::item::SecretSummary;

/// What kubectl writes where there is nothing.
const NONE: &str = "<none>";

/// Which columns a table has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ListColumns {
    /// The namespace first.
    pub(crate) namespace: bool,
    /// More about keys.
    pub(crate) wide: bool,
    /// The labels last.
    pub(crate) labels: bool,
    /// Everything, in a form that programs read.
    pub(crate) spreadsheet: bool,
}

impl ListColumns {
    /// Returns the names of the columns.
    pub(crate) fn header(self) -> Vec<&'static str> {
        let mut header = if self.namespace || self.spreadsheet { vec!["NAMESPACE"] } else { Vec::new() };
        if self.spreadsheet {
            header.extend(["NAME", "TYPE", "KEYS", "CREATED", "OLDEST KEY", "CHANGED", "BASIS", "EXACT", "DUE"]);
            header.extend(["DUE AT", "EXPIRES", "OWNER", "FLAGS", "MANAGERS", "KEY NAMES"]);
        } else {
            header.extend(["NAME", "TYPE", "KEYS", "AGE", "OLDEST KEY", "DUE", "OWNER", "FLAGS"]);
        }
        if self.wide {
            header.extend(["BASIS", "MANAGERS", "KEY NAMES"]);
        }
        if self.labels {
            header.push("LABELS");
        }
        header
    }

    /// Returns how many columns are names that are never cut.
    pub(crate) fn kept(self) -> usize {
        if self.namespace { 2 } else { 1 }
    }
}

impl SecretSummary {
    /// Returns the cells of its row.
    pub(crate) fn row(&self, columns: ListColumns) -> Vec<Cell> {
        if columns.spreadsheet {
            return self.record(columns.labels);
        }
        let metadata = &self.metadata;
        let mut row = if columns.namespace { vec![plain(metadata.namespace.clone())] } else { Vec::new() };
        row.push(Cell::new(metadata.name.as_str(), Look::Strong));
        row.push(plain(self.secret_type.clone()));
        row.push(plain(self.key_count.to_string()));
        row.push(plain(metadata.creation_timestamp.map_or_else(unknown, |time| self.age_of(time))));
        row.push(plain(self.oldest_age()));
        row.push(self.due.as_ref().map_or_else(Cell::default, |due| due.cell(self.now)));
        row.push(plain(self.owner.as_ref().map_or_else(none, |owner| owner.who.clone())));
        row.push(self.flags_cell());
        if columns.wide {
            let basis = self.oldest_key.as_ref().map_or("-", |key| key.changed_at.basis.word());
            row.push(plain(basis.to_owned()));
            row.push(plain(or_none(self.managers.iter().cloned().collect())));
            row.push(plain(or_none(self.key_names())));
        }
        if columns.labels {
            row.push(plain(or_none(self.label_texts())));
        }
        row
    }

    /// Returns the cells for a spreadsheet: times instead of ages, and nothing where there is nothing.
    fn record(&self, labels: bool) -> Vec<Cell> {
        let time = |time: Option<Timestamp>| time.map(|time| time.to_string()).unwrap_or_default();
        let (oldest, due) = (self.oldest_key.as_ref(), self.due.as_ref());
        let exact = oldest.map(|key| (key.changed_at.exact && !key.may_be_older).to_string());
        let mut cells = vec![
            self.metadata.namespace.clone(),
            self.metadata.name.clone(),
            self.secret_type.clone(),
            self.key_count.to_string(),
            time(self.metadata.creation_timestamp),
            oldest.map(|key| key.name.to_string()).unwrap_or_default(),
            time(oldest.map(|key| key.changed_at.time)),
            oldest.map(|key| key.changed_at.basis.word().to_owned()).unwrap_or_default(),
            exact.unwrap_or_default(),
            due.map(|due| due.state.word().to_owned()).unwrap_or_default(),
            time(due.and_then(|due| due.at)),
            time(self.certificate.as_ref().and_then(|certificate| certificate.not_after)),
            self.owner.as_ref().map(|owner| owner.who.clone()).unwrap_or_default(),
            self.flags().join(","),
            self.managers.iter().cloned().collect::<Vec<_>>().join(","),
            self.key_names().join(","),
        ];
        if labels {
            cells.push(self.label_texts().join(","));
        }
        cells.into_iter().map(plain).collect()
    }

    /// Writes how old the oldest key is; where another one may be older, that is a bound as well.
    fn oldest_age(&self) -> String {
        match &self.oldest_key {
            Some(_) if self.now == Timestamp::UNIX_EPOCH => unknown(),
            Some(key) if key.changed_at.exact && key.may_be_older => format!("≥ {}", self.age_of(key.changed_at.time)),
            Some(key) => spoken::bounded(&key.changed_at, self.now),
            None => unknown(),
        }
    }

    fn age_of(&self, time: Timestamp) -> String {
        if self.now == Timestamp::UNIX_EPOCH { unknown() } else { spoken::human(time, self.now) }
    }

    /// Says what somebody has to end, and what was found.
    fn flags(&self) -> Vec<String> {
        let mut flags: Vec<String> = self.pending_rotation.iter().map(|_| "rotating".to_owned()).collect();
        if let Some(since) = self.open_slots.iter().map(|slot| slot.since).min() {
            flags.push(format!("previous:{}", self.age_of(since)));
        }
        let expires = self.certificate.as_ref().and_then(|certificate| certificate.not_after);
        flags.extend(self.findings().iter().map(|finding| match (finding, expires) {
            (Finding::Stale, _) => "stale".to_owned(),
            (Finding::Due, _) => "due".to_owned(),
            (Finding::Unmanaged, _) => "unmanaged".to_owned(),
            (Finding::Expiring, Some(at)) if at <= self.now => format!("expired:{}", spoken::human(at, self.now)),
            (Finding::Expiring, at) => format!("expires:{}", spoken::human(self.now, at.unwrap_or(self.now))),
        }));
        flags
    }

    fn flags_cell(&self) -> Cell {
        let flags = self.flags();
        let look = if flags.is_empty() { Look::Plain } else { Look::Warning };
        Cell::new(or_none(flags), look)
    }

    fn key_names(&self) -> Vec<String> {
        let more = (self.more_keys > 0).then(|| format!("{} more", self.more_keys));
        self.keys.iter().map(|key| key.name.to_string()).chain(more).collect()
    }

    fn label_texts(&self) -> Vec<String> {
        self.metadata.labels.iter().map(|(name, value)| format!("{name}={value}")).collect()
    }
}

fn plain(text: String) -> Cell {
    Cell::new(text, Look::Plain)
}

fn or_none(texts: Vec<String>) -> String {
    if texts.is_empty() { none() } else { texts.join(",") }
}

fn none() -> String {
    NONE.to_owned()
}

fn unknown() -> String {
    "<unknown>".to_owned()
}
