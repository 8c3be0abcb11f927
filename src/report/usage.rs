//! `SecretUsage`: who uses a Secret, how, and when each sees a new value.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::Serialize;

use crate::cluster::Consumers;
use crate::output::{Cell, Look, Report, Section, Table};
use crate::plan::Target;
use crate::plan::consumers::{Consumer, NewValue, Use};

use super::API_VERSION;

/// Who uses a Secret.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SecretUsage {
    #[schemars(extend("const" = API_VERSION))]
    api_version: &'static str,
    #[schemars(extend("const" = SecretUsage::KIND))]
    kind: &'static str,
    /// The Secret.
    name: String,
    /// Its namespace.
    namespace: String,
    /// Those that use it.
    items: Vec<ConsumerView>,
    /// The kinds that this user may not list, so that there may be more.
    not_listed: Vec<&'static str>,
}

/// One that uses it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ConsumerView {
    /// Its kind.
    #[schemars(with = "String")]
    kind: Cow<'static, str>,
    /// Its name.
    name: String,
    /// Its namespace.
    namespace: Option<String>,
    /// The controller that it belongs to, as KIND/NAME.
    controller: Option<String>,
    /// The GitOps tool that looks after it.
    managed_by: Option<String>,
    /// In which ways.
    uses: Vec<Use>,
    /// When it sees a new value.
    new_value: NewValue,
}

impl SecretUsage {
    /// Makes the report.
    pub(crate) fn new(target: &Target, consumers: Consumers) -> Self {
        Self {
            api_version: API_VERSION,
            kind: Self::KIND,
            name: target.name.to_string(),
            namespace: target.namespace.to_string(),
            items: consumers.found.into_iter().map(ConsumerView::of).collect(),
            not_listed: consumers.not_listed,
        }
    }

    /// Tells whether nobody is known to use it.
    pub(crate) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}

impl ConsumerView {
    fn of(consumer: Consumer) -> Self {
        let new_value = consumer.new_value();
        let Consumer { kind, name, namespace, controller, managed_by, uses, .. } = consumer;
        Self {
            kind,
            name,
            namespace: namespace.map(|namespace| namespace.to_string()),
            controller: controller.map(|(kind, name)| format!("{kind}/{name}")),
            managed_by,
            uses: uses.into_iter().collect(),
            new_value,
        }
    }

    fn row(&self) -> Vec<Cell> {
        let look = match self.new_value {
            NewValue::Restart | NewValue::NewPod => Look::Warning,
            _ => Look::Plain,
        };
        let mut uses: Vec<String> = self.uses.iter().map(described).collect();
        uses.dedup();
        let owner = self.managed_by.as_deref().or(self.controller.as_deref()).unwrap_or("<none>");
        vec![
            Cell::new(&*self.kind, Look::Plain),
            Cell::new(self.name.as_str(), Look::Strong),
            Cell::new(uses.join(", "), Look::Plain),
            Cell::new(self.new_value.words(), look),
            Cell::new(owner, Look::Faint),
        ]
    }
}

/// Such as `env PASSWORD`, `volume` or `envFrom`.
fn described(used: &Use) -> String {
    let word = used.how.word();
    match (&used.variable, &used.key) {
        (Some(variable), _) => format!("{word} {variable}"),
        (None, Some(key)) => format!("{word} {key}"),
        (None, None) => word.to_owned(),
    }
}

impl Report for SecretUsage {
    const KIND: &'static str = "SecretUsage";

    fn summary(&self) -> Vec<String> {
        Vec::new()
    }

    fn table(&self) -> Table {
        if self.items.is_empty() {
            return Table::default();
        }
        let rows = self.items.iter().map(ConsumerView::row).collect();
        let header = vec!["KIND", "NAME", "USES", "SEES A NEW VALUE", "OWNER"];
        Table { sections: vec![Section { title: Vec::new(), header, rows }] }
    }

    fn names(&self) -> Vec<String> {
        self.items.iter().map(|item| format!("{}/{}", item.kind.to_lowercase(), item.name)).collect()
    }
}
