//! `SecretUsage`: who uses a Secret, how, and when each sees a new value.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::Serialize;

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
    not_listed: Vec<String>,
}

/// One that uses it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ConsumerView {
    /// Its kind.
    #[schemars(with = "String")]
    kind: Cow<'static, str>,
    /// The API group of a custom resource.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    group: Option<Cow<'static, str>>,
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
    /// A value becomes a variable of its processes.
    exposed: bool,
    /// It has a file that keeps the old value, whatever the kubelet does.
    stale_after_rotate: bool,
}

impl SecretUsage {
    /// Makes the report.
    pub(crate) fn new(target: &Target, consumers: Vec<Consumer>, not_listed: Vec<String>) -> Self {
        Self {
            api_version: API_VERSION,
            kind: Self::KIND,
            name: target.name.to_string(),
            namespace: target.namespace.to_string(),
            items: consumers.into_iter().map(ConsumerView::of).collect(),
            not_listed,
        }
    }

    /// Tells whether nobody is known to use it.
    pub(crate) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}

impl ConsumerView {
    pub(super) fn of(consumer: Consumer) -> Self {
        let new_value = consumer.new_value();
        let (exposed, stale_after_rotate) = (consumer.is_exposed(), consumer.is_stale_after_rotate());
        // The one kind of the core that rules are about has no group to name.
        let Consumer { kind, group, name, namespace, controller, managed_by, uses } = consumer;
        Self {
            kind,
            group: group.filter(|group| !group.is_empty()),
            name,
            namespace: namespace.map(|namespace| namespace.to_string()),
            controller: controller.map(|(kind, name)| format!("{kind}/{name}")),
            managed_by,
            uses: uses.into_iter().collect(),
            new_value,
            exposed,
            stale_after_rotate,
        }
    }

    /// Names it as kubectl does, such as `deployment/web` or `certificate.cert-manager.io/web`.
    pub(super) fn named(&self) -> String {
        let group = self.group.as_ref().map(|group| format!(".{group}")).unwrap_or_default();
        format!("{}{group}/{}", self.kind.to_lowercase(), self.name)
    }

    /// Returns its uses in words.
    pub(super) fn uses(&self) -> String {
        let mut uses: Vec<String> = self.uses.iter().map(described).collect();
        uses.dedup();
        uses.join(", ")
    }

    /// Returns its kind as people know it: that of a custom resource with its group, since kinds are not unique.
    pub(super) fn kind_cell(&self) -> Cell {
        let group = self.group.as_ref().map(|group| format!(".{group}")).unwrap_or_default();
        Cell::new(format!("{}{group}", self.kind), Look::Plain)
    }

    /// Returns what somebody should know about the ways in which it uses the Secret.
    pub(super) fn flags(&self) -> Vec<&'static str> {
        let stale = self.stale_after_rotate.then_some("stale-after-rotate");
        self.exposed.then_some("exposed").into_iter().chain(stale).collect()
    }

    /// Returns when it sees a new value.
    pub(super) fn new_value_cell(&self) -> Cell {
        let look = match self.new_value {
            NewValue::Restart | NewValue::NewPod => Look::Warning,
            _ => Look::Plain,
        };
        Cell::new(self.new_value.words(), look)
    }

    /// Returns what it belongs to, and where.
    pub(super) fn owner(&self) -> Option<&str> {
        self.managed_by.as_deref().or(self.controller.as_deref())
    }

    /// Returns its name, with its namespace where that is another one than the Secret's.
    pub(super) fn name_cell(&self, home: Option<&str>) -> Cell {
        match &self.namespace {
            Some(namespace) if home != Some(namespace) => Cell::new(format!("{namespace}/{}", self.name), Look::Plain),
            _ => Cell::new(self.name.as_str(), Look::Plain),
        }
    }

    fn row(&self, home: &str) -> Vec<Cell> {
        vec![
            self.kind_cell(),
            Cell { look: Look::Strong, ..self.name_cell(Some(home)) },
            Cell::new(self.uses(), Look::Plain),
            self.new_value_cell(),
            flags_cell(&self.flags()),
            Cell::new(self.owner().unwrap_or("<none>"), Look::Faint),
        ]
    }
}

/// Writes flags; some are a warning.
pub(super) fn flags_cell(flags: &[&str]) -> Cell {
    if flags.is_empty() { Cell::new("<none>", Look::Plain) } else { Cell::new(flags.join(","), Look::Warning) }
}

/// Such as `env PASSWORD`, `volume` or `envFrom`.
fn described(used: &Use) -> String {
    let word = used.how.word();
    match (&used.variable, &used.field, &used.key) {
        (Some(text), ..) | (None, Some(text), _) | (None, None, Some(text)) => format!("{word} {text}"),
        (None, None, None) => word.to_owned(),
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
        let rows = self.items.iter().map(|item| item.row(&self.namespace)).collect();
        let header = vec!["KIND", "NAME", "USES", "SEES A NEW VALUE", "FLAGS", "OWNER"];
        Table { sections: vec![Section { title: Vec::new(), header, rows }] }
    }

    fn names(&self) -> Vec<String> {
        self.items.iter().map(ConsumerView::named).collect()
    }
}
