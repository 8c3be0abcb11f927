//! `create … --apply`: the named keys exist afterwards, however often it runs.
//!
//! Sources that make or ask for a value (`generate`, `prompt`, pipes) mean "the key must exist": a key
//! that is there is kept, unless `--renew` names it. Other sources are compared with what is stored.

use crate::commands::change::{Beside, ChangeFlags, Done, DryRun, Looked, Write, divide, finish, look, write};
use crate::commands::set::{author, check_public};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::names::KeyName;
use crate::output::{self, Format};
use crate::plaintext::wire::{Edits, LiveSecret};
use crate::plaintext::{compare, facts};
use crate::plan::create::Shape;
use crate::plan::{EditKind, PlannedEdit, Target, Verb};
use crate::report::UnchangedView;
use crate::sources::{self, Allowed, KeySource, KeySources};

/// What was asked for.
#[derive(Debug)]
pub(super) struct Wanted<'a> {
    pub(super) target: &'a Target,
    pub(super) shape: &'a Shape,
    pub(super) sources: &'a KeySources,
    pub(super) allowed: &'a Allowed,
    pub(super) renew: &'a [KeyName],
    pub(super) dry_run: DryRun,
    pub(super) output: Option<Format>,
    pub(super) override_owner: bool,
}

/// Updates a Secret that exists; `false` if it does not, so that it is to be created.
pub(super) async fn update(wanted: &Wanted<'_>, ctx: &Context) -> Result<bool> {
    let target = wanted.target;
    if ctx.cluster().await?.find(target).await?.is_none() {
        return Ok(false);
    }
    let looked = look(target, false, wanted.override_owner, ctx).await?;
    check_shape(wanted, &looked)?;
    check_public(wanted.sources, wanted.allowed, &looked)?;
    let (kept, asked) = divide(wanted.sources, &looked.keys, wanted.renew)?;
    let author = author(target, &looked, ctx).await?;
    let asking = KeySources::new(asked.clone())?;
    let filled = sources::fill(&asking, target, &looked.outline.secret_type, wanted.allowed, ctx).await?;
    let live = live(&asked, &looked, target, ctx).await?;
    let mut plan: Vec<PlannedEdit> =
        kept.iter().flat_map(|group| group.keys()).map(|key| edit(key, EditKind::Keep)).collect();
    let mut edits = Edits::new();
    for (key, value) in filled {
        let stored = live.as_ref().and_then(|live| live.values.get(&key));
        if stored.is_some_and(|stored| compare::same(stored, &value)) {
            plan.push(edit(&key, EditKind::Keep));
        } else {
            plan.push(edit(&key, if looked.keys.has(&key) == Some(false) { EditKind::Add } else { EditKind::Replace }));
            edits.insert(key, Some(value));
        }
    }
    drop(live);
    let flags = ChangeFlags {
        yes: true,
        dry_run: wanted.dry_run,
        output: wanted.output.clone(),
        override_owner: wanted.override_owner,
        write_only: false,
    };
    if edits.is_empty() {
        output::write(&UnchangedView::new(target), wanted.output.as_ref())?;
        return Ok(true);
    }
    let said = edits.iter().filter_map(|(key, value)| Some((key.clone(), facts::of(value.as_ref()?)))).collect();
    let change = Write {
        target,
        plan: &plan,
        edits: &edits,
        from: &asking.provenance(wanted.allowed),
        author: &author,
        verb: Verb::Configured,
        dry_run: wanted.dry_run == DryRun::Server,
        write_only: false,
        beside: &Beside::default(),
    };
    let metadata = write(&change, &looked, ctx).await?;
    drop(edits);
    let done = Done {
        verb: Verb::Configured,
        metadata: &metadata,
        facts: said,
        plan: &plan,
        op: author.op.clone(),
        restarted: &[],
    };
    finish(done, target, &looked, &flags)?;
    Ok(true)
}

fn edit(key: &KeyName, edit: EditKind) -> PlannedEdit {
    PlannedEdit { name: key.clone(), edit, source: None, old: None }
}

/// Fetches what is stored, if there is a key to compare.
async fn live(asked: &[KeySource], looked: &Looked, target: &Target, ctx: &Context) -> Result<Option<LiveSecret>> {
    let compared = asked
        .iter()
        .filter(|group| !group.source().fills_missing_only())
        .flat_map(|group| group.keys())
        .any(|key| looked.keys.has(key) != Some(false));
    if !compared {
        return Ok(None);
    }
    Ok(Some(ctx.cluster().await?.secret(target).await?.object))
}

/// What `--apply` does not change on an existing Secret is refused, not ignored.
fn check_shape(wanted: &Wanted<'_>, looked: &Looked) -> Result<()> {
    let target = wanted.target;
    if looked.outline.secret_type != wanted.shape.secret_type {
        return Err(Error::refused(format!("secret `{}` has the type {}", target.name, looked.outline.secret_type))
            .because(format!("a type cannot be changed, and {} was asked for", wanted.shape.secret_type))
            .hint(format!("add --type {}, or create it under another name", looked.outline.secret_type)));
    }
    let labels = wanted.shape.labels.iter().any(|(name, text)| looked.metadata().labels.get(name) != Some(text));
    let annotations = wanted.shape.annotations.keys().any(|name| !looked.metadata().annotations.names.contains(name));
    if labels || annotations {
        return Err(Error::refused(format!("secret `{}` has other labels or annotations", target.name))
            .because("--apply changes keys only")
            .hint(format!(
                "set them with: kubectl label secret {} …, kubectl annotate secret {} …",
                target.name, target.name
            )));
    }
    Ok(())
}
