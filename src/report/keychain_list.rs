//! `KeychainList`: the names of keychain entries.

use serde::Serialize;

use crate::keychain::Entry;
use crate::output::{Cell, Look, Report, Section, Table};

use super::API_VERSION;

/// Names of entries.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct KeychainList {
    api_version: &'static str,
    kind: &'static str,
    items: Vec<Item>,
}

#[derive(Debug, Serialize)]
struct Item {
    service: String,
    account: String,
}

impl KeychainList {
    /// Makes the list.
    pub(crate) fn new(entries: &[Entry]) -> Self {
        let item = |entry: &Entry| Item { service: entry.service().to_owned(), account: entry.account().to_owned() };
        Self { api_version: API_VERSION, kind: "KeychainList", items: entries.iter().map(item).collect() }
    }
}

impl Report for KeychainList {
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
