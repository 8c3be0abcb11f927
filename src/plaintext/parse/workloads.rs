//! Workloads: which Secrets they name, and how. A Pod's environment can hold a value as literal text, so nothing but
//! references is kept.

use std::collections::BTreeSet;

use crate::names::is_subdomain;
use crate::plaintext::wire::{Metadata, Page, WireBody, WireError, parse};
use crate::plan::consumers::{Consumer, How, Use};
use crate::plan::owner::{self, Marks, Verdict};

use super::workload_shapes::{Item, Name, RawContainer, RawItem, RawList, RawPod, RawSource, RawSpec, RawVolume};

/// Parses a list of objects of one kind, and keeps those that use the Secret.
pub(crate) fn parse_consumers(body: &WireBody, kind: &'static str, secret: &str) -> Result<Page<Consumer>, WireError> {
    let list: RawList = parse(body)?;
    let items = list.items.unwrap_or_default().into_iter().filter_map(|item| consumer(item, kind, secret)).collect();
    let next = list.metadata.continue_token.filter(|token| !token.is_empty());
    Ok(Page { items, next })
}

fn consumer(item: RawItem, kind: &'static str, secret: &str) -> Option<Consumer> {
    if item.status.is_over() {
        return None;
    }
    // A name that Kubernetes would not accept is not from a Kubernetes; it would become part of a path.
    if !is_subdomain(&item.metadata.name) {
        return None;
    }
    let uses = item.uses(kind, secret);
    if uses.is_empty() {
        return None;
    }
    let Metadata { name, namespace, .. } = &item.metadata;
    let controllers = item.metadata.controllers();
    let marks =
        Marks { controllers: &[], labels: &item.metadata.labels, annotations: &item.metadata.annotations.names };
    Some(Consumer {
        kind,
        name: name.clone(),
        namespace: namespace.parse().ok()?,
        managed_by: owner::find(marks).filter(|owner| owner.verdict == Verdict::Reverts).map(|owner| owner.who),
        controller: controllers.into_iter().next(),
        uses,
    })
}

impl RawItem {
    fn uses(&self, kind: &str, secret: &str) -> BTreeSet<Use> {
        let mut uses = BTreeSet::new();
        let whole = |how| Use { how, container: None, key: None, variable: None };
        let named = |names: &Option<Vec<Name>>| names.iter().flatten().any(|named| named.name == secret);
        if kind == "ServiceAccount" && named(&self.secrets) {
            uses.insert(whole(How::ServiceAccount));
        }
        if named(&self.image_pull_secrets) {
            uses.insert(whole(How::ImagePull));
        }
        if self.spec.tls.iter().flatten().any(|tls| tls.secret_name.as_deref() == Some(secret)) {
            uses.insert(whole(How::Tls));
        }
        if let Some(pod) = self.pod() {
            if named(&pod.image_pull_secrets) {
                uses.insert(whole(How::ImagePull));
            }
            let volumes: Vec<(&str, VolumeUse<'_>)> = pod
                .volumes
                .iter()
                .flatten()
                .filter_map(|volume| Some((volume.name.as_str(), volume.uses(secret)?)))
                .collect();
            for container in pod.containers() {
                container.uses(secret, &volumes, &mut uses);
            }
            for (_, volume) in &volumes {
                uses.extend(volume.mounted());
            }
        }
        uses
    }

    /// Finds the Pod's specification, wherever this kind has it.
    fn pod(&self) -> Option<&RawPod> {
        let RawSpec { template, job_template, pod, .. } = &self.spec;
        let of_job = || job_template.as_ref()?.spec.template.as_ref();
        match template.as_ref().or_else(of_job) {
            Some(template) => Some(&template.spec),
            None => Some(pod),
        }
    }
}

/// How a volume uses the Secret.
struct VolumeUse<'a> {
    how: How,
    /// The keys that become files; all if there are none.
    keys: Vec<&'a str>,
}

impl VolumeUse<'_> {
    fn uses(&self, how: How, container: Option<&str>) -> Vec<Use> {
        let one = |key: Option<&str>| Use {
            how,
            container: container.map(str::to_owned),
            key: key.map(str::to_owned),
            variable: None,
        };
        if self.keys.is_empty() { vec![one(None)] } else { self.keys.iter().map(|key| one(Some(key))).collect() }
    }

    /// What is mounted with the Secret has it, whether or not a container looks.
    fn mounted(&self) -> Vec<Use> {
        if self.how == How::Mount { self.uses(How::Mount, None) } else { Vec::new() }
    }
}

impl RawVolume {
    fn uses(&self, secret: &str) -> Option<VolumeUse<'_>> {
        if let Some(volume) = self.secret.as_ref().filter(|volume| volume.secret_name.as_deref() == Some(secret)) {
            return Some(VolumeUse { how: How::Volume, keys: Item::keys(&volume.items) });
        }
        let sources = self.projected.iter().flat_map(|projected| projected.sources.iter().flatten());
        let projected: Vec<&RawSource> =
            sources.filter_map(|source| source.secret.as_ref()).filter(|source| source.name == secret).collect();
        if !projected.is_empty() {
            // One source without a list of keys is all of them.
            let all = projected.iter().any(|source| source.items.is_none());
            let keys =
                if all { Vec::new() } else { projected.iter().flat_map(|source| Item::keys(&source.items)).collect() };
            return Some(VolumeUse { how: How::Projected, keys });
        }
        let by_name = [&self.azure_file].into_iter().flatten().any(|file| file.secret_name.as_deref() == Some(secret));
        let csi = self.csi.as_ref().and_then(|csi| csi.node_publish_secret_ref.as_ref());
        let others = [&self.ceph_fs, &self.cinder, &self.flex_volume, &self.iscsi, &self.rbd, &self.scale_io];
        let mut refs = others.into_iter().flatten().filter_map(|volume| volume.secret_ref.as_ref()).chain(csi);
        (by_name || refs.any(|named| named.name == secret)).then(|| VolumeUse { how: How::Mount, keys: Vec::new() })
    }
}

impl Item {
    fn keys(items: &Option<Vec<Self>>) -> Vec<&str> {
        items.iter().flatten().map(|item| item.key.as_str()).collect()
    }
}

impl RawPod {
    fn containers(&self) -> impl Iterator<Item = &RawContainer> {
        [&self.init_containers, &self.containers, &self.ephemeral_containers].into_iter().flatten().flatten()
    }
}

impl RawContainer {
    fn uses(&self, secret: &str, volumes: &[(&str, VolumeUse<'_>)], uses: &mut BTreeSet<Use>) {
        for variable in self.env.iter().flatten() {
            let reference = variable.value_from.as_ref().and_then(|from| from.secret_key_ref.as_ref());
            if let Some(reference) = reference.filter(|reference| reference.name == secret) {
                uses.insert(Use {
                    how: How::Env,
                    container: Some(self.name.clone()),
                    key: Some(reference.key.clone()),
                    variable: Some(variable.name.clone()),
                });
            }
        }
        for from in self.env_from.iter().flatten() {
            if from.secret_ref.as_ref().is_some_and(|named| named.name == secret) {
                uses.insert(Use {
                    how: How::EnvFrom,
                    container: Some(self.name.clone()),
                    key: None,
                    variable: from.prefix.clone().filter(|prefix| !prefix.is_empty()),
                });
            }
        }
        for mount in self.volume_mounts.iter().flatten() {
            for (_, volume) in volumes.iter().filter(|(name, _)| *name == mount.name) {
                let how = if mount.is_part() && volume.how != How::Mount { How::SubPath } else { volume.how };
                uses.extend(volume.uses(how, Some(&self.name)));
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
}
