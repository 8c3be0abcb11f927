//! Turns the bytes that a terminal sends into one hidden answer: a state machine without I/O.
//!
//! It knows backspace, the marks around a paste, and the end of an answer; it refuses every other
//! control byte, because a value that silently lost or gained one would lock somebody out.

use zeroize::Zeroizing;

/// Longest answer: what fits into a Secret.
const MOST: usize = crate::sources::MAX_VALUE;

const PASTE_START: &[u8] = b"[200~";
const PASTE_END: &[u8] = b"[201~";

const CTRL_D: u8 = 0x04;
const BACKSPACE: u8 = 0x08;
const CTRL_U: u8 = 0x15;
const ESCAPE: u8 = 0x1b;
const DELETE: u8 = 0x7f;

/// How many lines an answer has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lines {
    /// One; Enter ends it.
    One,
    /// Any number; Ctrl-D ends it.
    Many,
}

/// What the next byte did.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// More is wanted.
    More,
    /// The answer is complete.
    Done,
    /// It cannot be accepted.
    Refused(Refused),
}

/// Why an answer cannot be accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// Several lines came where one was asked for.
    SeveralLines,
    /// A control byte other than those that edit.
    Control,
    /// More than fits into a Secret.
    TooLong,
    /// Ctrl-D before anything was typed.
    Nothing,
}

/// An answer in the making.
pub(super) struct Editor {
    lines: Lines,
    text: Zeroizing<Vec<u8>>,
    /// What followed an escape so far, if one was seen.
    escape: Option<Vec<u8>>,
    pasting: bool,
}

impl Editor {
    pub(super) fn new(lines: Lines) -> Self {
        Self { lines, text: Zeroizing::new(Vec::with_capacity(4096)), escape: None, pasting: false }
    }

    /// Takes the answer.
    pub(super) fn finish(mut self) -> Zeroizing<Vec<u8>> {
        std::mem::take(&mut self.text)
    }

    /// Tells whether the answer ended inside of a paste, so that its end mark is still to come.
    pub(super) fn is_pasting(&self) -> bool {
        self.pasting
    }

    /// Takes the next byte from the terminal.
    pub(super) fn push(&mut self, byte: u8) -> Step {
        if self.escape.is_some() {
            return self.push_escape(byte);
        }
        match byte {
            ESCAPE => {
                self.escape = Some(Vec::new());
                Step::More
            }
            b'\n' | b'\r' => self.push_newline(),
            CTRL_D if !self.pasting => self.end(),
            DELETE | BACKSPACE if !self.pasting => {
                self.erase();
                Step::More
            }
            CTRL_U if !self.pasting => {
                self.text.clear();
                Step::More
            }
            b'\t' => self.push_text(byte),
            control if control < 0x20 || control == DELETE => Step::Refused(Refused::Control),
            text => self.push_text(text),
        }
    }

    fn push_text(&mut self, byte: u8) -> Step {
        if self.text.len() >= MOST {
            return Step::Refused(Refused::TooLong);
        }
        self.text.push(byte);
        Step::More
    }

    fn push_newline(&mut self) -> Step {
        match self.lines {
            Lines::Many => self.push_text(b'\n'),
            Lines::One => Step::Done,
        }
    }

    /// Ctrl-D ends an answer of many lines; of one line it means that there is none.
    fn end(&mut self) -> Step {
        match self.lines {
            Lines::Many if !self.text.is_empty() => Step::Done,
            _ => Step::Refused(Refused::Nothing),
        }
    }

    /// Removes the last character, which may have several bytes.
    fn erase(&mut self) {
        while let Some(byte) = self.text.pop() {
            if byte & 0xc0 != 0x80 {
                break;
            }
        }
    }

    /// Accepts the marks around a paste, and no other escape sequence: arrow keys would become text.
    fn push_escape(&mut self, byte: u8) -> Step {
        let Some(seen) = &mut self.escape else { return Step::More };
        seen.push(byte);
        let mark = if self.pasting { PASTE_END } else { PASTE_START };
        if seen.as_slice() == mark {
            self.pasting = !self.pasting;
            self.escape = None;
            return Step::More;
        }
        if mark.starts_with(seen) { Step::More } else { Step::Refused(Refused::Control) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn type_in(lines: Lines, bytes: &[u8]) -> (Vec<u8>, Step, usize) {
        let mut editor = Editor::new(lines);
        for (index, byte) in bytes.iter().enumerate() {
            match editor.push(*byte) {
                Step::More => {}
                step => return (editor.finish().to_vec(), step, index + 1),
            }
        }
        (editor.finish().to_vec(), Step::More, bytes.len())
    }

    fn one(bytes: &[u8]) -> (Vec<u8>, Step) {
        let (text, step, _) = type_in(Lines::One, bytes);
        (text, step)
    }

    #[test]
    fn editing_keys() {
        assert_eq!(one("aé\u{7f}b\n".as_bytes()), (b"ab".to_vec(), Step::Done));
        assert_eq!(one(b"wrong\x15right\r"), (b"right".to_vec(), Step::Done));
        assert_eq!(one(b"\x7f\x7fa\n"), (b"a".to_vec(), Step::Done));
        assert_eq!(one(b"\x04").1, Step::Refused(Refused::Nothing));
        for control in [b"a\x01".as_slice(), b"a\x1b[A", b"a\x1bOP", b"\x1b[200~a\x1b[A", b"a\0", b"\x1b[201~"] {
            assert_eq!(one(control).1, Step::Refused(Refused::Control), "{control:?}");
        }
    }

    #[test]
    fn a_paste_is_taken_without_its_marks() {
        assert_eq!(one(b"\x1b[200~abc\x1b[201~\n"), (b"abc".to_vec(), Step::Done));
        assert_eq!(type_in(Lines::Many, b"\x1b[200~a\r\nb\x1b[201~\n\x04").0, b"a\n\nb\n");
    }

    #[test]
    fn many_lines_end_with_ctrl_d() {
        assert_eq!(type_in(Lines::Many, b"a\nb\n\x04"), (b"a\nb\n".to_vec(), Step::Done, 5));
        assert_eq!(type_in(Lines::Many, b"\x04").1, Step::Refused(Refused::Nothing));
    }

    #[test]
    fn the_limit_is_kept() {
        let long = vec![b'x'; MOST + 1];
        assert_eq!(one(&long).1, Step::Refused(Refused::TooLong));
        let mut fits = vec![b'x'; MOST];
        fits.push(b'\n');
        assert_eq!(one(&fits), (vec![b'x'; MOST], Step::Done));
    }

    proptest! {
        #[test]
        fn text_comes_out_as_it_went_in(text in "[^\\p{Cc}]{0,60}", paste: bool) {
            let typed = if paste { format!("\u{1b}[200~{text}\u{1b}[201~\n") } else { format!("{text}\n") };
            prop_assert_eq!(one(typed.as_bytes()), (text.into_bytes(), Step::Done));
        }

        #[test]
        fn bytes_that_are_no_text_are_kept(bytes in prop::collection::vec(0x80_u8.., 0..60)) {
            let mut typed = bytes.clone();
            typed.push(b'\n');
            prop_assert_eq!(one(&typed), (bytes, Step::Done));
        }
    }
}
