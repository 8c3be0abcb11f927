//! What static Pods and metrics tell of how the API server is run. Both may be out of sight, which is no failure.

use http::Method;

use crate::audit::{Flags, Metrics};
use crate::plaintext::parse::{parse_flags, parse_metrics};

use super::connect::Cluster;
use super::transport::{Call, WHOLE};

/// Prometheus' text format.
const TEXT: &str = "text/plain";

impl Cluster {
    /// Looks at kube-apiserver's static Pods and metrics; what cannot be seen is `None`.
    pub(crate) async fn control_plane(&self) -> (Option<Flags>, Option<Metrics>) {
        tokio::join!(self.api_server_flags(), self.api_server_metrics())
    }

    async fn api_server_flags(&self) -> Option<Flags> {
        let path =
            "/api/v1/namespaces/kube-system/pods?labelSelector=component%3Dkube-apiserver%2Ctier%3Dcontrol-plane";
        let call = Call { method: Method::GET, path: path.to_owned(), accept: WHOLE, keys: &[] };
        parse_flags(&self.read(&call).await.ok()?.body).ok()?
    }

    async fn api_server_metrics(&self) -> Option<Metrics> {
        let call = Call { method: Method::GET, path: "/metrics".to_owned(), accept: TEXT, keys: &[] };
        Some(parse_metrics(&self.read(&call).await.ok()?.body))
    }
}
