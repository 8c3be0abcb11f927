//! Sends a new Secret and leaves an Event.

use crate::context::Context;
use crate::error::Result;
use crate::names::KeyName;
use crate::plaintext::SecretValue;
use crate::plaintext::wire::{Metadata, secret_create};
use crate::plan::create::{Shape, draft};
use crate::plan::record::{Author, Provenance};
use crate::plan::{Change, Target, Verb};

use super::apply::say_dropped;

use std::collections::BTreeMap;

/// Sends a Secret that is not there yet; who calls it has asked. The values are wiped before the answer is waited for.
pub(crate) async fn store_new(
    target: &Target,
    shape: &Shape,
    values: BTreeMap<KeyName, SecretValue>,
    from: &BTreeMap<KeyName, Provenance>,
    author: &Author,
    dry_run: bool,
    ctx: &Context,
) -> Result<(Metadata, Change)> {
    let cluster = ctx.cluster().await?;
    let keys: Vec<KeyName> = values.keys().cloned().collect();
    let (draft, dropped) = draft(target, shape, from, author);
    let body = secret_create(&draft, &values);
    drop(values);
    let metadata = cluster.create(target, body, &keys, &author.op, dry_run).await?;
    say_dropped(dropped, ctx);
    let change = Change::new(Verb::Created, target, &metadata.uid, keys, author.op.clone(), dry_run);
    if !dry_run {
        cluster.record_event(&change, author.at).await;
    }
    Ok((metadata, change))
}
