//! What the config file says about generators: which kind `generate` alone is, and options for those not written.
//!
//! Sources are read while the command line is, long before there is a `Context`; so these are set once, before that.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::error::{Error, Result};

use super::options::Options;
use super::{KINDS, Row, names};

/// The field whose text is a kind instead of options.
const DEFAULT: &str = "default";

/// What the config file says.
#[derive(Debug, Default)]
pub(super) struct Defaults {
    kind: Option<&'static str>,
    options: BTreeMap<&'static str, String>,
}

static DEFAULTS: OnceLock<Defaults> = OnceLock::new();

/// Lets the fields of `generate` in the config file count from now on: `default` and names of kinds.
pub(crate) fn use_defaults(fields: &[(String, String)]) -> Result<()> {
    let _ = DEFAULTS.set(Defaults::read(fields)?);
    Ok(())
}

impl Defaults {
    /// Returns those of this run.
    pub(super) fn of_this_run() -> &'static Self {
        static NONE: Defaults = Defaults { kind: None, options: BTreeMap::new() };
        DEFAULTS.get().unwrap_or(&NONE)
    }

    fn read(fields: &[(String, String)]) -> Result<Self> {
        let mut defaults = Self::default();
        for (name, text) in fields {
            if name == DEFAULT {
                defaults.kind = Some(find(text)?.name);
                continue;
            }
            let row = find(name)?;
            Options::parse(text, row.name, row.options).map_err(|error| error.because(OF_THE_CONFIG))?;
            defaults.options.insert(row.name, text.clone());
        }
        Ok(defaults)
    }

    /// Returns the kind of `generate` alone.
    pub(super) fn kind(&self) -> &'static str {
        self.kind.unwrap_or("password")
    }

    /// Reads the options of a kind, with those of the config file where they are not written.
    pub(super) fn options<'a>(&'a self, text: &'a str, row: &Row) -> Result<Options<'a>> {
        let written = Options::parse(text, row.name, row.options)?;
        match self.options.get(row.name) {
            None => Ok(written),
            Some(defaults) => Ok(written.over(Options::parse(defaults, row.name, row.options)?)),
        }
    }

    /// Says where else to look when the options of a kind do not fit together.
    pub(super) fn explain(&self, error: Error, row: &Row) -> Error {
        if self.options.contains_key(row.name) { error.because(OF_THE_CONFIG) } else { error }
    }
}

const OF_THE_CONFIG: &str = "options that are not written come from `generate` in the config file";

fn find(name: &str) -> Result<&'static Row> {
    KINDS.iter().find(|row| row.name == name).ok_or_else(|| {
        Error::usage("`generate` in the config file names a kind that is not known")
            .hint(format!("it takes `{DEFAULT}`, and the kinds: {}", names()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(fields: &[(&str, &str)]) -> Result<Defaults> {
        let fields: Vec<(String, String)> =
            fields.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        Defaults::read(&fields)
    }

    #[test]
    fn what_is_written_counts_more() {
        let defaults = read(&[("default", "passphrase"), ("password", "length=40,charset=symbols")]).unwrap();
        assert_eq!(defaults.kind(), "passphrase");
        let row = find("password").unwrap();
        let length = |text: &str| {
            let options = defaults.options(text, row).unwrap();
            (options.number("length", 1, 99).unwrap(), options.text("charset").map(str::to_owned))
        };
        assert_eq!(length(""), (40, Some("symbols".to_owned())));
        assert_eq!(length("length=50"), (50, Some("symbols".to_owned())));
        assert_eq!(Defaults::of_this_run().kind(), "password");
    }

    #[test]
    fn mistakes_are_of_the_config_file() {
        for fields in [[("default", "hunter2")], [("hunter2", "length=1")], [("password", "hunter2=1")]] {
            let error = read(&fields).unwrap_err();
            let text = format!("{} {} {}", error.message(), error.causes().concat(), error.hints().concat());
            assert!(text.contains("config file") && !text.contains("hunter2"), "{text}");
        }
    }
}
