//! One object of the schedule: what it is, where it is, and what is sent.

use serde_json::{Value, json};

use super::{MANAGED_BY, MANAGER, SCOPE};

/// A kind of object, as the API server knows it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    /// Group and version, such as `batch/v1`.
    pub(crate) api: &'static str,
    /// Its name.
    pub(crate) name: &'static str,
    /// The resource.
    pub(crate) plural: &'static str,
    /// What kubectl calls one of it.
    pub(crate) singular: &'static str,
}

const fn kind(api: &'static str, name: &'static str, plural: &'static str, singular: &'static str) -> Kind {
    Kind { api, name, plural, singular }
}

const RBAC: &str = "rbac.authorization.k8s.io/v1";
const ADMISSION: &str = "admissionregistration.k8s.io/v1";

/// Where the rest is.
pub(crate) const NAMESPACE: Kind = kind("v1", "Namespace", "namespaces", "namespace");
/// Whom the job runs as.
pub(crate) const ACCOUNT: Kind = kind("v1", "ServiceAccount", "serviceaccounts", "serviceaccount");
/// The file of allowed sources.
pub(crate) const CONFIG_MAP: Kind = kind("v1", "ConfigMap", "configmaps", "configmap");
/// Rights in one namespace.
pub(crate) const ROLE: Kind = kind(RBAC, "Role", "roles", "role.rbac.authorization.k8s.io");
/// Gives them.
pub(crate) const BINDING: Kind = kind(RBAC, "RoleBinding", "rolebindings", "rolebinding.rbac.authorization.k8s.io");
/// Rights in all namespaces.
pub(crate) const CLUSTER_ROLE: Kind =
    kind(RBAC, "ClusterRole", "clusterroles", "clusterrole.rbac.authorization.k8s.io");
/// Gives them.
pub(crate) const CLUSTER_BINDING: Kind =
    kind(RBAC, "ClusterRoleBinding", "clusterrolebindings", "clusterrolebinding.rbac.authorization.k8s.io");
/// What the API server holds the account to.
pub(crate) const POLICY: Kind = kind(
    ADMISSION,
    "ValidatingAdmissionPolicy",
    "validatingadmissionpolicies",
    "validatingadmissionpolicy.admissionregistration.k8s.io",
);
/// Puts it in force.
pub(crate) const POLICY_BINDING: Kind = kind(
    ADMISSION,
    "ValidatingAdmissionPolicyBinding",
    "validatingadmissionpolicybindings",
    "validatingadmissionpolicybinding.admissionregistration.k8s.io",
);
/// The job.
pub(crate) const CRON_JOB: Kind = kind("batch/v1", "CronJob", "cronjobs", "cronjob.batch");

/// Where an object is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// Its kind.
    pub(crate) kind: &'static Kind,
    /// Its namespace, if it is in one.
    pub(crate) namespace: Option<String>,
    /// Its name.
    pub(crate) name: String,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.kind.singular, self.name)
    }
}

impl Place {
    /// Tells whether a cluster older than Kubernetes 1.30 would not know it.
    pub(crate) fn is_of_admission(&self) -> bool {
        self.kind.api == ADMISSION
    }

    /// Tells whether it names a role, without which the server finds nothing to bind.
    pub(crate) fn names_a_role(&self) -> bool {
        *self.kind == BINDING || *self.kind == CLUSTER_BINDING
    }

    /// Tells whether it gives rights, which only those who have them may.
    pub(crate) fn gives_rights(&self) -> bool {
        self.kind.api == RBAC
    }
}

/// An object to be applied.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Manifest {
    /// Where it goes.
    pub(crate) place: Place,
    /// The whole of it, as it is sent.
    pub(crate) body: Value,
}

impl Manifest {
    /// Puts an object together; `rest` are its fields beside apiVersion, kind and metadata.
    pub(super) fn new(place: Place, scope: &str, rest: Value) -> Self {
        let mut body = json!({
            "apiVersion": place.kind.api,
            "kind": place.kind.name,
            "metadata": {"name": place.name, "labels": {MANAGED_BY: MANAGER, SCOPE: scope}},
        });
        if let (Some(namespace), Some(metadata)) = (&place.namespace, body.pointer_mut("/metadata"))
            && let Some(metadata) = metadata.as_object_mut()
        {
            metadata.insert("namespace".to_owned(), json!(namespace));
        }
        if let (Some(fields), Value::Object(rest)) = (body.as_object_mut(), rest) {
            fields.extend(rest);
        }
        Self { place, body }
    }
}
