//! The objects that apply policies on a schedule: an account, its rights, what the API server holds it to, the job.
//! Plain data, made without I/O.

use serde_json::json;

use crate::names::Namespace;

mod admission;
mod cron;
mod image;
mod job;
mod manifest;
mod needs;
mod seen;

pub(crate) use cron::Cron;
pub(crate) use image::Image;
pub(crate) use manifest::{CRON_JOB, Kind, Manifest, NAMESPACE, Place};
pub(crate) use needs::{Asks, Needs};
pub(crate) use seen::{Run, RunResult, Scheduled};

use manifest::{ACCOUNT, BINDING, CLUSTER_BINDING, CLUSTER_ROLE, CONFIG_MAP, POLICY_BINDING, ROLE};

/// The name of every object of a schedule; those outside of namespaces bear the namespace behind it.
pub(crate) const NAME: &str = "secretsafe-rotate";
/// Label of a Secret that has a policy (`true`), and annotation that holds it.
pub(crate) const POLICY: &str = "secretsafe.dev/policy";
/// Label of everything that is made here, and its value.
pub(crate) const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
/// See [`MANAGED_BY`].
pub(crate) const MANAGER: &str = "kubectl-secretsafe";
/// Label that tells a schedule for one namespace from one for all.
pub(crate) const SCOPE: &str = "secretsafe.dev/schedule";

/// A schedule, as the user wants it and the policies need it.
#[derive(Debug, Clone)]
pub(crate) struct Schedule {
    /// When it runs.
    pub(crate) cron: Cron,
    /// In which time zone; the cluster's own if absent.
    pub(crate) time_zone: Option<String>,
    /// What runs.
    pub(crate) image: Image,
    /// The one namespace whose policies are applied; none means all.
    pub(crate) only: Option<Namespace>,
    /// The namespace of the account and the job.
    pub(crate) home: Namespace,
    /// Whether that namespace is to be made.
    pub(crate) makes_home: bool,
    /// The file of sources that policies may name, as it is.
    pub(crate) allow_sources: Option<String>,
    /// What the policies need.
    pub(crate) needs: Needs,
}

/// Where the objects of a schedule are, in the order in which they are made: what limits the account comes before what
/// gives it rights, and the job comes last.
pub(crate) fn places(only: Option<&Namespace>, home: &Namespace) -> Vec<Place> {
    let inside = |kind| Place { kind, namespace: Some(home.to_string()), name: NAME.to_owned() };
    let suffix = only.map(|namespace| format!("-{namespace}")).unwrap_or_default();
    let outside = |kind| Place { kind, namespace: None, name: format!("{NAME}{suffix}") };
    let mut places = vec![inside(&ACCOUNT), outside(&manifest::POLICY), outside(&POLICY_BINDING)];
    places.extend(match only {
        Some(_) => [inside(&ROLE), inside(&BINDING)],
        None => [outside(&CLUSTER_ROLE), outside(&CLUSTER_BINDING)],
    });
    places.extend([inside(&CONFIG_MAP), inside(&CRON_JOB)]);
    places
}

impl Schedule {
    /// Returns the word of the label that tells what it is for.
    pub(crate) fn scope(&self) -> &'static str {
        scope(self.only.as_ref())
    }

    /// Returns the rules of its role, in words.
    pub(crate) fn rights(&self) -> Vec<String> {
        self.needs.rules().iter().map(ToString::to_string).collect()
    }

    /// Returns the objects, in the order in which they are made.
    pub(crate) fn manifests(&self) -> Vec<Manifest> {
        let mut manifests = Vec::new();
        if self.makes_home {
            let place = Place { kind: &NAMESPACE, namespace: None, name: self.home.to_string() };
            let mut namespace = Manifest::new(place, self.scope(), json!({}));
            if let Some(labels) =
                namespace.body.pointer_mut("/metadata/labels").and_then(|labels| labels.as_object_mut())
            {
                labels.insert("pod-security.kubernetes.io/enforce".to_owned(), json!("restricted"));
            }
            manifests.push(namespace);
        }
        let user = format!("system:serviceaccount:{}:{NAME}", self.home);
        for place in places(self.only.as_ref(), &self.home) {
            let rest = match place.kind {
                kind if *kind == ACCOUNT => json!({"automountServiceAccountToken": false}),
                kind if *kind == manifest::POLICY => json!({"spec": admission::policy(&user)}),
                kind if *kind == POLICY_BINDING => self.policy_binding(&place.name),
                kind if *kind == ROLE || *kind == CLUSTER_ROLE => {
                    let rules: Vec<_> = self.needs.rules().iter().map(needs::Rule::to_json).collect();
                    json!({"rules": rules})
                }
                kind if *kind == BINDING => self.binding(&ROLE, &place.name),
                kind if *kind == CLUSTER_BINDING => self.binding(&CLUSTER_ROLE, &place.name),
                kind if *kind == CONFIG_MAP => match &self.allow_sources {
                    Some(text) => json!({"data": {job::SOURCES_FILE: text}}),
                    None => continue,
                },
                _ => json!({"spec": job::spec(self)}),
            };
            manifests.push(Manifest::new(place, self.scope(), rest));
        }
        manifests
    }

    fn binding(&self, role: &Kind, name: &str) -> serde_json::Value {
        json!({
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": role.name, "name": name},
            "subjects": [{"kind": ACCOUNT.name, "name": NAME, "namespace": self.home}],
        })
    }

    fn policy_binding(&self, name: &str) -> serde_json::Value {
        let mut spec = json!({"policyName": name, "validationActions": ["Deny"]});
        if let (Some(namespace), Some(fields)) = (&self.only, spec.as_object_mut()) {
            let selector = json!({"matchLabels": {"kubernetes.io/metadata.name": namespace}});
            fields.insert("matchResources".to_owned(), json!({"namespaceSelector": selector}));
        }
        json!({"spec": spec})
    }
}

/// Returns the word of the label that tells a schedule for one namespace from one for all.
pub(crate) fn scope(only: Option<&Namespace>) -> &'static str {
    if only.is_some() { "namespace" } else { "cluster" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(only: Option<&str>, allow_sources: Option<&str>) -> Schedule {
        Schedule {
            cron: "0 3 * * *".parse().unwrap(),
            time_zone: None,
            image: format!("x@sha256:{}", "a".repeat(64)).parse().unwrap(),
            only: only.map(|name| name.parse().unwrap()),
            home: only.unwrap_or("secretsafe").parse().unwrap(),
            makes_home: only.is_none(),
            allow_sources: allow_sources.map(str::to_owned),
            needs: Needs::of(&[], only.map(|name| name.parse().unwrap()).as_ref(), None, false),
        }
    }

    fn names(schedule: &Schedule) -> Vec<String> {
        schedule.manifests().iter().map(|manifest| manifest.place.to_string()).collect()
    }

    #[test]
    fn what_limits_the_account_comes_before_its_rights_and_the_job_comes_last() {
        assert_eq!(
            names(&schedule(Some("prod"), Some("x"))),
            [
                "serviceaccount/secretsafe-rotate",
                "validatingadmissionpolicy.admissionregistration.k8s.io/secretsafe-rotate-prod",
                "validatingadmissionpolicybinding.admissionregistration.k8s.io/secretsafe-rotate-prod",
                "role.rbac.authorization.k8s.io/secretsafe-rotate",
                "rolebinding.rbac.authorization.k8s.io/secretsafe-rotate",
                "configmap/secretsafe-rotate",
                "cronjob.batch/secretsafe-rotate",
            ]
        );
        let all = names(&schedule(None, None));
        assert_eq!((all[0].as_str(), all.len()), ("namespace/secretsafe", 7));
        assert!(all.contains(&"clusterrole.rbac.authorization.k8s.io/secretsafe-rotate".to_owned()));
    }

    #[test]
    fn the_job_runs_as_nobody_and_says_where_it_works() {
        let words = |schedule: &Schedule| job::arguments(schedule).join(" ");
        assert_eq!(words(&schedule(Some("prod"), None)), "rotate --due --namespace prod --yes --no-log --output jsonl");
        assert_eq!(
            words(&schedule(None, Some("x"))),
            "rotate --due --all-namespaces --yes --no-log --output jsonl --allow-sources /etc/secretsafe/allow-sources"
        );
        let job = schedule(None, None).manifests().pop().unwrap().body;
        let pod = job.pointer("/spec/jobTemplate/spec/template/spec").unwrap();
        assert_eq!(pod["securityContext"]["runAsNonRoot"], true);
        assert_eq!(pod["containers"][0]["securityContext"]["capabilities"]["drop"], json!(["ALL"]));
    }
}
