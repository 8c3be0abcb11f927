//! Decides what is lent in which way: descriptors get their numbers, variables their names. Asks nobody.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::{Error, Result};
use crate::process::child::{HAS_DESCRIPTORS, HAS_MEMORY_FILES};

use super::loan::{KeyOf, Named, OnPipe};

/// What every variable begins with that names a descriptor.
const PREFIX: &str = crate::process::child::DESCRIPTOR_VARIABLE;

/// A key, and how the program gets its value.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Loan {
    /// What is lent.
    pub(super) of: KeyOf,
    /// How.
    pub(super) way: Way,
}

/// How a program gets a value.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// On its standard input, to its end.
    Stdin,
    /// On a pipe; a variable names its number.
    Pipe { number: i32, variable: String },
    /// As a file; a variable and `{VARIABLE}` in the arguments name its path.
    File { number: i32, variable: String },
    /// In its environment.
    Variable(String),
}

/// What was asked for on the command line.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    pub(super) stdin: Option<KeyOf>,
    pub(super) pipes: Vec<OnPipe>,
    pub(super) files: Vec<Named>,
    pub(super) variables: Vec<Named>,
}

impl Wanted {
    /// Tells whether a key is meant whose Secret is the one that the command names.
    pub(super) fn needs_name(&self) -> bool {
        let named = self.files.iter().chain(&self.variables).map(|named| &named.of);
        let mut all = self.stdin.iter().chain(self.pipes.iter().map(|pipe| &pipe.of)).chain(named);
        self.is_empty() || all.any(|of| of.secret.is_none())
    }

    /// Tells whether nothing is lent.
    pub(super) fn is_empty(&self) -> bool {
        self.stdin.is_none() && self.pipes.is_empty() && self.files.is_empty() && self.variables.is_empty()
    }

    /// Makes the loans; two of them must not meet under one number or one name.
    pub(super) fn plan(self) -> Result<Vec<Loan>> {
        let needs_descriptors = !self.pipes.is_empty() || !self.files.is_empty();
        if needs_descriptors && !HAS_DESCRIPTORS {
            return Err(Error::usage("descriptors cannot be passed on to a program on this system")
                .hint("lend the key with --stdin KEY, or with --env KEY=VARIABLE --allow-env"));
        }
        let mut numbers = Numbers::new(&self.pipes)?;
        let mut names = BTreeMap::new();
        let mut loans: Vec<Loan> = self.stdin.map(|of| Loan { of, way: Way::Stdin }).into_iter().collect();
        for OnPipe { of, number } in self.pipes {
            let variable = variable_for(&of);
            claim(&mut names, &variable, &of)?;
            let number = number.unwrap_or_else(|| numbers.next_free());
            loans.push(Loan { of, way: Way::Pipe { number, variable } });
        }
        for Named { of, variable } in self.files {
            claim(&mut names, &variable, &of)?;
            // A memory file is kept elsewhere, and needs no number in the program.
            let number = if HAS_MEMORY_FILES { 0 } else { numbers.next_free() };
            loans.push(Loan { of, way: Way::File { number, variable } });
        }
        for Named { of, variable } in self.variables {
            claim(&mut names, &variable, &of)?;
            loans.push(Loan { of, way: Way::Variable(variable) });
        }
        Ok(loans)
    }
}

/// The numbers of descriptors, which begin behind the three that every program has.
struct Numbers {
    taken: BTreeSet<i32>,
}

impl Numbers {
    fn new(pipes: &[OnPipe]) -> Result<Self> {
        let mut taken = BTreeSet::new();
        for pipe in pipes {
            if let Some(number) = pipe.number.filter(|number| !taken.insert(*number)) {
                return Err(Error::usage(format!("two keys are to be on descriptor {number}"))
                    .hint("give each a number of its own, or none"));
            }
        }
        Ok(Self { taken })
    }

    fn next_free(&mut self) -> i32 {
        let mut number = 3;
        while !self.taken.insert(number) {
            number += 1;
        }
        number
    }
}

/// Returns `SECRETSAFE_FD_` and the key as it was written: upper case, `_` for all but letters and digits.
fn variable_for(of: &KeyOf) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    PREFIX.chars().chain(of.to_string().chars().map(plain)).collect()
}

fn claim(names: &mut BTreeMap<String, KeyOf>, variable: &str, of: &KeyOf) -> Result<()> {
    match names.insert(variable.to_owned(), of.clone()) {
        None => Ok(()),
        Some(other) if other == *of => {
            Err(Error::usage(format!("key `{of}` is lent twice as `{variable}`")).hint("leave one of the two out"))
        }
        Some(other) => Err(Error::usage(format!("keys `{other}` and `{of}` would both be named `{variable}`"))
            .hint(format!("lend one of them under a name of your own: --file {of}=VARIABLE"))),
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;

    fn pipes(words: &[&str]) -> Wanted {
        Wanted { pipes: words.iter().map(|word| word.parse().unwrap()).collect(), ..Wanted::default() }
    }

    fn named(wanted: Wanted) -> Vec<(i32, String)> {
        let loans = wanted.plan().unwrap();
        let number = |loan: Loan| match loan.way {
            Way::Pipe { number, variable } => Some((number, variable)),
            _ => None,
        };
        loans.into_iter().filter_map(number).collect()
    }

    #[test]
    fn numbers_begin_at_three_and_avoid_those_that_were_chosen() {
        let found = named(pipes(&["a", "tls.key=3", "api/token", "b=5", "c"]));
        let wanted = [
            (4, "SECRETSAFE_FD_A"),
            (3, "SECRETSAFE_FD_TLS_KEY"),
            (6, "SECRETSAFE_FD_API_TOKEN"),
            (5, "SECRETSAFE_FD_B"),
            (7, "SECRETSAFE_FD_C"),
        ];
        assert_eq!(found, wanted.map(|(number, name)| (number, name.to_owned())));
    }

    #[test]
    fn two_loans_never_meet() {
        for words in [&["a=4", "b=4"][..], &["a", "a"], &["tls.key", "tls_key"], &["a", "A"], &["db/a", "db.a"]] {
            assert!(pipes(words).plan().is_err(), "{words:?}");
        }
        let file = || vec!["a=X".parse().unwrap()];
        assert!(Wanted { files: file(), variables: file(), ..Wanted::default() }.plan().is_err());
        assert!(
            Wanted { files: vec!["a=X".parse().unwrap(), "a=Y".parse().unwrap()], ..Wanted::default() }.plan().is_ok()
        );
    }

    #[test]
    fn a_name_is_needed_unless_every_key_has_its_own() {
        assert!(Wanted::default().needs_name());
        assert!(pipes(&["db/a", "b"]).needs_name());
        assert!(!pipes(&["db/a", "api/b"]).needs_name());
    }
}
