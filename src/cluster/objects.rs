//! The objects of a schedule: applied, looked for and deleted one by one. None of them is a Secret.

use std::collections::BTreeMap;

use http::Method;
use serde_json::json;

use crate::error::Result;
use crate::log::Access;
use crate::plaintext::wire::{self, parse_metadata};
use crate::plan::age::FIELD_MANAGER;
use crate::plan::schedule::{Manifest, Place};

use super::connect::Cluster;
use super::error::{Asked, ClusterError};
use super::transport::{Call, METADATA_ONLY, WHOLE};

/// An object that is there.
#[derive(Debug)]
pub(crate) struct FoundObject {
    /// Its uid.
    pub(crate) uid: String,
    /// Its labels.
    pub(crate) labels: BTreeMap<String, String>,
}

impl Cluster {
    /// Notes in the local log that an object is about to be applied or deleted.
    pub(crate) async fn begin_with(&self, place: &Place) -> Result<()> {
        let object = self.object(place.kind.name, place.namespace.as_deref(), &place.name);
        self.journal().begin(object, Access::Write).await
    }

    /// Applies an object on the server's side: fields of others stay, and to do it again changes nothing.
    pub(crate) async fn apply_object(&self, manifest: &Manifest, dry_run: bool) -> Result<(), ClusterError> {
        let dry = if dry_run { "&dryRun=All" } else { "" };
        let path = format!("{}?fieldManager={FIELD_MANAGER}&force=true{dry}", path(&manifest.place));
        let call = Call { method: Method::PATCH, path, accept: METADATA_ONLY, keys: &[] };
        self.write(&call, wire::json(&manifest.body)).await.map(drop).map_err(|failure| failure.error)
    }

    /// Looks for an object by name.
    pub(crate) async fn find_object(&self, place: &Place) -> Result<Option<FoundObject>, ClusterError> {
        let call = Call { method: Method::GET, path: path(place), accept: METADATA_ONLY, keys: &[] };
        match self.read(&call).await {
            Ok(reply) => {
                let metadata = parse_metadata(&reply.body)?;
                Ok(Some(FoundObject { uid: metadata.uid, labels: metadata.labels }))
            }
            Err(failure) if failure.error.code() == Some(404) => Ok(None),
            Err(failure) => Err(failure.error),
        }
    }

    /// Deletes the object of this uid; one of the same name that was made since stays. `false`: it was gone.
    pub(crate) async fn delete_object(&self, place: &Place, uid: &str) -> Result<bool, ClusterError> {
        let call = Call { method: Method::DELETE, path: path(place), accept: WHOLE, keys: &[] };
        let body = json!({
            "apiVersion": "v1", "kind": "DeleteOptions", "preconditions": {"uid": uid}, "propagationPolicy": "Background",
        });
        match self.write(&call, wire::json(&body)).await {
            Ok(_) => Ok(true),
            Err(failure) if failure.error.code() == Some(404) => Ok(false),
            Err(failure) => Err(failure.error),
        }
    }
}

fn path(place: &Place) -> String {
    let api = if place.kind.api.contains('/') { "/apis/" } else { "/api/" };
    let namespace = place.namespace.as_ref().map(|name| format!("/namespaces/{name}")).unwrap_or_default();
    format!("{api}{}{namespace}/{}/{}", place.kind.api, place.kind.plural, place.name)
}

/// Names a request for errors.
pub(crate) fn asked(verb: &'static str, place: &Place) -> Asked {
    Asked { verb, resource: place.kind.plural, name: Some(place.name.clone()), namespace: place.namespace.clone() }
}
