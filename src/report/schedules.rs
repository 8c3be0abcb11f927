//! `ScheduleList`: the CronJobs that apply policies, and how their last runs ended.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::output::{Cell, Look, Report, Section, Table};
use crate::plan::schedule::{Run, RunResult, Scheduled};

use super::API_VERSION;

/// Schedules.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ScheduleList {
    #[schemars(extend("const" = API_VERSION))]
    api_version: &'static str,
    #[schemars(extend("const" = ScheduleList::KIND))]
    kind: &'static str,
    /// The CronJobs.
    items: Vec<Item>,
    /// Whether this user may list Jobs; without that, no run is known.
    runs_listed: bool,
}

/// One CronJob.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Item {
    /// Its namespace.
    namespace: String,
    /// Its name.
    name: String,
    /// `namespace`: it applies the policies of its own namespace; `cluster`: of all. As its label claims.
    scope: Option<String>,
    /// When it runs, as a CronJob says it.
    schedule: String,
    /// The time zone of that; none is the cluster's own.
    time_zone: Option<String>,
    /// The image.
    image: Option<String>,
    /// Whether it is suspended.
    suspended: bool,
    /// When a run was last due.
    last_schedule_time: Option<Timestamp>,
    /// When a run last went well.
    last_successful_time: Option<Timestamp>,
    /// The newest Job.
    last_run: Option<LastRun>,
}

/// The newest Job.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct LastRun {
    /// The Job.
    name: String,
    /// When it was made.
    created: Option<Timestamp>,
    /// How it ended.
    result: RunResult,
    /// Kubernetes' word for the failure.
    reason: Option<String>,
}

impl ScheduleList {
    /// Makes the list; `runs` are Jobs of any CronJob, or none if they may not be listed.
    pub(crate) fn new(schedules: Vec<Scheduled>, runs: Option<&[Run]>) -> Self {
        let items = schedules.into_iter().map(|schedule| Item::of(schedule, runs.unwrap_or_default())).collect();
        Self { api_version: API_VERSION, kind: Self::KIND, items, runs_listed: runs.is_some() }
    }

    /// Tells whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Returns namespace and name of the newest Jobs that failed.
    pub(crate) fn failed(&self) -> Vec<(&str, &str)> {
        let runs = self.items.iter().filter_map(|item| Some((item.namespace.as_str(), item.last_run.as_ref()?)));
        runs.filter(|(_, run)| run.result == RunResult::Failed)
            .map(|(namespace, run)| (namespace, run.name.as_str()))
            .collect()
    }
}

impl Item {
    fn of(schedule: Scheduled, runs: &[Run]) -> Self {
        let its = |run: &&Run| run.namespace == schedule.namespace && run.made_by == schedule.name;
        let last = runs.iter().filter(its).max_by_key(|run| run.created);
        let last_run = last.map(|run| LastRun {
            name: run.name.clone(),
            created: run.created,
            result: run.result,
            reason: run.reason.clone(),
        });
        Self {
            namespace: schedule.namespace,
            name: schedule.name,
            scope: schedule.scope,
            schedule: schedule.cron,
            time_zone: schedule.time_zone,
            image: schedule.image,
            suspended: schedule.suspended,
            last_schedule_time: schedule.last_scheduled,
            last_successful_time: schedule.last_successful,
            last_run,
        }
    }

    fn row(&self) -> Vec<Cell> {
        let plain = |text: &str| Cell::new(text, Look::Plain);
        let time = |time: Option<Timestamp>| time.map_or_else(|| "-".to_owned(), |time| time.to_string());
        let schedule = match &self.time_zone {
            Some(zone) => format!("{} {zone}", self.schedule),
            None => self.schedule.clone(),
        };
        let suspended = if self.suspended { Cell::new("suspended", Look::Warning) } else { plain("active") };
        let last = match &self.last_run {
            None => Cell::new("-", Look::Faint),
            Some(LastRun { result, reason, .. }) => {
                let look = if *result == RunResult::Failed { Look::Warning } else { Look::Plain };
                let reason = reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
                Cell::new(format!("{}{reason}", result.word()), look)
            }
        };
        let scope = match self.scope.as_deref() {
            Some("cluster") => "all namespaces",
            Some("namespace") => "its namespace",
            _ => "-",
        };
        vec![
            plain(&self.namespace),
            Cell::new(self.name.as_str(), Look::Strong),
            plain(scope),
            plain(&schedule),
            suspended,
            plain(&time(self.last_schedule_time)),
            plain(&time(self.last_successful_time)),
            last,
        ]
    }
}

impl Report for ScheduleList {
    const KIND: &'static str = "ScheduleList";

    fn summary(&self) -> Vec<String> {
        Vec::new()
    }

    fn table(&self) -> Table {
        let header = vec!["NAMESPACE", "NAME", "ROTATES", "SCHEDULE", "STATE", "LAST DUE", "LAST SUCCESS", "LAST RUN"];
        let rows = self.items.iter().map(Item::row).collect();
        Table { sections: vec![Section { title: Vec::new(), header, rows }] }
    }

    fn names(&self) -> Vec<String> {
        self.items.iter().map(|item| format!("cronjob/{}", item.name)).collect()
    }
}
