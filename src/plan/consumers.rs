//! Who uses a Secret, and when each would see a new value: pure, from what was listed.

use std::borrow::Cow;
use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;

use crate::names::Namespace;

mod custom;
mod every;
mod path;

pub(crate) use custom::{CustomRule, SecretField, Served, well_known};
pub(crate) use every::{Gathered, Users};
pub(crate) use path::{FieldPath, Step};

/// One way in which something uses a Secret.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Use {
    /// How.
    pub(crate) how: How,
    /// The container; absent where the whole Pod or object uses it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub(crate) container: Option<String>,
    /// The key; absent where it is all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub(crate) key: Option<String>,
    /// The environment variable, or the prefix of all.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub(crate) variable: Option<String>,
    /// The field of a custom resource, as its rule writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub(crate) field: Option<String>,
    /// Whether it does without, if the Secret or the key is not there.
    pub(crate) optional: bool,
}

/// The ways in which Kubernetes lets something use a Secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum How {
    /// A variable of a container's environment.
    Env,
    /// All keys as variables.
    EnvFrom,
    /// Files in a volume.
    Volume,
    /// Files in a volume of several sources.
    Projected,
    /// One file of a volume, which the kubelet does not renew.
    SubPath,
    /// A volume that is mounted with it, such as one of a CSI driver.
    Mount,
    /// Images are pulled with it.
    ImagePull,
    /// A certificate of an Ingress.
    Tls,
    /// It is listed at a ServiceAccount.
    ServiceAccount,
    /// A custom resource or a storage object names it.
    Reference,
    /// A custom resource makes it, which is no use of it.
    Makes,
}

impl How {
    /// Returns the word for it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Env => "env",
            Self::EnvFrom => "envFrom",
            Self::Volume => "volume",
            Self::Projected => "projected",
            Self::SubPath => "subPath",
            Self::Mount => "mount",
            Self::ImagePull => "imagePull",
            Self::Tls => "tls",
            Self::ServiceAccount => "serviceAccount",
            Self::Reference => "reference",
            Self::Makes => "makes",
        }
    }

    /// Tells whether a value becomes a variable of a process: `kubectl exec`, crash dumps and every child process see it.
    pub(crate) fn exposes(self) -> bool {
        matches!(self, Self::Env | Self::EnvFrom)
    }

    /// Tells whether a running container keeps the old value for ever.
    pub(crate) fn is_kept(self) -> bool {
        matches!(self, Self::Env | Self::EnvFrom | Self::SubPath)
    }
}

/// When something that uses a Secret sees a new value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum NewValue {
    /// After its Pods are restarted, which nobody does by itself.
    Restart,
    /// Only a new Pod has it, and nothing makes one.
    NewPod,
    /// The kubelet renews the files, within about a minute.
    Kubelet,
    /// Its next run has it.
    NextRun,
    /// The next Pod or image pull has it.
    NextUse,
    /// Its controller looks for changes.
    Controller,
}

impl NewValue {
    /// Returns what people read.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Restart => "after a restart",
            Self::NewPod => "in a new Pod only",
            Self::Kubelet => "within about a minute",
            Self::NextRun => "at its next run",
            Self::NextUse => "when it is used next",
            Self::Controller => "when its controller looks",
        }
    }
}

/// Something that uses a Secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Consumer {
    /// Its kind.
    pub(crate) kind: Cow<'static, str>,
    /// The API group of a custom resource; none for what Kubernetes has by itself.
    pub(crate) group: Option<Cow<'static, str>>,
    /// Its name.
    pub(crate) name: String,
    /// Its namespace; none for what is cluster-wide.
    pub(crate) namespace: Option<Namespace>,
    /// Kind and name of the controller that it belongs to.
    pub(crate) controller: Option<(String, String)>,
    /// The GitOps tool or operator that looks after it.
    pub(crate) managed_by: Option<String>,
    /// The ways in which it uses the Secret.
    pub(crate) uses: BTreeSet<Use>,
}

/// A Secret that something references, there or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Referenced {
    /// The Secret's name, a valid one.
    pub(crate) secret: String,
    /// Where it is looked for; none where that cannot be told, and one in any namespace may be meant.
    pub(crate) namespace: Option<Namespace>,
    /// What references it, with its uses of this Secret.
    pub(crate) consumer: Consumer,
}

impl Consumer {
    /// Tells when it sees a new value: the latest of all its ways counts.
    pub(crate) fn new_value(&self) -> NewValue {
        let of = |kept: bool, files: bool| match &*self.kind {
            _ if self.group.is_some() => NewValue::Controller,
            "CronJob" => NewValue::NextRun,
            "Ingress" => NewValue::Controller,
            "ServiceAccount" => NewValue::NextUse,
            "Deployment" | "StatefulSet" | "DaemonSet" if kept => NewValue::Restart,
            _ if kept => NewValue::NewPod,
            _ if files => NewValue::Kubelet,
            _ => NewValue::NextUse,
        };
        let kept = self.uses.iter().any(|used| used.how.is_kept());
        of(kept, self.uses.iter().any(|used| matches!(used.how, How::Volume | How::Projected)))
    }

    /// Tells whether it uses the Secret, and does not only make it.
    pub(crate) fn is_user(&self) -> bool {
        self.uses.iter().any(|used| used.how != How::Makes)
    }

    /// Tells whether a value becomes a variable of its processes.
    pub(crate) fn is_exposed(&self) -> bool {
        self.uses.iter().any(|used| used.how.exposes())
    }

    /// Tells whether it has a file that the kubelet does not renew.
    pub(crate) fn is_stale_after_rotate(&self) -> bool {
        self.uses.iter().any(|used| used.how == How::SubPath)
    }

    /// Returns what lists are sorted by.
    fn order(&self) -> (&str, Option<&str>, &str, Option<&Namespace>) {
        (&self.kind, self.group.as_deref(), &self.name, self.namespace.as_ref())
    }
}

/// Leaves out what belongs to another consumer: the Pods of a Deployment use the Secret because it does.
pub(crate) fn of_their_own(found: Vec<Consumer>) -> Vec<Consumer> {
    let named: BTreeSet<(String, String, Option<Namespace>)> =
        found.iter().map(|one| (one.kind.to_string(), one.name.clone(), one.namespace.clone())).collect();
    let belongs = |one: &Consumer| {
        one.controller
            .as_ref()
            .is_some_and(|(kind, name)| named.contains(&(kind.clone(), name.clone(), one.namespace.clone())))
    };
    let mut own: Vec<Consumer> = found.into_iter().filter(|one| !belongs(one)).collect();
    own.sort_by(|left, right| left.order().cmp(&right.order()));
    own
}

#[cfg(test)]
mod tests {
    use super::*;

    fn consumer(kind: &'static str, name: &str, how: &[How], controller: Option<(&str, &str)>) -> Consumer {
        Consumer {
            kind: kind.into(),
            group: None,
            name: name.to_owned(),
            namespace: Some("prod".parse().unwrap()),
            controller: controller.map(|(kind, name)| (kind.to_owned(), name.to_owned())),
            managed_by: None,
            uses: how
                .iter()
                .map(|how| Use { how: *how, container: None, key: None, variable: None, field: None, optional: false })
                .collect(),
        }
    }

    #[test]
    fn the_latest_of_all_ways_counts() {
        for (kind, how, wanted) in [
            ("Deployment", &[How::Volume, How::Env][..], NewValue::Restart),
            ("Deployment", &[How::Volume], NewValue::Kubelet),
            ("StatefulSet", &[How::SubPath, How::Volume], NewValue::Restart),
            ("DaemonSet", &[How::ImagePull], NewValue::NextUse),
            ("Pod", &[How::EnvFrom], NewValue::NewPod),
            ("Job", &[How::Env], NewValue::NewPod),
            ("Pod", &[How::Projected], NewValue::Kubelet),
            ("CronJob", &[How::Env], NewValue::NextRun),
            ("Ingress", &[How::Tls], NewValue::Controller),
            ("ServiceAccount", &[How::ServiceAccount], NewValue::NextUse),
        ] {
            assert_eq!(consumer(kind, "a", how, None).new_value(), wanted, "{kind} {how:?}");
        }
        let custom = Consumer { group: Some("a.b".into()), ..consumer("Deployment", "a", &[How::Reference], None) };
        assert_eq!(custom.new_value(), NewValue::Controller);
    }

    #[test]
    fn what_makes_a_secret_does_not_use_it() {
        assert!(!consumer("Certificate", "a", &[How::Makes], None).is_user());
        let web = consumer("Deployment", "web", &[How::Volume, How::EnvFrom, How::SubPath], None);
        assert!(web.is_user() && web.is_exposed() && web.is_stale_after_rotate());
        let files = consumer("Deployment", "web", &[How::Volume, How::Projected], None);
        assert!(!files.is_exposed() && !files.is_stale_after_rotate());
    }

    #[test]
    fn what_belongs_to_another_consumer_is_left_out() {
        let found = vec![
            consumer("Pod", "web-1-x", &[How::Env], Some(("ReplicaSet", "web-1"))),
            consumer("ReplicaSet", "web-1", &[How::Env], Some(("Deployment", "web"))),
            consumer("Deployment", "web", &[How::Env], None),
            consumer("Pod", "alone", &[How::Env], None),
            consumer("Pod", "old-0", &[How::Env], Some(("StatefulSet", "old"))),
        ];
        let names: Vec<String> = of_their_own(found).into_iter().map(|one| one.name).collect();
        assert_eq!(names, ["web", "alone", "old-0"]);
    }
}
