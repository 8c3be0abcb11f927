//! `KeychainList`: the names of keychain entries.

use schemars::JsonSchema;
use serde::Serialize;

use crate::keychain::Entry;
use crate::output::{Cell, Look, Report, Section, Table};

use super::API_VERSION;

/// Names of entries.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct KeychainList {
    #[schemars(extend("const" = API_VERSION))]
    api_version: &'static str,
    #[schemars(extend("const" = KeychainList::KIND))]
    kind: &'static str,
    /// The entries.
    items: Vec<Item>,
}

/// One entry.
#[derive(Debug, Serialize, JsonSchema)]
struct Item {
    /// Its service.
    service: String,
    /// Its account.
    account: String,
}

impl KeychainList {
    /// Makes the list.
    pub(crate) fn new(entries: &[Entry]) -> Self {
        let item = |entry: &Entry| Item { service: entry.service().to_owned(), account: entry.account().to_owned() };
        Self { api_version: API_VERSION, kind: Self::KIND, items: entries.iter().map(item).collect() }
    }
}

impl Report for KeychainList {
    const KIND: &'static str = "KeychainList";

    fn summary(&self) -> Vec<String> {
        Vec::new()
    }

    fn table(&self) -> Table {
        let row = |item: &Item| vec![Cell::new(&item.service, Look::Faint), Cell::new(&item.account, Look::Strong)];
        let section = Section {
            title: Vec::new(),
            header: vec!["SERVICE", "ACCOUNT"],
            rows: self.items.iter().map(row).collect(),
        };
        Table { sections: vec![section] }
    }

    fn names(&self) -> Vec<String> {
        self.items.iter().map(|item| format!("keychain/{}/{}", item.service, item.account)).collect()
    }
}
