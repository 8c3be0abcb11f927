//! `list`: names, types, keys, ages, due dates and owners of many Secrets; metadata only, but for the certificates that
//! `--deep` reads.

use crate::cluster::{Listed, Scope};
use crate::context::Context;
use crate::error::{Error, Outcome, Result};
use crate::names::Namespace;
use crate::output::{self, Format, FormatParser, Stream};
use crate::plan::findings::Asked;
use crate::report::{ListColumns, ListTail, OPENING, SecretListSummary, SecretSummary, SortBy, Undecided, sort};

use super::everywhere::{Everywhere, LeftOut};

mod deep;
mod filter;

use filter::FindingFlags;

/// List Secrets: names, types, keys, ages, due dates and owners, never a value
///
/// No value is requested, but for --deep. The age of the oldest key is exact where this program has changed it; else it
/// is a bound: `≥ 41d` is at least 41 days. With --stale, --due, --unmanaged or --expiring, Secrets with any of these are
/// listed. Helm's releases, and the Secrets that a rotation leaves beside its target, are hidden unless you pass
/// --all-types. Where listing all namespaces is not allowed, those that are allowed are listed, and the others named.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  kubectl secretsafe list
  kubectl secretsafe list -A -l app=web -o wide
  kubectl secretsafe list -A --stale 90d --due --exit-code
  kubectl secretsafe list -A --expiring 30d --deep
  kubectl secretsafe list -A --summary --stale 180d
  kubectl secretsafe list --sort-by=age
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

    /// age (the oldest key first), due or name; or a field of the items, such as .metadata.creationTimestamp
    #[arg(long, value_name = "FIELD")]
    sort_by: Option<SortBy>,

    /// Secrets per request; 0 asks for all at once
    #[arg(long, value_name = "N", default_value_t = 500)]
    chunk_size: usize,

    /// Show Helm's releases, and what rotations leave, as well
    #[arg(long)]
    all_types: bool,

    /// Exit with 5 if not all namespaces may be listed
    #[arg(long)]
    strict: bool,

    #[command(flatten)]
    findings: FindingFlags,
}

/// Runs `list`.
pub(crate) async fn run(args: ListArgs, ctx: &Context) -> Result<Outcome> {
    let asked = args.findings.asked()?;
    check_format(&args)?;
    let columns = ListColumns {
        namespace: args.all_namespaces,
        wide: matches!(args.output, Format::Wide),
        labels: args.show_labels,
        spreadsheet: matches!(args.output, Format::Csv),
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
        totals: args.findings.summary.then(|| SecretListSummary::new(&asked)),
        shown: 0,
        found: 0,
        tail: ListTail {
            hidden: 0,
            namespaces_left_out: Some(0),
            left_out: Vec::new(),
            inconsistent: false,
            undecided: Undecided::of(&asked),
        },
        asked,
        ctx,
    };
    let mut walk = Everywhere::new(scope, namespace.clone(), ctx);
    while let Some(page) = walk.next().await? {
        list.page(page).await?;
    }
    list.tail.inconsistent = walk.is_inconsistent();
    list.tail.namespaces_left_out = walk.left_out().count();
    list.tail.left_out = walk.left_out().namespaces.clone();
    let outcome = list.end(&args, &namespace, walk.left_out())?;
    walk.left_out().end(args.strict, outcome)
}

/// Numbers have no rows and no names.
fn check_format(args: &ListArgs) -> Result<()> {
    let rows = matches!(args.output, Format::Wide | Format::Csv | Format::Name | Format::CustomColumns(_));
    if args.findings.summary && rows {
        return Err(Error::usage("`--summary` does not take this value of `--output`")
            .hint("it takes: table, json, yaml, jsonpath=TEMPLATE; for rows, leave --summary out"));
    }
    Ok(())
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
    /// What is counted instead.
    totals: Option<SecretListSummary>,
    shown: usize,
    /// How many have something that was asked for.
    found: usize,
    asked: Asked,
    tail: ListTail,
    ctx: &'a Context,
}

impl List<'_> {
    async fn page(&mut self, page: Listed) -> Result<()> {
        let Listed { mut items, now } = page;
        let before = items.len();
        items.retain(|outline| self.all_types || !outline.is_machinery());
        self.tail.hidden += before - items.len();
        let mut items: Vec<SecretSummary> = items.into_iter().map(|outline| SecretSummary::new(outline, now)).collect();
        if self.asked.expiring.is_some() {
            items = deep::with_certificates(items, self.ctx).await?;
        }
        if self.asked.is_any() {
            items = self.judge(items);
        }
        self.shown += items.len();
        self.task.count(self.shown);
        match (&mut self.totals, &mut self.waiting) {
            (Some(totals), _) => items.iter().for_each(|item| totals.add(item)),
            (None, Some(waiting)) => waiting.extend(items),
            (None, None) => self.print(&items)?,
        }
        Ok(())
    }

    /// Looks for what was asked for, and keeps what has it; a summary counts the others as well.
    fn judge(&mut self, items: Vec<SecretSummary>) -> Vec<SecretSummary> {
        let mut judged: Vec<SecretSummary> = items.into_iter().map(|item| item.judged(&self.asked)).collect();
        if let Some(undecided) = &mut self.tail.undecided {
            judged.iter().for_each(|item| undecided.add(item.undecided()));
        }
        self.found += judged.iter().filter(|item| item.has_findings()).count();
        if self.totals.is_none() {
            judged.retain(SecretSummary::has_findings);
        }
        judged
    }

    fn print(&mut self, items: &[SecretSummary]) -> Result<()> {
        let columns = self.columns;
        self.stream.items(items, OPENING, |item| item.row(columns), SecretSummary::named)
    }

    /// Prints what waited, ends the document, and says what is not in it.
    fn end(mut self, args: &ListArgs, namespace: &Namespace, left_out: &LeftOut) -> Result<Outcome> {
        if let Some((waiting, by)) = self.waiting.take().zip(args.sort_by.as_ref()) {
            let sorted = sort(waiting, by)?;
            self.print(&sorted)?;
        }
        self.say_what_is_missing(args, namespace, left_out);
        let found = if self.totals.is_some() && self.asked.is_any() { self.found } else { self.shown };
        match self.totals {
            Some(totals) => output::write(&totals.ended(self.tail), Some(&args.output))?,
            None => self.stream.end(OPENING, &self.tail)?,
        }
        Ok(if args.findings.exit_code && found > 0 { Outcome::Differences } else { Outcome::Done })
    }

    fn say_what_is_missing(&self, args: &ListArgs, namespace: &Namespace, left_out: &LeftOut) {
        let ui = &self.ctx.ui;
        if self.shown == 0 && self.totals.is_none() && matches!(args.output, Format::Table | Format::Wide) {
            let such = if self.asked.is_any() { "No such secrets" } else { "No secrets" };
            ui.tell(&match args.all_namespaces {
                true => format!("{such} found."),
                false => format!("{such} found in {namespace} namespace."),
            });
        }
        let ListTail { hidden, inconsistent, undecided, .. } = &self.tail;
        if *inconsistent {
            ui.warn("the list changed while it was read: its end is newer than its beginning");
        }
        left_out.say(self.ctx);
        if let Some(Undecided { stale, due, expiring }) = undecided {
            let of_age = "how old their keys are is not known well enough";
            let why =
                [(stale, "stale", of_age), (due, "due", of_age), (expiring, "expiring", "no certificate was read")];
            for (count, what, why) in why {
                match count {
                    None | Some(0) => {}
                    Some(count) => ui.note(&format!("{count} more may be {what}: {why}")),
                }
            }
        }
        if *hidden > 0 {
            ui.note(&format!("{hidden} of Helm's releases and of rotations hidden; --all-types shows them"));
        }
    }
}
