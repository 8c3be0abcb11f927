//! Restarts workloads as `kubectl rollout restart` does, and looks how far they are.

use http::Method;
use jiff::Timestamp;
use serde_json::json;

use crate::error::{Error, ErrorKind, Result};
use crate::log::Access;
use crate::plaintext::parse::{Trouble, parse_rollout, parse_trouble};
use crate::plaintext::wire;
use crate::plan::age::FIELD_MANAGER;
use crate::plan::rollout::{Rollout, Workload};

use super::connect::Cluster;
use super::error::{Asked, ClusterError};
use super::transport::{Call, METADATA_ONLY, WHOLE};

/// The annotation of the Pod template that `kubectl rollout restart` writes.
const RESTARTED_AT: &str = "kubectl.kubernetes.io/restartedAt";

fn plural(workload: &Workload) -> &'static str {
    match workload.kind {
        "StatefulSet" => "statefulsets",
        "DaemonSet" => "daemonsets",
        _ => "deployments",
    }
}

fn path(workload: &Workload) -> String {
    format!("/apis/apps/v1/namespaces/{}/{}/{}", workload.namespace, plural(workload), workload.name)
}

fn asked(workload: &Workload, verb: &'static str) -> Asked {
    Asked {
        verb,
        resource: plural(workload),
        name: Some(workload.name.clone()),
        namespace: Some(workload.namespace.to_string()),
    }
}

impl Cluster {
    /// Restarts a workload: its Pods are replaced as its own strategy says. With `dry_run` the server only checks
    /// whether it would.
    pub(crate) async fn restart(&self, workload: &Workload, at: Timestamp, dry_run: bool) -> Result<()> {
        // As kubectl writes it, with the fraction that tells restarts of one second apart.
        let at = at.strftime("%Y-%m-%dT%H:%M:%S%.9fZ").to_string();
        let dry = if dry_run { "&dryRun=All" } else { "" };
        let call = Call {
            method: Method::PATCH,
            path: format!("{}?fieldManager={FIELD_MANAGER}{dry}", path(workload)),
            accept: METADATA_ONLY,
            keys: &[],
        };
        let body = wire::json(&json!({"spec": {"template": {"metadata": {"annotations": {RESTARTED_AT: at}}}}}));
        if !dry_run {
            let object = self.object(workload.kind, Some(&workload.namespace.to_string()), &workload.name);
            self.journal().begin(object, Access::Write).await?;
        }
        match self.write(&call, body).await {
            Ok(_) => Ok(()),
            // The annotation is the same however often it is written: an answer that was lost is asked for again by
            // looking at the rollout.
            Err(failure) if failure.error.outcome_is_open() && !dry_run => {
                self.ui()
                    .trace(1, || format!("{}; whether {workload} restarts is seen from its rollout", failure.error));
                Ok(())
            }
            Err(failure) if failure.error.code() == Some(404) => Err(Error::new(
                ErrorKind::Cluster,
                format!("there is no {workload} in namespace `{}` any more", workload.namespace),
            )
            .hint("run the command again")),
            Err(failure) => Err(failure.error.explain(&asked(workload, "patch"))),
        }
    }

    /// Looks how far a workload is.
    pub(crate) async fn rollout(&self, workload: &Workload) -> Result<Rollout> {
        let call = Call { method: Method::GET, path: path(workload), accept: WHOLE, keys: &[] };
        let explain = |error: ClusterError| error.explain(&asked(workload, "get"));
        let reply = self.read(&call).await.map_err(|failure| explain(failure.error))?;
        parse_rollout(&reply.body).map_err(|error| explain(error.into()))
    }

    /// Says why Pods of a workload are not ready, if they say so and this user may look.
    pub(crate) async fn trouble(&self, workload: &Workload, selector: &str) -> Option<Trouble> {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("labelSelector", selector)
            .append_pair("limit", "50")
            .finish();
        let path = format!("/api/v1/namespaces/{}/pods?{query}", workload.namespace);
        let reply = self.read(&Call { method: Method::GET, path, accept: WHOLE, keys: &[] }).await.ok()?;
        parse_trouble(&reply.body).ok()?
    }
}
