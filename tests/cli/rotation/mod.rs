//! Rotations that keep old values somewhere: two phases with a hook or a rollback, second slots, kept versions.

mod bed;
mod cut;
mod forged;
mod hooks;
mod killed;
mod postgresql;
mod rollback;
mod slots;
mod versions;
