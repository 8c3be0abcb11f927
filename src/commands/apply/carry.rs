//! Fills and writes the documents: those that ask somebody one after the other, the others some at the same time. Values
//! of a document exist from its turn to its write, and no longer.

use std::collections::BTreeMap;

use futures::stream::{self, StreamExt};

use crate::commands::change::{Beside, Looked, Write, store_new, write};
use crate::commands::desired::{Asking, Desired, Mode, Outcome, needs_live, values};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::log::Verdict;
use crate::names::KeyName;
use crate::plaintext::compare;
use crate::plaintext::wire::{Edits, LiveSecret};
use crate::plan::create::Shape;
use crate::plan::edit::Keys;
use crate::plan::policy::{ANNOTATION, LABEL};
use crate::plan::record::{Author, Provenance, new_op};
use crate::plan::{EditKind, PlannedEdit, Verb};
use crate::process::fault;
use crate::report::{ApplyKey, ApplyResult, ApplyView, BesideKeys, KeyChange};
use crate::sources::KeySources;

use super::Wishes;
use super::plan::{Planned, State, policy};

/// How the run goes.
#[derive(Debug)]
pub(super) struct Run<'a> {
    /// What was asked for.
    pub(super) wishes: &'a Wishes,
    /// The server only checks it.
    pub(super) dry_run: bool,
    /// There are so few documents that what sources say is for everybody.
    pub(super) talks: bool,
}

impl Run<'_> {
    fn asking(&self) -> Asking<'_> {
        let Wishes { allowed, renew, .. } = self.wishes;
        Asking { allowed, renew, mode: Mode::Fill, talks: self.talks }
    }
}

/// Takes what became of one document, by its number.
type Take<'a> = dyn FnMut(usize, ApplyView, Option<Error>) + 'a;

/// Applies all, and hands on what became of each as it is done.
pub(super) async fn carry_all(planned: Vec<Planned>, run: &Run<'_>, take: &mut Take<'_>, ctx: &Context) -> Result<()> {
    // Asked once; it is in the record of each key.
    let first = planned.iter().find(|one| one.may_write()).map(|one| one.desired.target.clone());
    let user = match &first {
        Some(target) => ctx.identity(target).await?.user.clone(),
        None => None,
    };
    let (asking, others): (Vec<_>, Vec<_>) = planned.into_iter().enumerate().partition(|(_, one)| asks_somebody(one));
    for (number, one) in asking {
        let (view, error) = carry(one, user.clone(), run, ctx).await;
        take(number, view, error);
    }
    let task = ctx.ui.task("applying");
    let works = others.into_iter().map(|(number, one)| {
        let user = user.clone();
        async move { (number, carry(one, user, run, ctx).await) }
    });
    let mut works = std::pin::pin!(stream::iter(works).buffer_unordered(run.wishes.parallel));
    let mut done = 0;
    while let Some((number, (view, error))) = works.next().await {
        done += 1;
        task.count(done);
        take(number, view, error);
    }
    Ok(())
}

/// Tells whether somebody may be asked on the terminal: two questions at a time would be none.
fn asks_somebody(planned: &Planned) -> bool {
    let summary = |source: &String| source.split(", ").any(|one| one.starts_with("prompt"));
    let stored =
        planned.keys.iter().any(|key| key.change != KeyChange::Keep && key.source.as_ref().is_some_and(summary));
    stored || planned.desired.hidden.iter().any(|group| group.source().scheme() == "prompt")
}

async fn carry(planned: Planned, user: Option<String>, run: &Run<'_>, ctx: &Context) -> (ApplyView, Option<Error>) {
    let (target, file, document) =
        (planned.desired.target.clone(), planned.desired.file.clone(), planned.desired.document);
    let outcome = apply(planned, user, run, ctx).await;
    let verdict = outcome.as_ref().map_or_else(|error| Verdict::failed(error.kind()), |_| Verdict::DONE);
    ctx.journal.end(&target, verdict).await;
    match outcome {
        Ok(view) => (view, None),
        Err(error) => (ApplyView::failed(&target, (&file, document), &error), Some(error)),
    }
}

async fn apply(planned: Planned, user: Option<String>, run: &Run<'_>, ctx: &Context) -> Result<ApplyView> {
    if !planned.may_write() {
        if let State::Failed(error) = planned.state {
            return Err(error);
        }
        return Ok(planned.view());
    }
    let look_inside = planned.needs_look_inside();
    let Planned { desired, state, keys, .. } = planned;
    match state {
        State::Failed(error) => Err(error),
        State::Absent => create(&desired, keys, user, run, ctx).await,
        State::There(looked) => configure(&desired, *looked, keys, look_inside, user, run, ctx).await,
    }
}

async fn create(
    desired: &Desired,
    keys: Vec<ApplyKey>,
    user: Option<String>,
    run: &Run<'_>,
    ctx: &Context,
) -> Result<ApplyView> {
    let none = Keys { known: std::collections::BTreeSet::new(), complete: true };
    let wishes = run.wishes;
    let outcomes = values(desired, &none, None, &run.asking(), ctx).await?;
    fault::point("after-fill");
    let mut annotations = desired.spec.metadata.annotations.clone();
    annotations.extend(desired.policy(None).map(|policy| (ANNOTATION.to_owned(), policy.to_annotation())));
    let shape = Shape {
        secret_type: desired.spec.new_type().to_owned(),
        immutable: desired.spec.immutable.unwrap_or_default(),
        labels: desired.labels(),
        annotations,
    };
    let set = |(key, outcome)| if let Outcome::Set(value) = outcome { Some((key, value)) } else { None };
    let filled: BTreeMap<_, _> = outcomes.into_iter().filter_map(set).collect();
    let author = Author { by: user, at: ctx.identity(&desired.target).await?.now(), op: new_op()? };
    let from = provenance(desired, wishes)?;
    let (_, change) = store_new(&desired.target, &shape, filled, &from, &author, run.dry_run, ctx).await?;
    fault::point("between-documents");
    let result = if run.dry_run { ApplyResult::WouldCreate } else { ApplyResult::Created };
    let place = (desired.file.as_str(), desired.document);
    Ok(ApplyView::new(&desired.target, place, result, keys, Vec::new()).with_op(change.op))
}

async fn configure(
    desired: &Desired,
    looked: Looked,
    mut keys: Vec<ApplyKey>,
    look_inside: bool,
    user: Option<String>,
    run: &Run<'_>,
    ctx: &Context,
) -> Result<ApplyView> {
    let wishes = run.wishes;
    let live = if look_inside || needs_live(desired, &looked.keys, &wishes.renew) {
        Some(ctx.cluster().await?.secret(&desired.target).await?.object)
    } else {
        None
    };
    let outcomes = values(desired, &looked.keys, live.as_ref(), &run.asking(), ctx).await?;
    fault::point("after-fill");
    let (beside, said) = beside(desired, &looked, live.as_ref(), &keys)?;
    drop(live);
    let mut edits = Edits::new();
    for (key, outcome) in outcomes {
        let there = looked.keys.has(&key) != Some(false);
        let change = match outcome {
            Outcome::Set(value) => {
                edits.insert(key.clone(), Some(value));
                if there { KeyChange::Replace } else { KeyChange::Add }
            }
            Outcome::Keep | Outcome::WouldSet => KeyChange::Keep,
        };
        keys.iter_mut().filter(|planned| planned.name == key).for_each(|planned| planned.change = change);
    }
    let removed = keys.iter().filter(|key| key.change == KeyChange::Remove);
    edits.extend(removed.map(|key| (key.name.clone(), None)));
    let place = (desired.file.as_str(), desired.document);
    if edits.is_empty() && said.is_empty() {
        return Ok(ApplyView::new(&desired.target, place, ApplyResult::Unchanged, keys, said));
    }
    let author = Author { by: user, at: looked.now(), op: new_op()? };
    let plan: Vec<PlannedEdit> = keys.iter().map(planned_edit).collect();
    let work = Write {
        target: &desired.target,
        plan: &plan,
        edits: &edits,
        from: &provenance(desired, wishes)?,
        author: &author,
        verb: Verb::Configured,
        dry_run: run.dry_run,
        write_only: false,
        beside: &beside,
    };
    write(&work, &looked, ctx).await?;
    fault::point("between-documents");
    let result = if run.dry_run { ApplyResult::WouldConfigure } else { ApplyResult::Configured };
    Ok(ApplyView::new(&desired.target, place, result, keys, said).with_op(author.op))
}

fn planned_edit(key: &ApplyKey) -> PlannedEdit {
    let edit = match key.change {
        KeyChange::Add => EditKind::Add,
        KeyChange::Replace => EditKind::Replace,
        KeyChange::Remove => EditKind::Remove,
        KeyChange::Keep | KeyChange::Compare => EditKind::Keep,
    };
    PlannedEdit { name: key.name.clone(), edit, source: key.source.clone(), old: None }
}

/// What the record of each key says about its source.
fn provenance(desired: &Desired, wishes: &Wishes) -> Result<BTreeMap<KeyName, Provenance>> {
    let mut from = KeySources::new(desired.stored.clone())?.provenance(&wishes.allowed);
    let composed = Provenance { scheme: "template".to_owned(), public_ok: false };
    from.extend(desired.templates.iter().map(|template| (template.key.clone(), composed.clone())));
    Ok(from)
}

/// What is written beside keys: only what differs.
fn beside(
    desired: &Desired,
    looked: &Looked,
    live: Option<&LiveSecret>,
    keys: &[ApplyKey],
) -> Result<(Beside, Vec<BesideKeys>)> {
    let (mut beside, mut said) = (Beside::default(), Vec::new());
    let there = &looked.metadata().labels;
    let differs = |(name, text): &(String, String)| there.get(name) != Some(text);
    beside.labels = desired.labels().into_iter().filter(differs).map(|(name, text)| (name, Some(text))).collect();
    let texts = live.map(|live| &live.annotations);
    let is_stored = |name: &String, text: &String| {
        texts.and_then(|texts| texts.get(name)).is_some_and(|stored| compare::is_text(stored, text))
    };
    let annotations = desired.spec.metadata.annotations.iter().filter(|(name, text)| !is_stored(name, text));
    beside.annotations = annotations.map(|(name, text)| (name.clone(), Some(text.clone()))).collect();
    said.extend((!beside.labels.is_empty()).then_some(BesideKeys::Labels));
    said.extend((!beside.annotations.is_empty()).then_some(BesideKeys::Annotations));
    if let Some(wanted) = policy(desired, looked, keys) {
        said.push(BesideKeys::Policy);
        if wanted.is_none() {
            beside.labels.insert(LABEL.to_owned(), None);
        }
        beside.annotations.insert(ANNOTATION.to_owned(), wanted.map(|policy| policy.to_annotation()));
    }
    let immutable = live.map(|live| live.immutable);
    match (desired.spec.immutable, immutable) {
        (Some(true), Some(false)) => {
            beside.seals = true;
            said.push(BesideKeys::Immutable);
        }
        (Some(false), Some(true)) => {
            let name = &desired.target.name;
            return Err(Error::refused(format!("secret `{name}` is immutable, and is to be one that can be changed"))
                .because("nobody can change that; nothing was changed")
                .hint(format!("give the document another name, such as {name}-2, and name it in the workloads")));
        }
        _ => {}
    }
    Ok((beside, said))
}
