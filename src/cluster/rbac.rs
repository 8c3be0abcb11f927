//! Lists of roles and bindings, page by page. Only rules that lead to a Secret are kept, and bindings to such roles.

use std::collections::BTreeMap;

use crate::error::{Error, Result};
use crate::names::Namespace;
use crate::plaintext::parse::{parse_bindings, parse_roles};
use crate::plaintext::wire::{Page, WireBody, WireError};
use crate::plan::access::{Policies, RoleRef};

use super::connect::Cluster;
use super::error::{Asked, ClusterError};
use super::transport::WHOLE;

const GROUP: &str = "/apis/rbac.authorization.k8s.io/v1";

/// What RBAC says about a namespace, as far as this user may see.
#[derive(Debug, Default)]
pub(crate) struct Rbac {
    /// Roles and bindings.
    pub(crate) policies: Policies,
    /// What this user may not list.
    pub(crate) not_listed: Vec<&'static str>,
}

/// One of the four lists.
struct List<'a> {
    plural: &'static str,
    /// None for the whole cluster.
    namespace: Option<&'a Namespace>,
}

impl Cluster {
    /// Lists what can give somebody rights in the namespace, or in any. What may not be listed is named; a failure only if
    /// it is all.
    pub(crate) async fn rbac(&self, namespace: Option<&Namespace>) -> Result<Rbac> {
        let (rbac, refused) = self.lists(namespace).await?;
        refused.map_or(Ok(rbac), Err)
    }

    /// The same, where nothing of it is no failure either.
    pub(crate) async fn rbac_as_seen(&self, namespace: Option<&Namespace>) -> Result<Rbac> {
        self.lists(namespace).await.map(|(rbac, _)| rbac)
    }

    /// Lists, and says why if nothing may be listed.
    async fn lists(&self, namespace: Option<&Namespace>) -> Result<(Rbac, Option<Error>)> {
        let here = |plural| List { plural, namespace };
        let everywhere = |plural| List { plural, namespace: None };
        let lists =
            [here("roles"), everywhere("clusterroles"), here("rolebindings"), everywhere("clusterrolebindings")];
        let [roles, cluster_roles, bindings, cluster_bindings] = &lists;
        let mut rbac = Rbac::default();
        let Policies { roles: known, bindings: bound } = &mut rbac.policies;

        let (mut of_namespace, mut of_cluster) = (Vec::new(), Vec::new());
        let (first, second) = tokio::join!(
            self.each(roles, |body| parse_roles(body, false), |role| of_namespace.push(role)),
            self.each(cluster_roles, |body| parse_roles(body, true), |role| of_cluster.push(role)),
        );
        let (no_roles, no_cluster_roles) = (first.is_err(), second.is_err());
        let mut outcomes = vec![(roles, first), (cluster_roles, second)];
        known.extend(of_namespace.into_iter().chain(of_cluster));

        // A cluster may have very many bindings to roles that lead nowhere.
        let leads: BTreeMap<&RoleRef, bool> = known.iter().map(|role| (&role.name, !role.rules.is_empty())).collect();
        let counts = |role: &RoleRef| match leads.get(role) {
            Some(leads) => *leads,
            // Not there, which is counted; or nobody knows.
            None => !(if role.is_of_cluster() { no_cluster_roles } else { no_roles }),
        };
        let (mut of_namespace, mut of_cluster) = (Vec::new(), Vec::new());
        let (third, fourth) = tokio::join!(
            self.each(
                bindings,
                |body| parse_bindings(body, false),
                |binding| {
                    if counts(&binding.role) {
                        of_namespace.push(binding);
                    }
                }
            ),
            self.each(
                cluster_bindings,
                |body| parse_bindings(body, true),
                |binding| {
                    if counts(&binding.role) {
                        of_cluster.push(binding);
                    }
                }
            ),
        );
        outcomes.extend([(bindings, third), (cluster_bindings, fourth)]);
        bound.extend(of_namespace.into_iter().chain(of_cluster));

        let mut refused = None;
        for (list, outcome) in outcomes {
            match outcome {
                Ok(()) => {}
                Err(error) if error.code() == Some(403) => {
                    rbac.not_listed.push(list.plural);
                    refused.get_or_insert_with(|| error.explain(&list.asked()));
                }
                Err(error) => return Err(error.explain(&list.asked())),
            }
        }
        let refused = refused.filter(|_| rbac.not_listed.len() == lists.len());
        Ok((rbac, refused))
    }

    async fn each<T>(
        &self,
        list: &List<'_>,
        parse: impl Fn(&WireBody) -> Result<Page<T>, WireError>,
        show: impl FnMut(T),
    ) -> Result<(), ClusterError> {
        self.every_page(WHOLE, |limit, token| list.path(limit, token), parse, show).await
    }
}

impl List<'_> {
    fn path(&self, limit: usize, token: Option<&str>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("limit", &limit.to_string());
        if let Some(token) = token {
            query.append_pair("continue", token);
        }
        let place = self.namespace.map(|namespace| format!("/namespaces/{namespace}")).unwrap_or_default();
        format!("{GROUP}{place}/{}?{}", self.plural, query.finish())
    }

    fn asked(&self) -> Asked {
        Asked { verb: "list", resource: self.plural, name: None, namespace: self.namespace.map(ToString::to_string) }
    }
}
