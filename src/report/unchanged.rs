//! `SecretUnchanged`: nothing had to be done.

use serde::Serialize;

use crate::output::{Report, Table};
use crate::plan::{Target, Verb};

use super::API_VERSION;

/// A Secret that is as was asked for.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UnchangedView {
    api_version: &'static str,
    kind: &'static str,
    name: String,
    namespace: String,
    verb: Verb,
}

impl UnchangedView {
    /// Makes the report.
    pub(crate) fn new(target: &Target) -> Self {
        Self {
            api_version: API_VERSION,
            kind: "SecretUnchanged",
            name: target.name.to_string(),
            namespace: target.namespace.to_string(),
            verb: Verb::Unchanged,
        }
    }
}

impl Report for UnchangedView {
    fn summary(&self) -> Vec<String> {
        vec![format!("secret/{} {}", self.name, self.verb.past())]
    }

    fn table(&self) -> Table {
        Table::default()
    }

    fn names(&self) -> Vec<String> {
        vec![format!("secret/{}", self.name)]
    }
}
