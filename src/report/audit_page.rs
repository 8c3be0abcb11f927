//! An audit as a page for a browser: which of its parts stand where. How they are written is the matter of `output::html`.

use crate::audit::Severity;
use crate::names::KeyName;
use crate::output::html::{Card, Histogram, Page, Row, Tile, Tone};

use super::audit::{FindingView, RuleView, SecretAudit};

/// Makes the page of a report.
pub(crate) fn audit_page(report: &SecretAudit) -> Page<'_> {
    let ages = &report.ages;
    let bars = ages.ranges.iter().map(|range| (range.label(), range.exact, range.at_least));
    Page {
        title: "What is wrong with Secrets",
        about: about(report),
        tiles: tiles(report),
        missing: report.left_out().into_iter().chain(report.missing()).collect(),
        remarks: report.remarks(),
        ages: Histogram { bars: bars.collect(), unknown: ages.unknown },
        findings: report.items.iter().map(row).collect(),
        rules: report.rules.iter().map(card).collect(),
    }
}

fn about(report: &SecretAudit) -> Vec<String> {
    let extent = &report.extent;
    let place = match &extent.namespace {
        Some(namespace) => format!("Namespace {namespace}"),
        None => "All namespaces".to_owned(),
    };
    let values = if extent.deep { "values were looked at as well" } else { "no value was requested" };
    vec![
        format!("{place}, {}; {values}", extent.at),
        format!("kubectl secretsafe audit, version {}", env!("CARGO_PKG_VERSION")),
    ]
}

fn tiles(report: &SecretAudit) -> Vec<Tile> {
    let counts = report.counts;
    let told = |rule: &RuleView| rule.undecided + usize::from(rule.unknown.is_some());
    let extent = &report.extent;
    // Where nobody knows how many namespaces are missing, that is one thing.
    let places = extent.namespaces_left_out.unwrap_or(1) + extent.not_listed.len() + usize::from(extent.inconsistent);
    let untold = report.rules.iter().map(told).sum::<usize>() + places;
    vec![
        Tile { count: counts.high, what: "high", tone: Tone::High },
        Tile { count: counts.medium, what: "medium", tone: Tone::Medium },
        Tile { count: counts.low, what: "low", tone: Tone::Low },
        Tile { count: report.extent.secrets, what: "Secrets looked at", tone: Tone::Plain },
        Tile { count: untold, what: "could not be told", tone: Tone::Plain },
    ]
}

fn row(item: &FindingView) -> Row<'_> {
    Row {
        tone: tone(item.severity),
        rule: item.rule,
        namespace: item.object.namespace.as_deref(),
        object: item.object.shown(),
        key: item.key.as_ref().map(KeyName::as_str).unwrap_or_default(),
        seen: &item.seen,
        command: &item.command,
    }
}

fn card(rule: &RuleView) -> Card<'_> {
    let mut more = vec![("Why it matters", rule.why.to_owned()), ("What mends it", rule.mend.to_owned())];
    if rule.undecided > 0 {
        more.push(("Cannot be told", format!("of {} more", rule.undecided)));
    }
    more.extend(rule.unknown.map(|why| ("Not known", why.to_owned())));
    Card { id: rule.id, tone: tone(rule.severity), findings: rule.findings, finds: rule.finds, more }
}

fn tone(severity: Severity) -> Tone {
    match severity {
        Severity::High => Tone::High,
        Severity::Medium => Tone::Medium,
        Severity::Low => Tone::Low,
    }
}
