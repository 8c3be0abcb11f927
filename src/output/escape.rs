//! Makes free text harmless for a terminal (requirement S11).
//!
//! Names of managers, labels, subjects of certificates and user names are chosen by others. A control
//! or ANSI sequence in them could rewrite what the user sees; a bidirectional override could reverse it.

use std::fmt::{self, Write};

/// Longest text that is shown whole.
const MAX_SHOWN: usize = 512;

/// Text for a terminal: control characters and bidirectional overrides are shown as escapes.
pub(crate) struct Terminal<'a>(pub(crate) &'a str);

impl fmt::Display for Terminal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (shown, character) in self.0.chars().enumerate() {
            if shown == MAX_SHOWN {
                return f.write_char('…');
            }
            shown_as(character, f)?;
        }
        Ok(())
    }
}

/// The same, however long it is: for text of ours that is useless without its end.
pub(crate) struct InFull<'a>(pub(crate) &'a str);

impl fmt::Display for InFull<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|character| shown_as(character, f))
    }
}

/// Text for a cell of CSV: what spreadsheets take for a formula begins with `'`, what acts on a terminal is an escape,
/// and what could be taken for the end of a cell is in quotes.
pub(crate) struct Csv<'a>(pub(crate) &'a str);

impl fmt::Display for Csv<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The full-width forms are formulas to some spreadsheets as well.
        let formula = self.0.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
        let text = format!("{}{}", if formula { "'" } else { "" }, InFull(self.0));
        // Some spreadsheets divide at `;`.
        if text.contains([',', ';', '"']) {
            return write!(f, "\"{}\"", text.replace('"', "\"\""));
        }
        f.write_str(&text)
    }
}

/// Text of HTML, and of an attribute in quotes: no character of it begins or ends anything, and what hides or turns text
/// around is an escape, as on a terminal.
pub(crate) struct Html<'a>(pub(crate) &'a str);

impl fmt::Display for Html<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|character| match character {
            '&' => f.write_str("&amp;"),
            '<' => f.write_str("&lt;"),
            '>' => f.write_str("&gt;"),
            '"' => f.write_str("&quot;"),
            '\'' => f.write_str("&#39;"),
            _ => shown_as(character, f),
        })
    }
}

/// A JSON document inside of a `<script>`, whose end, or comment, nothing in it can write. Outside of strings JSON has none of
/// these characters, and in strings an escape is the same.
pub(crate) struct JsonInScript<'a>(pub(crate) &'a str);

impl fmt::Display for JsonInScript<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|character| {
            if !matches!(character, '<' | '>' | '&') && !is_harmful(character) {
                return f.write_char(character);
            }
            character.encode_utf16(&mut [0; 2]).iter().try_for_each(|unit| write!(f, "\\u{unit:04x}"))
        })
    }
}

fn shown_as(character: char, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if is_harmful(character) { write!(f, "\\u{{{:x}}}", u32::from(character)) } else { f.write_char(character) }
}

/// Tells characters that act on the terminal instead of being shown, or hide.
pub(super) fn is_harmful(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{00ad}' | '\u{061c}' | '\u{180e}' | '\u{feff}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_on_a_terminal_is_shown_as_an_escape() {
        let shown = Terminal("a\u{1b}[31mred\u{7}\r\n\u{202e}evil\u{9b}2J").to_string();
        assert_eq!(shown, "a\\u{1b}[31mred\\u{7}\\u{d}\\u{a}\\u{202e}evil\\u{9b}2J");
    }

    #[test]
    fn no_cell_is_a_formula_or_ends_early() {
        for (text, cell) in [
            ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(1,2)", "\"'@SUM(1,2)\""),
            ("\t=1", "'\\u{9}=1"),
            ("\r=1", "'\\u{d}=1"),
            ("＝1", "'＝1"),
            ("a;=1", "\"a;=1\""),
            ("a\"\n\"=1", "\"a\"\"\\u{a}\"\"=1\""),
            ("plain text", "plain text"),
            ("", ""),
        ] {
            assert_eq!(Csv(text).to_string(), cell, "{text}");
        }
    }

    /// What a browser makes of the text of an element or attribute.
    fn read(html: &str) -> String {
        let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
        entities.iter().fold(html.to_owned(), |text, (entity, character)| text.replace(entity, character))
    }

    #[test]
    fn no_text_ends_an_attribute_or_begins_an_element() {
        for (text, html) in [
            ("\"><script>alert(1)</script>", "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"),
            ("' onclick=alert(1) '", "&#39; onclick=alert(1) &#39;"),
            ("&lt;", "&amp;lt;"),
            ("a\0b\nc\u{202e}d", "a\\u{0}b\\u{a}c\\u{202e}d"),
            ("Zürich 東京", "Zürich 東京"),
        ] {
            assert_eq!(Html(text).to_string(), html);
        }
    }

    proptest::proptest! {
        #[test]
        fn html_reads_back_as_what_a_terminal_would_show(text in "\\PC{0,40}|[<>&\"'a;#\\x00-\\x1f]{0,40}") {
            let html = Html(&text).to_string();
            let harmful = html.contains(['<', '>', '"', '\'', '\0', '\n']);
            proptest::prop_assert!(!harmful);
            proptest::prop_assert_eq!(read(&html), InFull(&text).to_string());
        }

        #[test]
        fn json_in_a_script_is_the_same_json(text in "(</script|<!--|]]>|&|\u{2028}|\u{2029}|\u{e0001}|\\PC){0,20}") {
            let document = serde_json::json!({"key": text, &text: [1, -2.5e-3]});
            let written = JsonInScript(&document.to_string()).to_string();
            let harmful = written.contains(['<', '>', '&', '\u{2028}', '\u{2029}']);
            proptest::prop_assert!(!harmful);
            proptest::prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&written).unwrap(), document);
        }
    }

    #[test]
    fn ordinary_text_is_kept() {
        assert_eq!(Terminal("Zürich 東京 `x`").to_string(), "Zürich 東京 `x`");
    }

    #[test]
    fn long_text_is_cut() {
        assert_eq!(Terminal(&"a".repeat(5000)).to_string().chars().count(), MAX_SHOWN + 1);
        assert_eq!(InFull(&"a\n".repeat(5000)).to_string().len(), 5 * 5000 + 5000);
    }
}
