//! `audit --deep`: fetches Secrets one by one, and asks inside the wall what may be said of each value; all values of one
//! are wiped before its facts are judged.

use std::collections::BTreeMap;

use futures::stream::{self, StreamExt};

use crate::audit::{Auditor, Content, Contents};
use crate::cluster::{Cluster, Existing, Listed};
use crate::context::Context;
use crate::error::Result;
use crate::names::{KeyName, SecretName};
use crate::plaintext::facts::{self, Fact, PairError};
use crate::plaintext::wire::{Metadata, Outline};
use crate::plaintext::{SecretValue, Tagger};
use crate::plan::Target;
use crate::plan::secret_keys::says_secret;

/// How many Secrets are fetched at the same time.
const AT_ONCE: usize = 8;
/// Shorter values can be the same by chance.
const SHORTEST: usize = 8;
/// The type of a certificate with its key.
const TLS: &str = "kubernetes.io/tls";

/// What is needed to look at values.
pub(super) struct Values {
    tagger: Tagger,
}

/// What was seen of one Secret's values.
struct Seen {
    target: Target,
    secret_type: String,
    keys: Vec<Content>,
    pair: Option<Result<(), PairError>>,
    now: jiff::Timestamp,
}

impl Values {
    /// Makes the key of this run.
    pub(super) fn new() -> Result<Self> {
        Ok(Self { tagger: Tagger::new()? })
    }

    /// Looks at the Secrets of a page; what nobody edits by hand is left out. One that cannot be fetched is counted.
    pub(super) async fn look(&self, page: &Listed, auditor: &mut Auditor, ctx: &Context) -> Result<()> {
        let cluster = ctx.cluster().await?;
        let place = ctx.target("any".parse()?).await?;
        let wanted = page.items.iter().filter(|outline| !outline.is_machinery()).filter_map(|outline| {
            let name: SecretName = outline.metadata.name.parse().ok()?;
            let namespace = outline.metadata.namespace.parse().ok()?;
            Some((Target { name, namespace, ..place.clone() }, outline))
        });
        let fetched = stream::iter(wanted).map(|(target, outline)| self.one(target, outline, cluster, ctx));
        let mut fetched = std::pin::pin!(fetched.buffered(AT_ONCE));
        while let Some(seen) = fetched.next().await {
            let Some(Seen { target, secret_type, keys, pair, now }) = seen else {
                auditor.no_contents();
                continue;
            };
            let settings = auditor.settings().clone();
            let Target { name, namespace, .. } = &target;
            let secret_type = &secret_type;
            auditor.contents(&Contents { name, namespace, secret_type, keys, pair, now, settings: &settings });
        }
        Ok(())
    }

    async fn one(&self, target: Target, outline: &Outline, cluster: &Cluster, ctx: &Context) -> Option<Seen> {
        let found = cluster.secret(&target).await;
        if let Err(error) = &found {
            ctx.ui.trace(1, || format!("not looked at: {error}"));
        }
        let Existing { object, now } = found.ok()?;
        let keys = object
            .values
            .iter()
            .map(|(key, value)| self.content(key, value, &outline.secret_type, &outline.metadata))
            .collect();
        let pair = (outline.secret_type == TLS).then(|| pair(&object.values, now)).flatten();
        Some(Seen { target, secret_type: outline.secret_type.clone(), keys, pair, now })
    }

    fn content(&self, key: &KeyName, value: &SecretValue, secret_type: &str, metadata: &Metadata) -> Content {
        let facts = facts::of(value);
        let public = metadata.record(key).is_some_and(|record| record.from.starts_with("public"));
        let certificate = facts.facts.iter().any(|fact| matches!(fact, Fact::X509Certificate { .. }));
        let secret = says_secret(key, secret_type) || facts::looks_secret(value);
        let telling = secret && !public && !certificate && value.len() >= SHORTEST;
        Content { key: key.clone(), facts, tag: telling.then(|| self.tagger.tag(value)) }
    }
}

/// Tells whether certificate and key belong together; what has expired is a rule of its own.
fn pair(values: &BTreeMap<KeyName, SecretValue>, now: jiff::Timestamp) -> Option<Result<(), PairError>> {
    let value = |name: &str| values.get(&KeyName::checked(name)?);
    Some(facts::tls_pair(value("tls.crt")?, value("tls.key")?, now).map(|_| ()))
}
