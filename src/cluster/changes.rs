//! Requests that change a Secret: the look before, and the patch.

use http::Method;

use crate::error::{Error, ErrorKind, Result};
use crate::log::{Access, Verdict};
use crate::names::KeyName;
use crate::plaintext::wire::{Metadata, Outline, WireBody, empty_patch, parse_metadata, parse_outline};
use crate::plan::Target;
use crate::plan::age::FIELD_MANAGER;

use super::connect::Cluster;
use super::error::ClusterError;
use super::secrets::{Existing, asked, not_found, object, time_of};
use super::transport::{Call, METADATA_ONLY, TABLE};

/// How a patch ended that was not simply stored or refused.
#[derive(Debug)]
pub(crate) enum PatchError {
    /// Somebody else wrote in between; nothing of ours is stored.
    Conflict,
    /// The answer was lost: it may be stored.
    Open(ClusterError),
    /// It is not stored.
    Refused(Error),
}

impl Cluster {
    /// Looks at a Secret before a change, without a value.
    ///
    /// Where reading is not allowed, or not wanted, a patch of nothing with a dry run gives the same
    /// answer to whoever may patch.
    pub(crate) async fn describe_for_change(&self, target: &Target, write_only: bool) -> Result<Existing<Outline>> {
        self.journal().about(target, []);
        let found = self.look_for_change(target, write_only).await?;
        self.journal().has(target, &found.object.metadata.known_keys());
        Ok(found)
    }

    async fn look_for_change(&self, target: &Target, write_only: bool) -> Result<Existing<Outline>> {
        if !write_only {
            match self.outline(target).await {
                Err(error) if error.code() == Some(403) => {
                    self.ui().trace(1, || "reading is not allowed; asking with a patch of nothing".to_owned());
                }
                Err(error) if error.code() == Some(404) => return Err(self.missing(target).await),
                found => return found.map_err(|error| explain(&error, "get", target)),
            }
        }
        self.outline_by_patch(target).await.map_err(|error| explain(&error, "patch", target))
    }

    async fn outline_by_patch(&self, target: &Target) -> Result<Existing<Outline>, ClusterError> {
        let call = patch_call(target, true, TABLE, &[]);
        // It changes nothing, so it may be sent again like a read.
        let reply = self.write(&call, empty_patch()).await.map_err(|failure| failure.error)?;
        Ok(Existing { object: parse_outline(&reply.body)?, now: time_of(&reply) })
    }

    /// Sends a merge patch, once: noted in the local log before, and after.
    pub(crate) async fn patch(
        &self,
        target: &Target,
        body: WireBody,
        keys: &[KeyName],
        dry_run: bool,
    ) -> Result<Metadata, PatchError> {
        self.journal().about(target, keys);
        self.journal().begin(target, Access::Write).await.map_err(PatchError::Refused)?;
        let patched = self.send_patch(target, body, keys, dry_run).await;
        match &patched {
            Ok(_) => self.journal().answered(target, Verdict::DONE, []),
            Err(PatchError::Refused(error)) => self.journal().answered(target, Verdict::failed(error.kind()), []),
            // Who asked finds out, and the run tells.
            Err(PatchError::Conflict | PatchError::Open(_)) => {}
        }
        patched
    }

    async fn send_patch(
        &self,
        target: &Target,
        body: WireBody,
        keys: &[KeyName],
        dry_run: bool,
    ) -> Result<Metadata, PatchError> {
        let call = patch_call(target, dry_run, METADATA_ONLY, keys);
        let error = match self.write(&call, body).await {
            Ok(reply) => match parse_metadata(&reply.body) {
                Ok(metadata) => return Ok(metadata),
                Err(error) => ClusterError::from(error),
            },
            Err(failure) => failure.error,
        };
        Err(match error.code() {
            Some(409) => PatchError::Conflict,
            _ if error.outcome_is_open() && !dry_run => PatchError::Open(error),
            _ => PatchError::Refused(explain(&error, "patch", target)),
        })
    }
}

fn patch_call<'a>(target: &Target, dry_run: bool, accept: &'static str, keys: &'a [KeyName]) -> Call<'a> {
    let dry = if dry_run { "&dryRun=All" } else { "" };
    let path = format!("{}?fieldManager={FIELD_MANAGER}{dry}", object(&target.namespace, &target.name));
    Call { method: Method::PATCH, path, accept, keys }
}

/// Turns a failure of a look or a patch into what the user sees.
pub(crate) fn explain(error: &ClusterError, verb: &'static str, target: &Target) -> Error {
    let asked = asked(verb, target);
    match error {
        ClusterError::Status { code: 404, .. } => not_found(target),
        ClusterError::Status { code: 422, fields, cause, .. } => {
            let has = |name: &str| fields.iter().any(|field| field.to_string() == name);
            match cause {
                _ if has("metadata.uid") => {
                    Error::new(ErrorKind::Cluster, format!("secret `{}` was deleted and made anew", target.name))
                        .because("nothing was changed on the new one")
                        .hint("look at it, and run the command again")
                }
                Some("FieldValueForbidden") if has("data") || has("immutable") => immutable(target),
                Some("FieldValueTooLong") => error.explain(&asked).because("all values together are more than 1 MiB"),
                _ => error.explain(&asked).hint("the API server's own text is not shown, because it quotes values"),
            }
        }
        _ => error.explain(&asked),
    }
}

/// Says the way out for a Secret that may never be changed.
fn immutable(target: &Target) -> Error {
    let Target { name, namespace, .. } = target;
    Error::refused(format!("secret `{name}` in namespace `{namespace}` is immutable"))
        .because("nobody can change it; nothing was changed")
        .hint(format!("make a new one, and name it in the workloads: kubectl secretsafe create generic {name}-2 …"))
}
