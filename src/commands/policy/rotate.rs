//! What `rotate NAME` without keys takes from the policy.

use crate::config::Restart;
use crate::context::Context;
use crate::error::Result;
use crate::names::SecretName;
use crate::sources::{AllowedSources, KeySource, of_policy};

/// What a policy wants.
#[derive(Debug)]
pub(crate) struct OfPolicy {
    /// The keys with their sources.
    pub(crate) keys: Vec<KeySource>,
    /// Which workloads it restarts.
    pub(crate) restart: Option<Restart>,
    /// How many versions it keeps.
    pub(crate) kept: u64,
}

/// Returns the keys of the policy with their sources, within requirement S1, and what else it wants.
///
/// `None` where there is no policy.
pub(crate) async fn of_secret(
    name: &SecretName,
    write_only: bool,
    listed: &AllowedSources,
    ctx: &Context,
) -> Result<Option<OfPolicy>> {
    let target = ctx.target(name.clone()).await?;
    let found = ctx.cluster().await?.describe_for_change(&target, write_only).await?.object;
    if found.metadata.has_unreadable_policy() {
        ctx.ui.warn(&format!("the annotation of secret `{name}` is no policy that can be read, and counts as none"));
    }
    let Some(policy) = &found.metadata.annotations.policy else { return Ok(None) };
    let source = |(key, rule): (&_, &crate::plan::policy::Rule)| {
        of_policy(key, &rule.source, &target, &found.secret_type, listed)
    };
    let keys = policy.keys.iter().map(source).collect::<Result<_>>()?;
    // Who has no right to read the old values cannot keep them.
    let kept = if write_only { 0 } else { u64::from(policy.kept()) };
    Ok(Some(OfPolicy { keys, restart: policy.restart, kept }))
}
