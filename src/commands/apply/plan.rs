//! Looks at every Secret, without a value, and says what is to be done as far as that can be known.

use std::collections::BTreeSet;

use futures::stream::{self, StreamExt};

use crate::commands::change::{Looked, divide, look};
use crate::commands::desired::Desired;
use crate::commands::set::check_public;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::names::KeyName;
use crate::plan::age::FIELD_MANAGER;
use crate::plan::edit::Keys;
use crate::report::{ApplyKey, ApplyResult, ApplyView, BesideKeys, KeyChange};
use crate::sources::{KeySource, KeySources};

use super::Wishes;

/// One document, and what is to be done.
#[derive(Debug)]
pub(super) struct Planned {
    /// The document.
    pub(super) desired: Desired,
    /// What is there, or why nothing can be done.
    pub(super) state: State,
    /// What becomes of its keys, as far as that is known without a value.
    pub(super) keys: Vec<ApplyKey>,
    /// What is changed beside them, as far as that is known.
    pub(super) beside: Vec<BesideKeys>,
}

/// What is there.
#[derive(Debug)]
pub(super) enum State {
    /// No Secret of that name.
    Absent,
    /// One that can be changed.
    There(Box<Looked>),
    /// Nothing can be done.
    Failed(Error),
}

impl Planned {
    /// Tells whether sources are to be asked, or something is to be written.
    pub(super) fn may_write(&self) -> bool {
        match &self.state {
            State::Failed(_) => false,
            State::Absent => true,
            State::There(_) => {
                !self.beside.is_empty()
                    || self.keys.iter().any(|key| key.change != KeyChange::Keep)
                    || self.needs_look_inside()
            }
        }
    }

    /// Tells whether texts of annotations, or whether it is immutable, must be compared: no metadata tells them.
    pub(super) fn needs_look_inside(&self) -> bool {
        let spec = &self.desired.spec;
        spec.immutable.is_some() || !spec.metadata.annotations.is_empty()
    }

    /// Returns the place in the files.
    pub(super) fn place(&self) -> (&str, usize) {
        (&self.desired.file, self.desired.document)
    }

    /// Says what would be done.
    pub(super) fn view(&self) -> ApplyView {
        let changes = |change| self.keys.iter().any(|key| key.change == change);
        let known =
            !self.beside.is_empty() || [KeyChange::Add, KeyChange::Replace, KeyChange::Remove].into_iter().any(changes);
        let result = match &self.state {
            State::Failed(error) => return ApplyView::failed(&self.desired.target, self.place(), error),
            State::Absent => ApplyResult::WouldCreate,
            State::There(_) if known => ApplyResult::WouldConfigure,
            State::There(_) if changes(KeyChange::Compare) || self.needs_look_inside() => ApplyResult::WouldCompare,
            State::There(_) => ApplyResult::Unchanged,
        };
        ApplyView::new(&self.desired.target, self.place(), result, self.keys.clone(), self.beside.clone())
    }

    /// Returns why nothing can be done.
    pub(super) fn into_error(self) -> Option<Error> {
        if let State::Failed(error) = self.state { Some(error) } else { None }
    }
}

/// Looks at all, some at the same time.
pub(super) async fn look_at_all(documents: Vec<Desired>, wishes: &Wishes, ctx: &Context) -> Vec<Planned> {
    let task = ctx.ui.task("looking at the Secrets");
    let looks = documents.into_iter().map(|desired| plan(desired, wishes, ctx));
    let mut looks = std::pin::pin!(stream::iter(looks).buffered(wishes.parallel));
    let mut planned = Vec::new();
    while let Some(next) = looks.next().await {
        planned.push(next);
        task.count(planned.len());
    }
    planned
}

async fn plan(desired: Desired, wishes: &Wishes, ctx: &Context) -> Planned {
    match find(&desired, wishes, ctx).await {
        Ok((state, keys, beside)) => Planned { desired, state, keys, beside },
        Err(error) => Planned { desired, state: State::Failed(error), keys: Vec::new(), beside: Vec::new() },
    }
}

async fn find(desired: &Desired, wishes: &Wishes, ctx: &Context) -> Result<(State, Vec<ApplyKey>, Vec<BesideKeys>)> {
    let none = Keys { known: BTreeSet::new(), complete: true };
    let Some(found) = ctx.cluster().await?.find(&desired.target).await? else {
        return Ok((State::Absent, keys(desired, &none, wishes)?, Vec::new()));
    };
    let mut looked = Looked::found(found, &desired.target, wishes.override_owner, ctx)?;
    if !looked.keys.complete {
        // managedFields do not name every key: the Secret is read, if it may be.
        looked = look(&desired.target, false, wishes.override_owner, ctx).await?;
    }
    check_type(desired, &looked)?;
    check_public(&KeySources::new(desired.stored.clone())?, &wishes.allowed, &looked)?;
    let mut keys = keys(desired, &looked.keys, wishes)?;
    if wishes.prune {
        let remove = |key| ApplyKey { name: key, change: KeyChange::Remove, source: None };
        keys.extend(pruned(desired, &looked).into_iter().map(remove));
    }
    let beside = beside(desired, &looked, &keys);
    Ok((State::There(Box::new(looked)), keys, beside))
}

/// What becomes of each key of the document.
fn keys(desired: &Desired, there: &Keys, wishes: &Wishes) -> Result<Vec<ApplyKey>> {
    let (kept, asked) = divide(&KeySources::new(desired.stored.clone())?, there, &wishes.renew)?;
    let of = |group: &KeySource, change: &dyn Fn(&KeyName) -> KeyChange| -> Vec<ApplyKey> {
        let summary = |index: usize| Some(group.source_of(index).summary());
        let one = |(index, key): (usize, &KeyName)| ApplyKey {
            name: key.clone(),
            change: change(key),
            source: summary(index),
        };
        group.keys().iter().enumerate().map(one).collect()
    };
    let mut keys: Vec<ApplyKey> = kept.iter().flat_map(|group| of(group, &|_| KeyChange::Keep)).collect();
    for group in &asked {
        let made = group.source().fills_missing_only();
        keys.extend(of(group, &|key| match there.has(key) {
            Some(false) => KeyChange::Add,
            Some(true) if made => KeyChange::Replace,
            _ => KeyChange::Compare,
        }));
    }
    for template in &desired.templates {
        let change = match there.has(&template.key) {
            Some(false) => KeyChange::Add,
            _ if wishes.renew.contains(&template.key) => KeyChange::Replace,
            _ => KeyChange::Compare,
        };
        keys.push(ApplyKey { name: template.key.clone(), change, source: Some("template".to_owned()) });
    }
    keys.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(keys)
}

/// Keys that our record says we wrote, that nobody else has written since, and that the document does not name.
fn pruned(desired: &Desired, looked: &Looked) -> Vec<KeyName> {
    let metadata = looked.metadata();
    let ours = |key: &&KeyName| {
        metadata.record(key).is_some()
            && metadata.owners(key).iter().all(|owner| owner.manager == FIELD_MANAGER)
            && !desired.has(key)
    };
    looked.keys.known.iter().filter(ours).cloned().collect()
}

/// What is to be changed beside keys, as far as metadata tells it.
fn beside(desired: &Desired, looked: &Looked, keys: &[ApplyKey]) -> Vec<BesideKeys> {
    let metadata = looked.metadata();
    let mut beside = Vec::new();
    let differs = |(name, text): (&String, &String)| metadata.labels.get(name) != Some(text);
    if desired.labels().iter().any(differs) {
        beside.push(BesideKeys::Labels);
    }
    if desired.spec.metadata.annotations.keys().any(|name| !metadata.annotations.names.contains(name)) {
        beside.push(BesideKeys::Annotations);
    }
    if policy(desired, looked, keys).is_some() {
        beside.push(BesideKeys::Policy);
    }
    beside
}

/// The policy that is to be written; `None` if it is there already, or nothing is said of one.
pub(super) fn policy(
    desired: &Desired,
    looked: &Looked,
    keys: &[ApplyKey],
) -> Option<Option<crate::plan::policy::Policy>> {
    let before = looked.metadata().annotations.policy.as_ref();
    let mut policy = desired.policy(before).or_else(|| before.cloned())?;
    // A key that goes takes its rule along.
    for key in keys.iter().filter(|key| key.change == KeyChange::Remove) {
        policy.keys.remove(&key.name);
    }
    let policy = (!policy.keys.is_empty()).then_some(policy);
    (policy.as_ref() != before).then_some(policy)
}

fn check_type(desired: &Desired, looked: &Looked) -> Result<()> {
    let (target, there) = (&desired.target, &looked.outline.secret_type);
    match &desired.spec.secret_type {
        Some(wanted) if wanted != there => Err(Error::refused(format!(
            "secret `{}` in namespace `{}` has the type {there}",
            target.name, target.namespace
        ))
        .because(format!("a type cannot be changed, and {wanted} is asked for"))
        .hint(format!("write type: {there}, or give the new one another name"))),
        _ => Ok(()),
    }
}
