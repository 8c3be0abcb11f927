//! `seal`: values as ciphertext for Git, which only the sealed-secrets controller of a cluster can read.

use std::collections::BTreeMap;

use crate::context::Context;
use crate::error::{Error, Outcome, Result};
use crate::names::{KeyName, Namespace, SecretName};
use crate::output::{self, ManifestFormat};
use crate::plaintext::SecretValue;
use crate::plaintext::seal::{Certificate, SessionKey, seal};
use crate::plan::Target;
use crate::plan::seal::{Scope, manifest};
use crate::process::{fault, stack};
use crate::sources::{self, Allowed, Ask, KeySources};

use super::allowed::AllowedFlags;
use super::create::{Annotation, Label, SecretType};
use super::pick;

mod certificate;
mod live;
mod pins;
mod wanted;

use certificate::{Controller, Fingerprint, Service};
use live::Live;
use wanted::{Text, Wanted, split};

/// Write values as ciphertext for Git: a SealedSecret
///
/// A KEY alone is sealed with the value that it has in the cluster; with a SOURCE the value comes from there, and if all
/// keys have one, no Secret is read and none has to exist. Without keys, all keys of the Secret are sealed. Nothing in the
/// cluster is changed. Of the labels of the Secret only those that say what a thing is go along, of its annotations none,
/// unless you name them.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  kubectl secretsafe seal db > db-sealed.yaml
  kubectl secretsafe seal db password=generate user=public:app --cert cert.pem > db-sealed.yaml
  kubectl secretsafe seal db password=keychain --scope namespace-wide -o json
  kubectl secretsafe seal registry --controller-name sealed-secrets")]
pub(crate) struct SealArgs {
    /// Name of the Secret; without one, pick from a list
    #[arg(value_name = "NAME")]
    name: Option<SecretName>,

    /// Keys to seal, and where values come from that are not those in the cluster, as KEY[=SOURCE]
    #[arg(value_name = "KEY[=SOURCE]")]
    keys: Vec<Wanted>,

    /// Where the controller opens it: strict is under this name only, namespace-wide under any name, cluster-wide anywhere
    #[arg(long, value_name = "SCOPE", value_enum, default_value = "strict", hide_possible_values = true)]
    scope: Scope,

    /// Certificate of the controller, if it is not to be asked for it: a file, or an https:// URL
    #[arg(long, value_name = "FILE|URL")]
    cert: Option<String>,

    /// SHA-256 of the controller's key: accepts this key and no other, and keeps it for the next time
    #[arg(long, value_name = "SHA256")]
    cert_fingerprint: Option<Fingerprint>,

    /// Namespace of the controller
    #[arg(long, value_name = "NAMESPACE", default_value = "kube-system")]
    controller_namespace: Namespace,

    /// Name of the controller's Service
    #[arg(long, value_name = "SERVICE", default_value = "sealed-secrets-controller")]
    controller_name: Service,

    /// Type of the Secret that the controller makes [default: that of the Secret in the cluster, or Opaque]
    #[arg(long = "type", value_name = "TYPE")]
    secret_type: Option<SecretType>,

    /// Label of the Secret that the controller makes; a NAME alone is that of the Secret in the cluster; may be repeated
    #[arg(long = "label", value_name = "NAME[=TEXT]")]
    labels: Vec<Text<Label>>,

    /// Annotation, in the same way, unless it holds a value; may be repeated
    #[arg(long = "annotation", value_name = "NAME[=TEXT]")]
    annotations: Vec<Text<Annotation>>,

    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "yaml")]
    output: ManifestFormat,

    #[command(flatten)]
    allowed: AllowedFlags,
}

/// Runs `seal`.
pub(crate) async fn run(args: SealArgs, ctx: &Context) -> Result<Outcome> {
    let along = wanted::along(args.labels, args.annotations)?;
    let controller = Controller {
        certificate: args.cert.as_deref().map(certificate::Place::read).transpose()?,
        fingerprint: args.cert_fingerprint,
        namespace: args.controller_namespace,
        service: args.controller_name,
    };
    let name = match pick::secret(args.name, "seal NAME", ctx).await? {
        Ok(name) => name,
        Err(outcome) => return Ok(outcome),
    };
    let (of_cluster, from_sources) = split(args.keys)?;
    let sources = KeySources::new(from_sources)?;
    let new = sources.groups().iter().flat_map(|group| group.keys());
    if let Some(twice) = of_cluster.iter().find(|key| new.clone().any(|new| new == *key)) {
        return Err(Error::usage(format!("key `{twice}` is named twice")).hint("name each key once"));
    }
    let reads = !of_cluster.is_empty() || sources.groups().is_empty();
    if !reads {
        along.needs_no_secret()?;
    }
    let target = ctx.target(name).await?;
    ctx.journal.about(&target, of_cluster.iter().chain(new));
    let allowed = Allowed::from(args.allowed);
    let given = args.secret_type.map(|given| given.0);
    let secret_type = given.clone().unwrap_or_else(|| "Opaque".to_owned());
    let ask = |keys| Ask { keys, target: &target, secret_type: &secret_type, allowed: &allowed, flag: None };
    sources.check(ask)?;
    let Some(certificate) = certificate::trusted(&controller, &target, ctx).await? else {
        return Ok(Outcome::Declined);
    };
    sources.prepare(ask)?;
    // What is sealed leaves the cluster, as ciphertext.
    if reads {
        ctx.confirm_protected().await?;
    }
    let live = if reads { Some(Live::read(&target, &of_cluster, &along, ctx).await?) } else { None };
    let Live { mut values, mut template } = live.unwrap_or_default();
    if !sources.groups().is_empty() {
        values.extend(sources::fill(&sources, &target, &secret_type, &allowed, ctx).await?);
    }
    fault::point("after-fill");
    if !reads || given.is_some() {
        template.secret_type = secret_type;
    }
    template.labels.extend(along.labels);
    template.annotations.extend(along.annotations);
    let sealed = seal_all(values, &certificate, &args.scope.label(&target))?;
    let object = manifest(&target, args.scope, &template, &sealed);
    output::manifest(&object, &format!("sealedsecret.bitnami.com/{}", target.name), args.output)?;
    Ok(Outcome::Done)
}

/// Seals each value with a key of its own.
fn seal_all(
    values: BTreeMap<KeyName, SecretValue>,
    certificate: &Certificate,
    label: &[u8],
) -> Result<BTreeMap<KeyName, String>> {
    let one = |(key, value): (KeyName, SecretValue)| {
        // The cipher works on pieces of the value there.
        let text = stack::wiped(|| SessionKey::random().and_then(|fresh| seal(value, fresh, certificate, label)));
        let text = text.map_err(|why| {
            Error::source(format!("the value of key `{key}` cannot be sealed")).caused_by(&why).hint("try it again")
        })?;
        Ok((key, text))
    };
    values.into_iter().map(one).collect()
}

/// What a Secret is called in the words of this command.
fn where_it_is(target: &Target) -> String {
    format!("secret `{}` in namespace `{}`", target.name, target.namespace)
}
