//! `usage --all`, `-A`, `--unused`, `--dangling`: the Secrets of a namespace or a cluster, each with who uses it. Only
//! metadata of Secrets is listed, page by page; of everything else only references are kept.

use std::collections::BTreeSet;

use futures::stream::{self, StreamExt};

use crate::cluster::{Cluster, EveryConsumer, Listed, PAGE, Pages, Scope};
use crate::context::Context;
use crate::error::{Outcome, Result};
use crate::names::Namespace;
use crate::output::{Format, Stream};
use crate::plan::consumers::Users;
use crate::report::{USAGE_OPENING, UsageColumns, UsageTail, UsedSecret};

use super::{UsageArgs, end, say_not_listed};

/// How many namespaces are asked at the same time, where all at once is not allowed.
const AT_ONCE: usize = 8;

/// Where Secrets are listed.
struct Places {
    /// The namespaces; none means all at once.
    of: Option<Vec<Namespace>>,
    /// How many may not be listed; `None` if that is not known.
    left_out: Option<usize>,
}

/// Runs `usage` for more than one Secret.
pub(super) async fn run(args: &UsageArgs, ctx: &Context) -> Result<Outcome> {
    let namespace = ctx.kubecontext().await?.namespace().clone();
    let cluster = ctx.cluster().await?;
    let task = ctx.ui.task("looking for consumers");
    let places = if args.all_namespaces {
        places(cluster, &namespace, ctx).await?
    } else {
        Places { of: Some(vec![namespace.clone()]), left_out: Some(0) }
    };
    // References first: a Secret that is made in the meantime is not called missing.
    let EveryConsumer { users, not_listed } = match &places.of {
        None => cluster.every_consumer(None).await?,
        Some(several) => cluster.every_consumer_of(several).await?,
    };
    drop(task);
    let columns = UsageColumns {
        namespace: args.all_namespaces || matches!(args.output, Format::Csv),
        findings: args.unused || args.dangling,
        wide: matches!(args.output, Format::Wide),
    };
    let header = if args.no_headers { Vec::new() } else { columns.header() };
    let mut list = List {
        args,
        stream: Stream::new(&args.output, header, columns.kept()),
        columns,
        users,
        seen: BTreeSet::new(),
        shown: 0,
        tail: UsageTail { not_listed, namespaces_left_out: places.left_out, ..UsageTail::default() },
        task: ctx.ui.task("listing secrets"),
    };
    match &places.of {
        None => list.every(Pages::new(cluster, Scope { page: PAGE, ..Scope::default() })).await?,
        Some(several) => {
            for namespace in several {
                list.every(Pages::new(cluster, Scope::of(namespace))).await?;
            }
        }
    }
    // One in any namespace may be meant: whether there is none is known only where all are listed.
    list.missing(args.all_namespaces && places.left_out == Some(0))?;
    list.end(&namespace, ctx)
}

/// Finds out where Secrets may be listed: everywhere at once, or else in which namespaces.
async fn places(cluster: &Cluster, own: &Namespace, ctx: &Context) -> Result<Places> {
    let first = |scope: Scope| async move {
        let mut pages = Pages::new(cluster, Scope { page: 1, ..scope });
        let outcome = pages.try_next().await;
        outcome.map(drop).map_err(|error| (error.code() == Some(403), pages.explain(&error)))
    };
    let refused = match first(Scope::default()).await {
        Ok(()) => return Ok(Places { of: None, left_out: Some(0) }),
        Err((true, refused)) => refused,
        Err((false, error)) => return Err(error),
    };
    ctx.ui.trace(1, || "listing all namespaces at once is not allowed; asking one by one".to_owned());
    let (namespaces, all_known) = match cluster.namespaces().await {
        Ok(namespaces) => (namespaces, true),
        Err(_) => (vec![own.clone()], false),
    };
    let asked = namespaces.len();
    let looks = stream::iter(namespaces).map(|namespace| async move {
        let outcome = first(Scope::of(&namespace)).await;
        (namespace, outcome)
    });
    let mut looks = std::pin::pin!(looks.buffered(AT_ONCE));
    let mut allowed = Vec::new();
    while let Some((namespace, outcome)) = looks.next().await {
        match outcome {
            Ok(()) => allowed.push(namespace),
            Err((true, _)) => {}
            Err((false, error)) => return Err(error),
        }
    }
    if allowed.is_empty() {
        return Err(refused);
    }
    let left_out = all_known.then_some(asked - allowed.len());
    Ok(Places { of: Some(allowed), left_out })
}

/// A list on its way to stdout.
struct List<'a> {
    args: &'a UsageArgs,
    stream: Stream,
    columns: UsageColumns,
    users: Users,
    /// The Secrets that are there, as far as anything references them.
    seen: BTreeSet<(String, String)>,
    shown: usize,
    tail: UsageTail,
    task: crate::ui::Task,
}

impl List<'_> {
    async fn every(&mut self, mut pages: Pages<'_>) -> Result<()> {
        while let Some(Listed { items, .. }) = pages.next().await? {
            let mut shown = Vec::new();
            for outline in &items {
                let Ok(namespace) = outline.metadata.namespace.parse::<Namespace>() else { continue };
                let name = outline.metadata.name.as_str();
                let users = || self.users.users(&namespace, name);
                if users().next().is_some() {
                    self.seen.insert((namespace.to_string(), name.to_owned()));
                } else if outline.is_machinery() {
                    continue;
                }
                let described = UsedSecret::there(outline, users().collect::<Vec<_>>().into_iter());
                self.tail.undecided += usize::from(described.is_undecided());
                if self.wants(&described) {
                    shown.push(described);
                }
            }
            self.print(&shown)?;
        }
        self.tail.inconsistent |= pages.is_inconsistent();
        Ok(())
    }

    /// Prints what is referenced and not there.
    fn missing(&mut self, all_known: bool) -> Result<()> {
        if self.args.unused && !self.args.dangling {
            return Ok(());
        }
        let here = self
            .users
            .of
            .iter()
            .filter(|((namespace, name), _)| !self.seen.contains(&(namespace.to_string(), name.clone())));
        let mut missing: Vec<UsedSecret> = here
            .filter_map(|((namespace, name), consumers)| UsedSecret::not_there(Some(namespace), name, consumers))
            .collect();
        if all_known {
            let known: BTreeSet<&str> = self.seen.iter().map(|(_, name)| name.as_str()).collect();
            let nowhere = self.users.anywhere.iter().filter(|(name, _)| !known.contains(name.as_str()));
            missing.extend(nowhere.filter_map(|(name, consumers)| UsedSecret::not_there(None, name, consumers)));
        }
        self.print(&missing)
    }

    fn wants(&self, secret: &UsedSecret) -> bool {
        let UsageArgs { unused, dangling, .. } = self.args;
        (!unused && !dangling) || (*unused && secret.is_unused()) || (*dangling && secret.is_dangling())
    }

    fn print(&mut self, items: &[UsedSecret]) -> Result<()> {
        let columns = self.columns;
        self.shown += items.len();
        self.task.count(self.shown);
        self.stream.groups(items, USAGE_OPENING, |item| item.rows(columns), UsedSecret::named)
    }

    /// Ends the document, and says what is not in it.
    fn end(self, namespace: &Namespace, ctx: &Context) -> Result<Outcome> {
        let Self { args, stream, shown, tail, task, .. } = self;
        drop(task);
        if shown == 0 && matches!(args.output, Format::Table | Format::Wide) {
            let what = match (args.unused, args.dangling) {
                (false, false) => "No secrets found",
                (true, false) => "No unused secrets found",
                (false, true) => "No references that lead nowhere found",
                (true, true) => "No unused secrets and no references that lead nowhere found",
            };
            ctx.ui.tell(&match args.all_namespaces {
                true => format!("{what}."),
                false => format!("{what} in {namespace} namespace."),
            });
        }
        if tail.inconsistent {
            ctx.ui.warn("the list changed while it was read: its end is newer than its beginning");
        }
        match tail.namespaces_left_out {
            Some(0) => {}
            Some(1) => ctx.ui.warn("1 namespace is left out: this user may not list Secrets there"),
            Some(count) => {
                ctx.ui.warn(&format!("{count} namespaces are left out: this user may not list Secrets there"));
            }
            None => ctx.ui.warn(&format!(
                "only namespace {namespace} is listed: this user may not list namespaces, so the others are not known"
            )),
        }
        let so = if args.unused { "what is called unused may be used by these" } else { "there may be more" };
        say_not_listed(&tail.not_listed, so, ctx);
        if tail.undecided > 0 && (args.dangling || !args.unused) {
            let count = tail.undecided;
            let secrets = if count == 1 { "1 secret" } else { &format!("{count} secrets") };
            ctx.ui.note(&format!(
                "whether a key that is referenced is there is not known for {secrets}: not all names of keys are known"
            ));
        }
        let complete = tail.not_listed.is_empty() && tail.namespaces_left_out == Some(0);
        stream.end(USAGE_OPENING, &tail)?;
        end(args, shown > 0, complete)
    }
}
