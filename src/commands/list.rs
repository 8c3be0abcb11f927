//! `list`: names, types, keys, ages and owners of many Secrets; metadata only, always.

use futures::stream::{self, StreamExt};

use crate::cluster::{Listed, Pages, Scope};
use crate::context::Context;
use crate::error::{Outcome, Result};
use crate::names::Namespace;
use crate::output::{Format, FormatParser, Stream};
use crate::report::{ListColumns, ListTail, OPENING, SecretSummary, SortBy, sort};

/// How many namespaces are asked at the same time, where all at once is not allowed.
const AT_ONCE: usize = 8;

/// List Secrets: names, types, keys, ages and owners, never a value
///
/// No value is requested. Helm's releases, and the Secrets that a rotation leaves beside its target, are
/// hidden unless you pass --all-types. Where listing all namespaces is not allowed, those that are allowed
/// are listed.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  kubectl secretsafe list
  kubectl secretsafe list -A -l app=web -o wide
  kubectl secretsafe list --sort-by=.metadata.creationTimestamp
  kubectl secretsafe list -o name | xargs kubectl secretsafe view")]
pub(crate) struct ListArgs {
    /// List the Secrets of all namespaces
    #[arg(short = 'A', long)]
    all_namespaces: bool,

    /// Labels to select by, such as app=web,tier!=test
    #[arg(short = 'l', long, value_name = "SELECTOR")]
    selector: Option<String>,

    /// Fields to select by, such as type=kubernetes.io/tls
    #[arg(long, value_name = "SELECTOR")]
    field_selector: Option<String>,

    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "table", value_parser = FormatParser::of_lists())]
    output: Format,

    /// Add a column with the labels
    #[arg(long)]
    show_labels: bool,

    /// Print no header
    #[arg(long)]
    no_headers: bool,

    /// Field of the items to sort by, such as .metadata.creationTimestamp
    #[arg(long, value_name = "JSONPATH")]
    sort_by: Option<SortBy>,

    /// Secrets per request; 0 asks for all at once
    #[arg(long, value_name = "N", default_value_t = 500)]
    chunk_size: usize,

    /// Show Helm's releases, and what rotations leave, as well
    #[arg(long)]
    all_types: bool,
}

/// Runs `list`.
pub(crate) async fn run(args: ListArgs, ctx: &Context) -> Result<Outcome> {
    let columns = ListColumns {
        namespace: args.all_namespaces,
        wide: matches!(args.output, Format::Wide),
        labels: args.show_labels,
    };
    let namespace = ctx.kubecontext().await?.namespace().clone();
    let scope = Scope {
        namespace: (!args.all_namespaces).then(|| namespace.clone()),
        labels: args.selector.clone(),
        fields: args.field_selector.clone(),
        page: args.chunk_size,
    };
    let mut list = List {
        stream: stream_of(&args, columns),
        columns,
        all_types: args.all_types,
        task: ctx.ui.task("listing secrets"),
        waiting: args.sort_by.is_some().then(Vec::new),
        shown: 0,
        tail: ListTail { hidden: 0, namespaces_left_out: Some(0), inconsistent: false },
        ctx,
    };
    let mut pages = Pages::new(ctx.cluster().await?, scope.clone());
    match pages.try_next().await {
        Ok(first) => list.all(first, pages).await?,
        Err(error) if error.code() == Some(403) && args.all_namespaces => {
            ctx.ui.trace(1, || "listing all namespaces at once is not allowed; asking one by one".to_owned());
            list.one_by_one(scope, &namespace, pages.explain(&error)).await?;
        }
        Err(error) => return Err(pages.explain(&error)),
    }
    list.end(&args, &namespace)
}

fn stream_of(args: &ListArgs, columns: ListColumns) -> Stream {
    let header = if args.no_headers { Vec::new() } else { columns.header() };
    Stream::new(&args.output, header, columns.kept())
}

/// A list on its way to stdout.
struct List<'a> {
    stream: Stream,
    columns: ListColumns,
    all_types: bool,
    task: crate::ui::Task,
    /// What has to be sorted before it can be printed.
    waiting: Option<Vec<SecretSummary>>,
    shown: usize,
    tail: ListTail,
    ctx: &'a Context,
}

impl List<'_> {
    /// Prints all pages, from the first one on.
    async fn all(&mut self, first: Option<Listed>, mut pages: Pages<'_>) -> Result<()> {
        let mut next = first;
        while let Some(page) = next {
            self.page(page)?;
            next = pages.next().await?;
        }
        self.tail.inconsistent |= pages.is_inconsistent();
        Ok(())
    }

    /// Lists the namespaces that this user can see; those that may not be listed are counted.
    async fn one_by_one(&mut self, scope: Scope, own: &Namespace, refused: crate::error::Error) -> Result<()> {
        let cluster = self.ctx.cluster().await?;
        let (namespaces, all_known) = match cluster.namespaces().await {
            Ok(namespaces) => (namespaces, true),
            Err(_) => (vec![own.clone()], false),
        };
        let several = namespaces.len();
        let firsts = stream::iter(namespaces).map(|namespace| {
            let mut pages = Pages::new(cluster, Scope { namespace: Some(namespace), ..scope.clone() });
            async move {
                let first = pages.try_next().await;
                (pages, first)
            }
        });
        let mut firsts = std::pin::pin!(firsts.buffered(AT_ONCE));
        let mut left_out = 0;
        while let Some((pages, first)) = firsts.next().await {
            match first {
                Ok(first) => self.all(first, pages).await?,
                Err(error) if error.code() == Some(403) => left_out += 1,
                Err(error) => return Err(pages.explain(&error)),
            }
        }
        if left_out == several {
            return Err(refused);
        }
        self.tail.namespaces_left_out = all_known.then_some(left_out);
        Ok(())
    }

    fn page(&mut self, page: Listed) -> Result<()> {
        let Listed { mut items, now } = page;
        let before = items.len();
        items.retain(|outline| self.all_types || !outline.is_machinery());
        self.tail.hidden += before - items.len();
        let items: Vec<SecretSummary> = items.into_iter().map(|outline| SecretSummary::new(outline, now)).collect();
        self.shown += items.len();
        self.task.count(self.shown);
        match &mut self.waiting {
            Some(waiting) => waiting.extend(items),
            None => self.print(&items)?,
        }
        Ok(())
    }

    fn print(&mut self, items: &[SecretSummary]) -> Result<()> {
        let columns = self.columns;
        self.stream.items(items, OPENING, |item| item.row(columns), SecretSummary::named)
    }

    /// Prints what waited, ends the document, and says what is not in it.
    fn end(mut self, args: &ListArgs, namespace: &Namespace) -> Result<Outcome> {
        if let Some((waiting, by)) = self.waiting.take().zip(args.sort_by.as_ref()) {
            let sorted = sort(waiting, by)?;
            self.print(&sorted)?;
        }
        let ui = &self.ctx.ui;
        if self.shown == 0 && matches!(args.output, Format::Table | Format::Wide) {
            ui.tell(&match args.all_namespaces {
                true => "No secrets found.".to_owned(),
                false => format!("No secrets found in {namespace} namespace."),
            });
        }
        let ListTail { hidden, namespaces_left_out, inconsistent } = self.tail;
        if inconsistent {
            ui.warn("the list changed while it was read: its end is newer than its beginning");
        }
        match namespaces_left_out {
            Some(0) => {}
            Some(1) => ui.warn("1 namespace is left out: this user may not list Secrets there"),
            Some(count) => ui.warn(&format!("{count} namespaces are left out: this user may not list Secrets there")),
            None => ui.warn(&format!(
                "only namespace {namespace} is listed: this user may not list namespaces, so the others are not known"
            )),
        }
        if hidden > 0 {
            ui.note(&format!("{hidden} of Helm's releases and of rotations hidden; --all-types shows them"));
        }
        self.stream.end(OPENING, &self.tail)?;
        Ok(Outcome::Done)
    }
}
