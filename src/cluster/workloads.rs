//! Lists of everything that can use a Secret, page by page. Whole objects travel, and only those that name the Secret
//! are kept.

use futures::stream::{self, StreamExt};

use crate::error::Result;
use crate::names::Namespace;
use crate::plaintext::parse::parse_consumers;
use crate::plaintext::wire::WireBody;
use crate::plan::Target;
use crate::plan::consumers::{Consumer, of_their_own};

use super::connect::Cluster;
use super::error::{Asked, ClusterError};
use super::transport::WHOLE;

/// How many kinds are listed at the same time.
pub(super) const AT_ONCE: usize = 4;

/// One kind of object that can use a Secret.
pub(super) struct Kind {
    pub(super) name: &'static str,
    group: &'static str,
    pub(super) plural: &'static str,
}

const fn kind(name: &'static str, group: &'static str, plural: &'static str) -> Kind {
    Kind { name, group, plural }
}

pub(super) const KINDS: &[Kind] = &[
    kind("Deployment", "/apis/apps/v1", "deployments"),
    kind("StatefulSet", "/apis/apps/v1", "statefulsets"),
    kind("DaemonSet", "/apis/apps/v1", "daemonsets"),
    kind("ReplicaSet", "/apis/apps/v1", "replicasets"),
    kind("ReplicationController", "/api/v1", "replicationcontrollers"),
    kind("Job", "/apis/batch/v1", "jobs"),
    kind("CronJob", "/apis/batch/v1", "cronjobs"),
    kind("Pod", "/api/v1", "pods"),
    kind("ServiceAccount", "/api/v1", "serviceaccounts"),
    kind("Ingress", "/apis/networking.k8s.io/v1", "ingresses"),
];

/// Who uses a Secret, as far as this user may see.
#[derive(Debug)]
pub(crate) struct Consumers {
    /// Those that use it, without what belongs to another of them.
    pub(crate) found: Vec<Consumer>,
    /// The kinds that this user may not list.
    pub(crate) not_listed: Vec<&'static str>,
}

impl Cluster {
    /// Lists who uses the Secret in its namespace. A kind that may not be listed is named, not a failure.
    pub(crate) async fn consumers(&self, target: &Target) -> Result<Consumers> {
        let lists = KINDS.iter().map(|kind| async move { (kind, self.list_consumers(kind, target).await) });
        let mut lists = std::pin::pin!(stream::iter(lists).buffered(AT_ONCE));
        let (mut found, mut not_listed) = (Vec::new(), Vec::new());
        while let Some((kind, listed)) = lists.next().await {
            match listed {
                Ok(consumers) => found.extend(consumers),
                Err(error) if error.code() == Some(403) => not_listed.push(kind.plural),
                // An API server need not have every group.
                Err(error) if error.code() == Some(404) => {}
                Err(error) => return Err(error.explain(&kind.asked(Some(&target.namespace)))),
            }
        }
        Ok(Consumers { found: of_their_own(found), not_listed })
    }

    async fn list_consumers(&self, kind: &Kind, target: &Target) -> Result<Vec<Consumer>, ClusterError> {
        let parse = |body: &WireBody| parse_consumers(body, kind.name, target.name.as_str());
        let mut found = Vec::new();
        self.every_page(
            WHOLE,
            |limit, token| kind.path(Some(&target.namespace), limit, token),
            parse,
            |one| found.push(one),
        )
        .await?;
        Ok(found)
    }
}

/// Asks for one page.
pub(super) fn page_query(limit: usize, token: Option<&str>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("limit", &limit.to_string());
    if let Some(token) = token {
        query.append_pair("continue", token);
    }
    query.finish()
}

impl Kind {
    /// Returns the path of one page; without a namespace, of all.
    pub(super) fn path(&self, namespace: Option<&Namespace>, limit: usize, token: Option<&str>) -> String {
        let place = namespace.map(|namespace| format!("/namespaces/{namespace}")).unwrap_or_default();
        format!("{}{place}/{}?{}", self.group, self.plural, page_query(limit, token))
    }

    /// Names the list for errors.
    pub(super) fn asked(&self, namespace: Option<&Namespace>) -> Asked {
        Asked { verb: "list", resource: self.plural, name: None, namespace: namespace.map(ToString::to_string) }
    }
}
