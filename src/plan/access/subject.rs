//! To whom a binding gives its role: users, groups and service accounts.

use schemars::JsonSchema;
use serde::Serialize;

/// The namespace of the control plane's own service accounts.
const CONTROL_PLANE: &str = "kube-system";
/// How the user name of a service account begins.
const ACCOUNT: &str = "system:serviceaccount:";
/// The groups of all service accounts, and of those of one namespace.
const ACCOUNTS: &str = "system:serviceaccounts";

/// What a subject is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub(crate) enum SubjectKind {
    /// A group, as the login says.
    Group,
    /// A service account.
    ServiceAccount,
    /// A user, as the login says.
    User,
}

impl SubjectKind {
    /// Returns the word for it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Group => "Group",
            Self::ServiceAccount => "ServiceAccount",
            Self::User => "User",
        }
    }
}

/// A user, a group or a service account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Subject {
    /// What it is.
    pub(crate) kind: SubjectKind,
    /// The namespace of a service account; empty for others.
    pub(crate) namespace: String,
    /// Its name.
    pub(crate) name: String,
}

impl Subject {
    /// Returns the subject of a binding; `home` is the binding's namespace, the default one of a service account.
    pub(crate) fn bound(kind: &str, name: &str, namespace: Option<&str>, home: Option<&str>) -> Option<Self> {
        let of = |kind| Some(Self { kind, namespace: String::new(), name: name.to_owned() });
        match kind {
            "Group" => of(SubjectKind::Group),
            "User" => match name.strip_prefix(ACCOUNT).and_then(|rest| rest.split_once(':')) {
                // The account under its name as a user: the same one.
                Some((namespace, name)) if !namespace.is_empty() && !name.is_empty() => {
                    Some(Self::account(namespace, name))
                }
                _ => of(SubjectKind::User),
            },
            "ServiceAccount" => {
                let namespace = namespace.filter(|namespace| !namespace.is_empty()).or(home)?;
                Some(Self::account(namespace, name))
            }
            // The authorizer knows no other kind.
            _ => None,
        }
    }

    fn account(namespace: &str, name: &str) -> Self {
        Self { kind: SubjectKind::ServiceAccount, namespace: namespace.to_owned(), name: name.to_owned() }
    }

    /// Tells whether very many are meant, or everybody.
    pub(crate) fn is_broad(&self) -> bool {
        match self.kind {
            SubjectKind::Group => {
                matches!(self.name.as_str(), "system:authenticated" | "system:unauthenticated")
                    || self.accounts_of().is_some()
            }
            SubjectKind::User => self.name == "system:anonymous",
            SubjectKind::ServiceAccount => false,
        }
    }

    /// Tells the account that Pods run as which name none.
    pub(crate) fn is_default_account(&self) -> bool {
        self.kind == SubjectKind::ServiceAccount && self.name == "default"
    }

    /// Writes it for people, such as `ServiceAccount prod/ci`.
    pub(crate) fn shown(&self) -> String {
        match self.kind {
            SubjectKind::ServiceAccount => format!("{} {}/{}", self.kind.word(), self.namespace, self.name),
            _ => format!("{} {}", self.kind.word(), self.name),
        }
    }

    /// Tells a user, group or account that the control plane itself logs in with.
    pub(super) fn is_of_control_plane(&self) -> bool {
        match self.kind {
            SubjectKind::ServiceAccount => self.namespace == CONTROL_PLANE,
            _ => self.name.starts_with("system:") && !self.is_broad(),
        }
    }

    /// Returns the namespace whose service accounts are meant by this group; an empty one is all.
    fn accounts_of(&self) -> Option<&str> {
        let rest = self.name.strip_prefix(ACCOUNTS).filter(|_| self.kind == SubjectKind::Group)?;
        if rest.is_empty() { Some("") } else { rest.strip_prefix(':') }
    }

    /// Tells whether some service account of `namespace` (or of any) with one of these names (or any) is meant.
    pub(super) fn includes_account(&self, namespace: Option<&str>, names: &[String]) -> bool {
        let here = |theirs: &str| namespace.is_none_or(|namespace| namespace == theirs);
        match self.kind {
            SubjectKind::ServiceAccount => here(&self.namespace) && (names.is_empty() || names.contains(&self.name)),
            SubjectKind::Group if self.name == "system:authenticated" => true,
            SubjectKind::Group => self.accounts_of().is_some_and(|theirs| theirs.is_empty() || here(theirs)),
            SubjectKind::User => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(name: &str) -> Subject {
        Subject::bound("Group", name, None, None).unwrap()
    }

    #[test]
    fn a_service_account_is_the_same_under_both_names() {
        let account = Subject::bound("ServiceAccount", "ci", Some("prod"), Some("other")).unwrap();
        assert_eq!(Subject::bound("User", "system:serviceaccount:prod:ci", None, None), Some(account.clone()));
        assert_eq!(Subject::bound("ServiceAccount", "ci", None, Some("prod")), Some(account.clone()));
        assert_eq!(Subject::bound("ServiceAccount", "ci", Some(""), None), None, "no namespace is no account");
        assert_eq!(Subject::bound("Robot", "ci", None, None), None);
        let user = Subject::bound("User", "system:serviceaccount:prod", None, None).unwrap();
        assert_eq!(user.kind, SubjectKind::User);
    }

    #[test]
    fn broad_groups_and_the_control_plane() {
        for name in
            ["system:authenticated", "system:unauthenticated", "system:serviceaccounts", "system:serviceaccounts:a"]
        {
            assert!(group(name).is_broad() && !group(name).is_of_control_plane(), "{name}");
        }
        for name in ["system:masters", "system:nodes", "system:serviceaccountsx"] {
            assert!(!group(name).is_broad() && group(name).is_of_control_plane(), "{name}");
        }
        assert!(!group("dev").is_broad() && !group("dev").is_of_control_plane());
    }

    #[test]
    fn accounts_of_a_group_are_those_of_its_namespace() {
        let db = ["db".to_owned()];
        assert!(group("system:serviceaccounts:a").includes_account(Some("a"), &db));
        assert!(group("system:serviceaccounts").includes_account(Some("a"), &[]));
        assert!(group("system:authenticated").includes_account(None, &[]));
        assert!(!group("system:serviceaccounts:a").includes_account(Some("b"), &[]));
        assert!(!group("dev").includes_account(None, &[]));
        let account = Subject::bound("ServiceAccount", "ci", Some("a"), None).unwrap();
        assert!(account.includes_account(Some("a"), &[]) && account.includes_account(None, &["ci".to_owned()]));
        assert!(!account.includes_account(Some("b"), &[]) && !account.includes_account(Some("a"), &db));
    }
}
