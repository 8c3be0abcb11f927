//! Who may read or change a Secret, by RBAC: pure, and evaluated as the API server's authorizer does.
//!
//! `ways` is the table of what counts and why; nothing here knows of other authorizers.

mod evaluate;
mod rule;
mod subject;
mod ways;

pub(crate) use evaluate::{Access, Grant, Index, Path, Query, evaluate};
pub(crate) use rule::Rule;
pub(crate) use subject::{Subject, SubjectKind};
pub(crate) use ways::{Effect, matters};

/// A Role or ClusterRole, as far as its rules matter here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Role {
    /// Its name, and whether it is a ClusterRole.
    pub(crate) name: RoleRef,
    /// The rules that one of the ways needs; those of an aggregated ClusterRole are filled in by its controller.
    pub(crate) rules: Vec<Rule>,
}

/// The name of a Role or ClusterRole.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RoleRef {
    /// Its namespace; none for a ClusterRole.
    pub(crate) namespace: Option<String>,
    /// Its name.
    pub(crate) name: String,
}

impl RoleRef {
    /// Tells whether it is a ClusterRole.
    pub(crate) fn is_of_cluster(&self) -> bool {
        self.namespace.is_none()
    }
}

/// A RoleBinding or ClusterRoleBinding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Binding {
    /// Its namespace; none for a ClusterRoleBinding: its role counts in every namespace, and for what is in none.
    pub(crate) namespace: Option<String>,
    /// Its name.
    pub(crate) name: String,
    /// The role that it gives.
    pub(crate) role: RoleRef,
    /// To whom.
    pub(crate) subjects: Vec<Subject>,
}

impl Binding {
    /// Tells whether it is a ClusterRoleBinding.
    pub(crate) fn is_of_cluster(&self) -> bool {
        self.namespace.is_none()
    }

    /// Returns its namespace; none for a ClusterRoleBinding.
    pub(crate) fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }
}

/// What RBAC says that can count in one namespace, or in all.
#[derive(Debug, Default)]
pub(crate) struct Policies {
    /// The Roles of the namespace, or of all, and all ClusterRoles.
    pub(crate) roles: Vec<Role>,
    /// The RoleBindings of the namespace, or of all, and all ClusterRoleBindings.
    pub(crate) bindings: Vec<Binding>,
}
