//! What is wanted: keys of the cluster or from sources, labels and annotations set or taken along.

use std::collections::BTreeMap;
use std::str::FromStr;

use crate::cli::argv;
use crate::commands::copy::check_along;
use crate::commands::create::{Annotation, Label};
use crate::error::{Error, Result};
use crate::names::KeyName;
use crate::names::is_qualified;
use crate::plan::seal::says_scope;
use crate::sources::KeySource;

/// One key, as it is written.
#[derive(Debug, Clone)]
pub(super) enum Wanted {
    /// `KEY`: the value that it has in the cluster.
    OfCluster(KeyName),
    /// `KEY=SOURCE`.
    FromSource(KeySource),
}

impl FromStr for Wanted {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if text.contains('=') { text.parse().map(Self::FromSource) } else { text.parse().map(Self::OfCluster) }
    }
}

/// Sorts keys by where their values come from.
pub(super) fn split(wanted: Vec<Wanted>) -> Result<(Vec<KeyName>, Vec<KeySource>)> {
    let (mut of_cluster, mut from_sources) = (Vec::new(), Vec::new());
    for one in wanted {
        match one {
            Wanted::OfCluster(key) if of_cluster.contains(&key) => {
                return Err(Error::usage(format!("key `{key}` is named twice")).hint("name each key once"));
            }
            Wanted::OfCluster(key) => of_cluster.push(key),
            Wanted::FromSource(source) => from_sources.push(source),
        }
    }
    Ok((of_cluster, from_sources))
}

/// A label or an annotation.
#[derive(Debug, Clone)]
pub(super) enum Text<T> {
    /// `NAME=TEXT`.
    Set(T),
    /// `NAME`: the text that it has in the cluster.
    OfCluster(String),
}

impl<T: FromStr<Err = Error>> FromStr for Text<T> {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            _ if text.contains('=') => text.parse().map(Self::Set),
            _ if is_qualified(text) => Ok(Self::OfCluster(text.to_owned())),
            _ => Err(Error::usage(format!("{} is not the name of a label or an annotation", argv::name_of(text)))
                .hint("write NAME=TEXT, or the NAME of one that the Secret in the cluster has")),
        }
    }
}

/// What goes along besides values.
#[derive(Debug, Default)]
pub(super) struct Along {
    /// Labels to set.
    pub(super) labels: BTreeMap<String, String>,
    /// Annotations to set.
    pub(super) annotations: BTreeMap<String, String>,
    /// Names of labels that the Secret in the cluster has.
    pub(super) live_labels: Vec<String>,
    /// The same of annotations.
    pub(super) live_annotations: Vec<String>,
}

impl Along {
    /// Refuses to take something along from a Secret that is not read.
    pub(super) fn needs_no_secret(&self) -> Result<()> {
        for (flag, names) in [("--label", &self.live_labels), ("--annotation", &self.live_annotations)] {
            if !names.is_empty() {
                return Err(Error::usage(format!("`{flag}` needs `NAME=TEXT`"))
                    .because("all values come from sources, so no Secret is read that it could be taken from")
                    .hint(format!("write {flag} NAME=TEXT, such as {flag} app=web")));
            }
        }
        Ok(())
    }
}

/// Sorts labels and annotations.
pub(super) fn along(labels: Vec<Text<Label>>, annotations: Vec<Text<Annotation>>) -> Result<Along> {
    let mut along = Along::default();
    for label in labels {
        match label {
            Text::Set(Label(name, text)) => drop(along.labels.insert(name, text)),
            Text::OfCluster(name) => along.live_labels.push(name),
        }
    }
    for annotation in annotations {
        match annotation {
            Text::Set(Annotation(name, text)) => drop(along.annotations.insert(name, text)),
            Text::OfCluster(name) => along.live_annotations.push(name),
        }
    }
    check_along(&along.live_labels, "--label")?;
    check_along(&along.live_annotations, "--annotation")?;
    let last_applied: Vec<String> = along.annotations.keys().cloned().collect();
    check_along(&last_applied, "--annotation")?;
    if along.annotations.keys().chain(&along.live_annotations).any(|name| says_scope(name)) {
        return Err(Error::usage("the scope is not set by an annotation").hint("name it with --scope"));
    }
    Ok(along)
}
