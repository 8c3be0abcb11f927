//! Who may read Secrets by RBAC: those with a right of the cluster, and those with one of a namespace.

use std::collections::BTreeSet;

use crate::names::Namespace;
use crate::plan::access::{Access, Binding, Effect, Subject};

/// Rights to read.
#[derive(Debug)]
pub(crate) struct Rights<'a> {
    /// The namespace; none for what counts in all of them.
    pub(crate) namespace: Option<&'a Namespace>,
    /// By bindings of the namespace; of the cluster, where there is no namespace.
    pub(crate) here: &'a Access<'a>,
    /// By bindings of the cluster.
    pub(crate) everywhere: &'a Access<'a>,
}

/// One binding that lets somebody read.
#[derive(Debug)]
pub(super) struct Way<'a> {
    /// Who.
    pub(super) subject: &'a Subject,
    /// By which binding.
    pub(super) binding: &'a Binding,
    /// With which verbs.
    pub(super) verbs: Vec<&'static str>,
    /// Limited to these names; all if there are none.
    pub(super) names: BTreeSet<&'a str>,
}

impl<'a> Rights<'a> {
    /// Returns the ways of this namespace, without the control plane's own.
    pub(super) fn reads(&self) -> impl Iterator<Item = Way<'a>> {
        reads(self.here)
    }

    /// Returns the ways that count in all namespaces.
    pub(super) fn reads_everywhere(&self) -> impl Iterator<Item = Way<'a>> {
        reads(self.everywhere)
    }
}

fn reads<'a>(access: &'a Access<'a>) -> impl Iterator<Item = Way<'a>> {
    let subjects = access.subjects.iter().filter(|(subject, paths)| !Access::is_built_in(subject, paths));
    subjects.flat_map(|(subject, paths)| {
        paths.iter().filter_map(|path| {
            let grants: Vec<_> = path.grants.iter().filter(|grant| grant.way.effect == Effect::Read).collect();
            let mut verbs: Vec<&'static str> = grants.iter().map(|grant| grant.way.word).collect();
            verbs.dedup();
            // One right without names is one to all.
            let all = grants.iter().any(|grant| grant.names.is_empty());
            let names =
                grants.iter().filter(|_| !all).flat_map(|grant| grant.names.iter().map(String::as_str)).collect();
            (!verbs.is_empty()).then_some(Way { subject, binding: path.binding, verbs, names })
        })
    })
}

pub(super) mod mend {
    //! What is said of a binding.

    use std::collections::BTreeSet;

    use crate::audit::Object;
    use crate::audit::typed::{last_word, word};
    use crate::plan::access::Binding;

    /// How many names stand in a sentence.
    const NAMED: usize = 3;

    /// Returns the binding as an object.
    pub(in crate::audit) fn object(binding: &Binding) -> Object {
        match binding.namespace() {
            None => Object::of("ClusterRoleBinding", None, &binding.name),
            Some(namespace) => Object::of("RoleBinding", Some(namespace), &binding.name),
        }
    }

    /// Writes the command that shows the binding.
    pub(in crate::audit) fn command(binding: &Binding) -> String {
        match binding.namespace() {
            None => format!("kubectl describe clusterrolebinding {}", last_word(&binding.name)),
            Some(namespace) => {
                format!("kubectl describe rolebinding -n {} {}", word(namespace), last_word(&binding.name))
            }
        }
    }

    /// Writes verbs and names, such as `get, list secrets (db)`.
    pub(in crate::audit) fn reads(verbs: &[&str], names: &BTreeSet<&str>) -> String {
        let mut shown: Vec<String> = names.iter().take(NAMED).map(|name| (*name).to_owned()).collect();
        if names.len() > NAMED {
            shown.push(format!("{} more", names.len() - NAMED));
        }
        let names = if shown.is_empty() { String::new() } else { format!(" ({})", shown.join(", ")) };
        format!("{} secrets{names}", verbs.join(", "))
    }
}
