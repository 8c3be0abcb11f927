//! Requests for Secrets. Answers to writes never carry data: they ask for `PartialObjectMetadata`.

use http::Method;
use jiff::Timestamp;

use crate::error::{Error, ErrorKind, Result};
use crate::log::{Access, Verdict};
use crate::names::{KeyName, Namespace, SecretName};
use crate::plaintext::wire::{LiveSecret, Metadata, Outline, WireBody, parse_metadata, parse_outline, parse_secret};
use crate::plan::Target;
use crate::plan::age::FIELD_MANAGER;

use super::connect::Cluster;
use super::error::{Asked, ClusterError};
use super::identity::Identity;
use super::transport::{Call, METADATA_ONLY, Reply, TABLE, WHOLE};

/// Something that was read, and the server's time at that moment.
#[derive(Debug)]
pub(crate) struct Existing<T> {
    /// What was read.
    pub(crate) object: T,
    /// The server's clock; the epoch if it gave none, so that no record seems to be from the past.
    pub(crate) now: Timestamp,
}

/// Why a Secret was not created.
#[derive(Debug)]
pub(crate) enum CreateError {
    /// There is one of that name.
    Exists,
    /// It is not stored, or that cannot be known.
    Refused(Error),
}

impl Cluster {
    /// Fetches a Secret with its values: noted in the local log before, and after.
    pub(crate) async fn secret(&self, target: &Target) -> Result<Existing<LiveSecret>> {
        self.journal().begin(target, Access::Read).await?;
        let found = self.fetch(target).await;
        match &found {
            Ok(found) => self.journal().answered(target, Verdict::DONE, found.object.values.keys()),
            Err(error) => self.journal().answered(target, Verdict::failed(error.kind()), []),
        }
        found
    }

    /// The same, where it is no failure that there is none of that name.
    pub(crate) async fn secret_if_any(&self, target: &Target) -> Result<Option<LiveSecret>> {
        self.journal().begin(target, Access::Read).await?;
        let path = object(&target.namespace, &target.name);
        let found = match self.read(&Call { method: Method::GET, path, accept: WHOLE, keys: &[] }).await {
            Ok(reply) => parse_secret(&reply.body).map(Some).map_err(ClusterError::from),
            Err(failure) if failure.error.code() == Some(404) => Ok(None),
            Err(failure) => Err(failure.error),
        };
        let found = found.map_err(|error| error.explain(&asked("get", target)));
        match &found {
            Ok(found) => {
                let keys = found.iter().flat_map(|found| found.values.keys());
                self.journal().answered(target, Verdict::DONE, keys);
            }
            Err(error) => self.journal().answered(target, Verdict::failed(error.kind()), []),
        }
        found
    }

    async fn fetch(&self, target: &Target) -> Result<Existing<LiveSecret>> {
        let asked = asked("get", target);
        let reply = self.get(&asked, target, WHOLE).await?;
        let object = parse_secret(&reply.body).map_err(|err| ClusterError::from(err).explain(&asked))?;
        Ok(Existing { object, now: time_of(&reply) })
    }

    /// Fetches what can be known about a Secret without a value: metadata, type and number of keys.
    pub(crate) async fn describe(&self, target: &Target) -> Result<Existing<Outline>> {
        match self.outline(target).await {
            Err(error) if error.code() == Some(404) => Err(self.missing(target).await),
            found => found.map_err(|error| error.explain(&asked("get", target))),
        }
    }

    /// Looks for a Secret of that name; no value travels.
    pub(crate) async fn find(&self, target: &Target) -> Result<Option<Existing<Outline>>> {
        match self.outline(target).await {
            Ok(found) => Ok(Some(found)),
            Err(error) if error.code() == Some(404) => Ok(None),
            Err(error) => Err(error.explain(&asked("get", target))),
        }
    }

    /// The same, with the failure as it is.
    pub(super) async fn outline(&self, target: &Target) -> Result<Existing<Outline>, ClusterError> {
        let path = object(&target.namespace, &target.name);
        let call = Call { method: Method::GET, path, accept: TABLE, keys: &[] };
        let reply = self.read(&call).await.map_err(|failure| failure.error)?;
        Ok(Existing { object: parse_outline(&reply.body)?, now: time_of(&reply) })
    }

    /// Asks who we are, as the first step of writing `target`: before anybody types a value.
    pub(crate) async fn identify_for(&self, verb: &'static str, target: &Target) -> Result<Identity> {
        self.identify().await.map_err(|err| err.explain(&asked(verb, target)))
    }

    /// Creates a Secret. `op` is the id in the record of its keys, by which a lost answer is made good.
    pub(crate) async fn create(
        &self,
        target: &Target,
        body: WireBody,
        keys: &[KeyName],
        op: &str,
        dry_run: bool,
    ) -> Result<Metadata> {
        self.try_create(target, body, keys, op, dry_run).await.map_err(|error| match error {
            CreateError::Exists => already_exists(target),
            CreateError::Refused(error) => error,
        })
    }

    /// The same, for whom it matters that one is there already.
    pub(crate) async fn try_create(
        &self,
        target: &Target,
        body: WireBody,
        keys: &[KeyName],
        op: &str,
        dry_run: bool,
    ) -> Result<Metadata, CreateError> {
        self.journal().about(target, keys);
        self.journal().begin(target, Access::Write).await.map_err(CreateError::Refused)?;
        let created = self.post(target, body, keys, op, dry_run).await;
        match &created {
            Ok(_) => self.journal().answered(target, Verdict::DONE, []),
            Err(CreateError::Exists) => self.journal().answered(target, Verdict::failed(ErrorKind::Cluster), []),
            Err(CreateError::Refused(error)) => self.journal().answered(target, Verdict::failed(error.kind()), []),
        }
        created
    }

    async fn post(
        &self,
        target: &Target,
        body: WireBody,
        keys: &[KeyName],
        op: &str,
        dry_run: bool,
    ) -> Result<Metadata, CreateError> {
        let asked = asked("create", target);
        let dry = if dry_run { "&dryRun=All" } else { "" };
        let path = format!("{}?fieldManager={FIELD_MANAGER}{dry}", collection(&target.namespace));
        let call = Call { method: Method::POST, path, accept: METADATA_ONLY, keys };
        let error = match self.write(&call, body).await {
            Ok(reply) => match parse_metadata(&reply.body) {
                Ok(metadata) => return Ok(metadata),
                Err(err) => ClusterError::from(err),
            },
            Err(failure) => failure.error,
        };
        if dry_run || !error.outcome_is_open() {
            return Err(match error {
                ClusterError::Status { code: 409, reason: Some("AlreadyExists"), .. } => CreateError::Exists,
                error => CreateError::Refused(explain_create(&error, &asked, target)),
            });
        }
        self.find_out(target, op, &error, &asked).await
    }

    /// After a write whose outcome is open: looks whether it is stored, by the id in its record.
    async fn find_out(
        &self,
        target: &Target,
        op: &str,
        error: &ClusterError,
        asked: &Asked,
    ) -> Result<Metadata, CreateError> {
        self.ui().trace(1, || format!("{error}; looking whether the Secret was stored all the same"));
        let call = Call {
            method: Method::GET,
            path: object(&target.namespace, &target.name),
            accept: METADATA_ONLY,
            keys: &[],
        };
        let open = || {
            Error::new(
                ErrorKind::Unfinished,
                format!(
                    "it is not known whether secret `{}` in namespace `{}` was created",
                    target.name, target.namespace
                ),
            )
            .caused_by(error)
            .hint(format!(
                "look at it with: kubectl secretsafe view {} -n {} --metadata-only",
                target.name, target.namespace
            ))
        };
        match self.read(&call).await {
            Ok(reply) => match parse_metadata(&reply.body) {
                Ok(metadata) if metadata.written_by(op) => Ok(metadata),
                Ok(_) => Err(CreateError::Exists),
                Err(_) => Err(CreateError::Refused(open())),
            },
            // It is not there: the write was not stored.
            Err(failure) if failure.error.code() == Some(404) => Err(CreateError::Refused(error.explain(asked))),
            Err(_) => Err(CreateError::Refused(open())),
        }
    }

    async fn get(&self, asked: &Asked, target: &Target, accept: &'static str) -> Result<Reply> {
        let path = object(&target.namespace, &target.name);
        let call = Call { method: Method::GET, path, accept, keys: &[] };
        match self.read(&call).await {
            Err(failure) if failure.error.code() == Some(404) => Err(self.missing(target).await),
            reply => reply.map_err(|failure| failure.error.explain(asked)),
        }
    }
}

pub(super) fn asked(verb: &'static str, target: &Target) -> Asked {
    Asked {
        verb,
        resource: "secrets",
        name: Some(target.name.to_string()),
        namespace: Some(target.namespace.to_string()),
    }
}

pub(super) fn collection(namespace: &Namespace) -> String {
    format!("/api/v1/namespaces/{namespace}/secrets")
}

pub(super) fn object(namespace: &Namespace, name: &SecretName) -> String {
    format!("{}/{name}", collection(namespace))
}

pub(super) fn time_of(reply: &Reply) -> Timestamp {
    reply.date.unwrap_or(Timestamp::UNIX_EPOCH)
}

fn explain_create(error: &ClusterError, asked: &Asked, target: &Target) -> Error {
    match error {
        // A POST into a namespace that is not there is a 404.
        ClusterError::Status { code: 404, .. } => Error::new(ErrorKind::Cluster, format!("cannot {asked}"))
            .because(format!("there is no namespace `{}` (404)", target.namespace))
            .hint(format!("type: kubectl create namespace {}", target.namespace)),
        ClusterError::Status { code: 422, .. } => error
            .explain(asked)
            .hint("the API server refuses this object; its own text is not shown, because it quotes values"),
        ClusterError::Status { code: 400, .. } => error
            .explain(asked)
            .hint("an admission rule may have refused it; its own text is not shown, because it can quote values"),
        _ => error.explain(asked),
    }
}

fn already_exists(target: &Target) -> Error {
    Error::new(
        ErrorKind::Cluster,
        format!("secret `{}` in namespace `{}` already exists", target.name, target.namespace),
    )
    .hint(format!("look at it with: kubectl secretsafe view {} -n {}", target.name, target.namespace))
}

pub(super) fn not_found(target: &Target) -> Error {
    Error::new(ErrorKind::Cluster, format!("there is no secret `{}` in namespace `{}`", target.name, target.namespace))
        .hint(format!("see what is there with: kubectl secretsafe list -n {}", target.namespace))
}
