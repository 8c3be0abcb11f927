//! One file, from its bytes to what was found in it.

use std::path::Path;

use super::document::{Document, Found};
use super::found::{Findings, Leak, Unread};
use super::tree::{self, Read, Tree};
use super::wanted::{self, Wanted};
use super::{LeakKind, allow, env_file, lines, look_at, private_key, safe, template, text};
use crate::plaintext::SecretValue;

/// Larger documents are not held in memory as a tree.
const MAX_DOCUMENT: usize = 8 * 1024 * 1024;

/// Finds values in the clear in a file.
pub(crate) fn find(path: &Path, content: &SecretValue) -> Findings {
    let (bytes, wanted) = (content.expose(), wanted::wants(path));
    let mut findings = Findings::default();
    if bytes.len() > super::MAX_FILE {
        findings.unread.push((Unread::LargeFile, 1));
        return findings;
    }
    let wanted = match wanted {
        Wanted::AnyText if wanted::is_manifest(bytes) => Wanted::Manifest,
        Wanted::AnyText if !wanted::mentions_key(bytes) => return findings,
        Wanted::Manifest if !wanted::mentions(bytes) => return findings,
        Wanted::Never => return findings,
        wanted => wanted,
    };
    let Some(text) = text::decode(bytes) else {
        if wanted == Wanted::Manifest || wanted == Wanted::EnvFile {
            findings.unread.push((Unread::NotText, 1));
        }
        return findings;
    };
    let mut covered = Vec::new();
    match wanted {
        Wanted::EnvFile => findings.leaks = env_file::look(&text),
        Wanted::Manifest => covered = documents(&text, &mut findings),
        Wanted::AnyText | Wanted::Never => {}
    }
    if is_translation(path) {
        // What a form says about passwords is none.
        findings.leaks.retain(|leak| leak.kind != LeakKind::Values);
    }
    findings.leaks.extend(private_key::in_text(&text, &covered));
    end(&text, findings)
}

/// Finds values in a file that becomes a Secret: in each of its lines, or it as a whole.
pub(crate) fn find_generated(content: &SecretValue, by_line: bool) -> Findings {
    let mut findings = Findings::default();
    let text = text::decode(content.expose());
    let whole = Leak { line: 1, column: 1, kind: LeakKind::GeneratorFile, document: None, object: None, key: None };
    match &text {
        Some(text) if is_encrypted(text) => {}
        Some(text) if by_line => findings.leaks = env_file::look_generated(text),
        Some(text) if safe::is_safe_text(text) || safe::is_public(text) => {}
        _ if content.is_empty() => {}
        _ => findings.leaks.push(whole),
    }
    end(text.as_deref().unwrap_or_default(), findings)
}

/// Folders of texts for people.
const TRANSLATIONS: &[&str] =
    &["i18n", "l10n", "locale", "locales", "translations", "lang", "langs", "languages", "messages"];

fn is_translation(path: &Path) -> bool {
    path.parent()
        .into_iter()
        .flat_map(Path::components)
        .any(|part| TRANSLATIONS.iter().any(|name| part.as_os_str().eq_ignore_ascii_case(name)))
}

fn end(text: &str, mut findings: Findings) -> Findings {
    findings.leaks.sort();
    allow::take_out(text, &mut findings);
    findings.unread.sort();
    findings.unread.dedup();
    findings
}

/// Tells what SOPS or age has encrypted as a whole.
fn is_encrypted(text: &str) -> bool {
    let sops = text.contains("ENC[AES256_GCM") && text.contains("sops");
    sops || text.starts_with("-----BEGIN AGE ENCRYPTED FILE") || text.starts_with("age-encryption.org/")
}

/// Looks at all documents of a file; returns the lines of values that were found.
fn documents(text: &str, findings: &mut Findings) -> Vec<(usize, usize)> {
    let masked = template::moved(text);
    let mut found = Found::default();
    let mut number = 0;
    for (part, first) in small_parts(&masked, &mut found) {
        let mut starts = None;
        let mut broken = Vec::new();
        tree::read(part, &mut |read| {
            number += 1;
            match read {
                Read::Document(tree) => look_at_tree(&tree, number, first, false, &mut found),
                Read::Broken(why, line, _) => broken.push((why, line, number)),
            }
        });
        for (why, line, number) in broken {
            let starts = starts.get_or_insert_with(|| starts_of(part));
            let (rest, start) = document_at(part, starts, line);
            let is_flow = rest.trim_start().trim_start_matches('-').trim_start().starts_with(['{', '[']);
            match is_flow {
                false => look_at_tree(&lines::read(rest, start), number, first, true, &mut found),
                true => tree::read(&closed(rest, line + 1 - start), &mut |read| {
                    if let Read::Document(tree) = read {
                        look_at_tree(&tree, number, first + start - 1, true, &mut found);
                    }
                }),
            }
            let why = if is_flow && why == Unread::Broken { Unread::Cut } else { why };
            // A template need not be YAML before it is rendered.
            if is_flow || why != Unread::Broken || !template::has_any(text) {
                found.unread.push((why, line + first));
            }
        }
    }
    findings.leaks.extend(found.leaks);
    findings.generated = found.generated;
    findings.unread = found.unread;
    found.covered
}

fn look_at_tree(tree: &Tree<'_>, number: usize, first: usize, by_line: bool, found: &mut Found) {
    let mut document = Document::of_file(tree, number, by_line);
    document.offset.line = first;
    found.aside(|found| look_at(&document, found));
}

/// Cuts a file between its documents where it would be too much to hold, and leaves out documents that are too large.
/// Returns each part with the number of lines before it.
fn small_parts<'a>(text: &'a str, found: &mut Found) -> Vec<(&'a str, usize)> {
    if is_json_lines(text) {
        return text
            .split('\n')
            .enumerate()
            .map(|(index, line)| (line, index))
            .filter(|(line, _)| !line.is_empty())
            .collect();
    }
    if text.len() <= MAX_DOCUMENT {
        return vec![(text, 0)];
    }
    let mut cuts = vec![0];
    cuts.extend(memchr::memmem::find_iter(text.as_bytes(), b"\n---").map(|at| at + 1));
    cuts.push(text.len());
    let mut parts: Vec<(&str, usize)> = Vec::new();
    let mut line = 0;
    for pair in cuts.windows(2) {
        let part = pair.first().zip(pair.last()).and_then(|(from, to)| text.get(*from..*to)).unwrap_or_default();
        if part.len() > MAX_DOCUMENT {
            found.unread.push((Unread::LargeDocument, line + 1));
        } else {
            parts.push((part, line));
        }
        line += memchr::memchr_iter(b'\n', part.as_bytes()).count();
    }
    parts
}

/// Returns the lines before one that is broken, with what is open closed.
fn closed(text: &str, line: usize) -> String {
    let mut part: String = text.split_inclusive('\n').take(line - 1).collect();
    let (mut open, mut in_text, mut escaped) = (Vec::new(), false, false);
    for char in part.chars() {
        match char {
            _ if escaped => escaped = false,
            '\\' if in_text => escaped = true,
            '"' => in_text = !in_text,
            '{' if !in_text => open.push('}'),
            '[' if !in_text => open.push(']'),
            '}' | ']' if !in_text => {
                open.pop();
            }
            _ => {}
        }
    }
    let end = part.trim_end().trim_end_matches(',').len();
    part.truncate(end);
    part.extend(open.iter().rev());
    part
}

/// Tells a document of JSON in each line.
fn is_json_lines(text: &str) -> bool {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let is_object = |line: &str| line.starts_with('{') && line.trim_end().ends_with('}');
    lines.by_ref().take(2).filter(|line| is_object(line)).count() == 2 && lines.all(is_object)
}

/// Returns where documents begin: their lines and how far behind the beginning of the text they are.
fn starts_of(text: &str) -> Vec<(usize, usize)> {
    let (mut starts, mut at) = (vec![(1, 0)], 0);
    for (index, line) in text.split_inclusive('\n').enumerate() {
        if line.starts_with("---") && index > 0 {
            starts.push((index + 1, at));
        }
        at += line.len();
    }
    starts
}

/// Returns the document that has a line, and the number of its first line.
fn document_at<'a>(text: &'a str, starts: &[(usize, usize)], line: usize) -> (&'a str, usize) {
    let next = starts.partition_point(|(start, _)| *start <= line);
    let (start, from) = next.checked_sub(1).and_then(|index| starts.get(index)).copied().unwrap_or((1, 0));
    let to = starts.get(next).map_or(text.len(), |(_, at)| *at);
    (text.get(from..to).unwrap_or_default(), start)
}
