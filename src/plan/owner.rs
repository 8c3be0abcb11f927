//! Who else looks after this Secret, and whether a change would be undone.
//!
//! Judged by metadata alone. Each rule names the tool, how it marks what it manages, and what to change
//! instead.

use std::collections::{BTreeMap, BTreeSet};

/// What the tool will do about a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It will undo it: refused unless the user overrides.
    Reverts,
    /// It does not look again until somebody runs it: one warning.
    Overwrites,
}

/// Somebody who looks after a Secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Owner {
    /// The tool, with the object where it is known.
    pub(crate) who: String,
    /// What it will do.
    pub(crate) verdict: Verdict,
    /// What to change instead.
    pub(crate) instead: &'static str,
}

/// The metadata that the rules look at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Marks<'a> {
    /// Kinds and names of owners that are controllers.
    pub(crate) controllers: &'a [(String, String)],
    /// The labels.
    pub(crate) labels: &'a BTreeMap<String, String>,
    /// The names of the annotations.
    pub(crate) annotations: &'a BTreeSet<String>,
}

struct Rule {
    who: &'static str,
    kinds: &'static [&'static str],
    labels: &'static [(&'static str, Option<&'static str>)],
    annotations: &'static [&'static str],
    verdict: Verdict,
    instead: &'static str,
}

const RULES: &[Rule] = &[
    Rule {
        who: "External Secrets",
        kinds: &["ExternalSecret", "ClusterExternalSecret"],
        labels: &[("reconcile.external-secrets.io/managed", Some("true"))],
        annotations: &["reconcile.external-secrets.io/data-hash"],
        verdict: Verdict::Reverts,
        instead: "change the value in the secret manager that the ExternalSecret names",
    },
    Rule {
        who: "Sealed Secrets",
        kinds: &["SealedSecret"],
        labels: &[],
        annotations: &["sealedsecrets.bitnami.com/managed"],
        verdict: Verdict::Reverts,
        instead: "seal the new value into the SealedSecret",
    },
    Rule {
        who: "cert-manager",
        kinds: &["Certificate"],
        labels: &[("controller.cert-manager.io/fao", None)],
        annotations: &["cert-manager.io/certificate-name"],
        verdict: Verdict::Reverts,
        instead: "renew the Certificate: cmctl renew NAME",
    },
    Rule {
        who: "the Vault operator",
        kinds: &["VaultStaticSecret", "VaultDynamicSecret", "VaultPKISecret"],
        labels: &[("app.kubernetes.io/managed-by", Some("hashicorp-vso"))],
        annotations: &[],
        verdict: Verdict::Reverts,
        instead: "change the value in Vault",
    },
    Rule {
        who: "Flux",
        kinds: &[],
        labels: &[("kustomize.toolkit.fluxcd.io/name", None), ("helm.toolkit.fluxcd.io/name", None)],
        annotations: &[],
        verdict: Verdict::Reverts,
        instead: "change it in the repository that Flux applies",
    },
    Rule {
        who: "Argo CD",
        kinds: &[],
        labels: &[("argocd.argoproj.io/instance", None)],
        annotations: &["argocd.argoproj.io/tracking-id"],
        verdict: Verdict::Reverts,
        instead: "change it in the repository that Argo CD applies",
    },
    Rule {
        who: "Helm",
        kinds: &[],
        labels: &[("app.kubernetes.io/managed-by", Some("Helm"))],
        annotations: &["meta.helm.sh/release-name"],
        verdict: Verdict::Overwrites,
        instead: "the next `helm upgrade` that renders this Secret may bring the old value back",
    },
    Rule {
        who: "kubectl apply",
        kinds: &[],
        labels: &[],
        annotations: &["kubectl.kubernetes.io/last-applied-configuration"],
        verdict: Verdict::Overwrites,
        instead: "the next `kubectl apply` of its manifest may bring the old value back",
    },
];

/// Tells whether objects of a kind only deliver Secrets, for others to use.
pub(crate) fn delivers(kind: &str) -> bool {
    RULES.iter().any(|rule| rule.kinds.contains(&kind))
}

/// Finds who looks after a Secret; who would undo a change comes first.
pub(crate) fn find(marks: Marks<'_>) -> Option<Owner> {
    let by_rule = RULES.iter().find_map(|rule| rule.matches(marks));
    match by_rule {
        Some(owner) if owner.verdict == Verdict::Reverts => Some(owner),
        // A controller that nobody here knows is still one.
        weaker => marks.controllers.first().map(|(kind, name)| unknown(kind, name)).or(weaker),
    }
}

fn unknown(kind: &str, name: &str) -> Owner {
    Owner {
        who: format!("the controller {kind} `{name}`"),
        verdict: Verdict::Reverts,
        instead: "change the object that owns this Secret",
    }
}

impl Rule {
    fn matches(&self, marks: Marks<'_>) -> Option<Owner> {
        let controller = marks.controllers.iter().find(|(kind, _)| self.kinds.contains(&kind.as_str()));
        let label = self.labels.iter().any(|(name, wanted)| {
            marks.labels.get(*name).is_some_and(|text| wanted.is_none_or(|wanted| text == wanted))
        });
        let annotation = self.annotations.iter().any(|name| marks.annotations.contains(*name));
        if controller.is_none() && !label && !annotation {
            return None;
        }
        let who = match controller {
            Some((kind, name)) => format!("{} ({kind} `{name}`)", self.who),
            None => self.who.to_owned(),
        };
        Some(Owner { who, verdict: self.verdict, instead: self.instead })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(controllers: &[(&str, &str)], labels: &[(&str, &str)], annotations: &[&str]) -> Option<Owner> {
        let controllers: Vec<_> = controllers.iter().map(|(k, n)| ((*k).to_owned(), (*n).to_owned())).collect();
        let labels = labels.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let annotations = annotations.iter().map(|name| (*name).to_owned()).collect();
        find(Marks { controllers: &controllers, labels: &labels, annotations: &annotations })
    }

    #[test]
    fn who_reverts_and_who_overwrites() {
        let verdict = |owner: Option<Owner>| owner.map(|owner| owner.verdict);
        assert_eq!(verdict(found(&[("ExternalSecret", "db")], &[], &[])), Some(Verdict::Reverts));
        assert_eq!(verdict(found(&[("Something", "x")], &[], &[])), Some(Verdict::Reverts));
        assert_eq!(verdict(found(&[], &[("app.kubernetes.io/managed-by", "Helm")], &[])), Some(Verdict::Overwrites));
        assert_eq!(verdict(found(&[], &[("app.kubernetes.io/managed-by", "me")], &[])), None);
        assert_eq!(verdict(found(&[], &[], &[])), None);
        // Argo CD renders Helm charts: who reverts wins.
        let both = found(&[], &[("app.kubernetes.io/managed-by", "Helm")], &["argocd.argoproj.io/tracking-id"]);
        assert_eq!(verdict(both), Some(Verdict::Reverts));
    }
}
