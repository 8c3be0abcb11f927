//! `SecretSummaryList`: what metadata tells about many Secrets; and `SecretListSummary`, the same in numbers.

use schemars::JsonSchema;
use serde::Serialize;

use crate::names::Namespace;
use crate::output::Opening;
use crate::plan::findings::Finding;

use super::API_VERSION;

mod due;
mod item;
mod row;
mod totals;

pub(crate) use item::SecretSummary;
pub(super) use item::owner_of;
pub(crate) use row::ListColumns;
pub(crate) use totals::SecretListSummary;

/// What opens the list.
pub(crate) const OPENING: Opening = Opening { api_version: API_VERSION, kind: SecretSummaryList::KIND };

/// The whole list. It is printed as it comes, so that no run ever holds one: this is what its document looks like.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
#[expect(dead_code, reason = "the schema is made from the fields, no list is")]
pub(super) struct SecretSummaryList {
    #[schemars(extend("const" = API_VERSION))]
    api_version: String,
    #[schemars(extend("const" = SecretSummaryList::KIND))]
    kind: String,
    /// The Secrets, as they come.
    items: Vec<SecretSummary>,
    #[schemars(flatten)]
    tail: ListTail,
}

impl SecretSummaryList {
    pub(super) const KIND: &'static str = "SecretSummaryList";
}

/// What stands behind the items.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ListTail {
    /// Secrets that only `--all-types` shows.
    pub(crate) hidden: usize,
    /// Namespaces that this user may not list; `null` if it is not known how many.
    pub(crate) namespaces_left_out: Option<usize>,
    /// Their names, as far as they are known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) left_out: Vec<Namespace>,
    /// The list changed while it was read: its end is newer than its beginning.
    pub(crate) inconsistent: bool,
    /// Secrets of which it cannot be known whether they have what was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Undecided")]
    pub(crate) undecided: Option<Undecided>,
}

/// How many Secrets could not be judged; absent where nobody asked.
#[derive(Debug, Default, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Undecided {
    /// With a key that may be older than `--stale` says.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "usize")]
    pub(crate) stale: Option<usize>,
    /// With a key that may be due by its policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "usize")]
    pub(crate) due: Option<usize>,
    /// With a certificate that could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "usize")]
    pub(crate) expiring: Option<usize>,
}

impl Undecided {
    /// Starts to count what was asked for.
    pub(crate) fn of(asked: &crate::plan::findings::Asked) -> Option<Self> {
        let zero = |asked: bool| asked.then_some(0);
        let counts =
            Self { stale: zero(asked.stale.is_some()), due: zero(asked.due), expiring: zero(asked.expiring.is_some()) };
        (counts.stale.is_some() || counts.due.is_some() || counts.expiring.is_some()).then_some(counts)
    }

    /// Counts what could not be judged of one Secret.
    pub(crate) fn add(&mut self, findings: &[Finding]) {
        for finding in findings {
            let count = match finding {
                Finding::Stale => &mut self.stale,
                Finding::Due => &mut self.due,
                Finding::Expiring => &mut self.expiring,
                Finding::Unmanaged => continue,
            };
            *count = count.map(|count| count + 1);
        }
    }
}
