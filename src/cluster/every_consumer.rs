//! Lists who uses the Secrets of a namespace or of the whole cluster, in one go. Only references are kept.

use std::cell::RefCell;

use futures::stream::{self, StreamExt};

use crate::error::Result;
use crate::names::Namespace;
use crate::plaintext::parse::parse_references;
use crate::plan::consumers::{Gathered, Users};

use super::connect::Cluster;
use super::error::ClusterError;
use super::transport::WHOLE;
use super::workloads::{AT_ONCE, KINDS, Kind};

/// Who uses which Secret, as far as this user may see.
#[derive(Debug)]
pub(crate) struct EveryConsumer {
    /// Those that reference a Secret.
    pub(crate) users: Users,
    /// What this user may not list.
    pub(crate) not_listed: Vec<String>,
}

impl Cluster {
    /// Lists who uses any Secret; without a namespace, in all of them. What may not be listed is named, not a failure.
    pub(crate) async fn every_consumer(&self, namespace: Option<&Namespace>) -> Result<EveryConsumer> {
        let gathered = RefCell::new(Gathered::default());
        let lists = KINDS.iter().map(|kind| {
            let gathered = &gathered;
            async move { (kind, self.references(kind, namespace, gathered).await) }
        });
        let mut lists = std::pin::pin!(stream::iter(lists).buffer_unordered(AT_ONCE));
        let mut not_listed = Vec::new();
        while let Some((kind, listed)) = lists.next().await {
            match listed {
                Ok(()) => {}
                Err(error) if error.code() == Some(403) => not_listed.push(kind.plural.to_owned()),
                // An API server need not have every group.
                Err(error) if error.code() == Some(404) => {}
                Err(error) => return Err(error.explain(&kind.asked(namespace))),
            }
        }
        Ok(EveryConsumer { users: gathered.take().end(), not_listed })
    }

    async fn references(
        &self,
        kind: &Kind,
        namespace: Option<&Namespace>,
        gathered: &RefCell<Gathered>,
    ) -> Result<(), ClusterError> {
        self.every_page(
            WHOLE,
            |limit, token| kind.path(namespace, limit, token),
            |body| parse_references(body, kind.name),
            |referenced| gathered.borrow_mut().add(referenced),
        )
        .await
    }
}
