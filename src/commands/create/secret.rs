//! What every kind of `create` does: check, plan, ask, send, report.

use crate::commands::change::{DryRun, store_new};
use crate::context::Context;
use crate::error::{Error, Outcome, Result};
use crate::names::{KeyName, SecretName};
use crate::output;
use crate::plaintext::facts;
use crate::plan::create::{Shape, plan};
use crate::plan::record::{Author, new_op};
use crate::plan::{Target, Verb};
use crate::process::fault;
use crate::report::{KeyView, PlanView, SecretView};
use crate::sources::{self, Allowed, Ask, KeySource, KeySources};

use super::apply::{Wanted, update};
use super::flags::CreateFlags;

/// A Secret to be made.
#[derive(Debug)]
pub(super) struct NewSecret {
    /// Its name.
    pub(super) name: SecretName,
    /// Its type.
    pub(super) secret_type: String,
    /// Its keys and their sources.
    pub(super) keys: Vec<KeySource>,
    /// What else was asked for.
    pub(super) flags: CreateFlags,
}

/// Makes the Secret, or updates it with `--apply`.
pub(super) async fn make(new: NewSecret, ctx: &Context) -> Result<Outcome> {
    let NewSecret { name, secret_type, keys, flags: args } = new;
    let sources = KeySources::new(keys)?;
    let shape = Shape {
        secret_type,
        immutable: args.immutable,
        labels: args.labels.into_iter().map(|label| (label.0, label.1)).collect(),
        annotations: args.annotations.into_iter().map(|annotation| (annotation.0, annotation.1)).collect(),
    };
    let allowed = Allowed::from(args.allowed);
    let target = ctx.target(name).await?;
    let plan = plan(target.clone(), &shape, &sources);
    let ask = |keys| Ask { keys, target: &target, secret_type: &shape.secret_type, allowed: &allowed, flag: None };
    ctx.journal.about(&target, sources.groups().iter().flat_map(|group| group.keys()));
    sources.check(ask)?;
    if args.dry_run == DryRun::Client {
        output::write(&PlanView::new(Verb::Created, plan), args.output.as_ref())?;
        return Ok(Outcome::Done);
    }
    sources.prepare(ask)?;
    if args.dry_run == DryRun::None {
        ctx.confirm_protected().await?;
    }
    if args.apply {
        let wanted = Wanted {
            target: &target,
            shape: &shape,
            sources: &sources,
            allowed: &allowed,
            renew: &args.renew,
            dry_run: args.dry_run,
            output: args.output.clone(),
            override_owner: args.override_owner,
        };
        check_renew(&args.renew, &sources)?;
        if update(&wanted, ctx).await? {
            return Ok(Outcome::Done);
        }
    }
    let view = create(&target, &shape, &sources, &allowed, args.dry_run == DryRun::Server, ctx).await?;
    output::write(&view, args.output.as_ref())?;
    Ok(Outcome::Done)
}

/// Refuses to renew a key that is not asked for.
fn check_renew(renew: &[KeyName], sources: &KeySources) -> Result<()> {
    let named = |key: &KeyName| sources.groups().iter().any(|group| group.keys().contains(key));
    match renew.iter().find(|key| !named(key)) {
        Some(key) => Err(Error::usage(format!("`--renew {key}` needs a source for key `{key}`"))
            .hint(format!("name it as well, such as {key}=generate"))),
        None => Ok(()),
    }
}

/// Fills the keys, sends the Secret, and leaves an Event.
async fn create(
    target: &Target,
    shape: &Shape,
    sources: &KeySources,
    allowed: &Allowed,
    dry_run: bool,
    ctx: &Context,
) -> Result<SecretView> {
    let cluster = ctx.cluster().await?;
    // Before anybody types a value: is the server there, and who are we to it?
    let identity = cluster.identify_for("create", target).await?;
    let filled = sources::fill(sources, target, &shape.secret_type, allowed, ctx).await?;
    fault::point("after-fill");
    let author = Author { by: identity.user.clone(), at: identity.now(), op: new_op()? };
    let facts: Vec<_> = filled.iter().map(|(key, value)| (key.clone(), facts::of(value))).collect();
    let from = sources.provenance(allowed);
    let (metadata, change) = store_new(target, shape, filled, &from, &author, dry_run, ctx).await?;
    let now = identity.now();
    let row = |(key, facts)| KeyView::new(&key, &metadata, Some(facts), false, now);
    let rows = facts.into_iter().map(row).collect();
    Ok(SecretView::new(&metadata, shape.secret_type.clone(), Some(shape.immutable), rows, now).with_change(change))
}
