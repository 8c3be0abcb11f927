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
    fn ordinary_text_is_kept() {
        assert_eq!(Terminal("Zürich 東京 `x`").to_string(), "Zürich 東京 `x`");
    }

    #[test]
    fn long_text_is_cut() {
        assert_eq!(Terminal(&"a".repeat(5000)).to_string().chars().count(), MAX_SHOWN + 1);
        assert_eq!(InFull(&"a\n".repeat(5000)).to_string().len(), 5 * 5000 + 5000);
    }
}
