//! Talking to the API server. What travels is opaque here: bodies are built and parsed in
//! `plaintext::wire`, so nothing in this room can read a value.

mod changes;
mod chosen;
mod companions;
mod connect;
mod control_plane;
mod credential_plugin;
mod custom;
pub(crate) mod error;
mod events;
mod every_consumer;
mod identity;
pub(crate) mod kubeconfig;
mod kubecontext;
mod kuberc;
mod listing;
mod names;
mod objects;
mod overrides;
mod protection;
mod proxy;
mod rbac;
mod rollouts;
mod schedules;
mod sealing;
mod secrets;
mod transport;
mod unattended;
mod workloads;

pub(crate) use changes::{PatchError, explain as explain_change};
pub(crate) use connect::Cluster;
pub(crate) use error::ClusterError;
pub(crate) use every_consumer::EveryConsumer;
pub(crate) use identity::Identity;
pub(crate) use kubecontext::Kubecontext;
pub(crate) use listing::{Listed, PAGE, Pages, Scope};
pub(crate) use objects::{FoundObject, asked as asked_of};
pub(crate) use rbac::Rbac;
pub(crate) use sealing::fetch_certificate;
pub(crate) use secrets::{CreateError, Existing};
pub(crate) use workloads::Consumers;
