//! Sends the values of one Secret to all its places: read once, written as often as there are places.

use std::collections::BTreeMap;

use futures::stream::{self, StreamExt};

use crate::cluster::Identity;
use crate::commands::change::{Beside, Write, say_dropped, write};
use crate::context::Context;
use crate::error::Result;
use crate::names::KeyName;
use crate::plaintext::render::{annotations_of, labels_of};
use crate::plaintext::wire::{Edits, LiveSecret, secret_create};
use crate::plan::create::{Shape, draft};
use crate::plan::edit::absent;
use crate::plan::record::{Author, Provenance, new_op};
use crate::plan::{Change, EditKind, PlannedEdit, Target, Verb};
use crate::process::fault;
use crate::ui::Task;

use super::plan::{AT_ONCE, Planned, Source, Step};

/// What the record of a copied key says about its source.
const SCHEME: &str = "secret";

/// Labels that say what a thing is. Those that say who looks after it (`instance`, `managed-by`) stay behind: a
/// GitOps tool would take the copy for something of its own, and delete it.
pub(in crate::commands) const LABELS: &[&str] = &[
    "app.kubernetes.io/name",
    "app.kubernetes.io/component",
    "app.kubernetes.io/part-of",
    "app.kubernetes.io/version",
];

/// What of a Secret goes along besides its values.
#[derive(Debug, Clone, Copy)]
pub(super) struct Along<'a> {
    /// Labels that are named.
    pub(super) labels: &'a [String],
    /// Annotations that are named.
    pub(super) annotations: &'a [String],
}

/// The values on their way.
#[derive(Debug)]
pub(super) struct Load {
    shape: Shape,
    values: Edits,
}

impl Load {
    /// Reads the Secret: the one answer of this command that holds values.
    pub(super) async fn read(source: &Source, along: Along<'_>, ctx: &Context) -> Result<Self> {
        let live = ctx.cluster().await?.secret(&source.target).await?.object;
        fault::point("after-fill");
        if let Some(missing) = source.keys.iter().find(|key| !live.values.contains_key(*key)) {
            return Err(absent(missing, live.values.keys(), &source.target));
        }
        let shape = shape(&live, source, along, ctx);
        let wanted = |key: &KeyName| source.keys.is_empty() || source.keys.contains(key);
        let values =
            live.values.into_iter().filter(|(key, _)| wanted(key)).map(|(key, value)| (key, Some(value))).collect();
        Ok(Self { shape, values })
    }

    /// What is carried where there is nowhere to go.
    pub(super) fn nothing() -> Result<Self> {
        let shape = Shape {
            secret_type: String::new(),
            immutable: false,
            labels: BTreeMap::new(),
            annotations: BTreeMap::new(),
        };
        Ok(Self { shape, values: Edits::new() })
    }

    /// Returns the keys.
    pub(super) fn keys(&self) -> Vec<KeyName> {
        self.values.keys().cloned().collect()
    }
}

fn shape(live: &LiveSecret, source: &Source, along: Along<'_>, ctx: &Context) -> Shape {
    let named = |names: &[String], name: &str| names.iter().any(|wanted| wanted == name);
    let labels = labels_of(live, |name| LABELS.contains(&name) || named(along.labels, name));
    let annotations = annotations_of(live, |name| named(along.annotations, name));
    for (what, dropped) in [("label", &labels.dropped), ("annotation", &annotations.dropped)] {
        for name in dropped {
            ctx.ui
                .warn(&format!("{what} `{name}` of secret `{}` is left behind: it holds a value", source.target.name));
        }
    }
    Shape {
        secret_type: live.secret_type.clone(),
        immutable: live.immutable,
        labels: labels.kept,
        annotations: annotations.kept,
    }
}

/// Writes to the places, some at the same time, and returns what became of each, in order.
pub(super) async fn write_all(
    load: &Load,
    planned: Vec<Planned<'_>>,
    dry_run: bool,
    task: &Task,
) -> Vec<(Target, Result<Change>)> {
    let writes = planned.into_iter().map(|Planned { ctx, target, step }| async move {
        let done = match step {
            Step::Fail(error) => Err(error),
            Step::Create => create(load, &target, dry_run, ctx).await,
            Step::Update(looked) => update(load, &target, &looked, dry_run, ctx).await,
        };
        (target, done)
    });
    let mut writes = std::pin::pin!(stream::iter(writes).buffered(AT_ONCE));
    let mut done = Vec::new();
    while let Some(write) = writes.next().await {
        done.push(write);
        task.count(done.len());
    }
    done
}

fn provenance(load: &Load) -> BTreeMap<KeyName, Provenance> {
    let from = Provenance { scheme: SCHEME.to_owned(), public_ok: false };
    load.values.keys().map(|key| (key.clone(), from.clone())).collect()
}

fn author(identity: &Identity) -> Result<Author> {
    let op = new_op()?;
    Ok(Author { by: identity.user.clone(), at: identity.now(), op })
}

async fn create(load: &Load, target: &Target, dry_run: bool, ctx: &Context) -> Result<Change> {
    let cluster = ctx.cluster().await?;
    let identity = ctx.identity(target).await?;
    let author = author(identity)?;
    let (draft, dropped) = draft(target, &load.shape, &provenance(load), &author);
    let body = secret_create(&draft, load.values.iter().filter_map(|(key, value)| Some((key, value.as_ref()?))));
    let keys = load.keys();
    let metadata = cluster.create(target, body, &keys, &author.op, dry_run).await?;
    say_dropped(dropped, ctx);
    let change = Change::new(Verb::Created, target, &metadata.uid, keys, author.op, dry_run);
    if !dry_run {
        cluster.record_event(&change, identity.now()).await;
    }
    Ok(change)
}

async fn update(
    load: &Load,
    target: &Target,
    looked: &crate::commands::change::Looked,
    dry_run: bool,
    ctx: &Context,
) -> Result<Change> {
    let author = author(ctx.identity(target).await?)?;
    let edit = |key: &KeyName| PlannedEdit {
        name: key.clone(),
        edit: if looked.keys.has(key) == Some(false) { EditKind::Add } else { EditKind::Replace },
        source: Some(SCHEME.to_owned()),
        old: None,
    };
    let plan: Vec<PlannedEdit> = load.values.keys().map(edit).collect();
    let op = author.op.clone();
    let work = Write {
        target,
        plan: &plan,
        edits: &load.values,
        from: &provenance(load),
        author: &author,
        verb: Verb::Configured,
        dry_run,
        write_only: false,
        beside: &Beside::default(),
    };
    let metadata = write(&work, looked, ctx).await?;
    Ok(Change::new(Verb::Configured, target, &metadata.uid, load.keys(), op, dry_run))
}
