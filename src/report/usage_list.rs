//! `SecretUsageList`: who uses each Secret of a namespace or a cluster, which nobody is known to use, and which
//! references lead nowhere.

use schemars::JsonSchema;
use serde::Serialize;

use crate::names::Namespace;
use crate::output::{Cell, Look, Opening};
use crate::plaintext::wire::Outline;
use crate::plan::consumers::Consumer;
use crate::plan::unused::{self, Keys, OtherUse};

use super::API_VERSION;
use super::secret_list::owner_of;
use super::usage::{ConsumerView, flags_cell};

/// What opens the list.
pub(crate) const USAGE_OPENING: Opening = Opening { api_version: API_VERSION, kind: SecretUsageList::KIND };

/// The whole list. It is printed as it comes, so that no run ever holds one: this is what its document looks like.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
#[expect(dead_code, reason = "the schema is made from the fields, no list is")]
pub(super) struct SecretUsageList {
    #[schemars(extend("const" = API_VERSION))]
    api_version: String,
    #[schemars(extend("const" = SecretUsageList::KIND))]
    kind: String,
    /// The Secrets as they come, and behind them those that are referenced and not there.
    items: Vec<UsedSecret>,
    #[schemars(flatten)]
    tail: UsageTail,
}

impl SecretUsageList {
    pub(super) const KIND: &'static str = "SecretUsageList";
}

/// What stands behind the items.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UsageTail {
    /// What this user may not list, so that there may be more uses.
    pub(crate) not_listed: Vec<String>,
    /// Namespaces of which this user may not list the Secrets; `null` if it is not known how many.
    pub(crate) namespaces_left_out: Option<usize>,
    /// Their names, as far as they are known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) left_out: Vec<Namespace>,
    /// The list changed while it was read: its end is newer than its beginning.
    pub(crate) inconsistent: bool,
    /// Secrets with a reference to a key of which it cannot be known whether it is there.
    pub(crate) undecided: usize,
}

/// One Secret, there or not.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UsedSecret {
    /// Its name.
    name: String,
    /// Its namespace; `null` where one in any namespace may be meant, and there is none.
    namespace: Option<String>,
    /// Whether it is there.
    exists: bool,
    /// The Secret's type; `null` if it is not there.
    #[serde(rename = "type")]
    secret_type: Option<String>,
    /// It is there, and nothing that is known uses it.
    unused: bool,
    /// How it is used without a reference, as far as that is known.
    other_use: Option<OtherUse>,
    /// Who looks after it.
    owner: Option<String>,
    /// Keys that are referenced and not there.
    missing_keys: Vec<String>,
    /// Keys that are referenced, and of which it cannot be known whether they are there.
    undecided_keys: Vec<String>,
    /// Those that reference it.
    consumers: Vec<ConsumerView>,
}

/// Which columns a table has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct UsageColumns {
    /// The namespace first.
    pub(crate) namespace: bool,
    /// What is found, instead of when each sees a new value.
    pub(crate) findings: bool,
    /// Owners as well.
    pub(crate) wide: bool,
}

impl UsageColumns {
    /// Returns the names of the columns.
    pub(crate) fn header(self) -> Vec<&'static str> {
        let mut header = if self.namespace { vec!["NAMESPACE"] } else { Vec::new() };
        header.push("SECRET");
        if self.findings {
            header.extend(["FINDING", "TYPE", "SECRET OWNER", "KIND", "NAME", "USES"]);
        } else {
            header.extend(["KIND", "NAME", "USES", "SEES A NEW VALUE", "FLAGS"]);
        }
        if self.wide {
            header.push("OWNER");
        }
        header
    }

    /// Returns how many columns are names that are never cut.
    pub(crate) fn kept(self) -> usize {
        if self.namespace { 2 } else { 1 }
    }
}

impl UsedSecret {
    /// Describes a Secret that is there.
    pub(crate) fn there<'a>(outline: &Outline, consumers: impl Iterator<Item = &'a Consumer> + Clone) -> Self {
        let other_use = unused::other_use(outline);
        let Keys { missing, undecided } = unused::keys(outline, consumers.clone());
        let is_used = consumers.clone().any(Consumer::is_user);
        Self {
            name: outline.metadata.name.clone(),
            namespace: Some(outline.metadata.namespace.clone()),
            exists: true,
            secret_type: Some(outline.secret_type.clone()),
            unused: !is_used && other_use.is_none(),
            other_use,
            owner: owner_of(&outline.metadata).map(|owner| owner.who),
            missing_keys: missing.into_iter().collect(),
            undecided_keys: undecided.into_iter().collect(),
            consumers: consumers.cloned().map(ConsumerView::of).collect(),
        }
    }

    /// Describes a Secret that is not there; none where nobody needs it.
    pub(crate) fn not_there(namespace: Option<&Namespace>, name: &str, consumers: &[Consumer]) -> Option<Self> {
        let needed = consumers.iter().filter(|consumer| unused::is_needed_by(consumer));
        let consumers: Vec<ConsumerView> = needed.cloned().map(ConsumerView::of).collect();
        (!consumers.is_empty()).then(|| Self {
            name: name.to_owned(),
            namespace: namespace.map(ToString::to_string),
            exists: false,
            secret_type: None,
            unused: false,
            other_use: None,
            owner: None,
            missing_keys: Vec::new(),
            undecided_keys: Vec::new(),
            consumers,
        })
    }

    /// Tells whether nothing that is known uses it.
    pub(crate) fn is_unused(&self) -> bool {
        self.unused
    }

    /// Tells whether a reference to it leads nowhere.
    pub(crate) fn is_dangling(&self) -> bool {
        !self.exists || !self.missing_keys.is_empty()
    }

    /// Tells whether it cannot be known whether a key is there.
    pub(crate) fn is_undecided(&self) -> bool {
        !self.undecided_keys.is_empty()
    }

    /// Returns `secret/NAME`.
    pub(crate) fn named(&self) -> String {
        format!("secret/{}", self.name)
    }

    /// Returns its rows: one for each that uses it, or one for nobody.
    pub(crate) fn rows(&self, columns: UsageColumns) -> Vec<Vec<Cell>> {
        if self.consumers.is_empty() {
            return vec![self.row(None, columns)];
        }
        self.consumers.iter().map(|consumer| self.row(Some(consumer), columns)).collect()
    }

    fn row(&self, consumer: Option<&ConsumerView>, columns: UsageColumns) -> Vec<Cell> {
        let plain = |text: Option<&str>| Cell::new(text.unwrap_or("<none>"), Look::Plain);
        let home = self.namespace.as_deref();
        let mut row =
            if columns.namespace { vec![Cell::new(home.unwrap_or("<any>"), Look::Plain)] } else { Vec::new() };
        row.push(Cell::new(self.name.as_str(), Look::Strong));
        let kind = consumer.map_or_else(|| plain(None), ConsumerView::kind_cell);
        let name = consumer.map_or_else(|| plain(None), |consumer| consumer.name_cell(home));
        let uses = consumer.map_or_else(|| plain(None), |consumer| Cell::new(consumer.uses(), Look::Plain));
        if columns.findings {
            row.push(self.finding());
            row.extend([plain(self.secret_type.as_deref()), plain(self.owner.as_deref()), kind, name, uses]);
        } else {
            row.extend([kind, name, uses]);
            row.push(consumer.map_or_else(|| plain(None), ConsumerView::new_value_cell));
            row.push(self.flags(consumer));
        }
        if columns.wide {
            row.push(Cell::new(consumer.and_then(ConsumerView::owner).unwrap_or("<none>"), Look::Faint));
        }
        row
    }

    fn finding(&self) -> Cell {
        let text = match () {
            () if !self.exists => "no such secret".to_owned(),
            () if !self.missing_keys.is_empty() => format!("no such key: {}", self.missing_keys.join(", ")),
            () => "unused".to_owned(),
        };
        Cell::new(text, Look::Warning)
    }

    fn flags(&self, consumer: Option<&ConsumerView>) -> Cell {
        let mut flags = consumer.map(ConsumerView::flags).unwrap_or_default();
        if !self.exists {
            flags.push("no-such-secret");
        }
        if !self.missing_keys.is_empty() {
            flags.push("no-such-key");
        }
        if self.unused {
            flags.push("unused");
        }
        match self.other_use {
            Some(other) if flags.is_empty() && consumer.is_none() => Cell::new(other.words(), Look::Faint),
            _ => flags_cell(&flags),
        }
    }
}
