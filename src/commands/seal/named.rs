//! A Secret that is named: values of the cluster and from sources.

use crate::commands::pick;
use crate::context::Context;
use crate::error::{Error, Outcome, Result};
use crate::names::SecretName;
use crate::output::ManifestFormat;
use crate::plan::Target;
use crate::process::fault;
use crate::sources::{self, Allowed, Ask, KeySources};

use super::live::Live;
use super::receiver::{Item, Receiver};
use super::wanted::{Along, Wanted, split};

/// What is asked for.
#[derive(Debug)]
pub(super) struct Named {
    /// The Secret; none if it is to be picked.
    pub(super) name: Option<SecretName>,
    /// Its keys, and sources.
    pub(super) keys: Vec<Wanted>,
    /// Its type, if one is named.
    pub(super) secret_type: Option<String>,
    /// What the user takes upon themselves.
    pub(super) allowed: Allowed,
    /// What goes along.
    pub(super) along: Along,
}

/// Runs `seal NAME`.
pub(super) async fn run(wanted: Named, to: &Receiver, format: ManifestFormat, ctx: &Context) -> Result<Outcome> {
    let name = match pick::secret(wanted.name.clone(), "seal NAME", ctx).await? {
        Ok(name) => name,
        Err(outcome) => return Ok(outcome),
    };
    let target = ctx.target(name).await?;
    let Some((item, key)) = fill(wanted, target, to, None, ctx).await? else { return Ok(Outcome::Declined) };
    key.print(vec![item], format)?;
    Ok(Outcome::Done)
}

/// Gets the values, once the receiver is believed; `None` if the user does not.
///
/// `known_type` is the type of what they are for, where that is there already.
pub(super) async fn fill<'a>(
    wanted: Named,
    target: Target,
    to: &'a Receiver,
    known_type: Option<String>,
    ctx: &Context,
) -> Result<Option<(Item, super::receiver::Trusted<'a>)>> {
    let (of_cluster, from_sources) = split(wanted.keys)?;
    let sources = KeySources::new(from_sources)?;
    let new = sources.groups().iter().flat_map(|group| group.keys());
    if let Some(twice) = of_cluster.iter().find(|key| new.clone().any(|new| new == *key)) {
        return Err(Error::usage(format!("key `{twice}` is named twice")).hint("name each key once"));
    }
    let reads = !of_cluster.is_empty() || sources.groups().is_empty();
    if !reads {
        wanted.along.needs_no_secret()?;
    }
    ctx.journal.about(&target, of_cluster.iter().chain(new));
    let allowed = wanted.allowed;
    let given = wanted.secret_type.or(known_type);
    let secret_type = given.clone().unwrap_or_else(|| "Opaque".to_owned());
    let ask = |keys| Ask { keys, target: &target, secret_type: &secret_type, allowed: &allowed, flag: None };
    sources.check(ask)?;
    let Some(trusted) = to.trusted(&target, ctx).await? else { return Ok(None) };
    sources.prepare(ask)?;
    // What is sealed leaves the cluster, as ciphertext.
    if reads {
        ctx.confirm_protected().await?;
    }
    let live = if reads { Some(Live::read(&target, &of_cluster, &wanted.along, ctx).await?) } else { None };
    let Live { mut values, mut template } = live.unwrap_or_default();
    if !sources.groups().is_empty() {
        values.extend(sources::fill(&sources, &target, &secret_type, &allowed, ctx).await?);
    }
    fault::point("after-fill");
    if !reads || given.is_some() {
        template.secret_type = secret_type;
    }
    template.labels.extend(wanted.along.labels);
    template.annotations.extend(wanted.along.annotations);
    Ok(Some((Item { target, template, values }, trusted)))
}
