//! `create generic`: a Secret with keys of the user's choice.

use crate::context::Context;
use crate::error::{Error, Outcome, Result};
use crate::names::{KeyName, SecretName};
use crate::output::{self, Format};
use crate::plaintext::facts;
use crate::plaintext::wire::{Metadata, secret_create};
use crate::plan::create::{Shape, draft, plan};
use crate::plan::record::{Author, new_op};
use crate::plan::{Change, Extent, Target, Verb};
use crate::process::fault;
use crate::report::{KeyView, PlanView, SecretView};
use crate::sources::{self, Allowed, Ask, KeySource, KeySources};

use super::apply::{Wanted, update};
use super::labels::{Annotation, Label};
use crate::commands::change::{DryRun, say_dropped};

/// Create a Secret from the keychain, a hidden prompt, a pipe or a generator
///
/// Each key takes its value from a source: a hidden prompt unless you name one. Nothing is sent
/// before all values are there, and an existing Secret is never touched.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  kubectl secretsafe create generic db username=public:app password
  kubectl secretsafe create generic db password=generate:length=32
  kubectl secretsafe create generic db password=keychain:team/db-password
  kubectl secretsafe create generic db tls.key=stdin < key.pem

Sources: see docs/sources.md, or type KEY=SOURCE with one of
  prompt  keychain  generate  stdin  fd:N  env:NAME  public:TEXT  public-file:PATH")]
pub(crate) struct GenericArgs {
    /// Name of the Secret
    name: SecretName,

    /// Keys to fill, and where each value comes from, as KEY[=SOURCE]
    #[arg(value_name = "KEY[=SOURCE]", required = true)]
    keys: Vec<KeySource>,

    /// Type of the Secret
    #[arg(long = "type", value_name = "TYPE", default_value = "Opaque")]
    secret_type: SecretType,

    /// Make it impossible to change the Secret later
    #[arg(long, conflicts_with = "apply")]
    immutable: bool,

    /// Update the named keys if the Secret exists; generated, typed and piped values only fill what is missing
    #[arg(long)]
    apply: bool,

    /// Key to give a new value with --apply although it exists; may be repeated
    #[arg(long, value_name = "KEY", requires = "apply")]
    renew: Vec<KeyName>,

    /// Change an existing Secret even though a controller or GitOps tool will undo it
    #[arg(long, requires = "apply")]
    override_owner: bool,

    /// Label to set, as NAME=TEXT; may be repeated
    #[arg(long = "label", value_name = "NAME=TEXT")]
    labels: Vec<Label>,

    /// Annotation to set, as NAME=TEXT; may be repeated
    #[arg(long = "annotation", value_name = "NAME=TEXT")]
    annotations: Vec<Annotation>,

    /// Only show what would be done: client asks nobody, server asks for values and has them checked
    #[arg(long, value_name = "none|client|server", num_args = 0..=1, require_equals = true, default_value = "none", default_missing_value = "client", hide_possible_values = true)]
    dry_run: DryRun,

    /// Output format
    #[arg(short, long, value_name = "FORMAT")]
    output: Option<Format>,

    /// Accept public: for a key whose name says that it is secret; may be repeated
    #[arg(long, value_name = "KEY")]
    public_ok: Vec<KeyName>,

    /// Accept a generated value of less than 80 bits
    #[arg(long)]
    weak_ok: bool,
}

/// The type of a Secret; a word without spaces, as the API server wants it.
#[derive(Debug, Clone)]
struct SecretType(String);

impl std::str::FromStr for SecretType {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let fits = !text.is_empty()
            && text.len() <= 253
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'/' | b'_'));
        if fits {
            Ok(Self(text.to_owned()))
        } else {
            Err(Error::usage("`--type` takes a word such as Opaque or kubernetes.io/tls"))
        }
    }
}

/// Runs `create generic`.
pub(crate) async fn run(args: GenericArgs, ctx: &Context) -> Result<Outcome> {
    let sources = KeySources::new(args.keys)?;
    let shape = Shape {
        secret_type: args.secret_type.0,
        immutable: args.immutable,
        labels: args.labels.into_iter().map(|label| (label.0, label.1)).collect(),
        annotations: args.annotations.into_iter().map(|annotation| (annotation.0, annotation.1)).collect(),
    };
    let allowed = Allowed { weak: args.weak_ok, public: args.public_ok };
    let target = ctx.target(args.name).await?;
    let plan = plan(target.clone(), &shape, &sources);
    let ask = |keys| Ask { keys, target: &target, secret_type: &shape.secret_type, allowed: &allowed };
    sources.check(ask)?;
    if args.dry_run == DryRun::Client {
        output::write(&PlanView::new(Verb::Created, plan), args.output)?;
        return Ok(Outcome::Done);
    }
    sources.prepare(ask)?;
    if args.apply {
        let wanted = Wanted {
            target: &target,
            shape: &shape,
            sources: &sources,
            allowed: &allowed,
            renew: &args.renew,
            dry_run: args.dry_run,
            output: args.output,
            override_owner: args.override_owner,
        };
        check_renew(&args.renew, &sources)?;
        if update(&wanted, ctx).await? {
            return Ok(Outcome::Done);
        }
    }
    let view = create(&target, &shape, &sources, &allowed, args.dry_run == DryRun::Server, ctx).await?;
    output::write(&view, args.output)?;
    Ok(Outcome::Done)
}

/// Refuses to renew a key that is not asked for.
fn check_renew(renew: &[KeyName], sources: &KeySources) -> Result<()> {
    let named = |key: &KeyName| sources.groups().iter().any(|group| group.keys().contains(key));
    match renew.iter().find(|key| !named(key)) {
        Some(key) => Err(Error::usage(format!("`--renew {key}` needs a source for key `{key}`"))
            .hint(format!("name it as well, such as {key}=generate"))),
        None => Ok(()),
    }
}

/// Fills the keys, sends the Secret, and leaves an Event.
async fn create(
    target: &Target,
    shape: &Shape,
    sources: &KeySources,
    allowed: &Allowed,
    dry_run: bool,
    ctx: &Context,
) -> Result<SecretView> {
    let cluster = ctx.cluster().await?;
    // Before anybody types a value: is the server there, and who are we to it?
    let identity = cluster.identify_for("create", target).await?;
    let filled = sources::fill(sources, target, &shape.secret_type, allowed, ctx).await?;
    fault::point("after-fill");
    let op = new_op().map_err(|_| Error::source("the system gives no random numbers"))?;
    let author = Author { by: identity.user.clone(), at: identity.now(), op: op.clone() };
    let keys: Vec<KeyName> = filled.keys().cloned().collect();
    let facts: Vec<_> = filled.values().map(facts::of).collect();
    let (draft, dropped) = draft(target, shape, &sources.provenance(allowed), &author);
    let body = secret_create(&draft, &filled);
    drop(filled);
    let metadata = cluster.create(target, body, &keys, &op, dry_run).await?;
    say_dropped(dropped, ctx);
    let change = change(target, &metadata, &keys, op, dry_run);
    let now = identity.now();
    if !dry_run {
        cluster.record_event(&change, now).await;
    }
    let rows =
        keys.iter().zip(facts).map(|(key, facts)| KeyView::new(key, &metadata, Some(facts), false, now)).collect();
    Ok(SecretView::new(&metadata, shape.secret_type.clone(), Some(shape.immutable), rows, now).with_change(change))
}

fn change(target: &Target, metadata: &Metadata, keys: &[KeyName], op: String, dry_run: bool) -> Change {
    Change {
        verb: Verb::Created,
        name: target.name.clone(),
        namespace: target.namespace.clone(),
        uid: metadata.uid.clone(),
        keys: keys.to_vec(),
        op,
        extent: if dry_run { Extent::ServerDryRun } else { Extent::Stored },
    }
}
