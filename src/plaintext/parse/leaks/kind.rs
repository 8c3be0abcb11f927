//! The kinds of what `scan` finds: a closed list. The words are those of JSON, SARIF and the baseline.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::audit::Severity;

/// What kind of value stands in the clear.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, clap::ValueEnum,
)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum LeakKind {
    /// A value of a Secret's manifest.
    SecretValue,
    /// A value in the annotation of client-side apply.
    LastApplied,
    /// A literal of Kustomize's `secretGenerator`.
    GeneratorLiteral,
    /// What a file holds that a `secretGenerator` names.
    GeneratorFile,
    /// A variable of an `.env` file.
    EnvFile,
    /// A setting of any other YAML or JSON.
    Values,
    /// A variable of a container.
    WorkloadEnv,
    /// An entry of a ConfigMap.
    ConfigMap,
    /// A login to a registry.
    DockerConfig,
    /// A credential of a kubeconfig.
    Kubeconfig,
    /// A private key.
    PrivateKey,
    /// The password of a URL.
    UrlPassword,
}

/// What is said about a kind.
#[derive(Debug)]
pub(crate) struct About {
    /// The kind.
    pub(crate) kind: LeakKind,
    /// Its word.
    pub(crate) word: &'static str,
    /// How bad it is.
    pub(crate) severity: Severity,
    /// What it finds.
    pub(crate) finds: &'static str,
    /// What mends it.
    pub(crate) mend: &'static str,
}

/// Every kind, in the order in which they are documented.
pub(crate) static KINDS: &[About] = &[
    About {
        kind: LeakKind::SecretValue,
        word: "secret-value",
        severity: Severity::High,
        finds: "value in the manifest of a Secret",
        mend: "move the values into the keychain: kubectl secretsafe scan --adopt FILE",
    },
    About {
        kind: LeakKind::LastApplied,
        word: "last-applied",
        severity: Severity::High,
        finds: "value in the annotation of client-side apply",
        mend: "delete the annotation kubectl.kubernetes.io/last-applied-configuration",
    },
    About {
        kind: LeakKind::GeneratorLiteral,
        word: "generator-literal",
        severity: Severity::High,
        finds: "literal of Kustomize's secretGenerator",
        mend: "leave the Secret out of Kustomize, and create or seal it: kubectl secretsafe seal",
    },
    About {
        kind: LeakKind::GeneratorFile,
        word: "generator-file",
        severity: Severity::High,
        finds: "file that Kustomize's secretGenerator takes a value from",
        mend: "leave the Secret out of Kustomize, and create or seal it: kubectl secretsafe seal",
    },
    About {
        kind: LeakKind::EnvFile,
        word: "env-file",
        severity: Severity::Medium,
        finds: "secret variable in an .env file",
        mend: "move it into the keychain: kubectl secretsafe keychain import FILE --for NAME",
    },
    About {
        kind: LeakKind::Values,
        word: "values",
        severity: Severity::Medium,
        finds: "secret setting with a literal value",
        mend: "name an existing Secret there instead, such as with existingSecret",
    },
    About {
        kind: LeakKind::WorkloadEnv,
        word: "workload-env",
        severity: Severity::High,
        finds: "variable of a container with a literal value",
        mend: "move the value into a Secret, and name it with valueFrom.secretKeyRef",
    },
    About {
        kind: LeakKind::ConfigMap,
        word: "config-map",
        severity: Severity::Medium,
        finds: "secret entry of a ConfigMap",
        mend: "move the value into a Secret: a ConfigMap is not treated as one",
    },
    About {
        kind: LeakKind::DockerConfig,
        word: "docker-config",
        severity: Severity::High,
        finds: "login to a registry",
        mend: "log in with a credential helper, and keep the file out of the repository",
    },
    About {
        kind: LeakKind::Kubeconfig,
        word: "kubeconfig",
        severity: Severity::High,
        finds: "credential in a kubeconfig",
        mend: "use an exec plugin for the login, and keep the file out of the repository",
    },
    About {
        kind: LeakKind::PrivateKey,
        word: "private-key",
        severity: Severity::High,
        finds: "private key",
        mend: "make a new key pair, and keep the key out of the repository",
    },
    About {
        kind: LeakKind::UrlPassword,
        word: "url-password",
        severity: Severity::Medium,
        finds: "URL with a password",
        mend: "keep the whole URL in a Secret",
    },
];

impl LeakKind {
    /// Returns what is said about it.
    #[expect(clippy::expect_used, reason = "a test holds that the list has every kind")]
    pub(crate) fn about(self) -> &'static About {
        KINDS.iter().find(|about| about.kind == self).expect("every kind")
    }

    /// Returns its word, as in JSON.
    pub(crate) fn word(self) -> &'static str {
        self.about().word
    }

    /// Returns how bad it is.
    pub(crate) fn severity(self) -> Severity {
        self.about().severity
    }
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::*;

    #[test]
    fn every_kind_is_described_with_the_word_of_json() {
        assert_eq!(KINDS.len(), LeakKind::value_variants().len());
        for kind in LeakKind::value_variants() {
            let about = kind.about();
            assert_eq!(about.kind, *kind);
            assert_eq!(serde_json::to_value(kind).unwrap(), about.word);
            for text in [about.finds, about.mend] {
                assert!(text.len() > 10 && !text.ends_with('.'), "{text}");
            }
        }
    }
}
