//! `view`: what may be said about a Secret and each of its values.

use futures::stream::{self, StreamExt};

use crate::context::Context;
use crate::error::{Outcome, Result};
use crate::names::SecretName;
use crate::output::{self, Format};
use crate::plaintext::facts;
use crate::report::{KeyView, SecretView, SecretViewList};
use crate::ui::Failures;

use super::pick;

/// How many Secrets are fetched at the same time.
const AT_ONCE: usize = 8;

/// The annotation in which `kubectl apply` keeps a copy of the whole manifest, values included.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Show the keys of Secrets and facts about each value, never a value
///
/// For each key: what kind of content it is, its size as a range, public parts such as a
/// certificate's subject and expiry, and who changed it when. `≥` marks a lower bound: the key is at
/// least that old.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  kubectl secretsafe view db
  kubectl secretsafe view db --metadata-only
  kubectl secretsafe view db api -n prod -o json")]
pub(crate) struct ViewArgs {
    /// Names of the Secrets; without one, pick from a list
    #[arg(value_name = "NAME")]
    names: Vec<SecretName>,

    /// Fetch no value: keys, ages and type only
    #[arg(long)]
    metadata_only: bool,

    /// Show exact sizes instead of ranges
    #[arg(long, conflicts_with = "metadata_only")]
    sizes: bool,

    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    output: Format,
}

/// Runs `view`.
pub(crate) async fn run(args: ViewArgs, ctx: &Context) -> Result<Outcome> {
    let names = match args.names.as_slice() {
        [] => match pick::secret(None, "view NAME", ctx).await? {
            Ok(name) => vec![name],
            Err(outcome) => return Ok(outcome),
        },
        names => names.to_vec(),
    };
    let several = names.len() > 1;
    if several {
        ctx.journal.judge_one_by_one();
    }
    let views: Vec<Result<SecretView>> =
        stream::iter(names).map(|name| view(name, &args, ctx)).buffered(AT_ONCE).collect().await;
    let mut shown = Vec::new();
    let mut failures = Failures::default();
    for view in views {
        match view {
            Ok(view) => shown.push(view),
            Err(error) => failures.push(error),
        }
    }
    match shown.pop() {
        Some(only) if !several => output::write(&only, Some(&args.output))?,
        Some(last) => {
            shown.push(last);
            output::write(&SecretViewList::new(shown), Some(&args.output))?;
        }
        None => {}
    }
    failures.end()
}

async fn view(name: SecretName, args: &ViewArgs, ctx: &Context) -> Result<SecretView> {
    let target = ctx.target(name).await?;
    let cluster = ctx.cluster().await?;
    if args.metadata_only {
        let found = cluster.describe(&target).await?;
        let (outline, now) = (found.object, found.now);
        warn_of_copy(&outline.metadata.annotations.names, &target, ctx);
        let keys = outline.metadata.known_keys();
        let rows = keys.iter().map(|key| KeyView::new(key, &outline.metadata, None, false, now)).collect();
        return Ok(SecretView::new(&outline.metadata, outline.secret_type, None, rows, now).with_count(outline.count));
    }
    let found = cluster.secret(&target).await?;
    let (secret, now) = (found.object, found.now);
    warn_of_copy(&secret.metadata.annotations.names, &target, ctx);
    let rows = secret
        .values
        .iter()
        .map(|(key, value)| KeyView::new(key, &secret.metadata, Some(facts::of(value)), args.sizes, now))
        .collect();
    Ok(SecretView::new(&secret.metadata, secret.secret_type, Some(secret.immutable), rows, now))
}

/// `kubectl apply` may have copied every value into an annotation, where `get` on metadata shows it.
fn warn_of_copy(annotations: &std::collections::BTreeSet<String>, target: &crate::plan::Target, ctx: &Context) {
    if annotations.contains(LAST_APPLIED) {
        ctx.ui.warn(&format!(
            "secret `{}` has the annotation `{LAST_APPLIED}`, which can hold a copy of every value",
            target.name
        ));
        ctx.ui.hint(&format!(
            "remove it with: kubectl annotate secret {} -n {} {LAST_APPLIED}-",
            target.name, target.namespace
        ));
    }
}
