//! The parts of workloads that name Secrets, as Kubernetes writes them. What is not named here is skipped unread,
//! literal values of environment variables among it.

use serde::Deserialize;

use crate::plaintext::wire::Metadata;

#[derive(Deserialize)]
pub(super) struct RawList {
    #[serde(default)]
    pub(super) metadata: RawListMeta,
    #[serde(default)]
    pub(super) items: Option<Vec<RawItem>>,
}

#[derive(Deserialize, Default)]
pub(super) struct RawListMeta {
    #[serde(rename = "continue")]
    pub(super) continue_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawItem {
    #[serde(default)]
    pub(super) metadata: Metadata,
    #[serde(default)]
    pub(super) spec: RawSpec,
    #[serde(default)]
    pub(super) status: RawStatus,
    pub(super) secrets: Option<Vec<Name>>,
    pub(super) image_pull_secrets: Option<Vec<Name>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct RawSpec {
    pub(super) template: Option<RawTemplate>,
    pub(super) job_template: Option<RawJobTemplate>,
    pub(super) tls: Option<Vec<RawTls>>,
    #[serde(flatten)]
    pub(super) pod: RawPod,
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
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawEnvFrom {
    pub(super) prefix: Option<String>,
    pub(super) secret_ref: Option<Name>,
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
