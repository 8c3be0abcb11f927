//! kubectl's flags: the real kubectl and we, on the same kubeconfig with the same flags, get on or fail alike,
//! and the API server's audit log shows the same user for both.

mod bed;
mod contexts;
mod logins;
mod options;
mod plugins;
mod servers;
