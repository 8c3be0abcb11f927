//! `ScanReport`: where values stand in the clear, and what could not be read.

use schemars::JsonSchema;
use serde::Serialize;

use crate::audit::Severity;
use crate::commands::scan::{FileLeak, Gathered, NotRead};
use crate::output::{Cell, Look, Report, Section, Table};
use crate::plaintext::parse::leaks::{KINDS, LeakKind};

use super::API_VERSION;

/// What was found.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ScanReport {
    #[schemars(extend("const" = API_VERSION))]
    api_version: &'static str,
    #[schemars(extend("const" = ScanReport::KIND))]
    kind: &'static str,
    /// How many files were looked at.
    pub(super) files: usize,
    /// How many commits were gone through, for a history.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "usize")]
    pub(super) commits: Option<usize>,
    /// How many findings there are.
    pub(super) counts: LeakCounts,
    /// How many findings were left out, and by what.
    pub(super) suppressed: Suppressed,
    /// The findings, by file and line.
    pub(super) items: Vec<LeakView>,
    /// The kinds that were found.
    pub(super) kinds: Vec<KindView>,
    /// What was there and was not read.
    pub(super) left_out: LeftOutFiles,
    /// Comments that would allow a finding, if they had a reason.
    pub(super) without_reason: Vec<LineView>,
    /// What could not be read, or not as it was meant.
    pub(super) unread: Vec<UnreadView>,
}

/// Files that were not read.
#[derive(Debug, Default, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct LeftOutFiles {
    /// Symbolic links.
    pub(super) links: usize,
    /// Sockets, pipes and devices.
    pub(super) special: usize,
    /// Files of more than 64 MiB.
    pub(super) large: usize,
    /// Files and folders that could not be read.
    pub(super) unreadable: usize,
    /// Folders below too many others.
    pub(super) deep: usize,
    /// Files and folders that Git ignores and does not track.
    pub(super) ignored: usize,
    /// Other repositories in this one.
    pub(super) submodules: usize,
    /// Contents that Git does not have here, or that are broken.
    pub(super) missing: usize,
}

/// Findings by severity.
#[derive(Debug, Default, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct LeakCounts {
    /// What is a secret.
    pub(super) high: usize,
    /// What may be one, by the name of its key.
    pub(super) medium: usize,
}

/// Findings that were left out.
#[derive(Debug, Default, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Suppressed {
    /// By a comment with a reason.
    pub(super) inline: usize,
    /// By the baseline.
    pub(super) baseline: usize,
}

/// One finding.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct LeakView {
    /// The file.
    pub(super) path: String,
    /// The line of the key, from 1.
    pub(super) line: usize,
    /// The column, from 1, in characters.
    pub(super) column: usize,
    /// What it is.
    pub(super) kind: LeakKind,
    /// How bad it is.
    pub(super) severity: Severity,
    /// The document of the file, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "usize")]
    pub(super) document: Option<usize>,
    /// The object.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "LeakObject")]
    pub(super) object: Option<LeakObject>,
    /// The path of the key.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub(super) key: Option<String>,
    /// The commit, in a history.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub(super) commit: Option<String>,
    /// How many contents of the file have it, in a history.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "usize")]
    pub(super) contents: Option<usize>,
}

/// An object in a file.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct LeakObject {
    /// Its kind.
    pub(super) kind: String,
    /// Its name; empty if it has none, or one that is a template.
    pub(super) name: String,
}

/// One kind.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct KindView {
    /// Its word.
    pub(super) kind: LeakKind,
    /// How bad it is.
    pub(super) severity: Severity,
    /// What it is.
    pub(super) finds: &'static str,
    /// What mends it.
    pub(super) mend: &'static str,
    /// How many findings there are.
    pub(super) findings: usize,
}

/// A line of a file.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct LineView {
    /// The file.
    pub(super) path: String,
    /// The line, from 1.
    pub(super) line: usize,
}

/// What could not be read.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct UnreadView {
    /// The file.
    pub(super) path: String,
    /// The line, from 1.
    pub(super) line: usize,
    /// Why.
    pub(super) why: String,
}

impl ScanReport {
    /// Makes the report.
    pub(crate) fn new(gathered: Gathered, not_read: NotRead, baseline: usize) -> Self {
        let left_out = not_read.files;
        let mut counts = LeakCounts::default();
        for found in &gathered.leaks {
            match found.leak.kind.severity() {
                Severity::High => counts.high += 1,
                _ => counts.medium += 1,
            }
        }
        let of_kind = |kind| gathered.leaks.iter().filter(|found| found.leak.kind == kind).count();
        let kinds = KINDS.iter().map(|about| KindView {
            kind: about.kind,
            severity: about.severity,
            finds: about.finds,
            mend: about.mend,
            findings: of_kind(about.kind),
        });
        let kinds = kinds.filter(|kind| kind.findings > 0).collect();
        let unread = gathered.unread.iter().map(|(path, line, why)| UnreadView {
            path: path.display().to_string(),
            line: *line,
            why: why.to_string(),
        });
        Self {
            api_version: API_VERSION,
            kind: Self::KIND,
            files: gathered.files,
            counts,
            suppressed: Suppressed { inline: gathered.allowed.len(), baseline },
            unread: unread.collect(),
            items: gathered.leaks.into_iter().map(LeakView::of).collect(),
            kinds,
            left_out: LeftOutFiles {
                links: left_out.links,
                special: left_out.special,
                large: left_out.large,
                unreadable: left_out.unreadable,
                deep: left_out.deep,
                ignored: not_read.ignored,
                submodules: not_read.submodules,
                missing: not_read.missing,
            },
            commits: not_read.commits,
            without_reason: gathered
                .without_reason
                .iter()
                .map(|(path, line)| LineView { path: path.display().to_string(), line: *line })
                .collect(),
        }
    }

    /// Tells whether nothing was found.
    pub(crate) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Says what is worth knowing beside the findings; nothing if there is nothing.
    pub(crate) fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        for UnreadView { path, line, why } in &self.unread {
            remarks.push(format!("{path}:{line}: {why}"));
        }
        for LineView { path, line } in &self.without_reason {
            remarks.push(format!("{path}:{line}: secretsafe:allow without a reason does not count"));
        }
        let Suppressed { inline, baseline } = self.suppressed;
        let LeftOutFiles { links, special, large, unreadable, deep, ignored, submodules, missing } = self.left_out;
        let counts = [
            (inline, "allowed by a comment"),
            (baseline, "in the baseline"),
            (links, "not looked at: symbolic links"),
            (special, "not looked at: sockets, pipes and devices"),
            (large, "not looked at: files of more than 64 MiB"),
            (unreadable, "not looked at: files and folders that cannot be read"),
            (deep, "not looked at: folders below more than 512 others"),
            (ignored, "not looked at: files and folders that Git ignores; --ignored looks at them too"),
            (submodules, "not looked at: submodules"),
            (missing, "not looked at: contents that Git does not have here, or that are broken"),
        ];
        remarks.extend(counts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")));
        remarks
    }
}

impl LeakObject {
    /// Returns KIND/NAME, in lower case as kubectl writes it.
    pub(super) fn shown(&self) -> String {
        match self.name.is_empty() {
            true => self.kind.to_lowercase(),
            false => format!("{}/{}", self.kind.to_lowercase(), self.name),
        }
    }
}

impl LeakView {
    fn of(found: FileLeak) -> Self {
        let FileLeak { path, leak, origin } = found;
        Self {
            path: path.display().to_string(),
            line: leak.line,
            column: leak.column,
            kind: leak.kind,
            severity: leak.kind.severity(),
            document: leak.document,
            object: leak.object.map(|(kind, name)| LeakObject { kind, name }),
            key: leak.key,
            contents: origin.commit.is_some().then_some(origin.contents),
            commit: origin.commit,
        }
    }

    fn cells(&self, in_history: bool) -> Vec<Cell> {
        let look = if self.severity == Severity::High { Look::Warning } else { Look::Plain };
        let object = self.object.as_ref().map(LeakObject::shown);
        let commit =
            self.commit.iter().map(|commit| Cell::new(commit.chars().take(12).collect::<String>(), Look::Plain));
        let mut cells: Vec<Cell> = commit.take(usize::from(in_history)).collect();
        cells.extend([
            Cell::new(format!("{}:{}", self.path, self.line), Look::Strong),
            Cell::new(self.kind.word(), look),
            Cell::new(object.unwrap_or_default(), Look::Plain),
            Cell::new(self.key.clone().unwrap_or_default(), Look::Plain),
        ]);
        cells
    }
}

impl Report for ScanReport {
    const KIND: &'static str = "ScanReport";

    fn summary(&self) -> Vec<String> {
        let LeakCounts { high, medium } = self.counts;
        if self.items.is_empty() {
            return Vec::new();
        }
        let mut files: Vec<&str> = self.items.iter().map(|item| item.path.as_str()).collect();
        files.dedup();
        let plural = |count: usize, noun: &str| format!("{count} {noun}{}", if count == 1 { "" } else { "s" });
        let (values, files) = (plural(self.items.len(), "value"), plural(files.len(), "file"));
        let of = self.commits.map(|commits| format!(" of {}", plural(commits, "commit"))).unwrap_or_default();
        vec![format!("{values} in the clear in {files}{of}: {high} high, {medium} medium")]
    }

    fn table(&self) -> Table {
        if self.items.is_empty() {
            return Table::default();
        }
        let in_history = self.commits.is_some();
        let header = ["COMMIT", "PLACE", "KIND", "OBJECT", "KEY"].into_iter().skip(usize::from(!in_history)).collect();
        let rows = self.items.iter().map(|item| item.cells(in_history)).collect();
        let found = Section { title: Vec::new(), header, rows };
        let advice =
            |kind: &KindView| vec![Cell::new(kind.kind.word(), Look::Faint), Cell::new(kind.mend, Look::Plain)];
        let advice = Section { title: Vec::new(), header: Vec::new(), rows: self.kinds.iter().map(advice).collect() };
        Table { sections: vec![found, advice] }
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.items.iter().map(|item| format!("file/{}", item.path)).collect();
        names.dedup();
        names
    }
}
