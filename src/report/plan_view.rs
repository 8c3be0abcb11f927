//! `Plan`: what a command would do, for `--dry-run=client`.

use schemars::JsonSchema;
use serde::Serialize;

use crate::output::{Cell, Look, Report, Section, Table};
use crate::plan::{Action, Plan, PlannedEdit, PlannedKey, Verb};

use super::API_VERSION;

/// A plan, as it is shown.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PlanView {
    #[schemars(extend("const" = API_VERSION))]
    api_version: &'static str,
    #[schemars(extend("const" = PlanView::KIND))]
    kind: &'static str,
    #[serde(flatten)]
    plan: Plan,
    #[serde(skip)]
    verb: Verb,
}

impl PlanView {
    /// Makes the view; `verb` is what would have been done.
    pub(crate) fn new(verb: Verb, plan: Plan) -> Self {
        Self { api_version: API_VERSION, kind: Self::KIND, plan, verb }
    }
}

impl Report for PlanView {
    const KIND: &'static str = "Plan";

    fn summary(&self) -> Vec<String> {
        vec![format!("secret/{} {} (dry run)", self.plan.target.name, self.verb.past())]
    }

    fn table(&self) -> Table {
        let sections = self.plan.steps.iter().filter_map(|step| match &step.action {
            Action::Create { keys, .. } => Some(created(keys)),
            Action::Patch { keys } => Some(patched(keys)),
            _ => None,
        });
        Table { sections: sections.collect() }
    }

    fn names(&self) -> Vec<String> {
        vec![format!("secret/{}", self.plan.target.name)]
    }
}

fn created(keys: &[PlannedKey]) -> Section {
    let row = |key: &PlannedKey| vec![Cell::new(key.name.as_str(), Look::Strong), Cell::new(&key.source, Look::Plain)];
    Section { title: Vec::new(), header: vec!["KEY", "SOURCE"], rows: keys.iter().map(row).collect() }
}

fn patched(keys: &[PlannedEdit]) -> Section {
    let row = |key: &PlannedEdit| {
        let look = if key.edit.loses_value() && key.old.is_none() { Look::Warning } else { Look::Plain };
        vec![
            Cell::new(key.name.as_str(), Look::Strong),
            Cell::new(key.edit.word(), look),
            Cell::new(key.source.as_deref().unwrap_or("-"), Look::Plain),
            Cell::new(key.fate().unwrap_or_default(), Look::Plain),
        ]
    };
    Section { title: Vec::new(), header: vec!["KEY", "CHANGE", "SOURCE", "NOTE"], rows: keys.iter().map(row).collect() }
}
