//! `SecretDiffList`: what differs between the Secrets of files and those of the cluster.

use schemars::JsonSchema;
use serde::Serialize;

use crate::output::{Report, Table};

use super::API_VERSION;
use super::secret_diff::SecretDiff;

/// What differs, Secret by Secret.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SecretDiffList {
    #[schemars(extend("const" = API_VERSION))]
    api_version: &'static str,
    #[schemars(extend("const" = SecretDiffList::KIND))]
    kind: &'static str,
    /// How many Secrets differ, or are not there yet.
    different: usize,
    /// How many objects of other kinds are in the files.
    others: usize,
    /// The Secrets, in the order of the files.
    items: Vec<SecretDiff>,
}

impl SecretDiffList {
    /// Puts them together.
    pub(crate) fn new(items: Vec<SecretDiff>, others: usize) -> Self {
        let different = items.iter().filter(|item| item.is_different()).count();
        Self { api_version: API_VERSION, kind: Self::KIND, different, others, items }
    }

    /// Tells whether no Secret was compared.
    pub(crate) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Tells whether anything differs.
    pub(crate) fn is_different(&self) -> bool {
        self.different > 0
    }
}

impl Report for SecretDiffList {
    const KIND: &'static str = "SecretDiffList";

    fn summary(&self) -> Vec<String> {
        let mut line = match self.items.len() {
            0 => "no Secret".to_owned(),
            1 => format!("1 Secret, {}", if self.different == 1 { "which differs" } else { "no difference" }),
            all if self.different == 0 => format!("{all} Secrets, no difference"),
            all => format!("{} of {all} Secrets differ", self.different),
        };
        match self.others {
            0 => {}
            1 => line.push_str("; 1 other object was passed over"),
            many => line.push_str(&format!("; {many} other objects were passed over")),
        }
        vec![line]
    }

    /// Only those that differ: a file of many Secrets, most of which are the same, is nothing to read.
    fn table(&self) -> Table {
        Table {
            sections: self.items.iter().filter(|item| item.is_different()).flat_map(SecretDiff::sections).collect(),
        }
    }

    fn names(&self) -> Vec<String> {
        self.items.iter().map(SecretDiff::object).collect()
    }
}
