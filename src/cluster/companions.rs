//! Requests for the Secrets that a rotation makes beside its target. Each is taken for ours only by its uid.

use http::Method;
use serde_json::json;

use crate::error::{Error, ErrorKind, Result};
use crate::log::{Access, Verdict};
use crate::plaintext::wire::{self, LiveSecret};
use crate::plan::Target;

use super::connect::Cluster;
use super::error::ClusterError;
use super::secrets::{asked, object};
use super::transport::{Call, METADATA_ONLY};

impl Cluster {
    /// Fetches a companion with its values; `None` if there is none with this uid.
    pub(crate) async fn companion(&self, companion: &Target, uid: &str) -> Result<Option<LiveSecret>> {
        // Only one that is there, and is the one that is listed, is asked for its values.
        match self.find(companion).await? {
            Some(found) if found.object.metadata.uid == uid => {}
            _ => return Ok(None),
        }
        let live = self.secret(companion).await?.object;
        Ok((live.metadata.uid == uid).then_some(live))
    }

    /// Deletes a companion; one that is gone already, or is another one by now, is left alone.
    pub(crate) async fn delete_companion(&self, companion: &Target, uid: &str) -> Result<()> {
        self.journal().begin(companion, Access::Write).await?;
        let deleted = self.try_delete(companion, uid).await;
        let verdict = deleted.as_ref().map_or_else(|error| Verdict::failed(error.kind()), |()| Verdict::DONE);
        self.journal().answered(companion, verdict, []);
        deleted
    }

    async fn try_delete(&self, companion: &Target, uid: &str) -> Result<()> {
        let path = object(&companion.namespace, &companion.name);
        let call = Call { method: Method::DELETE, path, accept: METADATA_ONLY, keys: &[] };
        let body = json!({"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": {"uid": uid}});
        let mut error = match self.delete(&call, &body).await {
            Ok(()) => return Ok(()),
            Err(error) => error,
        };
        if error.outcome_is_open() {
            // To delete it twice is to delete it once.
            error = match self.delete(&call, &body).await {
                Ok(()) => return Ok(()),
                Err(error) => error,
            };
        }
        match error {
            ClusterError::Status { code: 404 | 409, .. } if self.is_gone(companion, uid).await? => Ok(()),
            error => Err(left(companion, &error.explain(&asked("delete", companion)))),
        }
    }

    async fn is_gone(&self, companion: &Target, uid: &str) -> Result<bool> {
        Ok(self.find(companion).await?.is_none_or(|there| there.object.metadata.uid != uid))
    }

    async fn delete(&self, call: &Call<'_>, body: &serde_json::Value) -> Result<(), ClusterError> {
        let reply = self.write(call, wire::json(body)).await.map_err(|failure| failure.error)?;
        // Something in between may have answered in the API server's name.
        if wire::is_deletion(&reply.body) { Ok(()) } else { Err(ClusterError::from(wire::WireError::OtherKind)) }
    }
}

/// Says that a companion stays, and why.
fn left(companion: &Target, why: &Error) -> Error {
    let Target { name, namespace, .. } = companion;
    let error = Error::new(ErrorKind::Unfinished, format!("secret `{name}` in namespace `{namespace}` is not deleted"));
    let error = why.causes().iter().fold(error.because(why.message()), |error, cause| error.because(cause));
    error.hint(format!("it holds values; delete it: kubectl delete secret {name} -n {namespace}"))
}
