//! The parts of a page that are short: numbers, lists, the histogram, the rules.

use std::fmt::{self, Formatter};

use crate::output::escape::Html;

use super::{Card, Histogram, Tile};

pub(super) fn tiles(tiles: &[Tile], f: &mut Formatter<'_>) -> fmt::Result {
    writeln!(f, "<ul class=\"tiles\">")?;
    for Tile { count, what, tone } in tiles {
        let (tone, count, what) = (tone.word(), grouped(*count), Html(what));
        writeln!(f, "<li class=\"{tone}\"><strong>{count}</strong> {what}</li>")?;
    }
    writeln!(f, "</ul>")
}

/// Writes a list with its heading; nothing, where there is nothing to say.
pub(super) fn list(id: &str, heading: &str, lines: &[String], f: &mut Formatter<'_>) -> fmt::Result {
    if lines.is_empty() {
        return Ok(());
    }
    writeln!(f, "<section aria-labelledby=\"{id}\">\n<h2 id=\"{id}\">{heading}</h2>\n<ul>")?;
    for line in lines {
        writeln!(f, "<li>{}</li>", Html(line))?;
    }
    writeln!(f, "</ul>\n</section>")
}

/// Writes the histogram as a table whose bars are for the eye, and whose numbers are for everybody.
pub(super) fn histogram(ages: &Histogram, f: &mut Formatter<'_>) -> fmt::Result {
    let most = ages.bars.iter().map(|(_, exact, bound)| exact + bound).max().unwrap_or(0).max(1);
    writeln!(f, "<section aria-labelledby=\"ages\">\n<h2 id=\"ages\">Age of the oldest key of each Secret</h2>")?;
    writeln!(f, "<table class=\"ages\">\n<caption>Without Helm's releases and what rotations keep. ")?;
    for (class, text) in [("exact", "so old, by our own record;"), ("bound", "at least so old, by managedFields")] {
        write!(f, "<svg class=\"key\" viewBox=\"0 0 12 12\" aria-hidden=\"true\"><rect class=\"{class}\" ")?;
        writeln!(f, "width=\"12\" height=\"12\"/></svg> {text}")?;
    }
    writeln!(f, "</caption>\n<thead><tr><th scope=\"col\">Age</th><th scope=\"col\" class=\"number\">So old</th>")?;
    writeln!(f, "<th scope=\"col\" class=\"number\">At least</th><td class=\"bars\"></td></tr></thead>\n<tbody>")?;
    for (label, exact, bound) in &ages.bars {
        let numbers = (grouped(*exact), grouped(*bound));
        write!(f, "<tr><th scope=\"row\">{}</th><td class=\"number\">{}</td>", Html(label), numbers.0)?;
        write!(f, "<td class=\"number\">{}</td><td class=\"bars\"><svg aria-hidden=\"true\">", numbers.1)?;
        let (solid, open) = (percent(*exact, most), percent(*bound, most));
        write!(f, "<rect class=\"exact\" width=\"{solid}%\" height=\"100%\"/>")?;
        if *bound > 0 {
            write!(f, "<rect class=\"bound\" x=\"{solid}%\" width=\"{open}%\" height=\"100%\"/>")?;
        }
        writeln!(f, "</svg></td></tr>")?;
    }
    if ages.unknown > 0 {
        let unknown = grouped(ages.unknown);
        write!(f, "<tr><th scope=\"row\">not known</th><td></td><td class=\"number\">{unknown}</td>")?;
        writeln!(f, "<td class=\"bars\"></td></tr>")?;
    }
    writeln!(f, "</tbody>\n</table>\n</section>")
}

/// Writes what each rule is about. A link from each finding leads here.
pub(super) fn rules(rules: &[Card<'_>], f: &mut Formatter<'_>) -> fmt::Result {
    if rules.is_empty() {
        return Ok(());
    }
    writeln!(f, "<section aria-labelledby=\"rules\">\n<h2 id=\"rules\">Rules</h2>\n<div class=\"rules\">")?;
    for Card { id, tone, findings, finds, more } in rules {
        let (id, tone, findings) = (Html(id), tone.word(), grouped(*findings));
        writeln!(f, "<article id=\"rule-{id}\">\n<h3>{id} <span class=\"mark {tone}\">{tone} at worst</span></h3>")?;
        writeln!(f, "<p>{}</p>\n<dl>\n<dt>Findings</dt><dd>{findings}</dd>", Html(finds))?;
        for (word, text) in more {
            writeln!(f, "<dt>{}</dt><dd>{}</dd>", Html(word), Html(text))?;
        }
        writeln!(f, "</dl>\n</article>")?;
    }
    writeln!(f, "</div>\n</section>")
}

/// Returns a number with a comma between thousands.
pub(super) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Returns a share in percent, with one digit behind the point.
fn percent(part: usize, whole: usize) -> String {
    let permille = part.saturating_mul(1000) / whole.max(1);
    format!("{}.{}", permille / 10, permille % 10)
}
