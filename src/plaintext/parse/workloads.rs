//! Workloads: which Secrets they name, and how. A Pod's environment can hold a value as literal text, so nothing but
//! references is kept.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::names::{Namespace, is_subdomain};
use crate::plaintext::wire::{Page, WireBody, WireError, parse};
use crate::plan::consumers::{Consumer, How, Referenced, Use};
use crate::plan::owner::{self, Marks, Verdict};

use super::workload_shapes::{
    Item, Name, RawContainer, RawItem, RawList, RawMetadata, RawPod, RawSpec, RawVolume, Spec,
};

/// Parses a list of objects of one kind, and keeps those that use the Secret.
pub(crate) fn parse_consumers(body: &WireBody, kind: &'static str, secret: &str) -> Result<Page<Consumer>, WireError> {
    let Page { items, next } = page_of(body, kind, Some(secret))?;
    Ok(Page { items: items.into_iter().map(|referenced| referenced.consumer).collect(), next })
}

/// Parses a list of objects of one kind, and keeps of each which Secrets it references, and how.
pub(crate) fn parse_references(body: &WireBody, kind: &'static str) -> Result<Page<Referenced>, WireError> {
    page_of(body, kind, None)
}

fn page_of(body: &WireBody, kind: &'static str, secret: Option<&str>) -> Result<Page<Referenced>, WireError> {
    if kind == "Pod" { page::<RawPod>(body, kind, secret) } else { page::<RawSpec>(body, kind, secret) }
}

fn page<S: Spec + Default + for<'de> Deserialize<'de>>(
    body: &WireBody,
    kind: &'static str,
    secret: Option<&str>,
) -> Result<Page<Referenced>, WireError> {
    let list: RawList<S> = parse(body)?;
    let mut items = Vec::new();
    for item in list.items.unwrap_or_default() {
        references(&item, kind, secret, &mut items);
    }
    let next = list.metadata.continue_token.filter(|token| !token.is_empty());
    Ok(Page { items, next })
}

fn references<S: Spec>(item: &RawItem<S>, kind: &'static str, secret: Option<&str>, all: &mut Vec<Referenced>) {
    // A name that Kubernetes would not accept is not from a Kubernetes; it would become part of a path.
    if item.status.is_over() || !is_subdomain(&item.metadata.name) {
        return;
    }
    let Ok(namespace) = item.metadata.namespace.parse::<Namespace>() else { return };
    let named = item.named(kind, secret);
    if named.is_empty() {
        return;
    }
    let RawMetadata { name, .. } = &item.metadata;
    let (managed_by, controller) = (item.metadata.managed_by(), item.metadata.controller());
    all.extend(named.into_iter().map(|(secret, uses)| Referenced {
        secret: secret.to_owned(),
        namespace: Some(namespace.clone()),
        consumer: Consumer {
            kind: kind.into(),
            group: None,
            name: name.clone(),
            namespace: Some(namespace.clone()),
            controller: controller.clone(),
            managed_by: managed_by.clone(),
            uses,
        },
    }));
}

impl RawMetadata {
    /// Returns the tool that would undo a change.
    pub(super) fn managed_by(&self) -> Option<String> {
        let annotations = self.annotations.iter().flat_map(|names| names.keys().cloned()).collect();
        let none = BTreeMap::new();
        let labels = self.labels.as_ref().unwrap_or(&none);
        let owner = owner::find(Marks { controllers: &[], labels, annotations: &annotations });
        owner.filter(|owner| owner.verdict == Verdict::Reverts).map(|owner| owner.who)
    }

    /// Returns kind and name of the controller that it belongs to.
    pub(super) fn controller(&self) -> Option<(String, String)> {
        let mut owners = self.owner_references.iter().flatten();
        owners.find(|owner| owner.controller).map(|owner| (owner.kind.clone(), owner.name.clone()))
    }
}

/// The Secrets that an object names, and how it uses each.
struct NamedSecrets<'a> {
    /// The only one that counts, if it is not all.
    secret: Option<&'a str>,
    found: BTreeMap<&'a str, BTreeSet<Use>>,
}

impl<'a> NamedSecrets<'a> {
    fn wants(&self, name: &str) -> bool {
        self.secret.map_or_else(|| is_subdomain(name), |secret| secret == name)
    }

    fn add(&mut self, name: &'a str, used: impl FnOnce() -> Use) {
        if self.wants(name) {
            self.found.entry(name).or_default().insert(used());
        }
    }

    fn whole(&mut self, names: &'a Option<Vec<Name>>, how: How) {
        for named in names.iter().flatten() {
            self.add(&named.name, || whole(how));
        }
    }
}

const fn whole(how: How) -> Use {
    Use { how, container: None, key: None, variable: None, field: None, optional: false }
}

impl<S: Spec> RawItem<S> {
    fn named<'a>(&'a self, kind: &str, secret: Option<&'a str>) -> BTreeMap<&'a str, BTreeSet<Use>> {
        let mut named = NamedSecrets { secret, found: BTreeMap::new() };
        if kind == "ServiceAccount" {
            named.whole(&self.secrets, How::ServiceAccount);
        }
        named.whole(&self.image_pull_secrets, How::ImagePull);
        for name in self.spec.certificates().iter().filter_map(|tls| tls.secret_name.as_ref()) {
            named.add(name, || whole(How::Tls));
        }
        if let Some(pod) = self.spec.pod() {
            named.whole(&pod.image_pull_secrets, How::ImagePull);
            let volumes: Vec<(&str, Vec<VolumeSource<'_>>)> = pod
                .volumes
                .iter()
                .flatten()
                .map(|volume| (volume.name.as_str(), volume.sources()))
                .filter(|(_, sources)| sources.iter().any(|source| named.wants(source.secret)))
                .collect();
            for container in pod.containers() {
                container.add_to(&mut named, &volumes);
            }
            // What is mounted with the Secret has it, whether or not a container looks.
            for source in volumes.iter().flat_map(|(_, sources)| sources).filter(|source| source.how == How::Mount) {
                source.add_to(&mut named, How::Mount, None);
            }
        }
        named.found
    }
}

/// How a volume uses a Secret.
struct VolumeSource<'a> {
    secret: &'a str,
    how: How,
    /// The keys that become files; all if there are none.
    keys: &'a [Item],
    optional: bool,
}

impl<'a> VolumeSource<'a> {
    fn mount(secret: &'a str) -> Self {
        Self { secret, how: How::Mount, keys: &[], optional: false }
    }

    fn add_to(&self, named: &mut NamedSecrets<'a>, how: How, container: Option<&str>) {
        let container = || container.map(str::to_owned);
        let all = || Use { container: container(), optional: self.optional, ..whole(how) };
        if self.keys.is_empty() {
            named.add(self.secret, all);
        }
        for item in self.keys {
            named.add(self.secret, || Use { key: Some(item.key.clone()), ..all() });
        }
    }
}

impl RawVolume {
    fn sources(&self) -> Vec<VolumeSource<'_>> {
        let mut sources = Vec::new();
        if let Some((name, volume)) =
            self.secret.as_ref().and_then(|volume| Some((volume.secret_name.as_ref()?, volume)))
        {
            let keys = volume.items.as_deref().unwrap_or_default();
            sources.push(VolumeSource {
                secret: name,
                how: How::Volume,
                keys,
                optional: volume.optional == Some(true),
            });
        }
        let projected = self.projected.iter().flat_map(|projected| projected.sources.iter().flatten());
        sources.extend(projected.filter_map(|source| source.secret.as_ref()).map(|source| VolumeSource {
            secret: &source.name,
            how: How::Projected,
            keys: source.items.as_deref().unwrap_or_default(),
            optional: source.optional == Some(true),
        }));
        let by_name = self.azure_file.as_ref().and_then(|file| file.secret_name.as_deref());
        let csi = self.csi.as_ref().and_then(|csi| csi.node_publish_secret_ref.as_ref());
        let others = [&self.ceph_fs, &self.cinder, &self.flex_volume, &self.iscsi, &self.rbd, &self.scale_io];
        let refs = others.into_iter().flatten().filter_map(|volume| volume.secret_ref.as_ref()).chain(csi);
        sources.extend(by_name.into_iter().chain(refs.map(|named| named.name.as_str())).map(VolumeSource::mount));
        sources
    }
}

impl RawPod {
    fn containers(&self) -> impl Iterator<Item = &RawContainer> {
        [&self.init_containers, &self.containers, &self.ephemeral_containers].into_iter().flatten().flatten()
    }
}

impl RawContainer {
    fn add_to<'a>(&'a self, named: &mut NamedSecrets<'a>, volumes: &[(&str, Vec<VolumeSource<'a>>)]) {
        let container = || Some(self.name.clone());
        for variable in self.env.iter().flatten() {
            if let Some(key) = variable.value_from.as_ref().and_then(|from| from.secret_key_ref.as_ref()) {
                named.add(&key.name, || Use {
                    how: How::Env,
                    container: container(),
                    key: Some(key.key.clone()),
                    variable: Some(variable.name.clone()),
                    field: None,
                    optional: key.optional == Some(true),
                });
            }
        }
        for from in self.env_from.iter().flatten() {
            if let Some(source) = &from.secret_ref {
                named.add(&source.name, || Use {
                    how: How::EnvFrom,
                    container: container(),
                    key: None,
                    variable: from.prefix.clone().filter(|prefix| !prefix.is_empty()),
                    field: None,
                    optional: source.optional == Some(true),
                });
            }
        }
        for mount in self.volume_mounts.iter().flatten() {
            for source in volumes.iter().filter(|(name, _)| *name == mount.name).flat_map(|(_, sources)| sources) {
                let how = if mount.is_part() && source.how != How::Mount { How::SubPath } else { source.how };
                source.add_to(named, how, Some(&self.name));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::plaintext::wire::json as body;

    use super::*;

    #[test]
    fn a_name_that_is_none_is_left_out() {
        let item = |name: &str| {
            json!({"metadata": {"name": name, "namespace": "prod"},
                "spec": {"template": {"spec": {"imagePullSecrets": [{"name": "db"}]}}}})
        };
        let items = ["web", "x?dryRun=All", "../secrets/db", "a/b", ""].map(item);
        let page = parse_consumers(&body(&json!({"items": items})), "Deployment", "db").unwrap();
        assert_eq!(page.items.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["web"]);
    }

    #[test]
    fn an_object_is_kept_once_for_each_secret_that_it_names() {
        let from = |name: &str, optional: bool| json!({"name": name, "key": "a", "optional": optional});
        let variable = |name: &str, from| json!({"name": name, "valueFrom": {"secretKeyRef": from}});
        let spec = json!({
            "imagePullSecrets": [{"name": "registry"}, {"name": "../db"}, {"name": ""}, {}],
            "containers": [{"name": "app",
                "env": [variable("A", from("db", false)), variable("B", from("may-be", true)), {"name": "C", "value": "db"}],
                "envFrom": [{"secretRef": {"name": "db"}}, {"configMapRef": {"name": "c"}}],
                "volumeMounts": [{"name": "v", "mountPath": "/v"}, {"name": "v", "mountPath": "/p", "subPath": "a"}]}],
            "volumes": [{"name": "v", "projected": {"sources": [
                {"secret": {"name": "one", "optional": true}}, {"secret": {"name": "two", "items": [{"key": "k"}]}}]}},
                {"name": "not-mounted", "secret": {"secretName": "idle"}}],
        });
        let item = json!({"metadata": {"name": "web", "namespace": "prod"}, "spec": spec});
        let page = parse_references(&body(&json!({"items": [item]})), "Pod").unwrap();
        let words = |used: &Use| format!("{}{}", used.how.word(), if used.optional { "?" } else { "" });
        let found: Vec<_> = page
            .items
            .iter()
            .map(|one| (one.secret.as_str(), one.consumer.uses.iter().map(words).collect::<Vec<_>>().join(" ")))
            .collect();
        let wanted = [
            ("db", "env envFrom"),
            ("may-be", "env?"),
            ("one", "projected? subPath?"),
            ("registry", "imagePull"),
            ("two", "projected subPath"),
        ];
        assert_eq!(found.iter().map(|(name, uses)| (*name, uses.as_str())).collect::<Vec<_>>(), wanted);
    }

    #[test]
    fn one_secret_is_found_as_all_are() {
        let item = json!({"metadata": {"name": "web", "namespace": "prod"}, "spec": {"jobTemplate": {"spec": {"template":
            {"spec": {"containers": [{"name": "a", "envFrom": [{"secretRef": {"name": "db"}}, {"secretRef": {"name": "x"}}]}]}}}}}});
        let list = body(&json!({"items": [item]}));
        let all = parse_references(&list, "CronJob").unwrap().items;
        let one = parse_consumers(&list, "CronJob", "db").unwrap().items;
        assert_eq!(all.len(), 2);
        assert_eq!(one, [all[0].consumer.clone()]);
    }
}
