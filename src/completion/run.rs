//! One call for candidates, from the words to stdout, within its limit.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use clap::CommandFactory;

use crate::commands::Cli;
use crate::error::Result;
use crate::output;

use super::arguments;
use super::line::Line;
use super::protocol;

/// How long all requests together may take.
const PATIENCE: Duration = Duration::from_millis(1200);
/// How long the shell waits at most, whatever else hangs: a file system, a resolver, a keychain.
const LIMIT: Duration = Duration::from_millis(1500);

/// What the file is called that kubectl looks for; it may be a link to this program.
const PROGRAM: &str = "kubectl_complete-";
/// The hidden word that asks for candidates.
const WORD: &str = "__complete";

/// Returns the words to complete, if that is what the command line asks for.
pub(crate) fn asked(mut arguments: impl Iterator<Item = OsString>) -> Option<Vec<OsString>> {
    let program = arguments.next()?;
    let name = Path::new(&program).file_name().map(OsStr::to_string_lossy);
    if !name.is_some_and(|name| name.starts_with(PROGRAM)) && arguments.next()? != WORD {
        return None;
    }
    let mut words: Vec<OsString> = arguments.collect();
    match words.last_mut() {
        None => words.push(OsString::new()),
        // What our script for PowerShell sends, which cannot send nothing.
        Some(last) if last == "\"\"" => last.clear(),
        Some(_) => {}
    }
    Some(words)
}

/// Prints the candidates; when anything fails, or nothing is known in time, there are none.
pub(crate) fn run(words: Vec<OsString>) -> Result<()> {
    let current = words.last().map(|word| word.to_string_lossy().into_owned()).unwrap_or_default();
    let (found, wait) = mpsc::channel();
    let nothing = protocol::render(&[], "");
    // The thread is left behind if it hangs: it ends with the process.
    let started = std::thread::Builder::new().spawn(move || {
        let _ = found.send(candidates(words, &current));
    });
    let text = started.ok().and_then(|_| wait.recv_timeout(LIMIT).ok().flatten());
    output::print(&text.unwrap_or(nothing))
}

fn candidates(words: Vec<OsString>, current: &str) -> Option<String> {
    let before = words.get(..words.len().checked_sub(1)?)?;
    if arguments::are_of_another_program(before) {
        return Some(protocol::LEAVE_TO_SHELL.to_owned());
    }
    let line = Arc::new(Line::read(before, PATIENCE)?);
    let mut command = arguments::attach(Cli::command(), &line);
    let last = words.len();
    let mut all = vec![OsString::from("kubectl-secretsafe")];
    all.extend(words);
    let folder = std::env::current_dir().ok();
    let found = clap_complete::engine::complete(&mut command, all, last, folder.as_deref()).ok()?;
    Some(protocol::render(&found, current))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(arguments: &[&str]) -> Option<Vec<OsString>> {
        asked(arguments.iter().map(OsString::from))
    }

    #[test]
    fn it_is_asked_by_name_or_by_word() {
        assert_eq!(words(&["/a/kubectl_complete-secretsafe", "view", ""]), Some(vec!["view".into(), "".into()]));
        assert_eq!(words(&["kubectl-secretsafe", "__complete", "vi"]), Some(vec!["vi".into()]));
        assert_eq!(words(&["kubectl-secretsafe", "__complete"]), Some(vec!["".into()]));
        assert_eq!(words(&["kubectl-secretsafe", "__complete", "\"\""]), Some(vec!["".into()]));
        assert_eq!(words(&["kubectl-secretsafe", "view", "__complete"]), None);
        assert_eq!(words(&["kubectl-secretsafe"]), None);
    }
}
