//! Lists of Secrets, page by page. The Table form tells type and number of keys; no value travels.

use std::time::Duration;

use http::Method;
use jiff::Timestamp;

use crate::error::{Error, Result};
use crate::names::{Namespace, SecretName, nearest};
use crate::plaintext::wire::{Outline, Page, WireBody, WireError, parse_names, parse_outlines};
use crate::plan::Target;

use super::connect::Cluster;
use super::error::{Asked, ClusterError};
use super::secrets::{collection, not_found, time_of};
use super::transport::{Call, Failure, METADATA_LIST, Reply, TABLE};

/// How long a look for a name that was probably meant may take.
const HINT_LIMIT: Duration = Duration::from_secs(2);

/// How many objects a page has if nobody asks for another number; kubectl's own.
pub(crate) const PAGE: usize = 500;

/// What is listed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scope {
    /// The namespace; none means all.
    pub(crate) namespace: Option<Namespace>,
    /// A label selector, as kubectl takes it.
    pub(crate) labels: Option<String>,
    /// A field selector, as kubectl takes it.
    pub(crate) fields: Option<String>,
    /// Secrets per page; 0 asks for all at once.
    pub(crate) page: usize,
}

impl Scope {
    /// Everything in a namespace.
    pub(crate) fn of(namespace: &Namespace) -> Self {
        Self { namespace: Some(namespace.clone()), page: PAGE, ..Self::default() }
    }

    fn path(&self, limit: usize, token: Option<&str>) -> String {
        let path = self.namespace.as_ref().map_or_else(|| "/api/v1/secrets".to_owned(), collection);
        let limit = if limit == 0 { None } else { Some(limit.to_string()) };
        let parts = [
            ("limit", limit.as_deref()),
            ("labelSelector", self.labels.as_deref()),
            ("fieldSelector", self.fields.as_deref()),
            ("continue", token),
        ];
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in parts {
            if let Some(value) = value {
                query.append_pair(name, value);
            }
        }
        format!("{path}?{}", query.finish())
    }

    fn asked(&self) -> Asked {
        let namespace = self.namespace.as_ref().map(ToString::to_string);
        Asked { verb: "list", resource: "secrets", name: None, namespace }
    }
}

/// One page as it came.
#[derive(Debug)]
pub(crate) struct Listed {
    /// The Secrets.
    pub(crate) items: Vec<Outline>,
    /// The server's time.
    pub(crate) now: Timestamp,
}

/// A list that is fetched page by page.
#[derive(Debug)]
pub(crate) struct Pages<'a> {
    cluster: &'a Cluster,
    scope: Scope,
    limit: usize,
    token: Option<String>,
    ended: bool,
    inconsistent: bool,
}

impl<'a> Pages<'a> {
    /// Starts a list; nothing is sent yet.
    pub(crate) fn new(cluster: &'a Cluster, scope: Scope) -> Self {
        Self { cluster, limit: scope.page, scope, token: None, ended: false, inconsistent: false }
    }

    /// A list of nothing, which ends at once.
    pub(crate) fn ended(cluster: &'a Cluster, scope: Scope) -> Self {
        Self { ended: true, ..Self::new(cluster, scope) }
    }

    /// Tells whether the list's first version was gone before its end: the rest is newer than the beginning.
    pub(crate) fn is_inconsistent(&self) -> bool {
        self.inconsistent
    }

    /// Fetches the next page; `None` behind the last one.
    pub(crate) async fn next(&mut self) -> Result<Option<Listed>> {
        self.try_next().await.map_err(|error| self.explain(&error))
    }

    /// The same, with the failure as it is.
    pub(crate) async fn try_next(&mut self) -> Result<Option<Listed>, ClusterError> {
        if self.ended {
            return Ok(None);
        }
        loop {
            let failure = match self.fetch().await {
                Ok(reply) => {
                    let page = parse_outlines(&reply.body)?;
                    self.ended = page.next.is_none();
                    self.token = page.next;
                    return Ok(Some(Listed { items: page.items, now: time_of(&reply) }));
                }
                Err(failure) => failure,
            };
            match failure {
                // Kubernetes forgets old versions of a list after minutes, and says how to go on with a newer one.
                Failure { resume: Some(token), error, .. } if error.code() == Some(410) && !self.inconsistent => {
                    self.inconsistent = true;
                    self.token = Some(token.into());
                }
                Failure { error: ClusterError::TooLarge, .. } if self.limit != 1 => {
                    self.limit = if self.limit == 0 { PAGE } else { self.limit / 2 };
                    self.cluster.ui().trace(1, || format!("a page is too large; {} at a time", self.limit));
                }
                Failure { error, .. } => return Err(error),
            }
        }
    }

    /// Turns a failure into what the user sees.
    pub(crate) fn explain(&self, error: &ClusterError) -> Error {
        let explained = error.explain(&self.scope.asked());
        match error.code() {
            Some(410) => explained.hint("the list took longer than the API server remembers: run it again"),
            Some(400) if self.scope.labels.is_some() || self.scope.fields.is_some() => {
                explained.hint("check --selector and --field-selector: write them as kubectl does, such as -l app=web")
            }
            _ => explained,
        }
    }

    async fn fetch(&self) -> Result<Reply, Failure> {
        let path = self.scope.path(self.limit, self.token.as_deref());
        self.cluster.read(&Call { method: Method::GET, path, accept: TABLE, keys: &[] }).await
    }
}

impl Cluster {
    /// Shows every object that is kept of a list of any kind, page by page. Smaller pages are asked for where one is too large, and
    /// a list whose first version is gone goes on with a newer one.
    pub(super) async fn every_page<T>(
        &self,
        accept: &'static str,
        path: impl Fn(usize, Option<&str>) -> String,
        parse: impl Fn(&WireBody) -> Result<Page<T>, WireError>,
        mut show: impl FnMut(T),
    ) -> Result<(), ClusterError> {
        let (mut limit, mut token) = (PAGE, None);
        loop {
            let call = Call { method: Method::GET, path: path(limit, token.as_deref()), accept, keys: &[] };
            match self.read(&call).await {
                Ok(reply) => {
                    let page = parse(&reply.body)?;
                    page.items.into_iter().for_each(&mut show);
                    match page.next {
                        Some(next) => token = Some(next),
                        None => return Ok(()),
                    }
                }
                Err(failure) if failure.error == ClusterError::TooLarge && limit > 1 => limit /= 2,
                Err(failure) if failure.error.code() == Some(410) && failure.resume.is_some() => {
                    token = failure.resume.map(Into::into);
                }
                Err(failure) => return Err(failure.error),
            }
        }
    }

    /// Lists the namespaces.
    pub(crate) async fn namespaces(&self) -> Result<Vec<Namespace>, ClusterError> {
        let mut found = Vec::new();
        let mut token = String::new();
        loop {
            let path = format!("/api/v1/namespaces?limit={PAGE}{token}");
            let call = Call { method: Method::GET, path, accept: METADATA_LIST, keys: &[] };
            let reply = self.read(&call).await.map_err(|failure| failure.error)?;
            let page: Page<Namespace> = parse_names(&reply.body)?;
            found.extend(page.items);
            match page.next {
                Some(next) => {
                    token =
                        format!("&continue={}", form_urlencoded::byte_serialize(next.as_bytes()).collect::<String>());
                }
                None => return Ok(found),
            }
        }
    }

    /// Says that a Secret is not there, and which one was probably meant, if this user may list.
    pub(super) async fn missing(&self, target: &Target) -> Error {
        let error = not_found(target);
        let mut pages = Pages::new(self, Scope::of(&target.namespace));
        // The error is known already: the hint may not take long, and may not fail.
        let Ok(Ok(Some(page))) = tokio::time::timeout(HINT_LIMIT, pages.try_next()).await else { return error };
        let names = page.items.iter().filter(|outline| !outline.is_machinery());
        match nearest(target.name.as_str(), names.map(|outline| outline.metadata.name.as_str())) {
            Some(name) => error.hint(format!("did you mean `{name}`?")),
            None => error,
        }
    }

    /// Names what people work with in a namespace: companions and Helm's releases are left out.
    pub(crate) async fn names(&self, namespace: &Namespace) -> Result<Vec<SecretName>> {
        let mut pages = Pages::new(self, Scope::of(namespace));
        let mut names = Vec::new();
        let task = self.ui().task("listing secrets");
        while let Some(page) = pages.next().await? {
            let shown = page.items.iter().filter(|outline| !outline.is_machinery());
            names.extend(shown.filter_map(|outline| outline.metadata.name.parse().ok()));
            task.count(names.len());
        }
        Ok(names)
    }
}
