//! `--to [CONTEXT:]NAMESPACE[/NAME]` and patterns of namespaces: where copies go.

use std::collections::BTreeSet;
use std::str::FromStr;

use crate::cli::argv;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::names::{Namespace, SecretName, fits};
use crate::plan::Target;

/// One `--to`; the context ends at the last colon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct To {
    context: Option<String>,
    namespace: Namespace,
    name: Option<SecretName>,
}

impl To {
    /// Tells whether the copy gets a name of its own.
    pub(super) fn is_renamed(&self) -> bool {
        self.name.is_some()
    }
}

impl FromStr for To {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (context, rest) = split_context(text);
        let parts = match rest.split_once('/') {
            Some((namespace, name)) => namespace.parse().ok().zip(name.parse().ok().map(Some)),
            None => rest.parse().ok().map(|namespace| (namespace, None)),
        };
        let (namespace, name) = parts.ok_or_else(|| {
            Error::usage(format!("{} is not a place to copy to", argv::name_of(text)))
                .hint("write --to NAMESPACE, --to NAMESPACE/NAME or --to CONTEXT:NAMESPACE/NAME")
        })?;
        Ok(Self { context, namespace, name })
    }
}

/// One `--all-namespaces-matching`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Matching {
    context: Option<String>,
    pattern: String,
}

impl FromStr for Matching {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (context, pattern) = split_context(text);
        let known = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '*' | '?');
        if pattern.is_empty() || !pattern.chars().all(known) {
            return Err(Error::usage(format!("{} is not a pattern of namespaces", argv::name_of(text)))
                .hint("write one such as 'team-*', in quotes: * is any text, ? one character"));
        }
        Ok(Self { context, pattern: pattern.to_owned() })
    }
}

fn split_context(text: &str) -> (Option<String>, &str) {
    match text.rsplit_once(':') {
        Some((context, rest)) if !context.is_empty() => (Some(context.to_owned()), rest),
        _ => (None, text),
    }
}

/// The clusters that copies go to: our own, and one connection for each other context that is named.
#[derive(Debug)]
pub(super) struct Clusters<'a> {
    own: &'a Context,
    others: Vec<(String, Context)>,
}

impl<'a> Clusters<'a> {
    /// Prepares a connection for each context that is named; nothing is sent.
    pub(super) fn new(own: &'a Context, to: &[To], matching: &[Matching]) -> Self {
        let named = to.iter().map(|to| &to.context).chain(matching.iter().map(|matching| &matching.context));
        let names: BTreeSet<&String> = named.flatten().collect();
        let others = names.into_iter().map(|name| (name.clone(), own.elsewhere(Some(name.clone()), None))).collect();
        Self { own, others }
    }

    fn of(&self, context: Option<&String>) -> &Context {
        let other = self.others.iter().find(|(name, _)| Some(name) == context);
        other.map_or(self.own, |(_, ctx)| ctx)
    }

    /// Lists the places for a Secret, each once, its own place left out.
    pub(super) async fn places(
        &self,
        source: &Target,
        to: &[To],
        matching: &[Matching],
    ) -> Result<Vec<(&Context, Target)>> {
        let mut places: Vec<(&Context, Target)> = Vec::new();
        let mut seen: BTreeSet<(String, String, String)> =
            BTreeSet::from([(source.fingerprint.clone(), source.namespace.to_string(), source.name.to_string())]);
        let mut add = |ctx, target: Target| {
            let new = seen.insert((target.fingerprint.clone(), target.namespace.to_string(), target.name.to_string()));
            if new {
                places.push((ctx, target));
            }
            new
        };
        for To { context, namespace, name } in to {
            let ctx = self.of(context.as_ref());
            let name = name.as_ref().unwrap_or(&source.name).clone();
            let target = Target { namespace: namespace.clone(), ..ctx.target(name).await? };
            let itself = target == *source;
            if !add(ctx, target) && itself {
                return Err(Error::usage(format!("secret `{}` cannot be copied onto itself", source.name))
                    .hint("name another namespace or another name: --to NAMESPACE/NAME"));
            }
        }
        for Matching { context, pattern } in matching {
            let ctx = self.of(context.as_ref());
            let cluster = ctx.cluster().await?;
            let found = cluster.namespaces().await.map_err(|error| {
                error.explain(&crate::cluster::error::Asked {
                    verb: "list",
                    resource: "namespaces",
                    name: None,
                    namespace: None,
                })
            })?;
            for namespace in found.into_iter().filter(|namespace| fits(pattern, namespace.as_str())) {
                add(ctx, Target { namespace, ..ctx.target(source.name.clone()).await? });
            }
        }
        Ok(places)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_namespaces_with_or_without_context_and_name() {
        let to: To = "arn:aws:eks:eu:1:cluster/x:team-a/db".parse().unwrap();
        assert_eq!(to.context.as_deref(), Some("arn:aws:eks:eu:1:cluster/x"));
        assert_eq!((to.namespace.as_str(), to.name.unwrap().as_str()), ("team-a", "db"));
        let to: To = "team-a".parse().unwrap();
        assert_eq!((to.context, to.name), (None, None));
        for bad in ["", "Team", "a/b/c", "c:", "a/"] {
            assert!(bad.parse::<To>().is_err(), "{bad}");
        }
    }

    #[test]
    fn patterns_are_of_namespaces() {
        let matching: Matching = "prod:team-*".parse().unwrap();
        assert_eq!((matching.context.as_deref(), matching.pattern.as_str()), (Some("prod"), "team-*"));
        for bad in ["", "prod:", "Team*", "team_*", "[ab]"] {
            assert!(bad.parse::<Matching>().is_err(), "{bad}");
        }
    }
}
