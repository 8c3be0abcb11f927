//! `SecretUnchanged`: nothing had to be done.

use schemars::JsonSchema;
use serde::Serialize;

use crate::output::{Report, Table};
use crate::plan::{Target, Verb};

use super::API_VERSION;

/// A Secret that is as was asked for.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UnchangedView {
    #[schemars(extend("const" = API_VERSION))]
    api_version: &'static str,
    #[schemars(extend("const" = UnchangedView::KIND))]
    kind: &'static str,
    /// Its name.
    name: String,
    /// Its namespace.
    namespace: String,
    /// What was done: nothing.
    #[schemars(with = "String", extend("const" = Verb::Unchanged.past()))]
    verb: Verb,
}

impl UnchangedView {
    /// Makes the report.
    pub(crate) fn new(target: &Target) -> Self {
        Self {
            api_version: API_VERSION,
            kind: Self::KIND,
            name: target.name.to_string(),
            namespace: target.namespace.to_string(),
            verb: Verb::Unchanged,
        }
    }
}

impl Report for UnchangedView {
    const KIND: &'static str = "SecretUnchanged";

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
