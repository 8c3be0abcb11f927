//! Looks at every place before anything is read or written: what would be made, what would be changed, what cannot.

use futures::stream::{self, StreamExt};

use crate::commands::change::Looked;
use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::names::KeyName;
use crate::plan::Target;
use crate::plan::edit::{Keys, absent};
use crate::ui::Task;

/// How many places are looked at, or written to, at the same time.
pub(super) const AT_ONCE: usize = 8;

/// A Secret that is copied, as far as it is known without its values.
#[derive(Debug)]
pub(super) struct Source {
    /// Where it is.
    pub(super) target: Target,
    /// Its type.
    pub(super) secret_type: String,
    /// The keys that were asked for; all if there are none.
    pub(super) keys: Vec<KeyName>,
}

/// One copy, as it is planned.
#[derive(Debug)]
pub(super) struct Planned<'a> {
    /// The connection.
    pub(super) ctx: &'a Context,
    /// The place.
    pub(super) target: Target,
    /// What is there.
    pub(super) step: Step,
}

/// What is to be done at a place.
#[derive(Debug)]
pub(super) enum Step {
    /// Make it.
    Create,
    /// Give it the keys; its others stay.
    Update(Box<Looked>),
    /// Nothing can be done.
    Fail(Error),
}

impl Source {
    /// Looks at the Secret that is to be copied; no value travels.
    pub(super) async fn look(target: Target, keys: &[KeyName], ctx: &Context) -> Result<Self> {
        let found = ctx.cluster().await?.describe(&target).await?.object;
        let known = found.metadata.known_keys();
        let known = Keys { complete: known.len() >= found.count, known };
        match keys.iter().find(|key| known.has(key) == Some(false)) {
            Some(missing) => Err(absent(missing, &known.known, &target)),
            None => Ok(Self { target, secret_type: found.secret_type, keys: keys.to_vec() }),
        }
    }
}

/// What was asked for, for every copy.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules {
    /// Update Secrets that exist.
    pub(super) apply: bool,
    /// Change what somebody else would change back.
    pub(super) override_owner: bool,
}

/// Looks at the places, some at the same time; one that cannot be looked at does not stop the others.
pub(super) async fn plan<'a>(
    source: &Source,
    places: Vec<(&'a Context, Target)>,
    rules: Rules,
    task: &Task,
) -> Vec<Planned<'a>> {
    let looks = places.into_iter().map(|(ctx, target)| async move {
        let step = step(source, &target, rules, ctx).await.unwrap_or_else(Step::Fail);
        Planned { ctx, target, step }
    });
    let mut looks = std::pin::pin!(stream::iter(looks).buffered(AT_ONCE));
    let mut planned = Vec::new();
    while let Some(look) = looks.next().await {
        planned.push(look);
        task.count(planned.len());
    }
    planned
}

async fn step(source: &Source, target: &Target, rules: Rules, ctx: &Context) -> Result<Step> {
    let found = match ctx.cluster().await?.find(target).await {
        Ok(Some(found)) => found,
        Ok(None) => return Ok(Step::Create),
        // Whoever may only create finds out with the write itself, which changes nothing that exists.
        Err(error) if !rules.apply && error.kind() == ErrorKind::Cluster => return Ok(Step::Create),
        Err(error) => return Err(error),
    };
    let Target { name, namespace, .. } = target;
    if !rules.apply {
        return Err(Error::new(
            ErrorKind::Cluster,
            format!("secret `{name}` in namespace `{namespace}` already exists"),
        )
        .hint("to give its keys these values, add --apply; its other keys stay"));
    }
    let looked = Looked::found(found, target, rules.override_owner, ctx)?;
    let secret_type = &looked.outline.secret_type;
    if *secret_type != source.secret_type {
        return Err(Error::refused(format!(
            "secret `{name}` in namespace `{namespace}` is of type `{secret_type}`, not `{}`",
            source.secret_type
        ))
        .because("the type of a Secret cannot be changed")
        .hint(format!("copy it under another name: --to {namespace}/{name}-2")));
    }
    Ok(Step::Update(Box::new(looked)))
}
