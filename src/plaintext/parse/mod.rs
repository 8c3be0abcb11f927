//! Parses what can hold a value by accident, and keeps only what is asked for: pure, no I/O.

mod control_plane;
mod custom;
mod events;
pub(crate) mod leaks;
mod manifest;
mod rbac;
mod rollout;
mod schedule;
mod served;
mod service;
mod spec;
mod workload_shapes;
mod workloads;

pub(crate) use control_plane::{parse_flags, parse_metrics};
pub(crate) use custom::parse_custom;
pub(crate) use events::parse_events;
pub(crate) use manifest::{
    Adoptable, MAX_FILE, Manifest, ManifestError, Problem, Sealed, SealedManifests, adoptable, parse_manifests,
    parse_re_encrypted, parse_sealed, shown,
};
pub(crate) use rbac::{parse_bindings, parse_roles};
pub(crate) use rollout::{Trouble, parse_rollout, parse_trouble};
pub(crate) use schedule::{parse_policies, parse_runs, parse_schedules};
pub(crate) use served::parse_served;
pub(crate) use service::parse_port;
pub(crate) use spec::{Spec, Wrong};
pub(crate) use workloads::{parse_consumers, parse_references};
