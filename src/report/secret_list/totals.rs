//! `SecretListSummary`: a list in numbers, counted page by page.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::output::{Cell, Look, Report, Section, Table};
use crate::plan::ages::{AgeRange, Ages};
use crate::plan::findings::{Asked, Finding};

use super::super::API_VERSION;
use super::ListTail;
use super::due::DueState;
use super::item::SecretSummary;

/// How long the longest bar is.
const LONGEST_BAR: usize = 40;
/// How many types a table shows.
const MOST_TYPES: usize = 20;

/// A list of Secrets in numbers.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SecretListSummary {
    #[schemars(extend("const" = API_VERSION))]
    api_version: &'static str,
    #[schemars(extend("const" = SecretListSummary::KIND))]
    kind: &'static str,
    /// How many Secrets there are.
    secrets: usize,
    /// How many keys they have.
    keys: usize,
    /// How many Secrets of each type, the most frequent first.
    types: Vec<TypeCount>,
    /// Those that this program has written, or that a tool which is known looks after.
    managed: usize,
    /// The others.
    unmanaged: usize,
    /// Those with a policy, by how they stand to it.
    policies: PolicyCounts,
    /// By `--stale`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Counts")]
    stale: Option<Counts>,
    /// By `--expiring`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Counts")]
    expiring: Option<Counts>,
    #[serde(flatten)]
    ages: Ages,
    #[serde(flatten)]
    tail: Option<ListTail>,
    #[serde(skip)]
    by_type: BTreeMap<String, usize>,
}

/// Secrets of one type.
#[derive(Debug, Serialize, JsonSchema)]
struct TypeCount {
    /// The type.
    #[serde(rename = "type")]
    secret_type: String,
    /// How many.
    secrets: usize,
}

/// Secrets with a policy.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct PolicyCounts {
    /// A key is too old.
    due: usize,
    /// A key may be too old.
    undecided: usize,
    /// No key is too old, or none of them is there.
    not_due: usize,
    /// What stands there is no policy.
    unreadable: usize,
}

/// What was found of one kind.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Counts {
    /// The limit.
    limit: String,
    /// How many Secrets are past it.
    found: usize,
    /// How many may be.
    undecided: usize,
}

impl SecretListSummary {
    /// Starts with nothing.
    pub(crate) fn new(asked: &Asked) -> Self {
        let counts = |limit: &Option<crate::plan::span::Span>| {
            limit.as_ref().map(|limit| Counts { limit: limit.to_string(), found: 0, undecided: 0 })
        };
        Self {
            api_version: API_VERSION,
            kind: Self::KIND,
            secrets: 0,
            keys: 0,
            types: Vec::new(),
            managed: 0,
            unmanaged: 0,
            policies: PolicyCounts::default(),
            stale: counts(&asked.stale),
            expiring: counts(&asked.expiring),
            ages: Ages::new(),
            tail: None,
            by_type: BTreeMap::new(),
        }
    }

    /// Counts one Secret.
    pub(crate) fn add(&mut self, item: &SecretSummary) {
        self.secrets += 1;
        self.keys += item.key_count;
        *self.by_type.entry(item.secret_type.clone()).or_default() += 1;
        *(if item.is_managed() { &mut self.managed } else { &mut self.unmanaged }) += 1;
        if let Some(due) = &item.due {
            *(match due.state {
                DueState::Due => &mut self.policies.due,
                DueState::Undecided => &mut self.policies.undecided,
                DueState::NotDue | DueState::Absent => &mut self.policies.not_due,
                DueState::Unreadable => &mut self.policies.unreadable,
            }) += 1;
        }
        for (finding, counts) in [(Finding::Stale, &mut self.stale), (Finding::Expiring, &mut self.expiring)] {
            if let Some(counts) = counts {
                counts.found += usize::from(item.findings().contains(&finding));
                counts.undecided += usize::from(item.undecided().contains(&finding));
            }
        }
        self.add_age(item);
    }

    fn add_age(&mut self, item: &SecretSummary) {
        if item.key_count == 0 {
            return;
        }
        let oldest = item.oldest_key.as_ref().map(|key| (&key.changed_at, key.may_be_older));
        self.ages.add(oldest, item.now);
    }

    /// Adds what is not counted.
    pub(crate) fn ended(self, tail: ListTail) -> Self {
        let counted = self.by_type.into_iter().map(|(secret_type, secrets)| TypeCount { secret_type, secrets });
        let mut types: Vec<TypeCount> = counted.collect();
        types.sort_by_key(|counted| std::cmp::Reverse(counted.secrets));
        Self { tail: Some(tail), types, by_type: BTreeMap::new(), ..self }
    }

    fn types(&self) -> Section {
        let types = &self.types;
        let row = |counted: &TypeCount| vec![strong(&counted.secret_type), number(counted.secrets)];
        let mut rows: Vec<Vec<Cell>> = types.iter().take(MOST_TYPES).map(row).collect();
        if types.len() > MOST_TYPES {
            let others = types.iter().skip(MOST_TYPES).map(|counted| counted.secrets).sum();
            rows.push(vec![
                Cell::new(format!("{} other types", types.len() - MOST_TYPES), Look::Faint),
                number(others),
            ]);
        }
        rows.push(vec![Cell::new("all", Look::Faint), number(self.secrets)]);
        Section { title: Vec::new(), header: vec!["TYPE", "SECRETS"], rows }
    }

    fn states(&self) -> Section {
        let row = |what: String, count: usize, warn: bool| {
            let look = if warn && count > 0 { Look::Warning } else { Look::Plain };
            vec![Cell::new(what, Look::Plain), Cell::new(count.to_string(), look)]
        };
        let policies = &self.policies;
        let mut rows = vec![
            row("managed".into(), self.managed, false),
            row("unmanaged".into(), self.unmanaged, false),
            row("with a policy: due".into(), policies.due, true),
            row("with a policy: undecided".into(), policies.undecided, false),
            row("with a policy: not due".into(), policies.not_due, false),
        ];
        if policies.unreadable > 0 {
            rows.push(row("with a policy that cannot be read".into(), policies.unreadable, true));
        }
        for (what, counts) in [("a key older than", &self.stale), ("a certificate that expires within", &self.expiring)]
        {
            if let Some(Counts { limit, found, undecided }) = counts {
                rows.push(row(format!("{what} {limit}"), *found, true));
                rows.push(row(format!("{what} {limit}: undecided"), *undecided, false));
            }
        }
        Section { title: Vec::new(), header: vec!["STATE", "SECRETS"], rows }
    }

    fn histogram(&self) -> Section {
        let most = self.ages.most().max(1);
        let length = |count: usize| (count * LONGEST_BAR).div_ceil(most);
        let mut rows: Vec<Vec<Cell>> = self
            .ages
            .ranges
            .iter()
            .map(|range: &AgeRange| {
                let (exact, all) = (length(range.exact), length(range.exact + range.at_least));
                let bar = format!("{}{}", "█".repeat(exact), "░".repeat(all.saturating_sub(exact)));
                let counts = [range.exact, range.at_least].map(number);
                [strong(&range.label())].into_iter().chain(counts).chain([Cell::new(bar, Look::Faint)]).collect()
            })
            .collect();
        if self.ages.unknown > 0 {
            rows.push(vec![Cell::new("not known", Look::Faint), Cell::default(), number(self.ages.unknown)]);
        }
        Section { title: Vec::new(), header: vec!["OLDEST KEY", "SO OLD", "AT LEAST SO OLD", ""], rows }
    }
}

fn strong(text: &str) -> Cell {
    Cell::new(text, Look::Strong)
}

fn number(count: usize) -> Cell {
    Cell::new(count.to_string(), Look::Plain)
}

impl Report for SecretListSummary {
    const KIND: &'static str = "SecretListSummary";

    fn summary(&self) -> Vec<String> {
        Vec::new()
    }

    fn table(&self) -> Table {
        Table { sections: vec![self.types(), self.states(), self.histogram()] }
    }

    fn names(&self) -> Vec<String> {
        Vec::new()
    }
}
