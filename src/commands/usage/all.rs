//! `usage --all`, `-A`, `--unused`, `--dangling`: the Secrets of a namespace or a cluster, each with who uses it. Only
//! metadata of Secrets is listed, page by page; of everything else only references are kept.

use std::collections::BTreeSet;

use crate::cluster::{EveryConsumer, Listed, PAGE, Pages, Scope};
use crate::context::Context;
use crate::error::{Outcome, Result};
use crate::names::Namespace;
use crate::output::{Format, Stream};
use crate::plan::consumers::Users;
use crate::report::{USAGE_OPENING, UsageColumns, UsageTail, UsedSecret};

use super::super::everywhere::{LeftOut, Places};
use super::{UsageArgs, end, say_not_listed};

/// Runs `usage` for more than one Secret.
pub(super) async fn run(args: &UsageArgs, ctx: &Context) -> Result<Outcome> {
    let namespace = ctx.kubecontext().await?.namespace().clone();
    let cluster = ctx.cluster().await?;
    let task = ctx.ui.task("looking for consumers");
    let places =
        if args.all_namespaces { Places::find(&namespace, ctx).await? } else { Places::one(namespace.clone()) };
    // References first: a Secret that is made in the meantime is not called missing.
    let EveryConsumer { users, not_listed } = places.consumers(cluster).await?;
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
        tail: UsageTail {
            not_listed,
            namespaces_left_out: places.left_out.count(),
            left_out: places.left_out.namespaces.clone(),
            ..UsageTail::default()
        },
        task: ctx.ui.task("listing secrets"),
    };
    for scope in places.scopes(&Scope { page: PAGE, ..Scope::default() }) {
        list.every(Pages::new(cluster, scope)).await?;
    }
    // One in any namespace may be meant: whether there is none is known only where all are listed.
    list.missing(args.all_namespaces && places.left_out.is_empty())?;
    list.end(&namespace, &places.left_out, ctx)
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
    fn end(self, namespace: &Namespace, left_out: &LeftOut, ctx: &Context) -> Result<Outcome> {
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
        left_out.say(ctx);
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
