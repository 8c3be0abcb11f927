//! Findings by namespace and rule; each number leads to its findings.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::{self, Formatter};

use crate::output::escape::Html;

use super::parts::grouped;
use super::{Card, Row, Tone};

/// How many namespaces have a row of their own.
const MOST_NAMESPACES: usize = 200;

/// Findings of one rule, in one namespace or in all.
#[derive(Debug, Clone, Copy)]
pub(super) struct Count {
    findings: usize,
    /// How bad the worst of them is.
    worst: Tone,
    /// The first of them.
    first: usize,
}

/// Findings, counted.
#[derive(Debug)]
pub(super) struct Matrix<'a> {
    /// Rules with findings, in the order of the rules.
    pub(super) rules: Vec<(&'a str, Count)>,
    /// Namespaces with findings, the worst first, and how many each has.
    pub(super) namespaces: Vec<(&'a str, usize)>,
    counts: BTreeMap<(&'a str, &'a str), Count>,
}

impl Count {
    fn add(found: Option<Self>, worst: Tone, first: usize) -> Self {
        let found = found.unwrap_or(Self { findings: 0, worst, first });
        Self { findings: found.findings + 1, worst: found.worst.max(worst), first: found.first }
    }

    /// Returns how many there are.
    pub(super) fn findings(&self) -> usize {
        self.findings
    }
}

impl<'a> Matrix<'a> {
    pub(super) fn of(rows: &'a [Row<'a>], cards: &[Card<'a>]) -> Self {
        let mut counts: BTreeMap<(&str, &str), Count> = BTreeMap::new();
        let mut rules: BTreeMap<&str, Count> = BTreeMap::new();
        let mut namespaces: BTreeMap<&str, [usize; 4]> = BTreeMap::new();
        for (index, row) in rows.iter().enumerate() {
            let place = (row.namespace(), row.rule);
            counts.insert(place, Count::add(counts.get(&place).copied(), row.tone, index));
            rules.insert(row.rule, Count::add(rules.get(row.rule).copied(), row.tone, index));
            let [high, medium, low, plain] = namespaces.entry(row.namespace()).or_default();
            *(match row.tone {
                Tone::High => high,
                Tone::Medium => medium,
                Tone::Low => low,
                Tone::Plain => plain,
            }) += 1;
        }
        let mut namespaces: Vec<(&str, [usize; 4])> = namespaces.into_iter().collect();
        namespaces.sort_by_key(|(_, found)| Reverse(*found));
        Self {
            rules: cards.iter().filter_map(|card| Some((card.id, *rules.get(card.id)?))).collect(),
            namespaces: namespaces.into_iter().map(|(name, found)| (name, found.iter().sum())).collect(),
            counts,
        }
    }

    /// Tells whether a number leads to this finding.
    pub(super) fn leads_to(&self, row: &Row<'_>, index: usize) -> bool {
        self.counts.get(&(row.namespace(), row.rule)).is_some_and(|count| count.first == index)
    }

    pub(super) fn write(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.rules.is_empty() {
            return Ok(());
        }
        writeln!(f, "<section aria-labelledby=\"matrix\">\n<h2 id=\"matrix\">Findings by namespace and rule</h2>")?;
        writeln!(f, "<div class=\"wide\" role=\"region\" aria-labelledby=\"matrix\" tabindex=\"0\">")?;
        writeln!(f, "<table class=\"matrix\">\n<caption>Each number leads to its findings.</caption>")?;
        write!(f, "<thead><tr><th scope=\"col\">Namespace</th>")?;
        for (rule, _) in &self.rules {
            write!(f, "<th scope=\"col\" class=\"number\"><span>{}</span></th>", Html(rule))?;
        }
        writeln!(f, "<th scope=\"col\" class=\"number\"><span>all</span></th></tr></thead>\n<tbody>")?;
        let (own, others) = self.namespaces.split_at(self.namespaces.len().min(MOST_NAMESPACES));
        for (namespace, all) in own {
            write!(f, "<tr><th scope=\"row\">{}</th>", Html(namespace))?;
            for (rule, _) in &self.rules {
                match self.counts.get(&(*namespace, *rule)) {
                    None => write!(f, "<td></td>")?,
                    Some(count) => count.write(rule, Some(namespace), f)?,
                }
            }
            writeln!(f, "<td>{}</td></tr>", grouped(*all))?;
        }
        if !others.is_empty() {
            let found = others.iter().map(|(_, found)| found).sum();
            let (others, width) = (grouped(others.len()), self.rules.len());
            write!(f, "<tr><th scope=\"row\">{others} other namespaces</th><td colspan=\"{width}\"></td>")?;
            writeln!(f, "<td>{}</td></tr>", grouped(found))?;
        }
        write!(f, "</tbody>\n<tfoot><tr><th scope=\"row\">all</th>")?;
        for (rule, count) in &self.rules {
            count.write(rule, None, f)?;
        }
        let all = self.namespaces.iter().map(|(_, found)| found).sum();
        writeln!(f, "<td>{}</td></tr></tfoot>\n</table>\n</div>\n</section>", grouped(all))
    }
}

impl Count {
    /// Writes the number as a link: to the first finding, and, with the script, to all of them.
    fn write(&self, rule: &str, namespace: Option<&str>, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { findings, worst, first } = self;
        write!(f, "<td><a class=\"{}\" href=\"#f{first}\" data-rule=\"{}\"", worst.word(), Html(rule))?;
        if let Some(namespace) = namespace {
            write!(f, " data-namespace=\"{}\"", Html(namespace))?;
        }
        write!(f, ">{}</a></td>", grouped(*findings))
    }
}
