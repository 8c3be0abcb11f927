//! Candidates for sources: the schemes, and what can stand behind them.

use std::ffi::OsStr;

use clap_complete::engine::{CompletionCandidate, PathCompleter, ValueCompleter};

use crate::sources::{Origin, SOURCES, Scheme, generator_kinds};

use super::cluster_names;
use super::keychain;
use super::line::Line;

/// Offers the sources as they are written: `prompt`, `keychain`, `keychain:` and so on.
pub(super) fn sources(line: &Line, current: &str) -> Vec<CompletionCandidate> {
    if let Some((scheme, rest)) = current.split_once(':') {
        let behind = match scheme {
            "keychain" => keychain::entries(line, rest),
            "generate" => kinds(rest),
            "secret" => cluster_names::elsewhere(line, rest),
            "public-file" => PathCompleter::file().complete(OsStr::new(rest)),
            _ => Vec::new(),
        };
        if !behind.is_empty() {
            return behind.into_iter().map(|found| found.add_prefix(format!("{scheme}:"))).collect();
        }
    }
    let typed = SOURCES.iter().filter(|scheme| scheme.origins.contains(&Origin::Argv));
    typed
        .flat_map(|scheme| forms(scheme).into_iter().map(move |form| (form, scheme.summary)))
        .filter(|(form, _)| form.starts_with(current))
        // A variant such as `prompt:once` is not what the summary is about.
        .map(|(form, summary)| {
            let variant = form.contains(':') && !form.ends_with(':');
            CompletionCandidate::new(form).help((!variant).then(|| summary.into()))
        })
        .collect()
}

fn kinds(current: &str) -> Vec<CompletionCandidate> {
    generator_kinds().filter(|kind| kind.starts_with(current)).map(CompletionCandidate::new).collect()
}

/// Reads the forms of a scheme out of its row: `fd:N` is written `fd:` and then a number.
fn forms(scheme: &Scheme) -> Vec<&'static str> {
    let words = scheme.form.split([' ', ',', '[']).filter(|word| word.starts_with(scheme.name));
    words
        .map(|word| match word.split_once(':') {
            Some((name, rest)) if rest.starts_with(|c: char| c.is_ascii_uppercase()) => {
                word.get(..=name.len()).unwrap_or(word)
            }
            _ => word,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_what_can_be_typed() {
        let all: Vec<_> = SOURCES.iter().flat_map(forms).collect();
        for form in ["prompt", "prompt:once", "prompt:multiline", "keychain", "keychain:", "fd:", "env:", "stdin"] {
            assert!(all.contains(&form), "{form}: {all:?}");
        }
        assert!(all.contains(&"generate") && all.contains(&"public:") && all.contains(&"public-file:"), "{all:?}");
        assert!(all.iter().all(|form| !form.contains(|c: char| c.is_ascii_uppercase())), "{all:?}");
    }

    #[test]
    fn kinds_follow_generate() {
        let found = kinds("he");
        assert_eq!(found.first().map(|kind| kind.get_value()), Some(OsStr::new("hex")));
    }
}
