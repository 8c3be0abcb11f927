//! Lists the Secrets with a policy, page by page, and decides what is due; no value travels.

use jiff::Timestamp;

use crate::cluster::{Listed, Pages};
use crate::commands::change::{ChangeFlags, Looked, RestartFlags, Safety, owner_of};
use crate::commands::policy;
use crate::commands::set::check_public;
use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::plaintext::wire::Outline;
use crate::plan::Target;
use crate::plan::due::{State, judge};
use crate::plan::edit::{Missing, replace};
use crate::plan::owner::Verdict;
use crate::plan::policy::Policy;
use crate::report::{DueKey, SecretRotation, Tally};
use crate::sources::{AllowedSources, KeySources, PolicySource, of_policy};

use super::DueFlags;
use super::job::Job;

/// What was found.
#[derive(Debug)]
pub(super) struct Found {
    /// What is to be done.
    pub(super) jobs: Vec<Job>,
    /// What is due and cannot be done.
    pub(super) failed: Vec<(Target, SecretRotation, Error)>,
    /// The rest, in numbers.
    pub(super) tally: Tally,
    /// The server's time.
    pub(super) now: Timestamp,
}

/// What is the same for each Secret.
struct Rules<'a> {
    due: &'a DueFlags,
    restart: &'a RestartFlags,
    /// How many versions are kept, if not as the policy says.
    history: Option<u64>,
    flags: &'a ChangeFlags,
    listed: &'a AllowedSources,
    /// The cluster; the names are those of each Secret.
    place: &'a Target,
}

/// Lists and decides.
pub(super) async fn find(
    due: &DueFlags,
    restart: &RestartFlags,
    history: Option<u64>,
    flags: &ChangeFlags,
    listed: &AllowedSources,
    ctx: &Context,
) -> Result<Found> {
    let namespace = ctx.kubecontext().await?.namespace().clone();
    let scope = policy::scope((!due.all_namespaces).then_some(namespace), due.selector.as_deref());
    let place = ctx.target("any".parse()?).await?;
    let rules = Rules { due, restart, history, flags, listed, place: &place };
    let mut pages = Pages::new(ctx.cluster().await?, scope);
    let mut found = Found { jobs: Vec::new(), failed: Vec::new(), tally: Tally::default(), now: Timestamp::UNIX_EPOCH };
    let task = ctx.ui.task("listing policies");
    let mut overwritten = 0;
    while let Some(page) = pages.next().await? {
        check_clock(&page)?;
        found.now = page.now;
        for outline in page.items.into_iter().filter(|outline| !outline.is_machinery()) {
            overwritten += usize::from(found.take(outline, &rules));
        }
        task.count(found.tally.policies);
    }
    if overwritten > 0 {
        ctx.ui.warn(&format!(
            "{overwritten} of the Secrets come from Helm or `kubectl apply`, which may bring the old values back"
        ));
    }
    Ok(found)
}

/// Without the server's time nothing can be decided: that of this machine may be anything.
fn check_clock(page: &Listed) -> Result<()> {
    if page.now > Timestamp::UNIX_EPOCH {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Cluster, "what is due cannot be known")
        .because("the API server's answer has no Date header, and the clock of this machine decides nothing")
        .hint("see what stands between here and the API server: kubectl get --raw /version -v 8"))
}

impl Found {
    /// Takes one Secret; tells whether somebody may overwrite what is written to it.
    fn take(&mut self, outline: Outline, rules: &Rules<'_>) -> bool {
        self.tally.policies += 1;
        let Some(policy) = outline.metadata.annotations.policy.clone() else {
            self.tally.unreadable += 1;
            return false;
        };
        // The API server names what it lists by its own rules, which are ours.
        let names = outline.metadata.name.parse().ok().zip(outline.metadata.namespace.parse().ok());
        let Some((name, namespace)) = names else { return false };
        let target = Target { name, namespace, ..rules.place.clone() };
        let looked = Looked::listed(outline, self.now);
        let keys = self.decide(&policy, &looked, rules);
        if keys.is_empty() {
            return false;
        }
        let row = SecretRotation::planned(&target, &looked.metadata().uid, &keys);
        let overwritten = match owner_of(looked.metadata(), &target, rules.flags.override_owner) {
            Ok(owner) => owner.is_some_and(|owner| owner.verdict == Verdict::Overwrites),
            Err(error) => {
                self.failed.push((target, row, error));
                return false;
            }
        };
        match job(target.clone(), looked, keys, &policy, rules) {
            Ok(job) => self.jobs.push(job),
            Err(error) => self.failed.push((target, row, error)),
        }
        overwritten
    }

    /// Returns the keys that are due, and counts the others.
    fn decide(&mut self, policy: &Policy, looked: &Looked, rules: &Rules<'_>) -> Vec<DueKey> {
        let mut due = Vec::new();
        for (key, rule) in &policy.keys {
            let every = rules.due.older_than.as_ref().unwrap_or(&rule.every);
            match judge(key, every, looked.metadata(), &looked.keys, self.now) {
                State::Due { changed, since } => due.push(DueKey {
                    name: key.clone(),
                    every: every.clone(),
                    changed_at: changed,
                    due_since: since,
                    source: None,
                }),
                State::NotDue { .. } => self.tally.keys_not_due += 1,
                State::Undecided { .. } => self.tally.keys_undecided += 1,
                State::Absent => self.tally.keys_absent += 1,
            }
        }
        due
    }
}

/// Puts together what is needed to rotate it, or says why it cannot be.
fn job(target: Target, looked: Looked, mut keys: Vec<DueKey>, policy: &Policy, rules: &Rules<'_>) -> Result<Job> {
    looked.check_pending(&target)?;
    let secret_type = &looked.outline.secret_type;
    let mut sources = Vec::new();
    for key in &mut keys {
        let Some(rule) = policy.keys.get(&key.name) else { continue };
        let source = of_policy(&key.name, &rule.source, &target, secret_type, rules.listed)?;
        key.source = rule.source.parse::<PolicySource>().ok().map(|source| source.summary());
        sources.push(source);
    }
    let sources = KeySources::new(sources)?;
    let allowed = crate::sources::Allowed::default();
    check_public(&sources, &allowed, &looked)?;
    let mut edits = replace(&sources, &looked.keys, Missing::Refuse, &target)?;
    let history = rules.history.unwrap_or_else(|| u64::from(policy.kept()));
    let safety = Safety { history, ..Safety::default() };
    safety.plan(&mut edits, &|key| looked.keys.has(key), &target)?;
    Ok(Job { safety, restart: rules.restart.clone().or(policy.restart), target, looked, keys, sources, edits })
}
