//! `AuditFix`: what `audit --fix` has mended.

use schemars::JsonSchema;
use serde::Serialize;

use crate::output::{Report, Table};
use crate::plan::Target;

use super::API_VERSION;

/// What a repair has done.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AuditFix {
    #[schemars(extend("const" = API_VERSION))]
    api_version: &'static str,
    #[schemars(extend("const" = AuditFix::KIND))]
    kind: &'static str,
    /// The rule whose findings were mended.
    rule: &'static str,
    /// The Secrets.
    items: Vec<Mended>,
}

/// One Secret.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Mended {
    /// Its name.
    name: String,
    /// Its namespace.
    namespace: String,
    /// What became of it.
    result: Stripped,
}

/// What became of one annotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Stripped {
    /// It is gone.
    #[serde(rename = "stripped")]
    Done,
    /// A dry run: it would go.
    #[serde(rename = "wouldStrip")]
    WouldBe,
    /// It is there still, or nobody knows.
    Failed,
    /// The Secret was deleted in between.
    Gone,
}

impl Default for AuditFix {
    fn default() -> Self {
        Self { api_version: API_VERSION, kind: Self::KIND, rule: "last-applied", items: Vec::new() }
    }
}

impl AuditFix {
    /// Adds a Secret.
    pub(crate) fn add(&mut self, target: &Target, result: Stripped) {
        let Target { name, namespace, .. } = target;
        self.items.push(Mended { name: name.to_string(), namespace: namespace.to_string(), result });
    }

    /// Tells whether there was nothing to mend.
    pub(crate) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Tells whether anything was changed.
    pub(crate) fn any_done(&self) -> bool {
        self.items.iter().any(|item| item.result == Stripped::Done)
    }
}

impl Mended {
    fn said(&self) -> String {
        let what = match self.result {
            Stripped::Done => "annotation stripped",
            Stripped::WouldBe => "annotation would be stripped (dry run)",
            Stripped::Failed => "failed",
            Stripped::Gone => "deleted in between",
        };
        format!("secret/{} {what} in namespace {}", self.name, self.namespace)
    }
}

impl Report for AuditFix {
    const KIND: &'static str = "AuditFix";

    fn summary(&self) -> Vec<String> {
        self.items.iter().map(Mended::said).collect()
    }

    fn table(&self) -> Table {
        Table::default()
    }

    fn names(&self) -> Vec<String> {
        self.items.iter().map(|item| format!("secret/{}", item.name)).collect()
    }
}
