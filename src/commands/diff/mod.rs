//! `diff`: what would change, or what differs between two Secrets; values are compared, never shown.

use std::collections::BTreeMap;

use crate::cli::argv;
use crate::context::Context;
use crate::error::{Error, Outcome, Result};
use crate::names::{KeyName, Namespace, SecretName};
use crate::output::{self, Format};
use crate::plaintext::wire::LiveSecret;
use crate::plaintext::{SecretValue, compare, facts};
use crate::plan::Target;
use crate::report::{KeyDiff, SecretDiff, Side, Status};
use crate::sources::{Allowed, Ask, KeySource, KeySources, fill};

use super::pick;
use super::set::keys_or_pick;

pub(crate) mod external;
mod files;
mod sources;

use files::FileArgs;

/// Compare values with a live Secret, or two live Secrets, without showing a value
///
/// With KEY[=SOURCE], the values of the sources are compared with those in the cluster. With --with, two
/// Secrets are compared, also of other namespaces and clusters. With -f, the Secrets of manifests are compared with
/// those in the cluster, as kustomize and Helm write them; objects of other kinds are counted only. A manifest that
/// names another namespace than the one in use is refused, unless you pass -A. Exit code 0: no difference, 1:
/// differences.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  kubectl secretsafe diff db password=keychain:team/db-password
  kubectl secretsafe diff db --with staging/db
  kubectl secretsafe diff db --with other-cluster:prod/db -o json
  kubectl secretsafe diff -f manifests/ -R -n prod
  kustomize build overlays/prod | kubectl secretsafe diff -f - -A -o json")]
pub(crate) struct DiffArgs {
    /// Name of the Secret; without one, pick from a list
    name: Option<SecretName>,

    /// Keys to compare, and where the wanted values come from, as KEY[=SOURCE]; without one, pick
    /// from a list
    #[arg(value_name = "KEY[=SOURCE]", conflicts_with = "with")]
    keys: Vec<KeySource>,

    /// Other Secret to compare with
    #[arg(long, value_name = "[CONTEXT:][NAMESPACE/]NAME")]
    with: Option<Other>,

    #[command(flatten)]
    files: FileArgs,

    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    output: Format,
}

/// Another Secret; the context ends at the last colon.
#[derive(Debug, Clone)]
struct Other {
    context: Option<String>,
    namespace: Option<Namespace>,
    name: SecretName,
}

impl std::str::FromStr for Other {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (context, rest) = match text.rsplit_once(':') {
            Some((context, rest)) if !context.is_empty() => (Some(context.to_owned()), rest),
            _ => (None, text),
        };
        let parts = match rest.split_once('/') {
            Some((namespace, name)) => namespace.parse().ok().map(Some).zip(name.parse().ok()),
            None => rest.parse().ok().map(|name| (None, name)),
        };
        let (namespace, name) = parts.ok_or_else(|| {
            Error::usage(format!("{} is not the name of another Secret", argv::name_of(text)))
                .hint("write --with NAME, --with NAMESPACE/NAME or --with CONTEXT:NAMESPACE/NAME")
        })?;
        Ok(Self { context, namespace, name })
    }
}

/// Runs `diff`.
pub(crate) async fn run(args: DiffArgs, ctx: &Context) -> Result<Outcome> {
    if args.files.is_given() {
        return files::run(&args.files, &args.output, ctx).await;
    }
    let name = match pick::secret(args.name, "diff NAME KEY", ctx).await? {
        Ok(name) => name,
        Err(outcome) => return Ok(outcome),
    };
    let report = match args.with {
        Some(other) => live(name, other, ctx).await?,
        None => {
            let keys = match keys_or_pick(args.keys, &name, "diff", ctx).await? {
                Ok(keys) => keys,
                Err(outcome) => return Ok(outcome),
            };
            desired(name, keys, ctx).await?
        }
    };
    output::write(&report, Some(&args.output))?;
    Ok(if report.is_different() { Outcome::Differences } else { Outcome::Done })
}

/// Compares what sources give with what is stored.
async fn desired(name: SecretName, keys: Vec<KeySource>, ctx: &Context) -> Result<SecretDiff> {
    let sources = KeySources::new(keys)?;
    if let Some(group) = sources.groups().iter().find(|group| group.source().scheme() == "generate") {
        let key = group.keys().first().map_or("KEY", KeyName::as_str);
        return Err(Error::usage(format!("key `{key}`: a value that is generated now differs from every other"))
            .hint(format!("to replace it, type: kubectl secretsafe rotate {name} {key}=generate")));
    }
    let target = ctx.target(name).await?;
    let allowed = Allowed::default();
    let ask = |keys| Ask { keys, target: &target, secret_type: "", allowed: &allowed, flag: None };
    ctx.journal.about(&target, sources.groups().iter().flat_map(|group| group.keys()));
    sources.check(ask)?;
    sources.prepare(ask)?;
    let found = ctx.cluster().await?.secret(&target).await?.object;
    let wanted = fill(&sources, &target, &found.secret_type, &allowed, ctx).await?;
    let rows = wanted.iter().map(|(key, value)| key_diff(key, found.values.get(key), Some(value))).collect();
    Ok(SecretDiff::desired(Side::of(&target), rows))
}

/// Compares two Secrets as they are stored.
async fn live(name: SecretName, other: Other, ctx: &Context) -> Result<SecretDiff> {
    let elsewhere = ctx.elsewhere(other.context, other.namespace);
    let (left, right) = (ctx.target(name).await?, elsewhere.target(other.name).await?);
    if left.fingerprint != right.fingerprint {
        // The values of one cluster are read next to those of another.
        ctx.confirm_protected().await?;
        elsewhere.confirm_protected().await?;
    }
    let (first, second) = tokio::try_join!(fetch(&left, ctx), fetch(&right, &elsewhere))?;
    let rows = union(&first.values, &second.values)
        .into_iter()
        .map(|key| key_diff(key, first.values.get(key), second.values.get(key)))
        .collect();
    let text = |secret: &LiveSecret| secret.secret_type.clone();
    let labels = names(&first.metadata.labels, &second.metadata.labels, |a, b| a == b);
    let annotations = names(&first.annotations, &second.annotations, compare::same);
    Ok(SecretDiff::live(Side::of(&left), Side::of(&right), rows)
        .with_type(text(&first), text(&second))
        .with_immutable(first.immutable, second.immutable)
        .with_names(labels, annotations))
}

async fn fetch(target: &Target, ctx: &Context) -> Result<LiveSecret> {
    Ok(ctx.cluster().await?.secret(target).await?.object)
}

fn key_diff(key: &KeyName, left: Option<&SecretValue>, right: Option<&SecretValue>) -> KeyDiff {
    let status = status(left, right, compare::same);
    KeyDiff::new(key, status, left.map(facts::of), right.map(facts::of))
}

fn status<T>(left: Option<&T>, right: Option<&T>, same: impl Fn(&T, &T) -> bool) -> Status {
    match (left, right) {
        (Some(left), Some(right)) if same(left, right) => Status::Same,
        (Some(_), Some(_)) => Status::Changed,
        (None, _) => Status::Added,
        (Some(_), None) => Status::Removed,
    }
}

fn union<'a, K: Ord, T>(left: &'a BTreeMap<K, T>, right: &'a BTreeMap<K, T>) -> std::collections::BTreeSet<&'a K> {
    left.keys().chain(right.keys()).collect()
}

/// Compares texts by name. Our own records differ between any two Secrets and are left out.
fn names<T>(
    left: &BTreeMap<String, T>,
    right: &BTreeMap<String, T>,
    same: impl Fn(&T, &T) -> bool,
) -> Vec<(String, Status)> {
    union(left, right)
        .into_iter()
        .filter(|name| !name.starts_with(crate::plan::record::PREFIX))
        .map(|name| (name.clone(), status(left.get(name), right.get(name), &same)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_context_ends_at_the_last_colon() {
        let other: Other = "arn:aws:eks:eu:1:cluster/x:prod/db".parse().unwrap();
        assert_eq!(other.context.as_deref(), Some("arn:aws:eks:eu:1:cluster/x"));
        assert_eq!(other.namespace.map(|n| n.to_string()).as_deref(), Some("prod"));
        assert_eq!("db".parse::<Other>().unwrap().name.as_str(), "db");
        assert!("a/b/c".parse::<Other>().is_err());
        assert!("UPPER".parse::<Other>().is_err());
    }
}
