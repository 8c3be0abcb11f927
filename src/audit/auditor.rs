//! Goes through the rules with what comes in, and gathers what they find. Memory grows with findings, and with the names
//! of Secrets and keys, not with objects.

use std::collections::{BTreeMap, BTreeSet};
use std::ptr;

use jiff::Timestamp;

use crate::names::{KeyName, Namespace, SecretName};
use crate::plaintext::Tag;
use crate::plaintext::wire::Outline;
use crate::plan::access::{Index, Policies, Query};
use crate::plan::ages::{self, Ages};
use crate::plan::consumers::Users;

use super::dangling::Reference;
use super::duplicate::Same;
use super::known::Kept;
use super::{Contents, ControlPlane, Finding, Found, Known, Object, Rights, Rule, Seen, Sees, Settings, Used};

/// What the rules have found, and what they could not tell.
#[derive(Debug)]
pub(crate) struct Judgement {
    /// The findings, the worst first.
    pub(crate) findings: Vec<Finding>,
    /// For rules that could not tell: of how many objects.
    pub(crate) undecided: BTreeMap<&'static str, usize>,
    /// For rules that could not look at all: why.
    pub(crate) unknown: BTreeMap<&'static str, &'static str>,
    /// How many Secrets were looked at.
    pub(crate) secrets: usize,
    /// How old their oldest keys are; without Helm's releases and companions, as `list` counts.
    pub(crate) ages: Ages,
}

/// Of which Secrets all were seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// Some were left out.
    Part,
    /// Those of the namespaces that were asked for.
    Namespaces,
    /// Those of the cluster.
    Cluster,
}

/// Applies rules.
#[derive(Debug)]
pub(crate) struct Auditor {
    rules: Vec<&'static Rule>,
    settings: Settings,
    known: Known,
    /// Where values with a tag are.
    tags: BTreeMap<Tag, Vec<(Namespace, SecretName, KeyName)>>,
    judgement: Judgement,
}

impl Auditor {
    /// Starts with nothing seen; `selected` tells that only Secrets with some labels will be.
    pub(crate) fn new(rules: Vec<&'static Rule>, settings: Settings, selected: bool) -> Self {
        let judgement = Judgement {
            findings: Vec::new(),
            undecided: BTreeMap::new(),
            unknown: BTreeMap::new(),
            secrets: 0,
            ages: Ages::new(),
        };
        Self { rules, settings, known: Known { selected, ..Known::default() }, tags: BTreeMap::new(), judgement }
    }

    /// Returns from where on something counts.
    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Tells whether a rule sees this.
    pub(crate) fn wants(&self, sees: impl Fn(Sees) -> bool) -> bool {
        self.rules.iter().any(|rule| sees(rule.sees))
    }

    /// Looks at the metadata of one Secret. A name that Kubernetes would not accept is not from a Kubernetes, and would
    /// become part of a command.
    pub(crate) fn look_at(&mut self, outline: &Outline, now: Timestamp) {
        let metadata = &outline.metadata;
        let (Ok(namespace), Ok(name)) = (metadata.namespace.parse::<Namespace>(), metadata.name.parse::<SecretName>())
        else {
            return;
        };
        self.judgement.secrets += 1;
        let seen = Seen::new(outline, (&namespace, &name), now, &self.settings);
        for rule in &self.rules {
            if let Sees::Metadata(look) = rule.sees {
                self.judgement.take(rule, seen.object(), |found| look(&seen, found));
            }
        }
        if !outline.is_machinery() && outline.count > 0 {
            let changes: Vec<_> = seen.ages.iter().map(|(_, change)| change.at.as_ref()).collect();
            let oldest = ages::oldest(&changes, seen.more_keys);
            self.judgement.ages.add(oldest.map(|oldest| (oldest.changed_at, oldest.may_be_older)), now);
        }
        let kept = Kept::of(&seen);
        self.known.secrets.insert((namespace, name), kept);
    }

    /// Looks at what may be said about the values of one Secret.
    pub(crate) fn contents(&mut self, contents: &Contents<'_>) {
        for rule in &self.rules {
            if let Sees::Values(look) = rule.sees {
                let object = Object::secret(contents.namespace, contents.name);
                self.judgement.take(rule, object, |found| look(contents, found));
            }
        }
        for content in &contents.keys {
            if let Some(tag) = content.tag {
                let place = (contents.namespace.clone(), contents.name.clone(), content.key.clone());
                self.tags.entry(tag).or_default().push(place);
            }
        }
    }

    /// Says that the values of a Secret could not be looked at.
    pub(crate) fn no_contents(&mut self) {
        for rule in self.rules.iter().filter(|rule| matches!(rule.sees, Sees::Values(_))) {
            *self.judgement.undecided.entry(rule.id).or_default() += 1;
        }
    }

    /// Looks at what uses which Secret, when all Secrets were seen. Where not everything could be listed, neither can be
    /// told that a Secret is unused, nor, without all Secrets, that one is not there.
    pub(crate) fn uses(&mut self, users: &Users, all_listed: bool, extent: Extent) {
        let (all_secrets, everywhere) = (extent != Extent::Part, extent == Extent::Cluster);
        let Self { rules, known, judgement, .. } = self;
        for rule in rules {
            match rule.sees {
                Sees::Uses(look) => {
                    for ((namespace, name), secret) in &known.secrets {
                        let consumers = users.users(namespace, name.as_str()).collect();
                        let used = Used { name, namespace, secret, consumers, all_listed };
                        judgement.take(rule, Object::secret(namespace, name), |found| look(&used, found));
                    }
                }
                Sees::References(look) => {
                    for ((namespace, secret), consumers) in &users.of {
                        let found_secret = secret.parse::<SecretName>().ok();
                        let kept = found_secret.and_then(|name| known.secrets.get(&(namespace.clone(), name)));
                        if kept.is_none() && !all_secrets {
                            *judgement.undecided.entry(rule.id).or_default() += 1;
                            continue;
                        }
                        for consumer in consumers {
                            let namespace = Some(namespace);
                            let reference = Reference { namespace, secret, found: kept, consumer };
                            judgement.take(rule, Object::cluster(), |found| look(&reference, found));
                        }
                    }
                    let names: BTreeSet<&str> = known.secrets.keys().map(|(_, name)| name.as_str()).collect();
                    // One in any namespace may be meant: that there is none is known only where all were seen.
                    let nowhere =
                        users.anywhere.iter().filter(|(name, _)| everywhere && !names.contains(name.as_str()));
                    for (secret, consumer) in
                        nowhere.flat_map(|(name, consumers)| consumers.iter().map(move |one| (name, one)))
                    {
                        let reference = Reference { namespace: None, secret, found: None, consumer };
                        judgement.take(rule, Object::cluster(), |found| look(&reference, found));
                    }
                }
                _ => {}
            }
        }
    }

    /// Looks at who may read, in the cluster and in each namespace that has bindings.
    pub(crate) fn access(&mut self, policies: &mut Policies) {
        policies.bindings.sort_by(|left, right| left.namespace.cmp(&right.namespace));
        let index = Index::of(policies);
        let (cluster, namespaced) =
            policies.bindings.split_at(policies.bindings.partition_point(|binding| binding.is_of_cluster()));
        let everywhere = index.direct(cluster, &Query { namespace: "", secret: None });
        self.rights(&Rights { namespace: None, here: &everywhere, everywhere: &everywhere });
        for bindings in namespaced.chunk_by(|left, right| left.namespace == right.namespace) {
            let name = bindings.first().and_then(|binding| binding.namespace()).unwrap_or_default();
            let Ok(namespace) = name.parse::<Namespace>() else { continue };
            let here = index.direct(bindings, &Query { namespace: name, secret: None });
            self.rights(&Rights { namespace: Some(&namespace), here: &here, everywhere: &everywhere });
        }
    }

    fn rights(&mut self, rights: &Rights<'_>) {
        for rule in &self.rules {
            if let Sees::Access(look) = rule.sees {
                self.judgement.take(rule, Object::cluster(), |found| look(rights, found));
            }
        }
    }

    /// Looks at how the API server is run.
    pub(crate) fn control_plane(&mut self, plane: &ControlPlane) {
        for rule in &self.rules {
            if let Sees::ControlPlane(look) = rule.sees {
                self.judgement.take(rule, Object::cluster(), |found| look(plane, found));
            }
        }
    }

    /// Ends with what can be told only now.
    pub(crate) fn end(mut self) -> Judgement {
        let Self { rules, known, tags, judgement, .. } = &mut self;
        for rule in rules {
            match rule.sees {
                Sees::Everything(look) => judgement.take(rule, Object::cluster(), |found| look(known, found)),
                Sees::AllValues(look) => {
                    for places in tags.values().filter(|places| are_several(places)) {
                        let mut places = places.clone();
                        places.sort();
                        let same = Same { places };
                        judgement.take(rule, Object::cluster(), |found| look(&same, found));
                    }
                }
                _ => {}
            }
        }
        self.judgement.findings.sort_by(|left, right| left.order().cmp(&right.order()));
        self.judgement
    }
}

/// Two keys of one Secret may well have the same value, such as a password and the one before.
fn are_several(places: &[(Namespace, SecretName, KeyName)]) -> bool {
    let secrets: BTreeSet<_> = places.iter().map(|(namespace, name, _)| (namespace, name)).collect();
    secrets.len() > 1
}

impl Judgement {
    fn take(&mut self, rule: &'static Rule, object: Object, look: impl FnOnce(&mut Found)) {
        let mut found = Found::about(rule, object);
        look(&mut found);
        debug_assert!(found.findings.iter().all(|finding| ptr::eq(finding.rule, rule)), "a rule speaks for itself");
        self.findings.append(&mut found.findings);
        if found.undecided > 0 {
            *self.undecided.entry(rule.id).or_default() += found.undecided;
        }
        if let Some(why) = found.unknown {
            self.unknown.insert(rule.id, why);
        }
    }
}
