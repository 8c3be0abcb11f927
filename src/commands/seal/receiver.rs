//! For whom values are sealed, and what is written then.

use std::collections::BTreeMap;
use std::str::FromStr;

use crate::cli::argv;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::names::KeyName;
use crate::output::{self, ManifestFormat};
use crate::plaintext::SecretValue;
use crate::plaintext::render::{joined, secret_manifest};
use crate::plaintext::seal::{Certificate, Recipient, SessionKey, seal, seal_for};
use crate::plan::Target;
use crate::plan::seal::{Scope, Template, manifest};
use crate::process::stack;

use super::certificate::{self, Controller};

/// A recipient of age, as it is typed.
#[derive(Debug, Clone)]
pub(super) struct AgeRecipient(pub(super) Recipient);

impl FromStr for AgeRecipient {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Recipient::read(text).map(Self).ok_or_else(|| {
            Error::usage(format!("{} is no recipient of age", argv::name_of(text)))
                .because("only native ones are taken (X25519): no SSH key, no plugin, no passphrase")
                .hint("write what `age-keygen -y KEYFILE` prints: --age age1…")
        })
    }
}

/// For whom.
#[derive(Debug)]
pub(super) enum Receiver {
    /// The controller of a cluster, and where it opens what is sealed.
    Controller(Controller, Scope),
    /// Whoever has one of these keys.
    Age(Vec<Recipient>),
}

/// One that is believed.
#[derive(Debug)]
pub(super) enum Trusted<'a> {
    /// A controller with this certificate.
    Controller(Box<Certificate>, Scope),
    /// Keys that were typed.
    Age(&'a [Recipient]),
}

/// A Secret that is to be sealed.
#[derive(Debug)]
pub(super) struct Item {
    /// Where it belongs.
    pub(super) target: Target,
    /// What it is, but for its values.
    pub(super) template: Template,
    /// Its values.
    pub(super) values: BTreeMap<KeyName, SecretValue>,
}

impl Receiver {
    /// Returns the receiver once it is believed; `None` if the user does not.
    pub(super) async fn trusted(&self, target: &Target, ctx: &Context) -> Result<Option<Trusted<'_>>> {
        match self {
            Self::Controller(controller, scope) => {
                let certificate = certificate::trusted(controller, target, ctx).await?;
                Ok(certificate.map(|certificate| Trusted::Controller(Box::new(certificate), *scope)))
            }
            Self::Age(recipients) => Ok(Some(Trusted::Age(recipients))),
        }
    }
}

impl Trusted<'_> {
    /// Seals and writes to stdout.
    pub(super) fn print(&self, items: Vec<Item>, format: ManifestFormat) -> Result<()> {
        let (certificate, scope) = match self {
            Self::Controller(certificate, scope) => (certificate, *scope),
            Self::Age(recipients) => return write_age(items, recipients),
        };
        let names: Vec<String> =
            items.iter().map(|item| format!("sealedsecret.bitnami.com/{}", item.target.name)).collect();
        let objects = items.into_iter().map(|Item { target, template, values }| {
            let sealed = seal_all(values, certificate, &scope.label(&target))?;
            Ok(manifest(&target, scope, &template, &sealed))
        });
        let objects = objects.collect::<Result<Vec<_>>>()?;
        match (objects.as_slice(), names.as_slice()) {
            ([object], [name]) => output::manifest(object, name, format),
            _ => output::manifests(&objects.iter().collect::<Vec<_>>(), &names, format),
        }
    }
}

/// Seals each value with a key of its own.
pub(super) fn seal_all(
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

/// Seals the manifests as one file.
fn write_age(items: Vec<Item>, recipients: &[Recipient]) -> Result<()> {
    let text = stack::wiped(|| {
        let manifests = items.iter().map(|item| secret_manifest(&item.target, &item.template, &item.values));
        let manifests: Option<Vec<SecretValue>> = manifests.collect();
        let whole = manifests.map(joined).ok_or_else(|| Error::bug("a manifest cannot be written"))?;
        seal_for(whole, recipients).map_err(|why| {
            Error::source("the manifest cannot be sealed")
                .caused_by(&why)
                .hint("look at the recipients: a key of all zeros is none")
        })
    });
    drop(items);
    output::print(&text?)
}
