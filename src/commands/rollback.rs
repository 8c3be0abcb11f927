//! `rollback`: back to the values of a kept version, on the same path as `rotate`.

use std::collections::BTreeMap;

use crate::context::Context;
use crate::error::{Error, Outcome, Result};
use crate::names::{KeyName, SecretName};
use crate::plan::companions::{Kept, Version};
use crate::plan::edit::Missing;
use crate::plan::{Target, Verb};
use crate::sources::{self, Allowed, KeySource};

use super::change::{ChangeFlags, RestartFlags, SafetyFlags};
use super::pick;
use super::rotation;
use super::set::{RotationFlags, Values, put};

/// Put back values of a kept version of a Secret
///
/// `rotate --history N` keeps what it replaces, each time in a Secret of its own, NAME.secretsafe-v1 and so on. Without
/// --to the newest of them comes back. With --to N each key becomes what it was before the rotation that made version N.
/// What is replaced now is kept in the same way, so that this can be undone as well, unless --history says otherwise.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  kubectl secretsafe rollback db
  kubectl secretsafe rollback db password --restart=auto
  kubectl secretsafe rollback db --to 3 --yes")]
pub(crate) struct RollbackArgs {
    /// Name of the Secret; without one, pick from a list
    name: Option<SecretName>,

    /// Keys to put back; without one, all that the version has
    #[arg(value_name = "KEY")]
    keys: Vec<KeyName>,

    /// Number of the version
    #[arg(long, value_name = "VERSION")]
    to: Option<u64>,

    #[command(flatten)]
    restart: RestartFlags,

    #[command(flatten)]
    safety: SafetyFlags,

    #[command(flatten)]
    flags: ChangeFlags,
}

/// Runs `rollback`.
pub(crate) async fn run(args: RollbackArgs, ctx: &Context) -> Result<Outcome> {
    let name = match pick::secret(args.name, "rollback NAME", ctx).await? {
        Ok(name) => name,
        Err(outcome) => return Ok(outcome),
    };
    let target = ctx.target(name.clone()).await?;
    let seen = ctx.cluster().await?.describe_for_change(&target, args.flags.write_only).await?;
    let kept = seen.object.metadata.annotations.kept.unwrap_or_default();
    let mut groups: BTreeMap<u64, (Vec<KeyName>, Version)> = BTreeMap::new();
    for (key, version) in choose(&kept, args.to, &args.keys, &target)? {
        groups.entry(version.n).or_insert_with(|| (Vec::new(), version.clone())).0.push(key.clone());
    }
    let groups = groups.into_values().map(|(keys, version)| {
        let place = rotation::version_place(&target, version.n)?;
        Ok(KeySource::of(keys, sources::kept(place, version)))
    });
    let values = Values {
        name,
        keys: groups.collect::<Result<_>>()?,
        allowed: Allowed::default(),
        missing: Missing::Add,
        verb: Verb::RolledBack,
        flags: args.flags,
        rotation: Some(RotationFlags {
            restart: args.restart,
            safety: args.safety,
            history: u64::try_from(kept.versions.len()).unwrap_or(u64::MAX),
        }),
    };
    put(values, ctx).await
}

/// Says which version each key comes from.
fn choose<'a>(
    kept: &'a Kept,
    to: Option<u64>,
    keys: &[KeyName],
    target: &Target,
) -> Result<BTreeMap<&'a KeyName, &'a Version>> {
    let Target { name, namespace, .. } = target;
    let there: Vec<String> = kept.versions.iter().map(|version| version.n.to_string()).collect();
    let Some(newest) = kept.versions.last() else {
        return Err(Error::usage(format!("secret `{name}` in namespace `{namespace}` has no kept version"))
            .hint(format!("versions are kept from now on with: kubectl secretsafe rotate {name} KEY --history 2")));
    };
    if let Some(to) = to.filter(|to| kept.versions.iter().all(|version| version.n != *to)) {
        return Err(Error::usage(format!("secret `{name}` in namespace `{namespace}` has no version {to}"))
            .hint(format!("there are: {}", there.join(", "))));
    }
    let mut found: BTreeMap<&KeyName, &Version> = match to {
        Some(number) => kept.before(number),
        // The newest that has the key; without keys, all of the newest.
        None if keys.is_empty() => newest.keys.iter().map(|key| (key, newest)).collect(),
        None => kept.versions.iter().flat_map(|version| version.keys.iter().map(move |key| (key, version))).collect(),
    };
    if let Some(missing) = keys.iter().find(|key| !found.contains_key(*key)) {
        return Err(Error::usage(format!(
            "no kept version of secret `{name}` in namespace `{namespace}` has key `{missing}`"
        ))
        .hint(format!("see what they have: kubectl secretsafe view {name} -n {namespace}")));
    }
    if !keys.is_empty() {
        found.retain(|key, _| keys.contains(key));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn kept(versions: &[(u64, &[&str])]) -> Kept {
        let version = |(n, keys): &(u64, &[&str])| Version {
            n: *n,
            uid: format!("u{n}"),
            at: Timestamp::UNIX_EPOCH,
            op: String::new(),
            keys: keys.iter().map(|key| KeyName::checked(key).unwrap()).collect(),
        };
        Kept { v: 1, last: 9, versions: versions.iter().map(version).collect() }
    }

    fn target() -> Target {
        Target {
            context: "c".into(),
            server: "s".into(),
            fingerprint: "f".into(),
            namespace: "prod".parse().unwrap(),
            name: "db".parse().unwrap(),
        }
    }

    fn chosen(list: &Kept, to: Option<u64>, keys: &[&str]) -> Result<Vec<(String, u64)>> {
        let keys: Vec<KeyName> = keys.iter().map(|key| KeyName::checked(key).unwrap()).collect();
        let found = choose(list, to, &keys, &target())?;
        Ok(found.into_iter().map(|(key, version)| (key.to_string(), version.n)).collect())
    }

    #[test]
    fn the_newest_version_that_has_the_key_comes_back() {
        let list = kept(&[(1, &["a", "b"]), (2, &["b"]), (4, &["a"])]);
        assert_eq!(chosen(&list, None, &[]).unwrap(), [("a".into(), 4)]);
        assert_eq!(chosen(&list, None, &["b"]).unwrap(), [("b".into(), 2)]);
        assert_eq!(chosen(&list, Some(1), &[]).unwrap(), [("a".into(), 1), ("b".into(), 1)]);
        assert_eq!(chosen(&list, Some(2), &[]).unwrap(), [("a".into(), 4), ("b".into(), 2)]);
    }

    #[test]
    fn what_is_not_kept_is_said() {
        let list = kept(&[(1, &["a"]), (4, &["a"])]);
        assert!(chosen(&list, Some(3), &[]).unwrap_err().hints().concat().contains("1, 4"));
        assert!(chosen(&list, None, &["z"]).unwrap_err().message().contains("`z`"));
        assert!(chosen(&kept(&[]), None, &[]).unwrap_err().message().contains("no kept version"));
    }
}
