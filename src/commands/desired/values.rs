//! The values that a document wants: those that are there and only have to be there are kept, others are asked for and
//! compared with what is stored, templates are made anew when what they are made of has changed.

use std::collections::{BTreeMap, BTreeSet};

use crate::commands::change::divide;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::names::KeyName;
use crate::plaintext::wire::LiveSecret;
use crate::plaintext::{SecretValue, compare, render};
use crate::plan::Target;
use crate::plan::edit::Keys;
use crate::sources::{self, Allowed, AnySource, Ask, KeySource, KeySources};

use super::document::{Desired, Template};

/// How far sources are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// All that are needed.
    Fill,
    /// Only those that are compared: nobody is asked, and nothing is made.
    Compare,
}

/// What sources are asked with.
#[derive(Debug)]
pub(crate) struct Asking<'a> {
    /// What the command line lifts for single keys.
    pub(crate) allowed: &'a Allowed,
    /// Keys that get a new value although they exist.
    pub(crate) renew: &'a [KeyName],
    /// How far.
    pub(crate) mode: Mode,
    /// Whether what they say about values is for everybody: of very many it is for who looks for it.
    pub(crate) talks: bool,
}

/// What becomes of a key.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// It stays as it is.
    Keep,
    /// It gets this value.
    Set(SecretValue),
    /// It would get a value that is made or asked for.
    WouldSet,
}

/// Works out what becomes of each stored key.
///
/// `keys` says which there are, `live` holds the values where they are needed.
pub(crate) async fn values(
    desired: &Desired,
    keys: &Keys,
    live: Option<&LiveSecret>,
    asking: &Asking<'_>,
    ctx: &Context,
) -> Result<BTreeMap<KeyName, Outcome>> {
    let (kept, asked) = divide(&KeySources::new(desired.stored.clone())?, keys, asking.renew)?;
    let work = Work { desired, keys, live, asking, ctx };
    let mut outcomes: BTreeMap<KeyName, Outcome> =
        kept.iter().flat_map(KeySource::keys).map(|key| (key.clone(), Outcome::Keep)).collect();
    let (wanted, left): (Vec<_>, Vec<_>) = asked.into_iter().partition(|group| work.may_ask(group));
    for key in left.iter().flat_map(KeySource::keys) {
        outcomes.insert(key.clone(), Outcome::WouldSet);
    }
    // What is made of a value that is not asked for now cannot be made either.
    let early: Vec<KeySource> = desired.hidden.iter().filter(|group| work.is_needed_at_once(group)).cloned().collect();
    let mut filled = work.fill(wanted.into_iter().chain(early).collect()).await?;
    let changed: BTreeSet<KeyName> = filled
        .iter()
        .filter(|(key, value)| desired.has(key) && !work.is_stored(key, value))
        .map(|(key, _)| key.clone())
        .chain(left.iter().flat_map(|group| group.keys().iter().cloned()))
        .collect();
    work.compose(&mut filled, &mut outcomes, changed).await?;
    for (key, value) in filled {
        if desired.has(&key) {
            let outcome = if work.is_stored(&key, &value) { Outcome::Keep } else { Outcome::Set(value) };
            outcomes.insert(key, outcome);
        }
    }
    Ok(outcomes)
}

/// The work on one document.
struct Work<'a> {
    desired: &'a Desired,
    keys: &'a Keys,
    live: Option<&'a LiveSecret>,
    asking: &'a Asking<'a>,
    ctx: &'a Context,
}

impl Work<'_> {
    fn may_ask(&self, group: &KeySource) -> bool {
        self.asking.mode == Mode::Fill || !group.source().fills_missing_only()
    }

    fn is_there(&self, key: &KeyName) -> bool {
        self.keys.has(key) == Some(true) && !self.asking.renew.contains(key)
    }

    fn is_stored(&self, key: &KeyName, value: &SecretValue) -> bool {
        let stored = self.live.and_then(|live| live.values.get(key));
        stored.is_some_and(|stored| compare::same(stored, value))
    }

    /// A part that can be compared is always asked for, another one only if a key that it is part of must be made.
    fn is_needed_at_once(&self, group: &KeySource) -> bool {
        let in_new = |key: &KeyName| {
            self.desired
                .templates
                .iter()
                .any(|template| template.names().any(|name| name == key) && !self.is_there(&template.key))
        };
        self.may_ask(group) && (!group.source().fills_missing_only() || group.keys().iter().any(in_new))
    }

    /// Asks for values, if there are any to be asked for.
    async fn fill(&self, groups: Vec<KeySource>) -> Result<BTreeMap<KeyName, SecretValue>> {
        if groups.is_empty() {
            return Ok(BTreeMap::new());
        }
        let Self { desired, ctx, asking: Asking { allowed, talks, .. }, .. } = self;
        let secret_type = self.live.map_or_else(|| desired.spec.new_type(), |live| live.secret_type.as_str());
        let groups = KeySources::new(groups)?;
        let ask = |keys| Ask { keys, target: &desired.target, secret_type, allowed, flag: None };
        groups.prepare(ask)?;
        let tell = |note: &str| {
            if *talks { ctx.ui.note_in_full(note) } else { ctx.ui.trace(1, || note.to_owned()) }
        };
        sources::fill_telling(&groups, &desired.target, secret_type, allowed, ctx, tell).await
    }

    /// Makes what is composed, in order: what one template gives can be part of the next.
    async fn compose(
        &self,
        filled: &mut BTreeMap<KeyName, SecretValue>,
        outcomes: &mut BTreeMap<KeyName, Outcome>,
        mut changed: BTreeSet<KeyName>,
    ) -> Result<()> {
        for template in &self.desired.templates {
            let there = self.is_there(&template.key);
            let follows = template.names().any(|name| changed.contains(name));
            if !there || follows {
                let missing = self.missing(template, filled);
                let missing: Vec<KeySource> = missing.into_iter().filter(|group| self.may_ask(group)).collect();
                filled.extend(self.fill(missing).await?);
            }
            let value = match self.render(template, filled, outcomes)? {
                Some(value) => value,
                // A part of it is not known without asking for it.
                None if there && !follows => {
                    outcomes.insert(template.key.clone(), Outcome::Keep);
                    continue;
                }
                None => {
                    outcomes.insert(template.key.clone(), Outcome::WouldSet);
                    changed.insert(template.key.clone());
                    continue;
                }
            };
            if !self.is_stored(&template.key, &value) {
                changed.insert(template.key.clone());
            }
            filled.insert(template.key.clone(), value);
        }
        Ok(())
    }

    /// The parts of a template that are not stored, and were not asked for yet.
    fn missing(&self, template: &Template, filled: &BTreeMap<KeyName, SecretValue>) -> Vec<KeySource> {
        let is_missing = |group: &&KeySource| {
            group.keys().iter().any(|key| !filled.contains_key(key) && template.names().any(|name| name == key))
        };
        self.desired.hidden.iter().filter(is_missing).cloned().collect()
    }

    /// Renders a template, if each of its values is at hand.
    fn render(
        &self,
        template: &Template,
        filled: &BTreeMap<KeyName, SecretValue>,
        outcomes: &BTreeMap<KeyName, Outcome>,
    ) -> Result<Option<SecretValue>> {
        let mut values: BTreeMap<&KeyName, &SecretValue> = BTreeMap::new();
        for name in template.names() {
            let is_kept = matches!(outcomes.get(name), Some(Outcome::Keep));
            let stored = || self.live.and_then(|live| live.values.get(name)).filter(|_| is_kept);
            let Some(value) = filled.get(name).or_else(stored) else { return Ok(None) };
            values.insert(name, value);
        }
        render::template(&template.pieces, &values).map(Some).map_err(|error| {
            let Target { name, .. } = &self.desired.target;
            Error::source(format!("key `{}` of secret `{name}` cannot be composed", template.key))
                .caused_by(&error)
                .hint("look at its template, and at the filter behind that name: url, json, base64")
        })
    }
}

/// Tells whether the values of the Secret are needed to say what becomes of its keys.
pub(crate) fn needs_live(desired: &Desired, keys: &Keys, renew: &[KeyName]) -> bool {
    let there = |key: &KeyName| keys.has(key) != Some(false) && !renew.contains(key);
    let compared = |source: &AnySource| !source.fills_missing_only();
    let is_compared = |group: &KeySource| compared(group.source()) && group.keys().iter().any(there);
    (!desired.templates.is_empty() && !keys.known.is_empty()) || desired.stored.iter().any(is_compared)
}
