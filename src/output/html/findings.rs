//! The table of findings, and what the script needs to filter it.

use std::fmt::{self, Formatter};

use serde_json::json;

use crate::output::escape::{Html, JsonInScript};

use super::Row;
use super::matrix::Matrix;

/// How many rows are laid out at once where there is a script to show the others; `MOST` of `page.js`.
const AT_ONCE: usize = 500;

const COLUMNS: &[(&str, &str)] = &[
    ("severity", "Severity"),
    ("rule", "Rule"),
    ("namespace", "Namespace"),
    ("object", "Object"),
    ("name", "Key"),
    ("seen", "Seen"),
    ("command", "What to type"),
];

pub(super) fn write(rows: &[Row<'_>], matrix: &Matrix<'_>, f: &mut Formatter<'_>) -> fmt::Result {
    writeln!(f, "<section aria-labelledby=\"findings\">\n<h2 id=\"findings\">Findings</h2>")?;
    if rows.is_empty() {
        return writeln!(f, "<p>Nothing was found.</p>\n</section>");
    }
    filters(f)?;
    writeln!(
        f,
        "<table class=\"findings\" id=\"table\">\n<caption>The worst first, then by rule and object.</caption>"
    )?;
    write!(f, "<thead><tr>")?;
    for (class, name) in COLUMNS {
        write!(f, "<th scope=\"col\" class=\"{class}\">{name}</th>")?;
    }
    writeln!(f, "</tr></thead>")?;
    let (first, waiting) = rows.split_at(rows.len().min(AT_ONCE));
    body("<tbody>", first, 0, matrix, f)?;
    if !waiting.is_empty() {
        body("<tbody class=\"waiting\">", waiting, AT_ONCE, matrix, f)?;
    }
    writeln!(f, "</table>")?;
    let namespaces: Vec<_> = sorted(matrix);
    let rules: Vec<_> = matrix.rules.iter().map(|(rule, count)| (rule, count.findings())).collect();
    let facets = json!({"rules": rules, "namespaces": namespaces}).to_string();
    writeln!(f, "<button type=\"button\" id=\"more\" hidden>Show all</button>")?;
    writeln!(f, "<script type=\"application/json\" id=\"facets\">{}</script>\n</section>", JsonInScript(&facets))
}

fn sorted<'a>(matrix: &'a Matrix<'a>) -> Vec<&'a (&'a str, usize)> {
    let mut namespaces: Vec<_> = matrix.namespaces.iter().collect();
    namespaces.sort();
    namespaces
}

/// Writes the form, which the script shows and fills: without one it would do nothing.
fn filters(f: &mut Formatter<'_>) -> fmt::Result {
    writeln!(f, "<form id=\"filters\" role=\"search\" aria-labelledby=\"findings\" hidden>")?;
    writeln!(
        f,
        "<label class=\"search\">Search <input type=\"search\" name=\"search\" autocomplete=\"off\" spellcheck=\"false\"></label>"
    )?;
    writeln!(f, "<label>Severity <select name=\"severity\"><option value=\"\">all</option>")?;
    for word in ["high", "medium", "low"] {
        writeln!(f, "<option>{word}</option>")?;
    }
    writeln!(f, "</select></label>")?;
    for (name, label) in [("rule", "Rule"), ("namespace", "Namespace")] {
        writeln!(f, "<label>{label} <select name=\"{name}\"><option value=\"\">all</option></select></label>")?;
    }
    writeln!(f, "<button type=\"reset\">Reset</button>\n</form>\n<output id=\"said\" form=\"filters\"></output>")
}

fn body(tag: &str, rows: &[Row<'_>], from: usize, matrix: &Matrix<'_>, f: &mut Formatter<'_>) -> fmt::Result {
    writeln!(f, "{tag}")?;
    for (index, row) in rows.iter().enumerate() {
        let (index, tone) = (from + index, row.tone.word());
        write!(f, "<tr class=\"{tone}\"")?;
        if matrix.leads_to(row, index) {
            write!(f, " id=\"f{index}\"")?;
        }
        let (rule, namespace) = (Html(row.rule), Html(row.namespace()));
        // A long name goes into a line of its own, behind its kind.
        let object = match row.object.split_once('/') {
            Some((kind, name)) => format!("{}/<wbr>{}", Html(kind), Html(name)),
            None => Html(&row.object).to_string(),
        };
        write!(f, "><td><span class=\"mark\">{tone}</span></td><td><a href=\"#rule-{rule}\">{rule}</a></td>")?;
        write!(f, "<td>{namespace}</td><th scope=\"row\">{object}</th><td>{}</td>", Html(row.key))?;
        writeln!(f, "<td>{}</td><td><code>{}</code></td></tr>", Html(row.seen), Html(row.command))?;
    }
    writeln!(f, "</tbody>")
}
