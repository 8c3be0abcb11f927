//! `SecretAccess`: who may read and who may change a Secret by RBAC, and the indirect ways.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use crate::output::{Cell, Look, Report, Section, Table};
use crate::plan::access::{Access, Effect, Grant, Path, Query, Subject, SubjectKind};

use super::API_VERSION;

/// What a report of RBAC does not know.
const NOT_KNOWN: &[&str] = &[
    "other authorizers: webhooks, a cloud's IAM, and the node authorizer, by which a node reads the Secrets of its Pods",
    "who is in a group: that is said by each login; members of system:masters pass every check",
    "rights in other namespaces over accounts that may read here: to run Pods as them, or to make tokens of them",
    "who can read etcd, its backups, or the disks of nodes",
];

/// How many verbs read a value: as many are told in one word.
const ALL_READS: usize = 6;
/// How many verbs change a Secret.
const ALL_CHANGES: usize = 5;

/// Who has a way to a Secret, or to those of a namespace.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SecretAccess {
    #[schemars(extend("const" = API_VERSION))]
    api_version: &'static str,
    #[schemars(extend("const" = SecretAccess::KIND))]
    kind: &'static str,
    /// The Secret; absent where any of the namespace is meant.
    name: Option<String>,
    /// The namespace.
    namespace: String,
    /// Which keys a way leads to: RBAC knows Secrets, not keys.
    keys: &'static str,
    /// Whether this user may list all of RBAC that counts.
    complete: bool,
    /// What this user may not list, so that there may be more.
    not_listed: Vec<&'static str>,
    /// Bindings to a role that is not there.
    bindings_without_role: usize,
    /// Subjects of the control plane itself that are left out.
    hidden: usize,
    /// Those who have a way.
    items: Vec<SubjectView>,
    /// Why each of their ways counts.
    reasons: Vec<Reason>,
    /// What RBAC does not know.
    not_known: &'static [&'static str],
    #[serde(skip)]
    wide: bool,
}

/// One that has a way.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct SubjectView {
    /// What it is.
    kind: SubjectKind,
    /// Its name.
    name: String,
    /// The namespace of a service account.
    namespace: Option<String>,
    /// Whether very many are meant: everybody who is logged in, all service accounts, or nobody in particular.
    broad: bool,
    /// The verbs by which it may read.
    read: Vec<&'static str>,
    /// The verbs by which it may change.
    change: Vec<&'static str>,
    /// The ways that lead there by another step.
    indirect: Vec<&'static str>,
    /// The bindings that give them.
    through: Vec<ThroughView>,
}

/// A binding, and what it gives.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ThroughView {
    /// The binding, as KIND/NAME.
    binding: String,
    /// Its role, as KIND/NAME.
    role: String,
    /// Where it counts.
    scope: BindingScope,
    /// What it gives.
    ways: Vec<WayView>,
}

/// Where a binding counts.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
enum BindingScope {
    /// In its namespace.
    Namespace,
    /// In all namespaces.
    Cluster,
}

/// One way.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct WayView {
    /// What it leads to.
    effect: Effect,
    /// Its name.
    way: &'static str,
    /// What the role allows of it, such as `create pods`.
    right: String,
    /// The `resourceNames` that this is limited to; all if there are none.
    names: Vec<String>,
}

/// Why a way counts.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Reason {
    /// What it leads to.
    effect: Effect,
    /// Its name.
    way: &'static str,
    /// The reason.
    why: &'static str,
}

impl SecretAccess {
    /// Makes the report; `all` shows the control plane's own subjects as well.
    pub(crate) fn new(query: &Query<'_>, access: &Access<'_>, not_listed: Vec<&'static str>, all: bool) -> Self {
        let shown = |(subject, paths): &(&&Subject, &Vec<Path<'_>>)| all || !Access::is_built_in(subject, paths);
        let reasons: BTreeSet<Reason> =
            access.subjects.iter().filter(shown).flat_map(|(_, paths)| grants(paths)).map(Reason::of).collect();
        let mut items: Vec<SubjectView> =
            access.subjects.iter().filter(shown).map(|(subject, paths)| SubjectView::of(subject, paths)).collect();
        // Those that one should not miss come first; the others are sorted already.
        items.sort_by_key(|item| !item.broad);
        Self {
            api_version: API_VERSION,
            kind: Self::KIND,
            name: query.secret.map(str::to_owned),
            namespace: query.namespace.to_owned(),
            keys: "all",
            complete: not_listed.is_empty(),
            not_listed,
            bindings_without_role: access.without_role,
            hidden: access.subjects.len() - items.len(),
            items,
            reasons: reasons.into_iter().collect(),
            not_known: NOT_KNOWN,
            wide: false,
        }
    }

    /// Shows rights and reasons in the table.
    pub(crate) fn wide(self, wide: bool) -> Self {
        Self { wide, ..self }
    }

    /// Tells whether nobody is shown.
    pub(crate) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Returns how many of the control plane's own subjects are left out.
    pub(crate) fn hidden(&self) -> usize {
        self.hidden
    }
}

fn grants<'a>(paths: &'a [Path<'_>]) -> impl Iterator<Item = &'a Grant> {
    paths.iter().flat_map(|path| path.grants.iter())
}

impl Reason {
    fn of(grant: &Grant) -> Self {
        Self { effect: grant.way.effect, way: grant.way.word, why: grant.way.why }
    }
}

impl SubjectView {
    fn of(subject: &Subject, paths: &[Path<'_>]) -> Self {
        let words = |effect| {
            let mut words = Vec::new();
            let mut found: Vec<&Grant> = grants(paths).filter(|grant| grant.way.effect == effect).collect();
            found.sort_by_key(|grant| grant.way.place());
            for grant in found {
                if !words.contains(&grant.way.word) {
                    words.push(grant.way.word);
                }
            }
            words
        };
        Self {
            kind: subject.kind,
            name: subject.name.clone(),
            namespace: (subject.kind == SubjectKind::ServiceAccount).then(|| subject.namespace.clone()),
            broad: subject.is_broad(),
            read: words(Effect::Read),
            change: words(Effect::Change),
            indirect: words(Effect::Indirect),
            through: paths.iter().map(ThroughView::of).collect(),
        }
    }

    /// Lists the verbs of an effect; those that are limited to some names have them behind.
    fn verbs(&self, effect: Effect, words: &[&str], all: usize) -> String {
        let mut limits: BTreeMap<&str, Option<BTreeSet<&str>>> = BTreeMap::new();
        let ways = self.through.iter().flat_map(|through| &through.ways).filter(|way| way.effect == effect);
        for WayView { way, names, .. } in ways {
            let limit = limits.entry(way).or_insert_with(|| Some(BTreeSet::new()));
            match limit {
                _ if names.is_empty() => *limit = None,
                Some(known) => known.extend(names.iter().map(String::as_str)),
                None => {}
            }
        }
        let limited = |word: &&str| limits.get(*word).and_then(Option::as_ref).filter(|names| !names.is_empty());
        if words.len() == all && !words.iter().any(|word| limited(word).is_some()) {
            return "all".to_owned();
        }
        let texts = words.iter().map(|word| match limited(word) {
            Some(names) => format!("{word} ({})", names.iter().copied().collect::<Vec<_>>().join(",")),
            None => (*word).to_owned(),
        });
        texts.collect::<Vec<_>>().join(", ")
    }

    fn shown(&self) -> String {
        match &self.namespace {
            Some(namespace) => format!("{} {namespace}/{}", self.kind.word(), self.name),
            None => format!("{} {}", self.kind.word(), self.name),
        }
    }

    fn row(&self, of_one: bool, wide: bool) -> Vec<Cell> {
        let subject = if self.broad { Look::Warning } else { Look::Strong };
        let cell = |text: String, look| match text.is_empty() {
            true => Cell::new("<none>", Look::Faint),
            false => Cell::new(text, look),
        };
        let verbs = |effect, words: &[&str], all| match of_one || words.is_empty() {
            // Of one Secret, every right is for that one.
            true if words.len() == all => "all".to_owned(),
            true => words.join(", "),
            false => self.verbs(effect, words, all),
        };
        let indirect = match wide {
            true => self.rights().into_iter().collect::<Vec<_>>().join(", "),
            false => self.indirect.join(", "),
        };
        let through: Vec<String> = self.through.iter().map(|one| format!("{} ({})", one.binding, one.role)).collect();
        vec![
            Cell::new(self.shown(), subject),
            cell(verbs(Effect::Read, &self.read, ALL_READS), Look::Plain),
            cell(verbs(Effect::Change, &self.change, ALL_CHANGES), Look::Plain),
            cell(indirect, Look::Plain),
            cell(through.join(", "), Look::Faint),
        ]
    }

    /// Lists what is allowed of the indirect ways.
    fn rights(&self) -> BTreeSet<&str> {
        let ways = self.through.iter().flat_map(|through| &through.ways);
        ways.filter(|way| way.effect == Effect::Indirect).map(|way| way.right.as_str()).collect()
    }
}

impl ThroughView {
    fn of(path: &Path<'_>) -> Self {
        let (binding, role) = (path.binding, &path.binding.role);
        let kinded =
            |cluster: bool, kind: &str, name: &str| format!("{}{kind}/{name}", if cluster { "Cluster" } else { "" });
        Self {
            binding: kinded(binding.is_of_cluster(), "RoleBinding", &binding.name),
            role: kinded(role.is_of_cluster(), "Role", &role.name),
            scope: if binding.is_of_cluster() { BindingScope::Cluster } else { BindingScope::Namespace },
            ways: path.grants.iter().map(WayView::of).collect(),
        }
    }
}

impl WayView {
    fn of(grant: &Grant) -> Self {
        Self {
            effect: grant.way.effect,
            way: grant.way.word,
            right: grant.right.to_string(),
            names: grant.names.iter().cloned().collect(),
        }
    }
}

impl Report for SecretAccess {
    const KIND: &'static str = "SecretAccess";

    fn summary(&self) -> Vec<String> {
        Vec::new()
    }

    fn table(&self) -> Table {
        if self.items.is_empty() {
            return Table::default();
        }
        let rows = self.items.iter().map(|item| item.row(self.name.is_some(), self.wide)).collect();
        let header = vec!["SUBJECT", "READ", "CHANGE", "INDIRECT", "THROUGH"];
        let mut sections = vec![Section { title: Vec::new(), header, rows }];
        if self.wide {
            let plain = |text: &str| Cell::new(text, Look::Plain);
            let row = |reason: &Reason| vec![plain(reason.way), plain(reason.effect.word()), plain(reason.why)];
            let rows = self.reasons.iter().map(row).collect();
            sections.push(Section { title: Vec::new(), header: vec!["WAY", "COUNTS AS", "BECAUSE"], rows });
        }
        Table { sections }
    }

    fn names(&self) -> Vec<String> {
        let name = |item: &SubjectView| match &item.namespace {
            Some(namespace) => format!("{namespace}/{}", item.name),
            None => item.name.clone(),
        };
        self.items.iter().map(|item| format!("{}/{}", item.kind.word().to_lowercase(), name(item))).collect()
    }
}
