//! The user's config file: `secretsafe/config.yaml` in the user's config folder, nowhere else.
//!
//! It is never read from the working directory, and refused when somebody else could have written it
//! (requirement S14). An unknown field is an error that names the nearest known one.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_yaml::Value;

use crate::error::{Error, Result};
use crate::plan::consumers::CustomRule;
use crate::{keychain, sources};

/// The fields that the file may have.
const FIELDS: &[&str] = &[
    "keychain",
    "insecureClusters",
    "colour",
    "protected",
    "generate",
    "keychainService",
    "restart",
    "consumers",
    "log",
    "allowSources",
];

/// Whether output is coloured.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Colour {
    /// On a terminal.
    #[default]
    Auto,
    /// Everywhere.
    Always,
    /// Nowhere.
    Never,
}

/// Whether what is done is noted in the local log.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogMode {
    /// Nothing is.
    Off,
    /// It is; where that fails, it is said.
    #[default]
    On,
    /// It is, or nothing is done.
    Required,
}

/// Which workloads a rotation restarts.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, clap::ValueEnum, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Restart {
    /// None
    #[default]
    Never,
    /// Those that would keep the old value: env, envFrom, subPath
    Auto,
    /// All that use the Secret
    Always,
}

impl Restart {
    /// Returns the word for it, as it is typed.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::Auto => "auto",
            Self::Always => "always",
        }
    }
}

/// What the config file says.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Config {
    /// Which keychain to use: `secret-service`, `keyutils`, `native`; the platform's own if absent.
    pub(crate) keychain: Option<String>,
    /// Server URLs to which values may travel without verified TLS.
    pub(crate) insecure_clusters: Vec<String>,
    /// Which kind `generate` alone is, and options of kinds: names and texts, read by the source itself.
    pub(crate) generate: Vec<(String, String)>,
    /// The service of our own entries in the keychain.
    pub(crate) keychain_service: Option<String>,
    /// Which workloads a rotation restarts, unless it says so itself.
    pub(crate) restart: Restart,
    /// Whether there is a local log, unless a flag says otherwise.
    pub(crate) log: LogMode,
    /// Whether output is coloured, unless the environment says otherwise.
    pub(crate) colour: Colour,
    /// Patterns of context names and server URLs, or fingerprints, whose contexts are protected.
    pub(crate) protected: Vec<String>,
    /// Which fields of custom resources name Secrets, beside those that are known.
    pub(crate) consumers: Vec<CustomRule>,
    /// Sources that files of SecretSources may name, beside those that count by themselves.
    pub(crate) allow_sources: Vec<sources::AllowedInFile>,
}

impl Config {
    /// Reads the file; a file that is not there is an empty one.
    pub(crate) fn load() -> Result<Self> {
        let Some(path) = path() else { return Ok(Self::default()) };
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(err) if err.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(err) => {
                return Err(Error::usage(format!("cannot read {}", path.display()))
                    .because(err.kind().to_string())
                    .hint(format!("see who may read it: ls -l {}", path.display())));
            }
        };
        check_owner(&path)?;
        Self::parse(&text, &path)
    }

    /// Lets the fields count that are asked for before there is a `Context`: while the command line is read.
    pub(crate) fn settle(self) -> Result<Self> {
        let fields = [
            sources::use_generator_defaults(&self.generate),
            self.keychain_service.as_deref().map_or(Ok(()), keychain::use_service),
        ];
        let named = |error: Error| match path() {
            Some(path) => error.because(format!("the config file is {}", path.display())),
            None => error,
        };
        fields.into_iter().collect::<Result<()>>().map_err(named)?;
        Ok(self)
    }

    fn parse(text: &str, path: &Path) -> Result<Self> {
        let value: Value = serde_yaml::from_str(text).map_err(|err| {
            // The parser's own words may quote the text.
            let place =
                err.location().map_or_else(String::new, |at| format!(" at line {}, column {}", at.line(), at.column()));
            Error::usage(format!("{} is not valid YAML{place}", path.display()))
                .hint("fields are written one a line, such as colour: never")
        })?;
        let fields = match value {
            Value::Null => return Ok(Self::default()),
            Value::Mapping(fields) => fields,
            _ => {
                return Err(Error::usage(format!("{} must hold fields, one a line", path.display()))
                    .hint("write one such as colour: never"));
            }
        };
        let mut config = Self::default();
        for (name, value) in fields {
            match name.as_str() {
                Some("keychain") => config.keychain = Some(text_of(&value, "keychain", path)?),
                Some("keychainService") => {
                    config.keychain_service = Some(text_of(&value, "keychainService", path)?);
                }
                Some("generate") => {
                    let Value::Mapping(kinds) = value else {
                        return Err(wrong_type("generate", "fields, such as `password: length=32`", path));
                    };
                    config.generate = kinds
                        .iter()
                        .map(|(kind, options)| {
                            Ok((text_of(kind, "generate", path)?, text_of(options, "generate", path)?))
                        })
                        .collect::<Result<_>>()?;
                }
                Some("insecureClusters") => {
                    let Value::Sequence(items) = value else {
                        return Err(wrong_type("insecureClusters", "a list of server URLs", path));
                    };
                    config.insecure_clusters =
                        items.iter().map(|item| text_of(item, "insecureClusters", path)).collect::<Result<_>>()?;
                }
                Some("restart") => config.restart = restart(&value, path)?,
                Some("log") => config.log = log(&value, path)?,
                Some("colour") => config.colour = colour(&value, path)?,
                Some("consumers") => config.consumers = rules(value, path)?,
                Some("allowSources") => {
                    let Value::Sequence(items) = value else {
                        return Err(wrong_type("allowSources", "a list such as [\"keychain:team/*\"]", path));
                    };
                    let one = |item| text_of(item, "allowSources", path)?.parse();
                    config.allow_sources = items.iter().map(one).collect::<Result<_>>()?;
                }
                Some("protected") => {
                    let Value::Sequence(items) = value else {
                        return Err(wrong_type(
                            "protected",
                            "a list of context names, server URLs or fingerprints",
                            path,
                        ));
                    };
                    config.protected =
                        items.iter().map(|item| text_of(item, "protected", path)).collect::<Result<_>>()?;
                }
                other => return Err(unknown(other.unwrap_or_default(), path)),
            }
        }
        Ok(config)
    }
}

fn text_of(value: &Value, field: &str, path: &Path) -> Result<String> {
    value.as_str().map(str::to_owned).ok_or_else(|| wrong_type(field, "text", path))
}

fn restart(value: &Value, path: &Path) -> Result<Restart> {
    let word = value.as_str().and_then(|word| <Restart as clap::ValueEnum>::from_str(word, false).ok());
    word.ok_or_else(|| wrong_type("restart", "never, auto or always", path))
}

/// Reads rules one by one: the parser's own words may quote the text, and a number says which one is wrong.
fn rules(value: Value, path: &Path) -> Result<Vec<CustomRule>> {
    let Value::Sequence(items) = value else { return Err(wrong_type("consumers", "a list of rules", path)) };
    let rule = |(index, item)| {
        serde_yaml::from_value(item).map_err(|_| {
            Error::usage(format!("rule {} of `consumers` in {} is none", index + 1, path.display()))
                .because("it needs a group, kinds, and secrets with a path each, and has no other fields than docs/usage.md names")
                .hint("write one such as: {group: example.com, kinds: [Database], secrets: [{path: spec.credentials.secretRef.name}]}")
        })
    };
    items.into_iter().enumerate().map(rule).collect()
}

fn colour(value: &Value, path: &Path) -> Result<Colour> {
    match value.as_str() {
        Some("auto") => Ok(Colour::Auto),
        Some("always") => Ok(Colour::Always),
        Some("never") => Ok(Colour::Never),
        _ => Err(wrong_type("colour", "auto, always or never", path)),
    }
}

fn log(value: &Value, path: &Path) -> Result<LogMode> {
    // YAML 1.1 takes these two words for truth values, and a parser may.
    match (value.as_str(), value.as_bool()) {
        (Some("on"), _) | (_, Some(true)) => Ok(LogMode::On),
        (Some("off"), _) | (_, Some(false)) => Ok(LogMode::Off),
        (Some("required"), _) => Ok(LogMode::Required),
        _ => Err(wrong_type("log", "on, off or required", path)),
    }
}

fn wrong_type(field: &str, wanted: &str, path: &Path) -> Error {
    Error::usage(format!("field `{field}` in {} must be {wanted}", path.display()))
        .hint("see docs/config.md for all fields")
}

fn unknown(name: &str, path: &Path) -> Error {
    let error = Error::usage(format!("{} has a field that is not known", path.display()));
    let lower = name.to_lowercase();
    match FIELDS.iter().min_by_key(|field| strsim::osa_distance(&field.to_lowercase(), &lower)) {
        Some(near) => error.hint(format!("the nearest known field is `{near}`; known: {}", FIELDS.join(", "))),
        None => error,
    }
}

fn path() -> Option<PathBuf> {
    folder().map(|folder| folder.join("config.yaml"))
}

/// Returns where the files of the user's config belong, by the platform's rule for config folders.
pub(crate) fn folder() -> Option<PathBuf> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let folder = if cfg!(windows) {
        absolute("APPDATA")
    } else {
        absolute("XDG_CONFIG_HOME").or_else(|| absolute("HOME").map(|home| home.join(".config")))
    };
    folder.map(|folder| folder.join("secretsafe"))
}

/// Refuses a file that another user could have written.
#[cfg(unix)]
fn check_owner(path: &Path) -> Result<()> {
    use std::os::unix::fs::MetadataExt;

    let Ok(metadata) = std::fs::metadata(path) else { return Ok(()) };
    // SAFETY: geteuid has no preconditions and cannot fail.
    let me = unsafe { libc::geteuid() };
    if metadata.uid() != me && metadata.uid() != 0 {
        return Err(Error::refused(format!("{} belongs to another user", path.display()))
            .hint(format!("if it is meant for you, type: sudo chown $(id -u) {}", path.display())));
    }
    if metadata.mode() & 0o022 != 0 {
        return Err(Error::refused(format!("{} can be written by others", path.display()))
            .hint(format!("type: chmod go-w {}", path.display())));
    }
    Ok(())
}

#[cfg(not(unix))]
fn check_owner(_path: &Path) -> Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Config> {
        Config::parse(text, Path::new("config.yaml"))
    }

    #[test]
    fn reads_what_is_known() {
        assert_eq!(parse("").unwrap(), Config::default());
        let config = parse("keychain: keyutils\ninsecureClusters: [https://10.0.0.1:6443]\n").unwrap();
        assert_eq!(config.keychain.as_deref(), Some("keyutils"));
        assert_eq!(config.insecure_clusters, ["https://10.0.0.1:6443"]);
        assert_eq!(parse("protected: [prod-*]").unwrap().protected, ["prod-*"]);
        assert!(parse("protected: prod").is_err());
        let generate = parse("generate:\n  default: passphrase\n  rsa: bits=4096\n").unwrap().generate;
        assert_eq!(generate[1], ("rsa".to_owned(), "bits=4096".to_owned()));
        assert!(parse("generate: [passphrase]").is_err() && parse("generate: {rsa: 4096}").is_err());
    }

    #[test]
    fn colour_is_one_of_three_words() {
        assert_eq!(parse("").unwrap().colour, Colour::Auto);
        assert_eq!(parse("colour: always").unwrap().colour, Colour::Always);
        assert_eq!(parse("restart: auto").unwrap().restart, Restart::Auto);
        assert!(parse("restart: sometimes").is_err());
        assert_eq!(parse("colour: never").unwrap().colour, Colour::Never);
        assert_eq!(parse("colour: hunter2").unwrap_err().kind().exit_code(), 2);
        assert!(parse("color: never").unwrap_err().hints().concat().contains("`colour`"));
    }

    #[test]
    fn rules_for_custom_resources_are_read_one_by_one() {
        let good = "{group: example.com, kinds: [Database], secrets: [{path: spec.credentials.secretRef.name}]}";
        let config = parse(&format!("consumers: [{good}]")).unwrap();
        assert!(config.consumers[0].is_about("example.com", "Database"));
        let error = parse(&format!("consumers: [{good}, {{group: not-a-real-password}}]")).unwrap_err();
        let text = format!("{}{}", error.message(), error.causes().join(""));
        assert!(text.contains("rule 2 of `consumers`") && !text.contains("not-a-real"), "{text}");
        assert!(parse("consumers: {}").is_err());
    }

    #[test]
    fn the_log_is_one_of_three_words() {
        assert_eq!(parse("").unwrap().log, LogMode::On);
        for (word, mode) in [("on", LogMode::On), ("off", LogMode::Off), ("required", LogMode::Required)] {
            assert_eq!(parse(&format!("log: {word}")).unwrap().log, mode);
        }
        assert!(parse("log: sometimes").is_err());
    }

    #[test]
    fn an_unknown_field_names_the_nearest() {
        let error = parse("keychian: keyutils").unwrap_err();
        assert!(error.hints().join("").contains("`keychain`"));
        assert_eq!(error.kind().exit_code(), 2);
    }

    #[test]
    fn broken_yaml_is_placed_and_not_quoted() {
        let error = parse("keychain: [not-a-real-password\n").unwrap_err();
        let text = format!("{}{}", error.message(), error.causes().join(""));
        assert!(text.contains("line"), "{text}");
        assert!(!text.contains("not-a-real"), "{text}");
    }
}
