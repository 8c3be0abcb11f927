//! What the docs, the help and the hints tell to type is parsed by our own command line: a flag that was renamed, or
//! never existed, fails here and not in front of a reader.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use clap::error::ErrorKind;

const PROGRAM: &str = "kubectl secretsafe ";

fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.extension() {
                _ if path.is_dir() => folders.push(path),
                Some(known) if known == extension => found.push(path),
                _ => {}
            }
        }
    }
    found.sort();
    found
}

/// The words of one command: without what a shell takes for itself, and with names in place of placeholders.
fn words(text: &str) -> Option<Vec<String>> {
    let text = text.split("  ").next()?;
    let shells_own = [" | ", " \\| ", " < ", " > ", " && ", " # ", "< <(", ")"];
    let end = shells_own.iter().filter_map(|part| text.find(part)).min().unwrap_or(text.len());
    let command = text.get(..end)?;
    // What is written for the eye only.
    if command.contains(['…', '[', '$', '(']) {
        return None;
    }
    let words = shlex::split(command)?;
    // The name of a command alone is what a sentence is about.
    (words.len() > 1).then(|| words.iter().map(|word| placeholder(word)).collect())
}

/// `NAME` is no name; `name` is one. `-A` and `db/PASSWORD` stay.
fn placeholder(word: &str) -> String {
    let parts = word.split_inclusive(['=', '/', ',', ':']);
    let named = |part: &str| {
        let letters = part.trim_end_matches(['=', '/', ',', ':']);
        letters.len() > 1 && !letters.starts_with('-') && letters.chars().all(|c| c.is_ascii_uppercase() || c == '-')
    };
    parts.map(|part| if named(part) { part.to_lowercase() } else { part.to_owned() }).collect()
}

/// Tells what is wrong with a command, if something is.
fn mistake(words: &[String]) -> Option<String> {
    let line = std::iter::once("kubectl secretsafe").chain(words.iter().map(String::as_str));
    match kubectl_secretsafe::command().try_get_matches_from(line) {
        Err(error) if !matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            Some(error.kind().to_string())
        }
        _ => None,
    }
}

/// Finds the commands in a text, up to what closes them there.
fn commands(text: &str, ends: &[char]) -> BTreeSet<String> {
    let found = text.lines().filter(|line| !line.starts_with('#')).flat_map(|line| {
        line.match_indices(PROGRAM).filter_map(|(at, _)| {
            let rest = line.get(at + PROGRAM.len()..)?;
            // Inside of a code span, the span's end; elsewhere the line's.
            let in_span = line.get(..at)?.matches('`').count() % 2 == 1;
            let ends = if in_span { &['`'][..] } else { ends };
            rest.split(ends).next().map(str::trim).map(str::to_owned)
        })
    });
    found.filter(|command| !command.is_empty()).collect()
}

#[test]
fn what_the_docs_tell_to_type_are_commands() {
    let mut wrong = Vec::new();
    let mut count = 0;
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    for path in files("docs", "md").into_iter().chain([readme]) {
        for command in commands(&fs::read_to_string(&path).unwrap(), &[]) {
            let Some(words) = words(&command) else { continue };
            count += 1;
            if let Some(mistake) = mistake(&words) {
                wrong.push(format!("{}: {command}: {mistake}", path.file_name().unwrap().display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(count > 80, "only {count} commands were found");
}

/// In source, a hint is a text with names in braces.
#[test]
fn what_hints_tell_to_type_are_commands() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for path in files("src", "rs") {
        let text = fs::read_to_string(&path).unwrap();
        let code: String =
            text.split("\n#[cfg(test)]\nmod ").next().unwrap().lines().map(|line| format!("{line}\n")).collect();
        for command in commands(&code, &['"']) {
            let Some(named) = with_names(&command).as_deref().and_then(words) else { continue };
            count += 1;
            if let Some(mistake) = mistake(&named) {
                wrong.push(format!("{}: {command}: {mistake}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(count > 60, "only {count} hints were found");
}

/// Puts a name in place of each `{…}`; `None` where a piece of a command stands in braces.
fn with_names(command: &str) -> Option<String> {
    let mut named = String::new();
    let mut rest = command;
    while let Some((before, inside)) = rest.split_once('{') {
        let (field, after) = inside.split_once('}')?;
        named.push_str(before);
        // Which command, which form: the caller knows.
        if matches!(field, "form" | "set" | "verb" | "" | "command") {
            return None;
        }
        named.push_str(match field {
            "notes" | "entry" => "service/account",
            // Such as ` -n prod`, or nothing.
            _ if before.ends_with(|c: char| c.is_alphanumeric()) => "",
            _ => "name",
        });
        rest = after;
    }
    named.push_str(rest);
    Some(named)
}
