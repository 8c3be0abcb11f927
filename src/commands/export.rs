//! `export`: SecretSources of what is there, made from metadata; no value is requested.

use zeroize::Zeroizing;

use crate::cluster::{Listed, PAGE, Scope};
use crate::context::Context;
use crate::error::{Outcome, Result};
use crate::names::{Namespace, SecretName};
use crate::output;
use crate::plaintext::SecretValue;
use crate::plaintext::parse::parse_manifests;
use crate::plaintext::wire::Outline;
use crate::plan::export::{Exported, NotOurs, export, not_ours};
use crate::plan::{Target, spec};
use crate::ui::Failures;

use super::change::keys_of;
use super::everywhere::Everywhere;
use super::pick;

/// Write SecretSources of Secrets that are there: which keys, and where their values come from
///
/// The file holds no value and is safe in Git; apply -f makes it so again. Where a key was last set by this program
/// from the keychain or a generator, that is what it says; else `prompt`. With -l or -A, Secrets that others make (a
/// controller, GitOps, Helm's releases, tokens of service accounts) are left out and counted, unless you pass --all.
/// No value is requested, but where the names of keys cannot be known otherwise. Annotations of others stay behind, and
/// so does `immutable`, which metadata does not tell.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  kubectl secretsafe export db > db.yaml
  kubectl secretsafe export -l app=web -n prod > web.yaml
  kubectl secretsafe export -A > secrets.yaml")]
pub(crate) struct ExportArgs {
    /// Names of the Secrets; without one, pick from a list
    #[arg(value_name = "NAME", conflicts_with_all = ["selector", "all_namespaces"])]
    names: Vec<SecretName>,

    /// Labels to select the Secrets by, such as app=web,tier!=test
    #[arg(short = 'l', long, value_name = "SELECTOR")]
    selector: Option<String>,

    /// Write the Secrets of all namespaces
    #[arg(short = 'A', long)]
    all_namespaces: bool,

    /// Write those too that others make
    #[arg(long, conflicts_with = "names")]
    all: bool,

    /// Exit with 5 if not all namespaces may be listed
    #[arg(long)]
    strict: bool,
}

/// Runs `export`.
pub(crate) async fn run(args: ExportArgs, ctx: &Context) -> Result<Outcome> {
    if args.selector.is_some() || args.all_namespaces {
        return many(&args, ctx).await;
    }
    let names = match args.names.as_slice() {
        [] => match pick::secret(None, "export NAME", ctx).await? {
            Ok(name) => vec![name],
            Err(outcome) => return Ok(outcome),
        },
        names => names.to_vec(),
    };
    let (mut file, mut failures) = (File::new(ctx), Failures::default());
    for name in names {
        let found = match ctx.target(name).await {
            Ok(target) => ctx.cluster().await?.describe(&target).await,
            Err(error) => Err(error),
        };
        match found {
            Ok(found) => file.add(&found.object).await?,
            Err(error) => failures.push(error),
        }
    }
    failures.end()
}

async fn many(args: &ExportArgs, ctx: &Context) -> Result<Outcome> {
    let namespace = ctx.kubecontext().await?.namespace().clone();
    let scope = Scope {
        namespace: (!args.all_namespaces).then(|| namespace.clone()),
        labels: args.selector.clone(),
        page: PAGE,
        ..Scope::default()
    };
    let mut walk = Everywhere::new(scope, namespace.clone(), ctx);
    let (mut file, task) = (File::new(ctx), ctx.ui.task("exporting secrets"));
    while let Some(Listed { items, .. }) = walk.next().await? {
        for outline in &items {
            match not_ours(outline).filter(|_| !args.all) {
                Some(NotOurs::Machinery) => file.machinery += 1,
                Some(NotOurs::Managed) => file.managed += 1,
                None => file.add(outline).await?,
            }
        }
        task.count(file.written);
    }
    drop(task);
    if walk.is_inconsistent() {
        ctx.ui.warn("the list changed while it was read: its end is newer than its beginning");
    }
    walk.left_out().say(ctx);
    file.say_what_is_missing((!args.all_namespaces).then_some(&namespace));
    walk.left_out().end(args.strict, Outcome::Done)
}

/// The documents on their way to stdout.
struct File<'a> {
    written: usize,
    machinery: usize,
    managed: usize,
    ctx: &'a Context,
}

impl<'a> File<'a> {
    fn new(ctx: &'a Context) -> Self {
        Self { written: 0, machinery: 0, managed: 0, ctx }
    }

    async fn add(&mut self, outline: &Outline) -> Result<()> {
        let metadata = &outline.metadata;
        let here = || format!("secret `{}` in namespace `{}`", metadata.name, metadata.namespace);
        let ui = &self.ctx.ui;
        let name: SecretName = metadata.name.parse()?;
        let namespace: Namespace = metadata.namespace.parse()?;
        let target = Target { namespace: namespace.clone(), ..self.ctx.target(name.clone()).await? };
        let keys = keys_of(outline, &target, self.ctx).await?;
        let Some(exported) = export(name, namespace, outline, &keys) else {
            ui.warn(&format!("{} is left out: no key of it is known", here()));
            return Ok(());
        };
        let text = spec::write(&exported.document);
        // What cannot be read again helps nobody: such as a name that looks like a secret.
        if let Err(error) = parse_manifests(&SecretValue::from_bytes(Zeroizing::new(text.clone().into_bytes()))) {
            ui.warn(&format!("{} is left out: {}", here(), error.problem));
            return Ok(());
        }
        self.say(&exported, &here());
        output::print(&format!("{}{text}", if self.written == 0 { "" } else { "---\n" }))?;
        self.written += 1;
        Ok(())
    }

    fn say(&self, exported: &Exported, here: &str) {
        let ui = &self.ctx.ui;
        for label in &exported.labels {
            ui.warn(&format!("label `{label}` of {here} is left behind: it looks like a value"));
        }
        for key in &exported.policies {
            ui.warn(&format!(
                "the policy of key `{key}` of {here} is left behind: it names no source that may stand in a file"
            ));
        }
        match exported.unknown {
            0 => {}
            1 => ui.warn(&format!("1 key of {here} is left out: its name cannot be known without reading its value")),
            more => ui.warn(&format!(
                "{more} keys of {here} are left out: their names cannot be known without reading their values"
            )),
        }
    }

    fn say_what_is_missing(&self, namespace: Option<&Namespace>) {
        let ui = &self.ctx.ui;
        if self.written == 0 {
            ui.tell(&match namespace {
                None => "No secrets found.".to_owned(),
                Some(namespace) => format!("No secrets found in {namespace} namespace."),
            });
        }
        let others = [
            (self.managed, "that a controller or GitOps tool writes"),
            (self.machinery, "of Helm, rotations and service accounts"),
        ];
        for (count, whose) in others.into_iter().filter(|(count, _)| *count > 0) {
            ui.note(&format!("{count} {whose} left out; --all writes them too"));
        }
    }
}
