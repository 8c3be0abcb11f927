//! Lists that `schedule` reads: policies on Secrets, without a value; our CronJobs and their Jobs.

use crate::error::Result;
use crate::names::Namespace;
use crate::plaintext::parse::{parse_policies, parse_runs, parse_schedules};
use crate::plaintext::wire::{Page, WireBody, WireError};
use crate::plan::schedule::{Asks, MANAGED_BY, MANAGER, POLICY, Run, Scheduled};

use super::connect::Cluster;
use super::error::{Asked, ClusterError};
use super::transport::{METADATA_LIST, WHOLE};

/// A list of objects with a label.
struct Labelled<'a> {
    api: &'static str,
    plural: &'static str,
    label: (&'static str, &'static str),
    accept: &'static str,
    only: Option<&'a Namespace>,
}

impl Labelled<'_> {
    fn path(&self, limit: usize, token: Option<&str>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("labelSelector", &format!("{}={}", self.label.0, self.label.1));
        query.append_pair("limit", &limit.to_string());
        if let Some(token) = token {
            query.append_pair("continue", token);
        }
        let namespace = self.only.map(|name| format!("/namespaces/{name}")).unwrap_or_default();
        format!("{}{namespace}/{}?{}", self.api, self.plural, query.finish())
    }
}

impl Cluster {
    /// Lists what the policies ask for, in one namespace or in all.
    pub(crate) async fn policies(&self, only: Option<&Namespace>) -> Result<Vec<Asks>> {
        let list = Labelled { api: "/api/v1", plural: "secrets", label: (POLICY, "true"), accept: METADATA_LIST, only };
        self.list_labelled(&list, parse_policies).await.map_err(|error| explain(&error, &list))
    }

    /// Lists our CronJobs.
    pub(crate) async fn schedules(&self, only: Option<&Namespace>) -> Result<Vec<Scheduled>> {
        let list = jobs("cronjobs", only);
        self.list_labelled(&list, parse_schedules).await.map_err(|error| explain(&error, &list))
    }

    /// Lists the Jobs of our CronJobs; `None` where this user may not.
    pub(crate) async fn runs(&self, only: Option<&Namespace>) -> Result<Option<Vec<Run>>> {
        let list = jobs("jobs", only);
        match self.list_labelled(&list, parse_runs).await {
            Ok(runs) => Ok(Some(runs)),
            Err(error) if error.code() == Some(403) => Ok(None),
            Err(error) => Err(explain(&error, &list)),
        }
    }

    async fn list_labelled<T>(
        &self,
        list: &Labelled<'_>,
        parse: fn(&WireBody) -> Result<Page<T>, WireError>,
    ) -> Result<Vec<T>, ClusterError> {
        let mut found = Vec::new();
        self.every_page(list.accept, |limit, token| list.path(limit, token), parse, |one| found.push(one)).await?;
        Ok(found)
    }
}

fn jobs<'a>(plural: &'static str, only: Option<&'a Namespace>) -> Labelled<'a> {
    Labelled { api: "/apis/batch/v1", plural, label: (MANAGED_BY, MANAGER), accept: WHOLE, only }
}

fn explain(error: &ClusterError, list: &Labelled<'_>) -> crate::error::Error {
    let namespace = list.only.map(ToString::to_string);
    error.explain(&Asked { verb: "list", resource: list.plural, name: None, namespace })
}
