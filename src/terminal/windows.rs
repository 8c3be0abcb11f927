//! Reads a hidden answer on Windows, through dialoguer: one line, as the console gives it.

use zeroize::Zeroizing;

use super::editor::{Lines, Refused};

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum AskError {
    /// There is no terminal.
    NoTerminal,
    /// The terminal failed.
    Io(std::io::ErrorKind),
    /// The answer cannot be accepted.
    Refused(Refused),
    /// A signal ended the run.
    Interrupted,
}

/// Tells whether there is a terminal to ask on.
pub(crate) fn open() -> Option<console::Term> {
    Some(console::Term::stderr()).filter(console::Term::is_term)
}

/// The console needs nothing put back.
pub(crate) fn restore() {}

/// Makes a dialogue on the terminal, for the library that asks the visible questions.
pub(crate) fn dialogue(term: console::Term) -> std::io::Result<console::Term> {
    Ok(term)
}

/// The console needs nobody to watch over it.
pub(crate) fn watch(_term: &console::Term) -> std::io::Result<()> {
    Ok(())
}

/// Asks a question and reads the answer, which is not shown.
pub(crate) fn ask_hidden(question: &str, lines: Lines) -> Result<Zeroizing<Vec<u8>>, AskError> {
    let term = open().ok_or(AskError::NoTerminal)?;
    if lines == Lines::Many {
        return Err(AskError::Refused(Refused::SeveralLines));
    }
    let failed = |err: std::io::Error| AskError::Io(err.kind());
    term.write_str(question).map_err(failed)?;
    let line = Zeroizing::new(term.read_secure_line().map_err(failed)?);
    Ok(Zeroizing::new(line.as_bytes().to_vec()))
}
