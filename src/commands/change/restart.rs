//! `--restart` and `--wait`: makes the workloads that use a Secret take its new values, and waits until they have.

use std::time::Duration;

use futures::stream::{self, StreamExt};
use jiff::Timestamp;
use tokio::time::Instant;

use crate::cli::Timeout;
use crate::cluster::{Cluster, Consumers};
use crate::config::Restart;
use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::plan::Target;
use crate::plan::consumers::{Consumer, How, NewValue};
use crate::plan::rollout::{Ended, Progress, Restarted, Workload, judge};

use super::look::Looked;

/// Nanoseconds.
const SECOND: u64 = 1_000_000_000;
/// How many workloads are restarted, or looked at, at the same time.
const AT_ONCE: usize = 16;
/// How often a workload is looked at.
const TICK: Duration = Duration::from_millis(500);
/// The kinds that can be restarted, as resources.
const RESTARTABLE: [&str; 3] = ["deployments", "statefulsets", "daemonsets"];

/// Flags about the workloads that use the Secret.
#[derive(clap::Args, Debug, Clone)]
pub(crate) struct RestartFlags {
    /// Restart workloads that use the Secret [default: the config file's, or never]
    #[arg(long, value_name = "never|auto|always")]
    restart: Option<Restart>,

    /// Wait until restarted workloads are ready
    #[arg(long, value_name = "true|false", num_args = 0..=1, require_equals = true, default_value = "true", default_missing_value = "true", action = clap::ArgAction::Set, hide_possible_values = true)]
    wait: bool,

    /// How long to wait for all of them, such as 90s or 10m; 0 for no limit
    #[arg(long, value_name = "DURATION", default_value = "5m")]
    timeout: Timeout,
}

/// What is to be done about the workloads, and what is said about them.
#[derive(Debug)]
pub(crate) struct Restarts {
    /// Which ones.
    pub(crate) mode: Restart,
    /// Those that are restarted.
    pub(crate) planned: Vec<Workload>,
    /// Those that keep the old value until somebody acts.
    kept: Vec<Consumer>,
    /// Those that get each key as a variable, a second slot too.
    takes_all: Vec<String>,
    /// Those that were restarted since then are only waited for.
    pub(crate) since: Option<Timestamp>,
    wait: bool,
    timeout: Option<Duration>,
}

impl Restarts {
    /// For changes that leave workloads alone.
    pub(crate) const fn none() -> Self {
        Self {
            mode: Restart::Never,
            planned: Vec::new(),
            kept: Vec::new(),
            takes_all: Vec::new(),
            since: None,
            wait: false,
            timeout: None,
        }
    }
}

impl RestartFlags {
    /// Takes what a policy says, unless the command line says something.
    pub(crate) fn or(mut self, policy: Option<Restart>) -> Self {
        self.restart = self.restart.or(policy);
        self
    }

    /// Looks who uses the Secret, if anything hangs on it, and checks that those who are to be restarted can be.
    ///
    /// With `looks`, those who keep the old value are looked for even if none is restarted: for the plan.
    pub(crate) async fn plan(&self, target: &Target, looked: &Looked, looks: bool, ctx: &Context) -> Result<Restarts> {
        self.plan_mode(self.mode(ctx), target, looked, looks, ctx).await
    }

    /// The same for a rotation that was begun with `before`, unless another way is asked for now.
    pub(crate) async fn plan_as(
        &self,
        before: Restart,
        target: &Target,
        looked: &Looked,
        ctx: &Context,
    ) -> Result<Restarts> {
        self.plan_mode(self.restart.unwrap_or(before), target, looked, false, ctx).await
    }

    /// Returns which workloads are to be restarted.
    pub(crate) fn mode(&self, ctx: &Context) -> Restart {
        self.restart.unwrap_or(ctx.config.restart)
    }

    /// Tells whether restarted workloads are waited for.
    pub(crate) fn waits(&self) -> bool {
        self.wait
    }

    async fn plan_mode(
        &self,
        mode: Restart,
        target: &Target,
        looked: &Looked,
        looks: bool,
        ctx: &Context,
    ) -> Result<Restarts> {
        let (wait, timeout) = (self.wait, self.timeout.0);
        let mut restarts = Restarts { mode, wait, timeout, ..Restarts::none() };
        if mode == Restart::Never && !looks {
            return Ok(restarts);
        }
        let cluster = ctx.cluster().await?;
        let consumers = match cluster.consumers(target).await {
            Ok(consumers) => consumers,
            // For the plan alone it is no reason to stop.
            Err(_) if mode == Restart::Never => return Ok(restarts),
            Err(error) => return Err(error),
        };
        if mode != Restart::Never {
            check_listed(&consumers, target)?;
        }
        for consumer in consumers.found {
            let new_value = consumer.new_value();
            if consumer.uses.iter().any(|one| one.how == How::EnvFrom) {
                restarts.takes_all.push(format!("{}/{}", consumer.kind.to_lowercase(), consumer.name));
            }
            let restartable =
                ["Deployment", "StatefulSet", "DaemonSet"].into_iter().find(|kind| *kind == consumer.kind);
            let wanted = match mode {
                Restart::Never => false,
                Restart::Auto => new_value == NewValue::Restart,
                Restart::Always => true,
            };
            if let (Some(kind), Some(namespace), true) = (restartable, &consumer.namespace, wanted) {
                say_managed(&consumer, ctx);
                let (name, namespace) = (consumer.name, namespace.clone());
                restarts.planned.push(Workload { kind, name, namespace });
            } else if matches!(new_value, NewValue::Restart | NewValue::NewPod) {
                restarts.kept.push(consumer);
            }
        }
        check_all(cluster, &restarts.planned, looked).await?;
        Ok(restarts)
    }
}

/// To restart some of the workloads, and not say so of the others, would be worse than none.
fn check_listed(consumers: &Consumers, target: &Target) -> Result<()> {
    let hidden: Vec<&str> =
        consumers.not_listed.iter().copied().filter(|plural| RESTARTABLE.contains(plural)).collect();
    let Some(first) = hidden.first() else { return Ok(()) };
    Err(Error::new(
        ErrorKind::Cluster,
        format!("who uses secret `{}` in namespace `{}` cannot be known", target.name, target.namespace),
    )
    .because(format!("this user may not list {}; nothing was changed", hidden.join(", ")))
    .hint(format!("ask for the right, or check it with: kubectl auth can-i list {first} -n {}", target.namespace))
    .hint("or leave the workloads alone: --restart=never"))
}

fn say_managed(consumer: &Consumer, ctx: &Context) {
    if let Some(tool) = &consumer.managed_by {
        let (kind, name) = (consumer.kind.to_lowercase(), &consumer.name);
        ctx.ui.warn(&format!("{kind}/{name} is managed by {tool}, which may take the restart's mark away again"));
    }
}

/// Lets the server check every restart before a value is changed: a right that is missing is found out now.
async fn check_all(cluster: &Cluster, planned: &[Workload], looked: &Looked) -> Result<()> {
    let checks = planned.iter().map(|workload| cluster.restart(workload, looked.now(), true));
    let mut checks = std::pin::pin!(stream::iter(checks).buffered(AT_ONCE));
    while let Some(check) = checks.next().await {
        check.map_err(|error| error.because("nothing was changed"))?;
    }
    Ok(())
}

impl Restarts {
    /// Puts those of several changes together: who uses more than one of the Secrets is restarted once.
    pub(crate) fn all<'a>(several: impl Iterator<Item = &'a Self>) -> Self {
        let mut all = Self::none();
        for one in several {
            (all.wait, all.timeout) = (one.wait, one.timeout);
            for workload in &one.planned {
                if !all.planned.contains(workload) {
                    all.planned.push(workload.clone());
                }
            }
        }
        all
    }

    /// Says what happens to the workloads, below the plan of the keys.
    pub(crate) fn say(&self, ctx: &Context) {
        for workload in &self.planned {
            ctx.ui.say(&format!("  restart {workload}"));
        }
        let named = |consumer: &Consumer| format!("{}/{}", consumer.kind.to_lowercase(), consumer.name);
        let (restartable, others): (Vec<&Consumer>, Vec<&Consumer>) =
            self.kept.iter().partition(|consumer| consumer.new_value() == NewValue::Restart);
        if !restartable.is_empty() {
            let names: Vec<String> = restartable.iter().map(|consumer| named(consumer)).collect();
            let count = names.len();
            let (workloads, keep) = if count == 1 { ("workload", "keeps") } else { ("workloads", "keep") };
            ctx.ui.say(&format!(
                "  {count} {workloads} {keep} the old value until restarted: {}; --restart=auto does that",
                names.join(", ")
            ));
        }
        for consumer in others {
            ctx.ui.say(&format!("  {} keeps the old value until somebody replaces it", named(consumer)));
        }
    }

    /// Warns of who would get the old value of a second slot as a variable of its own.
    pub(crate) fn warn_of_slots(&self, ctx: &Context) {
        for name in &self.takes_all {
            ctx.ui
                .warn(&format!("{name} takes all keys as variables: it would get the old value as well, as one more"));
        }
    }

    /// Restarts and waits; one that fails does not stop the others. `op` is the write that the restarts belong to.
    pub(crate) async fn carry_out(&self, at: Timestamp, op: &str, ctx: &Context) -> Result<Vec<Restarted>> {
        let at = marked(at, op);
        let cluster = ctx.cluster().await?;
        let task = ctx.ui.task(if self.wait { "waiting for rollouts" } else { "restarting" });
        let until = self.timeout.map(|timeout| Instant::now() + timeout);
        let works = self.planned.iter().map(|workload| async move {
            let restarted = if self.is_restarted(cluster, workload, at).await {
                Ok(())
            } else {
                cluster.restart(workload, at, false).await
            };
            let ended = match restarted {
                Err(error) => Ended::Failed(reason_of(&error)),
                Ok(()) if !self.wait => Ended::Restarted,
                Ok(()) => follow(cluster, workload, until).await,
            };
            Restarted { workload: workload.clone(), ended }
        });
        let mut works = std::pin::pin!(stream::iter(works).buffered(AT_ONCE));
        let mut done = Vec::new();
        while let Some(work) = works.next().await {
            done.push(work);
            task.count(done.len());
        }
        Ok(done)
    }
}

impl Restarts {
    /// Tells whether a workload was restarted already, by who was cut off behind it.
    async fn is_restarted(&self, cluster: &Cluster, workload: &Workload, mark: Timestamp) -> bool {
        let Some(since) = self.since else { return false };
        let ours = |at: Timestamp| at >= since && at.subsec_nanosecond() == mark.subsec_nanosecond();
        cluster.rollout(workload).await.is_ok_and(|rollout| rollout.restarted_at.is_some_and(ours))
    }
}

/// The time of a restart, with a fraction of a second that tells to which write it belongs. The server's clock has whole
/// seconds, and the same second twice would be no restart, or one that seems to be of an earlier rotation.
fn marked(at: Timestamp, op: &str) -> Timestamp {
    let mark = op.bytes().fold(0_u64, |mark, byte| mark.wrapping_mul(31).wrapping_add(u64::from(byte))) % SECOND;
    let nanoseconds = i32::try_from(mark).unwrap_or_default();
    Timestamp::new(at.as_second(), nanoseconds).unwrap_or(at)
}

/// Looks at a workload until it is ready, has failed, or the time is over.
async fn follow(cluster: &Cluster, workload: &Workload, until: Option<Instant>) -> Ended {
    loop {
        let (progress, rollout) = match cluster.rollout(workload).await {
            Ok(rollout) => (judge(workload.kind, &rollout), rollout),
            Err(error) => return Ended::Failed(reason_of(&error)),
        };
        let over = until.is_some_and(|until| Instant::now() >= until);
        let missed = match progress {
            Progress::Ready => return Ended::Ready,
            Progress::Failed(why) => why.to_owned(),
            Progress::Waiting(ready, wanted) if over => format!("{ready} of {wanted} Pods are new and ready"),
            Progress::Waiting(..) => {
                tokio::time::sleep(TICK).await;
                continue;
            }
        };
        let trouble = match &rollout.selector {
            Some(selector) => cluster.trouble(workload, selector).await,
            None => None,
        };
        return Ended::Failed(match trouble {
            Some(trouble) => format!("{missed}; pod/{}: {}", trouble.pod, trouble.reason),
            None => missed,
        });
    }
}

/// What could not be done, and why: which right is missing stands in the one, that one is missing in the other.
fn reason_of(error: &Error) -> String {
    std::iter::once(error.message()).chain(error.causes().first().map(String::as_str)).collect::<Vec<_>>().join(": ")
}

/// Says that the values are changed, and the workloads are not well.
pub(crate) fn check_ended(done: &[Restarted], target: &Target) -> Result<()> {
    let failed: Vec<(&Workload, &String)> = done
        .iter()
        .filter_map(|one| match &one.ended {
            Ended::Failed(reason) => Some((&one.workload, reason)),
            Ended::Ready | Ended::Restarted => None,
        })
        .collect();
    let Some((first, _)) = failed.first() else { return Ok(()) };
    let mut error = Error::new(
        ErrorKind::Unfinished,
        format!(
            "secret `{}` in namespace `{}` is changed, but {} of {} restarted workloads {} not ready",
            target.name,
            target.namespace,
            failed.len(),
            done.len(),
            if failed.len() == 1 { "is" } else { "are" }
        ),
    );
    for (workload, reason) in &failed {
        error = error.because(format!("{workload}: {reason}"));
    }
    Err(error.hint(format!("look at it with: kubectl rollout status {first} -n {}", target.namespace)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn restarts_of_two_writes_in_one_second_have_two_times() {
        let second = Timestamp::from_second(1_700_000_000).unwrap();
        let [one, other] = ["9f00000000000000000000000000000a", "9f00000000000000000000000000000b"];
        assert_ne!(marked(second, one), marked(second, other));
        assert_eq!(marked(second, one), marked(second, one));
        assert_eq!(marked(second, one).as_second(), second.as_second());
    }
}
