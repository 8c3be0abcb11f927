//! `Plan`: what a command would do, for `--dry-run=client`.

use serde::Serialize;

use crate::output::{Cell, Look, Report, Section, Table};
use crate::plan::{Action, Plan};

use super::API_VERSION;

/// A plan, as it is shown.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PlanView {
    api_version: &'static str,
    kind: &'static str,
    #[serde(flatten)]
    plan: Plan,
}

impl PlanView {
    /// Makes the view.
    pub(crate) fn new(plan: Plan) -> Self {
        Self { api_version: API_VERSION, kind: "Plan", plan }
    }
}

impl Report for PlanView {
    fn summary(&self) -> Vec<String> {
        vec![format!("secret/{} created (dry run)", self.plan.target.name)]
    }

    fn table(&self) -> Table {
        let keys = self.plan.steps.iter().filter_map(|step| match &step.action {
            Action::Create { keys, .. } => Some(keys),
            _ => None,
        });
        let rows = keys
            .flatten()
            .map(|key| vec![Cell::new(key.name.as_str(), Look::Strong), Cell::new(&key.source, Look::Plain)])
            .collect();
        Table { sections: vec![Section { title: Vec::new(), header: vec!["KEY", "SOURCE"], rows }] }
    }

    fn names(&self) -> Vec<String> {
        vec![format!("secret/{}", self.plan.target.name)]
    }
}
