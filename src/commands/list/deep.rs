//! `list --deep`: reads the certificates of TLS Secrets. Each is fetched alone, and of its values only `tls.crt` is
//! looked at, inside the wall; all are wiped before the next page.

use futures::stream::{self, StreamExt};
use jiff::Timestamp;

use crate::cluster::Cluster;
use crate::context::Context;
use crate::error::Result;
use crate::names::KeyName;
use crate::plaintext::facts;
use crate::plan::Target;
use crate::report::SecretSummary;

/// How many Secrets are fetched at the same time.
const AT_ONCE: usize = 8;

/// Adds to each TLS Secret when its certificate expires.
pub(super) async fn with_certificates(items: Vec<SecretSummary>, ctx: &Context) -> Result<Vec<SecretSummary>> {
    let (cluster, place) = (ctx.cluster().await?, ctx.target("any".parse()?).await?);
    let items = items.into_iter().map(|item| {
        let target = item.certificate_of().map(|(name, namespace)| Target { name, namespace, ..place.clone() });
        async move {
            match target {
                Some(target) => {
                    let expiry = expiry(cluster, target, ctx).await;
                    item.with_certificate(expiry)
                }
                None => item,
            }
        }
    });
    Ok(stream::iter(items).buffered(AT_ONCE).collect().await)
}

/// One that may not be fetched, is gone, or has no certificate is undecided: the list does not end for it.
async fn expiry(cluster: &Cluster, target: Target, ctx: &Context) -> Option<Timestamp> {
    let found = cluster.secret(&target).await;
    if let Err(error) = &found {
        ctx.ui.trace(1, || format!("no certificate: {error}"));
    }
    let mut found = found.ok()?.object;
    facts::expiry(&found.values.remove(&KeyName::checked("tls.crt")?)?)
}
