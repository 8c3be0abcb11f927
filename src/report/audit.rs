//! `SecretAudit`: what was found, of which rules, and what could not be told.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::audit::{Finding, Object, RULES, Rule, Severity};
use crate::names::KeyName;
use crate::output::{Cell, Format, Look, Report, Section, Table};
use crate::plan::ages::Ages;

use super::API_VERSION;

/// What was found.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SecretAudit {
    #[schemars(extend("const" = API_VERSION))]
    api_version: &'static str,
    #[schemars(extend("const" = SecretAudit::KIND))]
    kind: &'static str,
    #[serde(flatten)]
    pub(super) extent: AuditExtent,
    /// How many findings there are.
    pub(super) counts: Counts,
    #[serde(flatten)]
    pub(super) ages: Ages,
    /// The findings, the worst first.
    pub(super) items: Vec<FindingView>,
    /// The rules that have found something, or could not tell.
    pub(super) rules: Vec<RuleView>,
    /// What `--baseline` has left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Baselined")]
    baseline: Option<Baselined>,
    #[serde(skip)]
    shape: Shape,
}

/// What was looked at, and what could not be.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AuditExtent {
    /// The namespace; `null` for all.
    pub(crate) namespace: Option<String>,
    /// Whether values were fetched and looked at.
    pub(crate) deep: bool,
    /// How many Secrets were looked at.
    pub(crate) secrets: usize,
    /// Namespaces whose Secrets this user may not list; `null` if it is not known how many.
    pub(crate) namespaces_left_out: Option<usize>,
    /// Their names, as far as they are known.
    pub(crate) left_out: Vec<String>,
    /// Other kinds that this user may not list.
    pub(crate) not_listed: Vec<String>,
    /// The list of Secrets changed while it was read: its end is newer than its beginning.
    pub(crate) inconsistent: bool,
    /// When, by the server's clock.
    pub(crate) at: Timestamp,
}

/// What a baseline has left out.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Baselined {
    /// Findings that are in it.
    pub(crate) left_out: usize,
    /// Entries for which nothing was found.
    pub(crate) gone: usize,
}

/// Findings by severity.
#[derive(Debug, Default, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Counts {
    /// Values are readable by those who should not, or will fail to work.
    pub(super) high: usize,
    /// A leak or an outage is more likely.
    pub(super) medium: usize,
    /// Untidy, or worth knowing.
    pub(super) low: usize,
}

/// One finding.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct FindingView {
    /// The rule.
    pub(super) rule: &'static str,
    /// How bad it is here.
    pub(super) severity: Severity,
    /// About which object.
    pub(super) object: Object,
    /// About which key.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "KeyName")]
    pub(super) key: Option<KeyName>,
    /// How it was seen.
    pub(super) seen: String,
    /// What to type next.
    pub(super) command: String,
}

/// One rule.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct RuleView {
    /// Its name.
    pub(super) id: &'static str,
    /// How bad it is at worst.
    pub(super) severity: Severity,
    /// What it finds.
    pub(super) finds: &'static str,
    /// Why that matters.
    pub(super) why: &'static str,
    /// What mends it.
    pub(super) mend: &'static str,
    /// How many findings it has.
    pub(super) findings: usize,
    /// Of how many objects it could not tell.
    pub(super) undecided: usize,
    /// Why it could not look at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub(super) unknown: Option<&'static str>,
}

/// Which columns the table has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Shape {
    /// A section for each rule.
    #[default]
    Sections,
    /// The same with what to type for each finding.
    Wide,
    /// One table, for spreadsheets.
    Flat,
}

/// What rules could not tell: of how many objects, or why not at all.
type Untold = (BTreeMap<&'static str, usize>, BTreeMap<&'static str, &'static str>);

impl SecretAudit {
    /// Makes the report.
    pub(crate) fn new(
        findings: Vec<Finding>,
        (undecided, unknown): Untold,
        (extent, ages): (AuditExtent, Ages),
        baseline: Option<Baselined>,
    ) -> Self {
        let mut counts = Counts::default();
        for finding in &findings {
            match finding.severity {
                Severity::High => counts.high += 1,
                Severity::Medium => counts.medium += 1,
                Severity::Low => counts.low += 1,
            }
        }
        let rules = RULES.iter().map(|rule| RuleView {
            findings: findings.iter().filter(|finding| finding.rule.id == rule.id).count(),
            undecided: undecided.get(rule.id).copied().unwrap_or_default(),
            unknown: unknown.get(rule.id).copied(),
            ..RuleView::of(rule)
        });
        let rules = rules.filter(|rule| rule.findings > 0 || rule.undecided > 0 || rule.unknown.is_some()).collect();
        let items = findings.into_iter().map(FindingView::of).collect();
        let (api_version, kind) = (API_VERSION, Self::KIND);
        Self { api_version, kind, extent, counts, ages, items, rules, baseline, shape: Shape::default() }
    }

    /// Shows it with the columns of a format.
    pub(crate) fn shown_as(self, format: &Format) -> Self {
        let shape = match format {
            Format::Wide => Shape::Wide,
            Format::Csv => Shape::Flat,
            _ => Shape::Sections,
        };
        Self { shape, ..self }
    }

    /// Tells whether nothing was found.
    pub(crate) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Tells whether everything could be looked at.
    pub(crate) fn is_complete(&self) -> bool {
        let AuditExtent { namespaces_left_out, not_listed, .. } = &self.extent;
        *namespaces_left_out == Some(0) && not_listed.is_empty() && self.rules.iter().all(|rule| rule.unknown.is_none())
    }

    /// Says what could not be looked at, but for namespaces.
    pub(crate) fn missing(&self) -> Vec<String> {
        let mut missing = Vec::new();
        if self.extent.inconsistent {
            missing.push("the list changed while it was read: its end is newer than its beginning".to_owned());
        }
        if !self.extent.not_listed.is_empty() {
            let kinds = self.extent.not_listed.join(", ");
            missing.push(format!("incomplete: this user may not list {kinds}, so there may be more"));
        }
        let unknown = self.rules.iter().filter_map(|rule| Some((rule.id, rule.unknown?)));
        missing.extend(unknown.map(|(id, why)| format!("{id}: not known: {why}")));
        missing
    }

    /// Says which namespaces could not be looked at.
    pub(super) fn left_out(&self) -> Option<String> {
        let AuditExtent { namespaces_left_out, left_out, .. } = &self.extent;
        match namespaces_left_out {
            Some(0) => None,
            None => Some("namespaces whose Secrets this user may not list: it is not known how many".to_owned()),
            Some(count) => {
                Some(format!("{count} namespaces whose Secrets this user may not list: {}", left_out.join(", ")))
            }
        }
    }

    /// Says what is worth knowing beside the findings.
    pub(crate) fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        for rule in self.rules.iter().filter(|rule| rule.undecided > 0) {
            remarks.push(format!("{}: cannot be told of {} more", rule.id, rule.undecided));
        }
        if let Some(Baselined { left_out, gone }) = self.baseline {
            remarks.push(format!("{left_out} left out by the baseline"));
            if gone > 0 {
                remarks.push(format!("{gone} in the baseline were not found: write it anew with --write-baseline"));
            }
        }
        remarks
    }

    fn flat(&self) -> Section {
        let row = |item: &FindingView| {
            let [namespace, object, key, seen] = item.cells();
            let plain = |text: &str| Cell::new(text, Look::Plain);
            vec![plain(item.severity.word()), plain(item.rule), namespace, object, key, seen, plain(&item.command)]
        };
        let header = vec!["SEVERITY", "RULE", "NAMESPACE", "OBJECT", "KEY", "SEEN", "COMMAND"];
        Section { title: Vec::new(), header, rows: self.items.iter().map(row).collect() }
    }

    fn section(&self, rule: &RuleView) -> Section {
        let items: Vec<&FindingView> = self.items.iter().filter(|item| item.rule == rule.id).collect();
        let worst = items.iter().map(|item| item.severity).max().unwrap_or(rule.severity);
        let wide = self.shape == Shape::Wide;
        // A column that says nothing is none.
        let (namespaces, keys) =
            (items.iter().any(|item| item.object.namespace.is_some()), items.iter().any(|item| item.key.is_some()));
        let several = items.iter().any(|item| item.severity != worst);
        let mut header = Vec::new();
        let columns = [
            (namespaces, "NAMESPACE"),
            (true, "OBJECT"),
            (keys, "KEY"),
            (several, "SEVERITY"),
            (true, "SEEN"),
            (wide, "COMMAND"),
        ];
        header.extend(columns.iter().filter(|(shown, _)| *shown).map(|(_, name)| *name));
        let row = |item: &&FindingView| {
            let [namespace, object, key, seen] = item.cells();
            let severity = Cell::new(item.severity.word(), look_of(item.severity));
            let command = Cell::new(item.command.as_str(), Look::Faint);
            let cells = [namespace, object, key, severity, seen, command];
            cells.into_iter().zip(columns).filter(|(_, (shown, _))| *shown).map(|(cell, _)| cell).collect()
        };
        let title = vec![
            Cell::new(worst.word(), look_of(worst)),
            Cell::new(rule.id, Look::Strong),
            Cell::new(rule.finds, Look::Plain),
        ];
        Section { title, header, rows: items.iter().map(row).collect() }
    }

    /// What to do about what a rule has found.
    fn advice(&self, rule: &RuleView) -> Section {
        let first = self.items.iter().find(|item| item.rule == rule.id);
        let example = first.map(|item| item.command.as_str()).unwrap_or_default();
        let row = |name: &str, text: &str| vec![Cell::new(name, Look::Faint), Cell::new(text, Look::Plain)];
        let rows = vec![row("why", rule.why), row("mend", rule.mend), row("type", example)];
        Section { title: Vec::new(), header: Vec::new(), rows }
    }
}

fn look_of(severity: Severity) -> Look {
    match severity {
        Severity::High => Look::Warning,
        Severity::Medium => Look::Plain,
        Severity::Low => Look::Faint,
    }
}

impl FindingView {
    fn of(finding: Finding) -> Self {
        let Finding { rule, severity, object, key, seen, command } = finding;
        Self { rule: rule.id, severity, object, key, seen, command }
    }

    fn cells(&self) -> [Cell; 4] {
        let key = self.key.as_ref().map(KeyName::as_str).unwrap_or_default();
        [
            Cell::new(self.object.namespace.clone().unwrap_or_default(), Look::Plain),
            Cell::new(self.object.shown(), Look::Strong),
            Cell::new(key, Look::Plain),
            Cell::new(self.seen.as_str(), Look::Plain),
        ]
    }
}

impl RuleView {
    fn of(rule: &Rule) -> Self {
        let Rule { id, severity, finds, why, mend, .. } = *rule;
        Self { id, severity, finds, why, mend, findings: 0, undecided: 0, unknown: None }
    }
}

impl Report for SecretAudit {
    const KIND: &'static str = "SecretAudit";

    fn summary(&self) -> Vec<String> {
        Vec::new()
    }

    fn table(&self) -> Table {
        if self.shape == Shape::Flat {
            return Table { sections: vec![self.flat()] };
        }
        let mut rules: Vec<&RuleView> = self.rules.iter().filter(|rule| rule.findings > 0).collect();
        let worst = |rule: &&RuleView| {
            let of_rule = self.items.iter().filter(|item| item.rule == rule.id);
            std::cmp::Reverse(of_rule.map(|item| item.severity).max())
        };
        rules.sort_by_key(worst);
        let sections = rules.iter().flat_map(|rule| [self.section(rule), self.advice(rule)]).collect();
        Table { sections }
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.items.iter().map(|item| item.object.shown()).collect();
        names.sort();
        names.dedup();
        names
    }
}
