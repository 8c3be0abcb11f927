//! Who we are to the server, and what time it is there: both go into the record of a change.

use std::time::Instant;

use http::Method;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::plaintext::wire::{self, parse_user};

use super::connect::Cluster;
use super::error::ClusterError;
use super::transport::{Call, WHOLE};

/// What the server says about us.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    /// The user's name, if the server tells it.
    pub(crate) user: Option<String>,
    /// The server's clock when it answered; ours if it gave none.
    answered: Timestamp,
    /// When that was, on a clock that only runs forward.
    since: Instant,
}

impl Identity {
    fn new(user: Option<String>, date: Option<Timestamp>) -> Self {
        Self { user, answered: date.unwrap_or_else(Timestamp::now), since: Instant::now() }
    }

    /// Returns the server's time now: somebody may have typed a value since it answered.
    pub(crate) fn now(&self) -> Timestamp {
        let seconds = i64::try_from(self.since.elapsed().as_secs()).unwrap_or(0);
        self.answered.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(self.answered)
    }
}

impl Cluster {
    /// Asks for a `SelfSubjectReview`. Not being allowed to is no failure: even the refusal tells the time.
    ///
    /// Fails only if the server cannot be reached at all, so that nobody is asked for a value in vain.
    pub(super) async fn identify(&self) -> Result<Identity, ClusterError> {
        let call = Call {
            method: Method::POST,
            path: "/apis/authentication.k8s.io/v1/selfsubjectreviews".to_owned(),
            accept: WHOLE,
            keys: &[],
        };
        let body = wire::json(&json!({"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}));
        match self.write(&call, body).await {
            Ok(reply) => {
                let user = parse_user(&reply.body).ok();
                if let Some(user) = &user {
                    self.journal().identified(self.fingerprint(), user);
                }
                Ok(Identity::new(user, reply.date))
            }
            Err(failure)
                if matches!(failure.error, ClusterError::Connect { .. }) || failure.error.code() == Some(401) =>
            {
                Err(failure.error)
            }
            Err(failure) => {
                self.ui().trace(1, || format!("the record will not name the user: {}", failure.error));
                Ok(Identity::new(None, failure.date))
            }
        }
    }
}
