//! `rotate --resume` and `--abort`: bring a rotation that was cut off to its end, one way or the other.
//!
//! Where it stands is read from the target alone: its note lists the pending Secret, and the record of a key tells
//! whether the new values are stored. The hook's command line is given again, never read from the cluster
//! (requirement S16).

use std::collections::BTreeMap;

use crate::commands::change::{ChangeFlags, Done, HookFlags, Looked, RestartFlags, Restarts, Safety, finish};
use crate::commands::set::author;
use crate::context::Context;
use crate::error::{Error, ErrorKind, Outcome, Result};
use crate::names::{KeyName, SecretName};
use crate::plaintext::compare;
use crate::plan::companions::{Companion, NOTE, Note, written};
use crate::plan::record::{Author, Provenance};
use crate::plan::rollout::Ended;
use crate::plan::{EditKind, PlannedEdit, Target, Verb};
use crate::sources::SOURCES;

use super::interrupted::Interrupted;
use super::pending::{self, Pending};
use super::undo::{self, Undoing};
use super::{Rotated, Rotation, Values};

/// What was asked for.
#[derive(Debug)]
pub(crate) struct Resume {
    /// The Secret.
    pub(crate) name: SecretName,
    /// The flags of every change.
    pub(crate) flags: ChangeFlags,
    /// The hook, given again.
    pub(crate) hook: HookFlags,
    /// What happens to workloads, if it is to be another than before.
    pub(crate) restart: RestartFlags,
}

/// A rotation that was cut off, as it was found.
struct Found {
    target: Target,
    looked: Looked,
    note: Note,
    hook: Option<crate::commands::change::Hook>,
    restarts: Restarts,
}

/// Finds it; without one, says so, and what else there is.
async fn find(asked: &Resume, aborts: bool, ctx: &Context) -> Result<Option<Found>> {
    let hook = asked.hook.find()?;
    let target = ctx.target(asked.name.clone()).await?;
    let found = ctx.cluster().await?.describe_for_change(&target, false).await?;
    let looked = Looked::listed(found.object, found.now);
    let Some(note) = looked.metadata().annotations.pending.clone() else {
        if looked.metadata().annotations.names.contains(NOTE) {
            // Says that it cannot be read.
            looked.check_pending(&target)?;
        }
        return not_listed(&target, &looked, aborts, asked.flags.yes, ctx).await.map(|()| None);
    };
    let Target { name, namespace, .. } = &target;
    match (&hook, note.hook) {
        (None, true) => {
            return Err(Error::usage(format!("the rotation of secret `{name}` in namespace `{namespace}` has a hook"))
                .because("its program is never read from the cluster")
                .hint("give it again, with its arguments, behind all else: --hook PROGRAM"));
        }
        (Some(_), false) => {
            return Err(Error::usage(format!(
                "the rotation of secret `{name}` in namespace `{namespace}` has no hook"
            ))
            .hint("leave out --hook"));
        }
        _ => {}
    }
    let restarts = asked.restart.plan_as(note.restart, &target, &looked, ctx).await?;
    Ok(Some(Found { target, looked, note, hook, restarts }))
}

/// Goes on from where it was cut off.
pub(crate) async fn resume(asked: &Resume, ctx: &Context) -> Result<Outcome> {
    ctx.confirm_protected().await?;
    let Some(mut found) = find(asked, false, ctx).await? else { return Ok(Outcome::Done) };
    found.restarts.since = stored_at(&found);
    let Found { target, looked, note, hook, restarts } = &found;
    if note.undo {
        looked.check_pending(target)?;
    }
    let is_stored = undo::is_stored(looked.metadata(), note);
    let place = pending::place(target)?;
    let live = ctx.cluster().await?.companion(&place, &note.uid).await?;
    let Some(live) = live else {
        if is_stored {
            drop(pending::end(target, note, looked.metadata().clone(), 0, ctx).await?);
            return done(target, "was rotated already; its note is gone", ctx);
        }
        return Err(undo::gone(target, &place).hint(format!(
            "to give it up: kubectl secretsafe rotate {} -n {} --abort",
            target.name, target.namespace
        )));
    };
    let (companion, old, new) = pending::taken_apart(live, note, target)?;
    if !is_stored {
        check_old(target, note, &old, &new, ctx).await?;
    }
    let mut lines = vec![if is_stored { "the new values are stored already".to_owned() } else { plan_line(note) }];
    lines.extend(hook.iter().filter(|_| !is_stored).map(|hook| format!("run {} for each key", hook.program.display())));
    if !agreed(&found, "Go on with it?", &lines, asked.flags.yes, ctx)? {
        return Ok(Outcome::Declined);
    }
    let safety = Safety {
        hook: hook.clone(),
        rollback: false,
        keep_previous: companion.keep_previous,
        history: companion.history,
    };
    let edits = planned(note, &companion, &old);
    let from = provenance(&companion);
    let now = author(target, looked, ctx).await?;
    let rotation = Rotation {
        target,
        looked,
        plan: &edits,
        from: &from,
        author: &Author { op: note.op.clone(), ..now },
        verb: Verb::Rotated,
        safety: &safety,
        restarts,
        dry_run: false,
    };
    let pending = Pending { note: note.clone(), companion };
    let interrupted = Interrupted::watch(target, note.hook, ctx);
    let seen = looked.metadata().clone();
    let ended = if is_stored {
        drop((old, new));
        rotation.settle(&pending, seen, ctx).await
    } else {
        rotation.carry_on(&pending, seen, old, new, ctx).await
    };
    interrupted.ended();
    let rotated = ended?;
    let done = Done {
        verb: Verb::Rotated,
        metadata: &rotated.metadata,
        facts: Vec::new(),
        plan: &edits,
        op: note.op.clone(),
        restarted: &rotated.restarted,
    };
    finish(done, target, looked, &asked.flags)?;
    rotated.check(target).map(|()| Outcome::Done)
}

/// Puts the old values back.
pub(crate) async fn abort(asked: &Resume, ctx: &Context) -> Result<Outcome> {
    ctx.confirm_protected().await?;
    let Some(found) = find(asked, true, ctx).await? else { return Ok(Outcome::Done) };
    let Found { target, looked, note, hook, restarts } = &found;
    let place = pending::place(target)?;
    let there = ctx.cluster().await?.find(&place).await?.is_some_and(|there| there.object.metadata.uid == note.uid);
    if !there {
        // Nothing can come back: what a person decides now is that it is over.
        if !agreed(
            &found,
            "Give it up?",
            &["old and new values are gone: what is there stays".to_owned()],
            asked.flags.yes,
            ctx,
        )? {
            return Ok(Outcome::Declined);
        }
        pending::end(target, note, looked.metadata().clone(), 0, ctx).await?;
        return done(target, "is as it was found; no rotation is pending", ctx);
    }
    let mut lines = vec![format!("put back {}", names(note))];
    lines.extend(hook.iter().map(|hook| format!("run {} for each key", hook.program.display())));
    if !agreed(&found, "Put it back?", &lines, asked.flags.yes, ctx)? {
        return Ok(Outcome::Declined);
    }
    let undoing = Undoing { target, looked, hook: hook.as_ref(), restarts };
    let interrupted = Interrupted::watch(target, note.hook, ctx);
    let ended = undo::undo(&undoing, note, ctx).await;
    interrupted.ended();
    let Rotated { metadata, restarted, left } = match ended {
        Ok(rotated) => rotated,
        Err(error) if error.kind() == ErrorKind::Bug => return Err(error),
        Err(error) => return Err(pending::left(&error, target, note.hook)),
    };
    let planned = |key: &KeyName| PlannedEdit { name: key.clone(), edit: EditKind::Replace, source: None, old: None };
    let plan: Vec<PlannedEdit> = note.keys.iter().map(planned).collect();
    let back = Done {
        verb: Verb::RolledBack,
        metadata: &metadata,
        facts: Vec::new(),
        plan: &plan,
        op: note.op.clone(),
        restarted: &restarted,
    };
    finish(back, target, looked, &asked.flags)?;
    if let Some(first) = restarted.iter().find(|one| matches!(one.ended, Ended::Failed(_))) {
        return Err(Error::new(ErrorKind::Unfinished, "the old values are back, but not all workloads are ready")
            .hint(format!("look at it with: kubectl rollout status {} -n {}", first.workload, target.namespace)));
    }
    left.map_or(Ok(Outcome::Done), Err)
}

/// When the new values were stored, if they are.
fn stored_at(found: &Found) -> Option<jiff::Timestamp> {
    let records = found.note.keys.iter().filter_map(|key| found.looked.metadata().record(key));
    records.filter(|record| record.op == found.note.op).map(|record| record.at).min()
}

fn done(target: &Target, what: &str, ctx: &Context) -> Result<Outcome> {
    ctx.ui.tell(&format!("secret/{} {what}", target.name));
    Ok(Outcome::Done)
}

fn names(note: &Note) -> String {
    note.keys.iter().map(KeyName::as_str).collect::<Vec<_>>().join(", ")
}

fn plan_line(note: &Note) -> String {
    format!("replace {}", names(note))
}

/// Shows where it stands, and asks.
fn agreed(found: &Found, question: &str, lines: &[String], yes: bool, ctx: &Context) -> Result<bool> {
    if yes {
        return Ok(true);
    }
    let Target { name, namespace, context, .. } = &found.target;
    if !ctx.ui.has_terminal() {
        return Err(Error::refused(format!(
            "the rotation of secret `{name}` in namespace `{namespace}` stays as it is"
        ))
        .because("nobody is there to confirm")
        .hint("add --yes"));
    }
    ctx.ui.say(&format!("secret/{name} in namespace {namespace}, context {context}: a rotation that was cut off"));
    for line in lines {
        ctx.ui.say(&format!("  {line}"));
    }
    found.restarts.say(ctx);
    ctx.ui.confirm(question)
}

/// Refuses to go on over a value that is neither the old nor the new one.
async fn check_old(target: &Target, note: &Note, old: &Values, new: &Values, ctx: &Context) -> Result<()> {
    let live = ctx.cluster().await?.secret(target).await?.object;
    for key in &note.keys {
        let known = match live.values.get(key) {
            Some(stored) => {
                [old.get(key), new.get(key)].into_iter().flatten().any(|value| compare::same(stored, value))
            }
            None => !old.contains_key(key),
        };
        if !known {
            let by = live.metadata.owners(key).into_iter().max_by_key(|owner| owner.time);
            return Err(undo::changed(key, by.map(|owner| owner.manager), target));
        }
    }
    Ok(())
}

fn planned(note: &Note, companion: &Companion, old: &Values) -> Vec<PlannedEdit> {
    let edit = |name: &KeyName, edit| PlannedEdit { name: name.clone(), edit, source: None, old: None };
    let keys =
        note.keys.iter().map(|key| edit(key, if old.contains_key(key) { EditKind::Replace } else { EditKind::Add }));
    let slots = note.keys.iter().filter(|key| old.contains_key(*key));
    let slots = slots.filter_map(|key| pending::slot(companion, key)).map(|slot| edit(&slot, EditKind::Add));
    keys.chain(slots).collect()
}

/// What the records will say; a word that is no scheme of ours is not taken over.
fn provenance(companion: &Companion) -> BTreeMap<KeyName, Provenance> {
    let known = |scheme: &str| SOURCES.iter().map(|known| known.name).find(|known| *known == scheme);
    let of = |(key, scheme): (&KeyName, &String)| {
        (key.clone(), Provenance { scheme: known(scheme).unwrap_or("unknown").to_owned(), public_ok: false })
    };
    companion.keys.iter().map(of).collect()
}

/// Nothing is listed. A pending Secret that stands there all the same is taken for nobody's, but one that was made
/// for exactly this version of the target: it was cut off before it was listed, and nothing had happened yet.
async fn not_listed(target: &Target, looked: &Looked, aborts: bool, yes: bool, ctx: &Context) -> Result<()> {
    let Target { name, namespace, .. } = target;
    let cluster = ctx.cluster().await?;
    let place = pending::place(target)?;
    let Some(there) = cluster.find(&place).await? else {
        return done(target, "has no pending rotation", ctx).map(drop);
    };
    let metadata = &there.object.metadata;
    let fresh = metadata.annotations.companion.as_ref().is_some_and(|companion| {
        companion.of == looked.metadata().uid && companion.version == looked.metadata().resource_version
    });
    if !fresh {
        return Err(Error::refused(format!(
            "secret `{}` in namespace `{namespace}` is not listed on `{name}`",
            place.name
        ))
        .because(format!(
            "somebody else made it, or `{name}` was made anew or lost its note: it is neither used nor deleted"
        ))
        .hint(format!("see which keys it has: kubectl secretsafe view {} -n {namespace}", place.name))
        .hint(format!(
            "to take a value from it: kubectl secretsafe set {name} KEY=secret:{namespace}/{}/KEY.new",
            place.name
        ))
        .hint(format!("when nobody needs it: kubectl delete secret {} -n {namespace}", place.name)));
    }
    if !aborts {
        return Err(Error::refused(format!(
            "the rotation of secret `{name}` in namespace `{namespace}` had not begun"
        ))
        .because("it was cut off before its pending Secret was listed; nothing was changed")
        .hint(format!("clear it away: kubectl secretsafe rotate {name} -n {namespace} --abort")));
    }
    if !yes {
        if !ctx.ui.has_terminal() {
            return Err(Error::refused(format!("secret `{}` was not deleted", place.name))
                .because("nobody is there to confirm")
                .hint("add --yes"));
        }
        ctx.ui.say(&format!("secret/{} was left by a rotation that had not begun", place.name));
        if !ctx.ui.confirm("Delete it?")? {
            return Err(Error::refused(format!("secret `{}` was not deleted", place.name)).hint("nothing was changed"));
        }
    }
    // The one who made it may be about to list it: listed as undone first, so that they see that it is over.
    let note = Note {
        v: 1,
        uid: metadata.uid.clone(),
        op: metadata.annotations.companion.as_ref().map(|companion| companion.op.clone()).unwrap_or_default(),
        at: looked.now(),
        by: None,
        keys: Vec::new(),
        hook: false,
        restart: crate::config::Restart::Never,
        undo: true,
    };
    let mark = BTreeMap::from([(NOTE.to_owned(), Some(written(&note)))]);
    let taken = |_: &crate::plaintext::wire::Metadata| {
        Err(Error::new(ErrorKind::Cluster, format!("secret `{name}` was changed in between"))
            .hint("run the command again"))
    };
    let seen = looked.metadata();
    let is_marked = |newer: &crate::plaintext::wire::Metadata| {
        newer.annotations.pending.as_ref().is_some_and(|listed| listed.uid == note.uid && listed.undo)
    };
    let seen = pending::annotate(target, &mark, seen, &is_marked, &taken, ctx).await?;
    pending::end(target, &note, seen, 0, ctx).await?;
    done(target, "has no pending rotation any more; nothing had been changed", ctx).map(drop)
}
