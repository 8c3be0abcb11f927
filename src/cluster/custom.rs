//! Lists of custom resources that can name a Secret. One request tells which kinds the API server has, so that what is
//! not installed costs nothing.

use std::cell::RefCell;

use futures::stream::{self, StreamExt};
use http::Method;

use crate::names::Namespace;
use crate::plaintext::parse::{parse_custom, parse_served};
use crate::plan::consumers::{CustomRule, Gathered, Referenced, Served, well_known};

use super::connect::Cluster;
use super::error::ClusterError;
use super::transport::{Call, WHOLE};
use super::workloads::{AT_ONCE, page_query};

/// Asks for all groups, versions and kinds at once: Kubernetes 1.26 and later.
const DISCOVERY: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,\
    application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";

/// What is named where it is not known which kinds there are.
const ALL: &str = "custom resources";

/// A kind, and the rules about it.
struct Kind<'a> {
    served: Served,
    rules: Vec<&'a CustomRule>,
}

impl Kind<'_> {
    fn path(&self, namespace: Option<&Namespace>, limit: usize, token: Option<&str>) -> String {
        let Served { group, version, resource, .. } = &self.served;
        let api = if group.is_empty() { format!("/api/{version}") } else { format!("/apis/{group}/{version}") };
        let place = namespace.map(|namespace| format!("/namespaces/{namespace}")).unwrap_or_default();
        format!("{api}{place}/{resource}?{}", page_query(limit, token))
    }
}

impl Cluster {
    /// Lists custom resources, and adds the Secrets that they name; without a namespace, all. Returns what could not be
    /// listed: whatever the reason is, one kind that does not answer must not hide the others.
    pub(super) async fn custom_references(
        &self,
        namespace: Option<&Namespace>,
        gathered: &RefCell<Gathered>,
    ) -> Result<Vec<String>, ClusterError> {
        let all_rules: Vec<CustomRule> = well_known().into_iter().chain(self.own_rules().iter().cloned()).collect();
        let about = |group: &str, kind: &str| all_rules.iter().filter(|rule| rule.is_about(group, kind)).collect();
        let mut not_listed = Vec::new();
        let served = match self.served(|group, kind| all_rules.iter().any(|rule| rule.is_about(group, kind))).await {
            Ok(served) => served,
            Err(error) if is_refusal(&error) => {
                not_listed.push(ALL.to_owned());
                Vec::new()
            }
            Err(error) => return Err(error),
        };
        let kinds: Vec<Kind<'_>> = served
            .into_iter()
            // The one kind of Kubernetes' core that rules are about: discovery of `/apis` does not name it.
            .chain([Served::cluster_wide("persistentvolumes", "PersistentVolume")])
            .map(|served| Kind { rules: about(&served.group, &served.kind), served })
            .collect();
        let lists = kinds.iter().map(|kind| async move { (kind, self.list_custom(kind, namespace, gathered).await) });
        let mut lists = std::pin::pin!(stream::iter(lists).buffered(AT_ONCE));
        while let Some((kind, listed)) = lists.next().await {
            match listed {
                Ok(true) => {}
                Ok(false) => not_listed.push(format!("{} of other namespaces", kind.served.named())),
                Err(error) if error.code() == Some(404) => {}
                Err(error) if is_refusal(&error) => not_listed.push(kind.served.named()),
                Err(error) => return Err(error),
            }
        }
        Ok(not_listed)
    }

    /// Asks which kinds there are that the rules know.
    async fn served(&self, wanted: impl Fn(&str, &str) -> bool) -> Result<Vec<Served>, ClusterError> {
        let call = Call { method: Method::GET, path: "/apis".to_owned(), accept: DISCOVERY, keys: &[] };
        let reply = self.read(&call).await.map_err(|failure| failure.error)?;
        Ok(parse_served(&reply.body, wanted)?)
    }

    /// Lists one kind. `false`: only the namespace, though objects of others may name Secrets of it as well.
    async fn list_custom(
        &self,
        kind: &Kind<'_>,
        namespace: Option<&Namespace>,
        gathered: &RefCell<Gathered>,
    ) -> Result<bool, ClusterError> {
        let Some(here) = namespace else { return self.each_custom(kind, None, None, gathered).await.map(|()| true) };
        let crosses = kind.rules.iter().any(|rule| rule.crosses());
        if kind.served.namespaced && !crosses {
            return self.each_custom(kind, namespace, namespace, gathered).await.map(|()| true);
        }
        match self.each_custom(kind, None, Some(here), gathered).await {
            Err(error) if error.code() == Some(403) && kind.served.namespaced => {
                self.each_custom(kind, namespace, namespace, gathered).await.map(|()| false)
            }
            listed => listed.map(|()| true),
        }
    }

    /// Lists a place, and keeps what can be about a Secret of the namespace `about`.
    async fn each_custom(
        &self,
        kind: &Kind<'_>,
        place: Option<&Namespace>,
        about: Option<&Namespace>,
        gathered: &RefCell<Gathered>,
    ) -> Result<(), ClusterError> {
        let counts = |referenced: &Referenced| {
            about.is_none_or(|about| referenced.namespace.as_ref().is_none_or(|namespace| namespace == about))
        };
        self.every_page(
            WHOLE,
            |limit, token| kind.path(place, limit, token),
            |body| parse_custom(body, &kind.served, &kind.rules),
            |referenced| {
                if counts(&referenced) {
                    gathered.borrow_mut().add(referenced);
                }
            },
        )
        .await
    }
}

/// Tells an answer that concerns one list only from what would end every request.
fn is_refusal(error: &ClusterError) -> bool {
    match error {
        ClusterError::Status { code, .. } => *code != 401,
        ClusterError::Unreadable(_) | ClusterError::TooLarge => true,
        _ => false,
    }
}
