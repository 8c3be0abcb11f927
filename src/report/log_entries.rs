//! `LogEntryList`: what the local log says; `LogCheck`: whether it says it as it was written.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::log::{Checked, Deed, Ended, Finding, Flaw};
use crate::output::{Cell, Look, Report, Section, Table};

use super::API_VERSION;

/// The whole list. It is printed as it is read, so that no run ever holds one: this is what its document looks like.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
#[expect(dead_code, reason = "the schema is made from the fields, no list is")]
pub(crate) struct LogEntryList {
    #[schemars(extend("const" = API_VERSION))]
    api_version: String,
    #[schemars(extend("const" = LogEntryList::KIND))]
    kind: String,
    /// What was done, the newest last.
    items: Vec<LogEntry>,
    #[schemars(flatten)]
    tail: LogTail,
}

impl LogEntryList {
    /// The kind of the document.
    pub(crate) const KIND: &'static str = "LogEntryList";
}

/// What stands behind the items.
#[derive(Debug, Default, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LogTail {
    /// Lines that have another form than this program gives them.
    pub(crate) unreadable: usize,
}

/// One entry.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LogEntry {
    /// The number of its line.
    line: u64,
    /// When it was written, by the clock of this machine: a claim.
    time: Timestamp,
    #[serde(flatten)]
    deed: Deed,
}

impl LogEntry {
    /// How many columns are never cut: time, command, object.
    pub(crate) const KEPT: usize = 4;

    /// Makes it.
    pub(crate) fn new(line: u64, time: Timestamp, deed: Deed) -> Self {
        Self { line, time, deed }
    }

    /// Returns the names of the columns.
    pub(crate) fn header(wide: bool) -> Vec<&'static str> {
        let mut header = vec!["TIME", "COMMAND", "NAMESPACE", "NAME", "KEYS", "RESULT", "WHO"];
        if wide {
            header.extend(["CONTEXT", "CLUSTER", "KIND", "RUN"]);
        }
        header.push("REASON");
        header
    }

    /// Returns its row.
    pub(crate) fn row(&self, wide: bool) -> Vec<Cell> {
        let deed = &self.deed;
        let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        let result = match (deed.result, deed.exit) {
            (Ended::Begun, _) => "begun, no end".to_owned(),
            (result, Some(exit)) if exit != 0 => format!("{} ({exit})", result.word()),
            (result, _) => result.word().to_owned(),
        };
        let look = if matches!(deed.result, Ended::Done | Ended::Declined) { Look::Plain } else { Look::Warning };
        let result = if deed.dry_run { format!("{result}, dry run") } else { result };
        let more = (deed.more_keys > 0).then(|| format!("{} more", deed.more_keys));
        let keys: Vec<String> = deed.keys.iter().cloned().chain(more).collect();
        let keys = if keys.is_empty() { "-".to_owned() } else { keys.join(", ") };
        let who = deed.user.as_ref().or(deed.login.as_ref()).or(deed.os_user.as_ref());
        let mut row = vec![
            Cell::new(self.time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(), Look::Plain),
            Cell::new(&deed.action, Look::Plain),
            Cell::new(text(&deed.namespace), Look::Plain),
            Cell::new(text(&deed.name), Look::Strong),
            Cell::new(keys, Look::Plain),
            Cell::new(result, look),
            Cell::new(who.map_or("-", String::as_str), Look::Plain),
        ];
        if wide {
            let run = deed.id.split('-').next().unwrap_or_default();
            row.extend(
                [text(&deed.context), text(&deed.cluster), text(&deed.kind), run.to_owned()]
                    .map(|text| Cell::new(text, Look::Faint)),
            );
        }
        row.push(Cell::new(text(&deed.reason), Look::Faint));
        row
    }

    /// Returns the object, as `KIND/NAME`.
    pub(crate) fn named(&self) -> String {
        let kind = self.deed.kind.as_deref().unwrap_or("none").to_lowercase();
        format!("{kind}/{}", self.deed.name.as_deref().unwrap_or_default())
    }
}

/// Whether the local log is as it was written.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LogCheck {
    #[schemars(extend("const" = API_VERSION))]
    api_version: &'static str,
    #[schemars(extend("const" = LogCheck::KIND))]
    kind: &'static str,
    /// The random id of the log; `null` if there is none, or it cannot be known.
    log: Option<String>,
    /// Whether its first key is in the keychain; if not, accidents only can be found.
    keyed: bool,
    /// Nothing was found.
    whole: bool,
    /// How many lines are as they were written.
    lines: u64,
    /// What is wrong.
    findings: Vec<Finding>,
    /// How many findings are not listed.
    more_findings: u64,
    /// The file ends in a line that was cut off while it was written, by a crash or a full disk; the next run removes it.
    torn: bool,
}

impl LogCheck {
    /// Makes the report.
    pub(crate) fn new(checked: &Checked, log: Option<String>, keyed: bool) -> Self {
        let Checked { good, findings, more, torn } = checked;
        Self {
            api_version: API_VERSION,
            kind: Self::KIND,
            log,
            keyed,
            whole: findings.is_empty(),
            lines: *good,
            findings: findings.clone(),
            more_findings: *more,
            torn: *torn,
        }
    }

    /// Makes the report where there is no log.
    pub(crate) fn of_nothing() -> Self {
        Self::new(&Checked::default(), None, false)
    }
}

fn described(finding: &Finding) -> String {
    let Finding { flaw, first, count, .. } = finding;
    let lines = match (first, count) {
        (Some(first), 0 | 1) => format!("line number {first}"),
        (Some(first), count) => format!("line numbers {first} to {}", first + count - 1),
        (None, _) => "the line".to_owned(),
    };
    match flaw {
        Flaw::Changed => "was changed, or is not of this program".to_owned(),
        Flaw::Missing => format!("{lines} missing before it"),
        Flaw::Moved => format!("{lines} stands here, and belongs to another place"),
        Flaw::TailCut => format!("{lines} missing at the end"),
        Flaw::StateLost => "the state is missing, or belongs to another log".to_owned(),
        Flaw::StateOlder => format!("{lines} not known to the state, which is older: it was put back"),
        Flaw::Restarted => "a log that had lost its state was put aside here".to_owned(),
    }
}

impl Report for LogCheck {
    const KIND: &'static str = "LogCheck";

    fn summary(&self) -> Vec<String> {
        let count = match self.lines {
            1 => "1 line".to_owned(),
            lines => format!("{lines} lines"),
        };
        let found = match self.findings.len() {
            0 => "as they were written".to_owned(),
            _ => format!(
                "as they were written, {} findings",
                u64::try_from(self.findings.len()).unwrap_or_default() + self.more_findings
            ),
        };
        vec![format!("{count} {found}")]
    }

    fn table(&self) -> Table {
        let row = |finding: &Finding| {
            let line = finding.line.map_or_else(|| "-".to_owned(), |line| line.to_string());
            vec![Cell::new(line, Look::Strong), Cell::new(described(finding), Look::Warning)]
        };
        let rows: Vec<_> = self.findings.iter().map(row).collect();
        let sections = if rows.is_empty() {
            Vec::new()
        } else {
            vec![Section { title: Vec::new(), header: vec!["LINE", "WHAT"], rows }]
        };
        Table { sections }
    }

    fn names(&self) -> Vec<String> {
        vec![format!("log/{}", self.log.as_deref().unwrap_or_default())]
    }
}
