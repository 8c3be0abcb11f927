//! Lists who uses the Secrets of a namespace or of the whole cluster, in one go. Only references are kept.

use std::cell::RefCell;

use futures::stream::{self, StreamExt};

use crate::error::Result;
use crate::names::Namespace;
use crate::plaintext::parse::parse_references;
use crate::plan::consumers::{Gathered, Users};

use super::connect::Cluster;
use super::error::{Asked, ClusterError};
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
    ///
    /// In one namespace, custom resources of others count as well where they can name a Secret of it.
    pub(crate) async fn every_consumer(&self, namespace: Option<&Namespace>) -> Result<EveryConsumer> {
        let gathered = RefCell::new(Gathered::default());
        // The long list of Pods is under way while it is asked which custom resources there are.
        let (listed, custom) =
            tokio::join!(self.every_kind(namespace, &gathered), self.custom_references(namespace, &gathered));
        let mut not_listed = listed?;
        let asked = Asked { verb: "list", resource: "custom resources", name: None, namespace: None };
        not_listed.extend(custom.map_err(|error| error.explain(&asked))?);
        Ok(EveryConsumer { users: gathered.take().end(), not_listed })
    }

    /// Lists Kubernetes' own kinds. Returns which may not be listed.
    async fn every_kind(&self, namespace: Option<&Namespace>, gathered: &RefCell<Gathered>) -> Result<Vec<String>> {
        let lists = KINDS.iter().map(|kind| async move { (kind, self.references(kind, namespace, gathered).await) });
        let mut lists = std::pin::pin!(stream::iter(lists).buffered(AT_ONCE));
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
        Ok(not_listed)
    }

    /// The same for several namespaces, where all at once is not allowed.
    pub(crate) async fn every_consumer_of(&self, namespaces: &[Namespace]) -> Result<EveryConsumer> {
        let mut all = EveryConsumer { users: Users::default(), not_listed: Vec::new() };
        for namespace in namespaces {
            let EveryConsumer { users, not_listed } = self.every_consumer(Some(namespace)).await?;
            all.users.extend(users);
            let new: Vec<String> = not_listed.into_iter().filter(|one| !all.not_listed.contains(one)).collect();
            all.not_listed.extend(new);
        }
        Ok(all)
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
