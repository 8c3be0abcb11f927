//! Goes through the Secrets of one namespace, of all, or of those that this user may list; metadata only.

use std::fmt;
use std::pin::Pin;

use futures::stream::{self, Stream, StreamExt};

use crate::cluster::{Cluster, ClusterError, EveryConsumer, Listed, Pages, Scope};
use crate::context::Context;
use crate::error::{Error, ErrorKind, Outcome, Result};
use crate::names::Namespace;

/// How many namespaces are asked at the same time, where all at once is not allowed.
const AT_ONCE: usize = 8;
/// How many names stand in a sentence.
const NAMED: usize = 5;

/// What could not be listed.
#[derive(Debug, Clone, Default)]
pub(crate) struct LeftOut {
    /// The namespaces that this user may not list.
    pub(crate) namespaces: Vec<Namespace>,
    /// Not even the names of all namespaces are known: this one only was listed.
    pub(crate) only: Option<Namespace>,
}

/// A walk through Secrets, page by page.
pub(crate) struct Everywhere<'a> {
    ctx: &'a Context,
    scope: Scope,
    own: Namespace,
    state: State<'a>,
    left_out: LeftOut,
    /// Whether anything was listed at all.
    listed: bool,
    refused: Option<Error>,
    inconsistent: bool,
}

/// The pages of a namespace, of which the first is here.
type First<'a> = (Namespace, Pages<'a>, Result<Option<Listed>, ClusterError>);

enum State<'a> {
    Start,
    /// The pages of all, or of one namespace.
    Pages(Pages<'a>, Option<Waiting<'a>>),
    Ended,
}

type Waiting<'a> = Pin<Box<dyn Stream<Item = First<'a>> + 'a>>;

impl fmt::Debug for Everywhere<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Everywhere")
            .field("scope", &self.scope)
            .field("left_out", &self.left_out)
            .finish_non_exhaustive()
    }
}

impl<'a> Everywhere<'a> {
    /// Starts at the first page; `own` is the namespace to look at if not even their names may be listed.
    pub(crate) fn new(scope: Scope, own: Namespace, ctx: &'a Context) -> Self {
        let (left_out, refused) = (LeftOut::default(), None);
        Self { ctx, scope, own, state: State::Start, left_out, listed: false, refused, inconsistent: false }
    }

    /// Fetches the next page; `None` behind the last one. It fails if nothing at all may be listed.
    pub(crate) async fn next(&mut self) -> Result<Option<Listed>> {
        loop {
            match std::mem::replace(&mut self.state, State::Ended) {
                State::Start => {
                    let mut pages = Pages::new(self.ctx.cluster().await?, self.scope.clone());
                    match pages.try_next().await {
                        Ok(first) => {
                            self.state = State::Pages(pages, None);
                            self.listed = true;
                            if first.is_some() {
                                return Ok(first);
                            }
                        }
                        Err(error) if error.code() == Some(403) && self.scope.namespace.is_none() => {
                            self.refused = Some(pages.explain(&error));
                            self.one_by_one().await?;
                        }
                        Err(error) => return Err(pages.explain(&error)),
                    }
                }
                State::Pages(mut pages, waiting) => {
                    if let Some(page) = pages.next().await? {
                        self.state = State::Pages(pages, waiting);
                        return Ok(Some(page));
                    }
                    self.inconsistent |= pages.is_inconsistent();
                    if let Some(waiting) = waiting
                        && let Some(first) = self.next_namespace(waiting).await?
                    {
                        return Ok(Some(first));
                    }
                }
                State::Ended => {
                    let refused = self.refused.take().filter(|_| !self.listed);
                    return refused.map_or(Ok(None), Err);
                }
            }
        }
    }

    /// Asks the namespaces that this user can see.
    async fn one_by_one(&mut self) -> Result<()> {
        self.ctx.ui.trace(1, || "listing all namespaces at once is not allowed; asking one by one".to_owned());
        let cluster: &'a Cluster = self.ctx.cluster().await?;
        let namespaces = match cluster.namespaces().await {
            Ok(namespaces) => namespaces,
            Err(_) => {
                self.left_out.only = Some(self.own.clone());
                vec![self.own.clone()]
            }
        };
        let scope = self.scope.clone();
        let firsts = stream::iter(namespaces).map(move |namespace| {
            let mut pages = Pages::new(cluster, Scope { namespace: Some(namespace.clone()), ..scope.clone() });
            async move {
                let first = pages.try_next().await;
                (namespace, pages, first)
            }
        });
        let nothing = Pages::ended(cluster, self.scope.clone());
        self.state = State::Pages(nothing, Some(Box::pin(firsts.buffered(AT_ONCE))));
        Ok(())
    }

    /// Goes on to the next namespace that may be listed and has Secrets; those that may not are remembered.
    async fn next_namespace(&mut self, mut waiting: Waiting<'a>) -> Result<Option<Listed>> {
        while let Some((namespace, pages, first)) = waiting.next().await {
            match first {
                Ok(first) => {
                    self.listed = true;
                    if first.is_some() {
                        self.state = State::Pages(pages, Some(waiting));
                        return Ok(first);
                    }
                }
                Err(error) if error.code() == Some(403) => self.left_out.namespaces.push(namespace),
                Err(error) => return Err(pages.explain(&error)),
            }
        }
        Ok(None)
    }

    /// Tells whether a list changed while it was read.
    pub(crate) fn is_inconsistent(&self) -> bool {
        self.inconsistent
    }

    /// Returns what could not be listed.
    pub(crate) fn left_out(&self) -> &LeftOut {
        &self.left_out
    }
}

/// Where Secrets may be listed, for those who have to know it before they list them.
#[derive(Debug)]
pub(crate) struct Places {
    /// The namespaces; none means all at once.
    pub(crate) of: Option<Vec<Namespace>>,
    /// What may not be listed.
    pub(crate) left_out: LeftOut,
}

impl Places {
    /// One namespace, which is not asked about.
    pub(crate) fn one(namespace: Namespace) -> Self {
        Self { of: Some(vec![namespace]), left_out: LeftOut::default() }
    }

    /// Finds out: everywhere at once, or else in which namespaces. It fails if nowhere.
    pub(crate) async fn find(own: &Namespace, ctx: &Context) -> Result<Self> {
        let cluster = ctx.cluster().await?;
        let refused = match is_allowed(cluster, Scope::default()).await {
            Ok(()) => return Ok(Self { of: None, left_out: LeftOut::default() }),
            Err((true, refused)) => refused,
            Err((false, error)) => return Err(error),
        };
        ctx.ui.trace(1, || "listing all namespaces at once is not allowed; asking one by one".to_owned());
        let mut left_out = LeftOut::default();
        let namespaces = match cluster.namespaces().await {
            Ok(namespaces) => namespaces,
            Err(_) => {
                left_out.only = Some(own.clone());
                vec![own.clone()]
            }
        };
        let looks = stream::iter(namespaces).map(|namespace| async move {
            let outcome = is_allowed(cluster, Scope::of(&namespace)).await;
            (namespace, outcome)
        });
        let mut looks = std::pin::pin!(looks.buffered(AT_ONCE));
        let mut allowed = Vec::new();
        while let Some((namespace, outcome)) = looks.next().await {
            match outcome {
                Ok(()) => allowed.push(namespace),
                Err((true, _)) => left_out.namespaces.push(namespace),
                Err((false, error)) => return Err(error),
            }
        }
        if allowed.is_empty() { Err(refused) } else { Ok(Self { of: Some(allowed), left_out }) }
    }

    /// Lists what uses Secrets there.
    pub(crate) async fn consumers(&self, cluster: &Cluster) -> Result<EveryConsumer> {
        match &self.of {
            None => cluster.every_consumer(None).await,
            Some(several) => cluster.every_consumer_of(several).await,
        }
    }

    /// Returns the lists to go through, each with this scope.
    pub(crate) fn scopes(&self, scope: &Scope) -> Vec<Scope> {
        match &self.of {
            None => vec![Scope { namespace: None, ..scope.clone() }],
            Some(several) => {
                several.iter().map(|one| Scope { namespace: Some(one.clone()), ..scope.clone() }).collect()
            }
        }
    }
}

/// Asks for one Secret; a failure comes with whether it is a missing right.
async fn is_allowed(cluster: &Cluster, scope: Scope) -> Result<(), (bool, Error)> {
    let mut pages = Pages::new(cluster, Scope { page: 1, ..scope });
    let outcome = pages.try_next().await;
    outcome.map(drop).map_err(|error| (error.code() == Some(403), pages.explain(&error)))
}

impl LeftOut {
    /// Tells whether everything was listed.
    pub(crate) fn is_empty(&self) -> bool {
        self.namespaces.is_empty() && self.only.is_none()
    }

    /// Returns how many namespaces are left out; `None` if that is not known.
    pub(crate) fn count(&self) -> Option<usize> {
        self.only.is_none().then_some(self.namespaces.len())
    }

    /// Says it on stderr.
    pub(crate) fn say(&self, ctx: &Context) {
        if let Some(only) = &self.only {
            ctx.ui.warn(&format!(
                "only namespace {only} is listed: this user may not list namespaces, so the others are not known"
            ));
        } else if !self.namespaces.is_empty() {
            let names: Vec<&str> = self.namespaces.iter().map(Namespace::as_str).take(NAMED).collect();
            let more = match self.namespaces.len() - names.len() {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let (count, noun) = match self.namespaces.len() {
                1 => (1, "namespace is"),
                count => (count, "namespaces are"),
            };
            ctx.ui.warn(&format!(
                "{count} {noun} left out, because this user may not list Secrets there: {}{more}",
                names.join(", ")
            ));
        }
    }

    /// With `--strict`, what is left out is a failure, whatever was found.
    pub(crate) fn end(&self, strict: bool, outcome: Outcome) -> Result<Outcome> {
        if !strict || self.is_empty() {
            return Ok(outcome);
        }
        Err(Error::new(ErrorKind::Cluster, "not everything could be listed, which --strict does not allow")
            .because("this user may not list Secrets in all namespaces")
            .hint("ask for `list` on secrets in all namespaces, or name one with -n"))
    }
}
