//! `secret:[CONTEXT:]NAMESPACE/NAME[/KEY]`: a value of another Secret, never shown on the way.

use std::sync::Arc;

use futures::future::BoxFuture;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::names::{KeyName, Namespace, SecretName, nearest};
use crate::plaintext::SecretValue;
use crate::plan::Target;

use super::stdin::key_name;
use super::{AnySource, Ask, Filling, Origin, Scheme, Source};

pub(super) const SCHEME: Scheme = Scheme {
    name: "secret",
    aliases: &[],
    form: "secret:[CONTEXT:]NAMESPACE/NAME[/KEY]",
    summary: "a key of another Secret; without KEY those of the same names",
    origins: Origin::NOT_UNLISTED,
    parse,
};

#[derive(Debug)]
struct OtherSecret {
    context: Option<String>,
    namespace: Namespace,
    name: SecretName,
    /// `None`: the keys have the same names there.
    key: Option<KeyName>,
}

fn parse(rest: Option<&str>) -> Result<AnySource> {
    let source = rest.and_then(read).ok_or_else(|| {
        Error::usage("`secret:` takes the name of another Secret, with its namespace")
            .hint("write KEY=secret:NAMESPACE/NAME/KEY, such as password=secret:staging/db/password")
    })?;
    Ok(Arc::new(source))
}

/// Reads the name; the context ends at the last colon.
fn read(text: &str) -> Option<OtherSecret> {
    let (context, rest) = match text.rsplit_once(':') {
        Some(("", _)) => return None,
        Some((context, rest)) => (Some(context.to_owned()), rest),
        None => (None, text),
    };
    let mut parts = rest.split('/');
    let (namespace, name) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let key = match parts.next() {
        None => None,
        Some(key) => Some(KeyName::checked(key)?),
    };
    parts.next().is_none().then_some(OtherSecret { context, namespace, name, key })
}

/// Tells whether the text names a Secret of the same context and namespace.
pub(super) fn stays_in(text: &str, target: &Target) -> bool {
    read(text).is_some_and(|other| {
        other.namespace == target.namespace && other.context.is_none_or(|context| context == target.context)
    })
}

impl Source for OtherSecret {
    fn scheme(&self) -> &'static str {
        SCHEME.name
    }

    fn summary(&self) -> String {
        let context = self.context.as_ref().map(|context| format!("{context}:")).unwrap_or_default();
        let key = self.key.as_ref().map(|key| format!("/{key}")).unwrap_or_default();
        format!("secret:{context}{}/{}{key}", self.namespace, self.name)
    }

    fn fills(&self) -> usize {
        if self.key.is_some() { 1 } else { usize::MAX }
    }

    fn fill<'a>(&'a self, ask: &'a Ask<'a>, ctx: &'a Context) -> BoxFuture<'a, Result<Filling>> {
        Box::pin(async move {
            let elsewhere;
            let there = match &self.context {
                Some(context) => {
                    elsewhere = ctx.elsewhere(Some(context.clone()), None);
                    &elsewhere
                }
                None => ctx,
            };
            let target = Target { namespace: self.namespace.clone(), ..there.target(self.name.clone()).await? };
            if target.fingerprint != ask.target.fingerprint {
                // A value that leaves a protected cluster matters as much as one that comes into it (requirement S14).
                there.confirm_protected().await?;
            }
            let found = there.cluster().await?.secret(&target).await.map_err(|error| {
                let failed = Error::source(format!("no value for {}", key_name(ask))).because(error.message());
                let failed = error.causes().iter().fold(failed, |failed, cause| failed.because(cause));
                error.hints().iter().fold(failed, |failed, hint| failed.hint(hint))
            })?;
            let mut values = found.object.values;
            let mut take = |key: &KeyName| -> Result<SecretValue> {
                let wanted = self.key.as_ref().unwrap_or(key);
                values.remove(wanted).ok_or_else(|| {
                    let meant = nearest(wanted.as_str(), values.keys().map(KeyName::as_str));
                    let error = Error::source(format!("no value for {}", key_name(ask))).because(format!(
                        "secret `{}` in namespace `{}` has no key `{wanted}`",
                        self.name, self.namespace
                    ));
                    let error = match meant {
                        Some(meant) => error.hint(format!("did you mean `{meant}`?")),
                        None => error,
                    };
                    error.hint(format!("see its keys: kubectl secretsafe view {} -n {}", self.name, self.namespace))
                })
            };
            Ok(Filling { values: ask.keys.iter().map(&mut take).collect::<Result<_>>()?, notes: Vec::new() })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_context_ends_at_the_last_colon() {
        let source = read("arn:aws:eks:eu:1:cluster/x:prod/db/tls.key").unwrap();
        assert_eq!(source.context.as_deref(), Some("arn:aws:eks:eu:1:cluster/x"));
        assert_eq!((source.namespace.as_str(), source.name.as_str()), ("prod", "db"));
        assert_eq!(source.key.unwrap().as_str(), "tls.key");
        let whole = read("prod/db").unwrap();
        assert_eq!((whole.fills(), whole.context, whole.key), (usize::MAX, None, None));
        for wrong in
            ["", "db", "/db", "prod/", "prod/db/", "prod/db/a/b", ":prod/db", "c:db", "prod/DB/a", "prod/db/a+b"]
        {
            assert!(read(wrong).is_none(), "{wrong}");
        }
        assert_eq!(parse(Some("ctx:prod/db/a")).unwrap().summary(), "secret:ctx:prod/db/a");
    }
}
