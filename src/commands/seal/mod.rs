//! `seal`: values as ciphertext for Git, which only the sealed-secrets controller of a cluster can read, or whoever has the
//! key of an age recipient.

use std::path::PathBuf;

use crate::context::Context;
use crate::error::{Error, Outcome, Result};
use crate::names::SecretName;
use crate::output::ManifestFormat;
use crate::plan::Target;
use crate::plan::seal::Scope;
use crate::sources::AllowedInFile;

use super::allowed::AllowedFlags;
use super::create::{Annotation, Label, SecretType};

mod certificate;
mod files;
mod live;
mod merge;
mod named;
mod pins;
mod re_encrypt;
mod receiver;
mod sealed_file;
mod wanted;

use certificate::{Controller, ControllerFlags};
use receiver::{AgeRecipient, Receiver};
use wanted::{Text, Wanted};

/// Write values as ciphertext for Git: a SealedSecret, or an age file
///
/// A KEY alone is sealed with the value that it has in the cluster; with a SOURCE the value comes from there, and if all
/// keys have one, no Secret is read and none has to exist. Without keys, all keys of the Secret are sealed. Nothing in the
/// cluster is changed. Of the labels of the Secret only those that say what a thing is go along, of its annotations none,
/// unless you name them. With -f, Secrets come from manifests or SecretSources, with their labels.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  kubectl secretsafe seal db > db-sealed.yaml
  kubectl secretsafe seal db password=generate user=public:app --cert cert.pem > db-sealed.yaml
  kubectl secretsafe seal db password=keychain --scope namespace-wide -o json
  kubectl secretsafe seal registry --controller-name sealed-secrets
  kubectl secretsafe seal -f secrets.yaml > sealed.yaml
  kubectl secretsafe seal db password=prompt --merge-into db-sealed.yaml
  kubectl secretsafe seal --re-encrypt db-sealed.yaml
  kubectl secretsafe seal db --age age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p")]
pub(crate) struct SealArgs {
    /// Name of the Secret; without one, pick from a list
    #[arg(value_name = "NAME")]
    name: Option<SecretName>,

    /// Keys to seal, and where values come from that are not those in the cluster, as KEY[=SOURCE]
    #[arg(value_name = "KEY[=SOURCE]")]
    keys: Vec<Wanted>,

    /// File or folder of manifests or SecretSources whose Secrets to seal, or - for stdin; may be repeated
    #[arg(short, long, value_name = "FILE|FOLDER|-", conflicts_with_all = ["name", "keys", "merge_into"])]
    filename: Vec<PathBuf>,

    /// Source that a file of SecretSources may name, as SCHEME or SCHEME:PATTERN, such as 'keychain:team/*'; may be repeated
    #[arg(long, value_name = "SCHEME[:PATTERN]", requires = "filename")]
    allow_source: Vec<AllowedInFile>,

    /// With -f, go into the folders of a folder too
    #[arg(short = 'R', long, requires = "filename")]
    recursive: bool,

    /// With -f or --re-encrypt, seal each Secret for the namespace that its file names, whatever -n says
    #[arg(short = 'A', long, conflicts_with_all = ["name", "keys", "merge_into"])]
    all_namespaces: bool,

    /// Put the ciphertext into this file of SealedSecrets; all else in it stays as it is
    #[arg(long, value_name = "FILE", conflicts_with_all = ["secret_type", "labels", "annotations", "output", "age"])]
    merge_into: Option<PathBuf>,

    /// Have the controller make the ciphertext in this file anew, for its newest key; may be repeated
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = [
            "name", "keys", "filename", "merge_into", "age", "scope", "cert", "secret_type", "labels", "annotations", "output",
            "public_ok", "weak_ok",
        ]
    )]
    re_encrypt: Vec<PathBuf>,

    /// Write the manifest as an age file for this recipient, as age-keygen prints it: age1…; may be repeated
    #[arg(
        long,
        value_name = "RECIPIENT",
        conflicts_with_all =
            ["scope", "cert", "cert_fingerprint", "controller_namespace", "controller_name", "output"]
    )]
    age: Vec<AgeRecipient>,

    /// Where the controller opens it: strict is under this name only, namespace-wide under any name, cluster-wide anywhere
    #[arg(long, value_name = "SCOPE", value_enum, default_value = "strict", hide_possible_values = true)]
    scope: Scope,

    #[command(flatten)]
    controller: ControllerFlags,

    /// Type of the Secret that the controller makes [default: that of the Secret in the cluster, or Opaque]
    #[arg(long = "type", value_name = "TYPE", conflicts_with = "filename")]
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
    let controller = Controller::try_from(args.controller)?;
    if !args.re_encrypt.is_empty() {
        return re_encrypt::run(&args.re_encrypt, args.all_namespaces, &controller, ctx).await;
    }
    if args.all_namespaces && args.filename.is_empty() {
        return Err(Error::usage("`-A` needs files whose namespaces it is about").hint("add -f FILE, or leave it out"));
    }
    let to = if args.age.is_empty() {
        Receiver::Controller(controller, args.scope)
    } else {
        Receiver::Age(args.age.iter().map(|recipient| recipient.0).collect())
    };
    if !args.filename.is_empty() {
        let files = files::Files {
            paths: args.filename,
            recursive: args.recursive,
            any: args.all_namespaces,
            sources: args.allow_source,
            allowed: args.allowed.into(),
        };
        return files::run(&files, &along, &to, args.output, ctx).await;
    }
    let wanted = named::Named {
        name: args.name,
        keys: args.keys,
        secret_type: args.secret_type.map(|given| given.0),
        allowed: args.allowed.into(),
        along,
    };
    match args.merge_into {
        Some(path) => merge::run(wanted, &path, &to, ctx).await,
        None => named::run(wanted, &to, args.output, ctx).await,
    }
}

/// What a Secret is called in the words of this command.
fn where_it_is(target: &Target) -> String {
    format!("secret `{}` in namespace `{}`", target.name, target.namespace)
}
