//! The parts of workloads that name Secrets, as Kubernetes writes them. What is not named here is skipped unread,
//! literal values of environment variables among it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

/// A list of objects whose specification is an `S`.
#[derive(Deserialize)]
#[serde(bound = "S: Deserialize<'de> + Default")]
pub(super) struct RawList<S> {
    #[serde(default)]
    pub(super) metadata: RawListMeta,
    #[serde(default)]
    pub(super) items: Option<Vec<RawItem<S>>>,
}

#[derive(Deserialize, Default)]
pub(super) struct RawListMeta {
    #[serde(rename = "continue")]
    pub(super) continue_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", bound = "S: Deserialize<'de> + Default")]
pub(super) struct RawItem<S> {
    #[serde(default)]
    pub(super) metadata: RawMetadata,
    #[serde(default)]
    pub(super) spec: S,
    #[serde(default)]
    pub(super) status: RawStatus,
    pub(super) secrets: Option<Vec<Name>>,
    pub(super) image_pull_secrets: Option<Vec<Name>>,
}

/// Less than the metadata of a Secret: managedFields of thousands of Pods would cost more than all the rest.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct RawMetadata {
    pub(super) name: String,
    pub(super) namespace: String,
    pub(super) labels: Option<BTreeMap<String, String>>,
    /// Names only: what they say can be a copy of the manifest.
    pub(super) annotations: Option<BTreeMap<String, IgnoredAny>>,
    pub(super) owner_references: Option<Vec<RawOwner>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct RawOwner {
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) controller: bool,
}

/// The specification of all kinds but Pods.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct RawSpec {
    pub(super) template: Option<RawTemplate>,
    pub(super) job_template: Option<RawJobTemplate>,
    pub(super) tls: Option<Vec<RawTls>>,
}

/// Where a kind has its Pod and its certificates.
pub(super) trait Spec {
    fn pod(&self) -> Option<&RawPod>;

    fn certificates(&self) -> &[RawTls] {
        &[]
    }
}

impl Spec for RawPod {
    fn pod(&self) -> Option<&RawPod> {
        Some(self)
    }
}

impl Spec for RawSpec {
    fn pod(&self) -> Option<&RawPod> {
        let of_job = || self.job_template.as_ref()?.spec.template.as_ref();
        self.template.as_ref().or_else(of_job).map(|template| &template.spec)
    }

    fn certificates(&self) -> &[RawTls] {
        self.tls.as_deref().unwrap_or_default()
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct RawTemplate {
    pub(super) spec: RawPod,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct RawJobTemplate {
    pub(super) spec: RawJobSpec,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct RawJobSpec {
    pub(super) template: Option<RawTemplate>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawTls {
    pub(super) secret_name: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct RawStatus {
    pub(super) phase: Option<String>,
    pub(super) conditions: Option<Vec<RawCondition>>,
}

impl RawStatus {
    /// Tells a Pod or Job that has ended, and uses nothing any more.
    pub(super) fn is_over(&self) -> bool {
        let ended = |condition: &RawCondition| {
            matches!(condition.kind.as_str(), "Complete" | "Failed") && condition.status == "True"
        };
        matches!(self.phase.as_deref(), Some("Succeeded" | "Failed")) || self.conditions.iter().flatten().any(ended)
    }
}

#[derive(Deserialize)]
pub(super) struct RawCondition {
    #[serde(rename = "type", default)]
    pub(super) kind: String,
    #[serde(default)]
    pub(super) status: String,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct RawPod {
    pub(super) init_containers: Option<Vec<RawContainer>>,
    pub(super) containers: Option<Vec<RawContainer>>,
    pub(super) ephemeral_containers: Option<Vec<RawContainer>>,
    pub(super) volumes: Option<Vec<RawVolume>>,
    pub(super) image_pull_secrets: Option<Vec<Name>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawContainer {
    #[serde(default)]
    pub(super) name: String,
    pub(super) env: Option<Vec<RawVariable>>,
    pub(super) env_from: Option<Vec<RawEnvFrom>>,
    pub(super) volume_mounts: Option<Vec<RawMount>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawVariable {
    pub(super) name: String,
    pub(super) value_from: Option<RawValueFrom>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawValueFrom {
    pub(super) secret_key_ref: Option<RawKeyRef>,
}

#[derive(Deserialize)]
pub(super) struct RawKeyRef {
    #[serde(default)]
    pub(super) name: String,
    #[serde(default)]
    pub(super) key: String,
    pub(super) optional: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawEnvFrom {
    pub(super) prefix: Option<String>,
    pub(super) secret_ref: Option<RawSource>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawMount {
    #[serde(default)]
    pub(super) name: String,
    pub(super) sub_path: Option<String>,
    pub(super) sub_path_expr: Option<String>,
}

impl RawMount {
    pub(super) fn is_part(&self) -> bool {
        [&self.sub_path, &self.sub_path_expr].into_iter().flatten().any(|path| !path.is_empty())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawVolume {
    #[serde(default)]
    pub(super) name: String,
    pub(super) secret: Option<RawSecretVolume>,
    pub(super) projected: Option<RawProjected>,
    pub(super) azure_file: Option<RawSecretVolume>,
    pub(super) csi: Option<RawCsi>,
    #[serde(rename = "cephfs")]
    pub(super) ceph_fs: Option<RawWithRef>,
    pub(super) cinder: Option<RawWithRef>,
    pub(super) flex_volume: Option<RawWithRef>,
    pub(super) iscsi: Option<RawWithRef>,
    pub(super) rbd: Option<RawWithRef>,
    #[serde(rename = "scaleIO")]
    pub(super) scale_io: Option<RawWithRef>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawSecretVolume {
    pub(super) secret_name: Option<String>,
    pub(super) items: Option<Vec<Item>>,
    pub(super) optional: Option<bool>,
}

#[derive(Deserialize)]
pub(super) struct RawProjected {
    pub(super) sources: Option<Vec<RawProjectedSource>>,
}

#[derive(Deserialize)]
pub(super) struct RawProjectedSource {
    pub(super) secret: Option<RawSource>,
}

#[derive(Deserialize)]
pub(super) struct RawSource {
    #[serde(default)]
    pub(super) name: String,
    pub(super) items: Option<Vec<Item>>,
    pub(super) optional: Option<bool>,
}

#[derive(Deserialize)]
pub(super) struct Item {
    #[serde(default)]
    pub(super) key: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawCsi {
    pub(super) node_publish_secret_ref: Option<Name>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawWithRef {
    pub(super) secret_ref: Option<Name>,
}

#[derive(Deserialize)]
pub(super) struct Name {
    #[serde(default)]
    pub(super) name: String,
}
