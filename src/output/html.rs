//! One page that needs nothing else: for people without a terminal, and for paper.
//!
//! Its policy lets nothing in and nothing out: no request, no form, and of style and script only these two, by their hash.
//! All text goes through `Html` or `JsonInScript`. The page is complete without the script, which only filters and sorts.

use std::fmt::{self, Display, Formatter};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::escape::Html;

mod findings;
mod matrix;
mod parts;

const STYLE: &str = include_str!("html/page.css");
const SCRIPT: &str = include_str!("html/page.js");

/// How bad something is, as it looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Tone {
    /// Not bad.
    Plain,
    /// Blue.
    Low,
    /// Brown.
    Medium,
    /// Red.
    High,
}

/// What a page says.
#[derive(Debug)]
pub(crate) struct Page<'a> {
    /// Its heading.
    pub(crate) title: &'static str,
    /// What was looked at, when, and by what: a line each.
    pub(crate) about: Vec<String>,
    /// The numbers at its top.
    pub(crate) tiles: Vec<Tile>,
    /// What could not be looked at.
    pub(crate) missing: Vec<String>,
    /// What is worth knowing beside the findings.
    pub(crate) remarks: Vec<String>,
    /// The histogram.
    pub(crate) ages: Histogram,
    /// The findings, in their order.
    pub(crate) findings: Vec<Row<'a>>,
    /// The rules.
    pub(crate) rules: Vec<Card<'a>>,
}

/// A number.
#[derive(Debug)]
pub(crate) struct Tile {
    /// The number.
    pub(crate) count: usize,
    /// What is counted.
    pub(crate) what: &'static str,
    /// How it looks.
    pub(crate) tone: Tone,
}

/// Secrets by the age of their oldest key.
#[derive(Debug)]
pub(crate) struct Histogram {
    /// One for each range: its name, how many are so old, how many are at least so old.
    pub(crate) bars: Vec<(String, usize, usize)>,
    /// Those of which nothing is known.
    pub(crate) unknown: usize,
}

/// A finding.
#[derive(Debug)]
pub(crate) struct Row<'a> {
    /// How bad it is.
    pub(crate) tone: Tone,
    /// Its rule.
    pub(crate) rule: &'a str,
    /// The namespace of the object, if it has one.
    pub(crate) namespace: Option<&'a str>,
    /// The object.
    pub(crate) object: String,
    /// The key; empty where it is about none.
    pub(crate) key: &'a str,
    /// How it was seen.
    pub(crate) seen: &'a str,
    /// What to type.
    pub(crate) command: &'a str,
}

/// A rule.
#[derive(Debug)]
pub(crate) struct Card<'a> {
    /// Its name.
    pub(crate) id: &'a str,
    /// How bad it is at worst.
    pub(crate) tone: Tone,
    /// How many findings it has.
    pub(crate) findings: usize,
    /// What it finds.
    pub(crate) finds: &'a str,
    /// More about it: a word and a text each.
    pub(crate) more: Vec<(&'static str, String)>,
}

impl Tone {
    /// Returns the word, which is also the class.
    fn word(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

impl Row<'_> {
    /// Returns the namespace; no namespace has parentheses in its name.
    fn namespace(&self) -> &str {
        self.namespace.unwrap_or("(cluster)")
    }
}

impl Display for Page<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let title = Html(self.title);
        writeln!(f, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">")?;
        writeln!(f, "<meta http-equiv=\"Content-Security-Policy\" content=\"{}\">", Html(&policy()))?;
        writeln!(f, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")?;
        writeln!(f, "<meta name=\"referrer\" content=\"no-referrer\">\n<meta name=\"robots\" content=\"noindex\">")?;
        writeln!(f, "<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>")?;
        writeln!(f, "<a class=\"skip\" href=\"#findings\">To the findings</a>\n<header>\n<h1>{title}</h1>")?;
        for line in &self.about {
            writeln!(f, "<p class=\"faint\">{}</p>", Html(line))?;
        }
        writeln!(f, "</header>\n<main>")?;
        parts::tiles(&self.tiles, f)?;
        writeln!(f, "<div class=\"side\">")?;
        parts::list("missing", "What could not be looked at", &self.missing, f)?;
        parts::list("remarks", "Worth knowing", &self.remarks, f)?;
        writeln!(f, "</div>\n<div class=\"side\">")?;
        parts::histogram(&self.ages, f)?;
        let matrix = matrix::Matrix::of(&self.findings, &self.rules);
        matrix.write(f)?;
        writeln!(f, "</div>")?;
        findings::write(&self.findings, &matrix, f)?;
        parts::rules(&self.rules, f)?;
        writeln!(f, "</main>\n<footer>\n<p>This page names objects and who may read them: keep it private. ")?;
        writeln!(f, "It holds no value of a Secret.</p>\n</footer>\n<script>{SCRIPT}</script>\n</body>\n</html>")
    }
}

/// The page's own style and script, and nothing else. What a browser does not know of it, it leaves out.
fn policy() -> String {
    let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text.as_bytes())));
    format!(
        "default-src 'none'; style-src {}; script-src {}; base-uri 'none'; form-action 'none'; \
         require-trusted-types-for 'script'; trusted-types 'none'",
        hash(STYLE),
        hash(SCRIPT)
    )
}

#[cfg(test)]
mod tests;
