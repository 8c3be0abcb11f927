//! Asks for what is missing on the command line, by names only; no value is fetched.
//!
//! Where nobody can be asked, what is missing is an error that says what to type.

use crate::context::Context;
use crate::error::{Error, Outcome, Result};
use crate::names::{KeyName, SecretName};

/// What was picked; or how the command ends, because nothing is there or the user would rather not.
pub(crate) type Picked<T> = std::result::Result<T, Outcome>;

/// Returns the name that was typed, or lets the user pick a Secret of the namespace.
///
/// `form` is how the command is written, for the hint.
pub(crate) async fn secret(typed: Option<SecretName>, form: &str, ctx: &Context) -> Result<Picked<SecretName>> {
    if let Some(name) = typed {
        return Ok(Ok(name));
    }
    need_terminal("NAME", form, ctx)?;
    let namespace = ctx.kubecontext().await?.namespace().clone();
    let names = ctx.cluster().await?.names(&namespace).await?;
    if names.is_empty() {
        ctx.ui.note(&format!("there are no Secrets in namespace `{namespace}`"));
        return Ok(Err(Outcome::Done));
    }
    one_of("Secret", &names, ctx)
}

/// Lets the user pick a key of a Secret; `missing` is what the command calls it.
pub(crate) async fn key(name: &SecretName, missing: &str, form: &str, ctx: &Context) -> Result<Picked<KeyName>> {
    need_terminal(missing, form, ctx)?;
    let target = ctx.target(name.clone()).await?;
    let found = ctx.cluster().await?.describe_for_change(&target, false).await?.object;
    let keys: Vec<KeyName> = found.metadata.known_keys().into_iter().collect();
    if keys.is_empty() && found.count == 0 {
        ctx.ui.note(&format!("secret `{name}` has no keys"));
        return Ok(Err(Outcome::Done));
    }
    if keys.is_empty() {
        return Err(Error::usage(format!("missing: {missing}"))
            .because("the names of its keys cannot be known without reading its values")
            .hint(format!("see them with: kubectl secretsafe view {name}")));
    }
    if keys.len() < found.count {
        ctx.ui.note(&format!("{} more keys, whose names are not known from metadata", found.count - keys.len()));
    }
    one_of("Key", &keys, ctx)
}

/// Returns the name that was typed, or asks for a new one.
pub(crate) fn new_key(typed: Option<KeyName>, missing: &str, form: &str, ctx: &Context) -> Result<KeyName> {
    if let Some(key) = typed {
        return Ok(key);
    }
    need_terminal(missing, form, ctx)?;
    KeyName::checked(&ctx.ui.ask("New name")?).ok_or_else(|| {
        Error::usage("that is not a valid key")
            .because("a key has letters, digits, `-`, `_` and `.` only")
            .hint("type a name such as db-password")
    })
}

fn need_terminal(missing: &str, form: &str, ctx: &Context) -> Result<()> {
    if ctx.ui.has_terminal() {
        return Ok(());
    }
    let error = Error::usage(format!("missing: {missing}")).hint(format!("type: kubectl secretsafe {form}"));
    Err(if missing == "NAME" { error.hint("see what is there with: kubectl secretsafe list") } else { error })
}

fn one_of<T: ToString + Clone>(question: &str, items: &[T], ctx: &Context) -> Result<Picked<T>> {
    let texts: Vec<String> = items.iter().map(ToString::to_string).collect();
    let picked = ctx.ui.pick(question, &texts)?.and_then(|index| items.get(index).cloned());
    Ok(picked.ok_or(Outcome::Declined))
}
