//! `keychain import`: values out of files into the keychain, and then the files can go (requirement S21).

use std::path::PathBuf;

use clap::ValueEnum;

use crate::context::Context;
use crate::error::{Error, Outcome, Result};
use crate::in_place::InPlace;
use crate::keychain::Keychain;
use crate::keychain::intake::{self, Found, Incoming};
use crate::names::SecretName;
use crate::output;
use crate::process::fault;

use super::confirmed;

mod read;

use read::{Names, content};

/// Move values out of files into the OS keychain
///
/// A manifest (.yaml, .yml, .json) becomes the entries that `KEY=keychain` takes, an env file (.env, .env.NAME, NAME.env) one
/// entry a line, any other file one entry. Each value is read back by a new process; then you are asked whether the file is
/// to be deleted. A store that forgets is refused.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  kubectl secretsafe keychain import secrets.yaml -n prod
  kubectl secretsafe keychain import .env --for db
  kubectl secretsafe keychain import password.txt token.txt --service team --yes --delete")]
pub(super) struct ImportArgs {
    /// Files to read; regular ones, and no links
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,

    /// Secret whose default entries to write, for files that name none: KEY is the name of the line or of the file
    #[arg(long = "for", value_name = "NAME", conflicts_with = "service")]
    for_name: Option<SecretName>,

    /// Write entries of this service, which belong to no cluster: SERVICE/KEY, or SERVICE/NAME/KEY from a manifest
    #[arg(long, value_name = "SERVICE")]
    service: Option<String>,

    /// What the files are, if their names do not say it
    #[arg(long, value_name = "FORM", value_enum)]
    form: Option<Form>,

    /// With manifests, use each in the namespace that it names, whatever -n says
    #[arg(short = 'A', long)]
    all_namespaces: bool,

    /// Replace entries that have another value, which will be lost
    #[arg(long)]
    replace: bool,

    /// Delete each file once its values are kept, without asking
    #[arg(long)]
    delete: bool,

    /// Accept a store that forgets, such as keyutils; no file is deleted then
    #[arg(long, conflicts_with = "delete")]
    forgetful_ok: bool,

    /// Do not ask; without --delete the files stay
    #[arg(short = 'y', long)]
    yes: bool,
}

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// Lines of NAME=value
    Env,
    /// One value
    Value,
    /// Manifests of Secrets
    Manifest,
}

/// Runs `keychain import`.
pub(super) async fn run(args: ImportArgs, ctx: &Context) -> Result<Outcome> {
    let names = Names { for_name: args.for_name, service: args.service, any_namespace: args.all_namespaces };
    let mut contents = Vec::new();
    for path in &args.files {
        contents.push(content(path, args.form, &names, args.delete, ctx).await?);
    }
    let files: Vec<(InPlace, bool, usize)> = contents
        .iter_mut()
        .map(|content| Ok((content.take_file()?, content.has_more, content.incoming.len())))
        .collect::<Result<_>>()?;
    let incoming: Vec<Incoming> = contents.into_iter().flat_map(|content| content.incoming).collect();
    check_once(&incoming)?;
    let keychain = Keychain::open(ctx).await?;
    // Before anything is written, and before anything is asked.
    intake::check_lasting(&keychain, args.forgetful_ok, ctx)
        .await
        .map_err(|error| error.hint("if it is meant, add --forgetful-ok; then no file is deleted"))?;
    let found = intake::look(&keychain, &incoming).await?;
    let each = |words: fn(Found) -> &'static str| -> Vec<String> {
        incoming.iter().zip(&found).map(|(one, found)| format!("keychain/{} {}", one.entry, words(*found))).collect()
    };
    let plan = each(|found| match found {
        Found::Nothing => "is new",
        Found::Same => "has this value already",
        Found::Other => "gets another value; the old one will be gone",
    });
    let done = each(|found| match found {
        Found::Nothing => "set",
        Found::Same => "unchanged",
        Found::Other => "replaced",
    });
    if let Some((one, _)) = incoming.iter().zip(&found).find(|(_, found)| **found == Found::Other && !args.replace) {
        return Err(Error::refused(format!("`{}` has another value, which would be lost", one.entry))
            .hint("if that is what you want, add --replace")
            .hint("or choose other names with --service"));
    }
    if found.iter().any(|found| *found != Found::Same) {
        plan.iter().for_each(|row| ctx.ui.say(&format!("  {row}")));
        let many = plan.len();
        let question = format!("Move {many} {} into the keychain?", if many == 1 { "value" } else { "values" });
        if !confirmed(&question, args.yes, ctx)? {
            return Ok(Outcome::Declined);
        }
    }
    intake::take_in(&keychain, incoming, ctx).await?;
    fault::point("before-delete");
    output::say(&done)?;
    for (file, has_more, values) in files {
        if args.forgetful_ok || values == 0 {
            continue;
        }
        let path = file.path().display().to_string();
        let may_ask = !args.yes && !has_more && ctx.ui.has_terminal();
        if args.delete || may_ask && ctx.ui.confirm(&format!("Delete {path}? All of its values are in the keychain"))? {
            file.delete()?;
            output::say(&[format!("{path} deleted")])?;
            ctx.ui.note("deleted; copies may remain on disk, in backups and in Git");
        } else {
            let rest = if has_more { ", and more than that" } else { "; --delete deletes it" };
            ctx.ui.note(&format!("{path} still has the values in plain text{rest}"));
        }
    }
    Ok(Outcome::Done)
}

/// Two values for one entry: one of them would be lost.
fn check_once(incoming: &[Incoming]) -> Result<()> {
    let mut entries: Vec<_> = incoming.iter().map(|one| &one.entry).collect();
    entries.sort();
    let twice = entries.windows(2).find_map(|pair| match pair {
        [one, other] if one == other => Some(*one),
        _ => None,
    });
    match twice {
        Some(entry) => Err(Error::usage(format!("two of the values would become `{entry}`"))
            .hint("import the files one by one, with other names for --for or --service")),
        None if incoming.is_empty() => Err(Error::usage("there is no value in the files")
            .hint("name files of NAME=value lines, manifests of Secrets, or files with one value each")),
        None => Ok(()),
    }
}
