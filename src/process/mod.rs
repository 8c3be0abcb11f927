//! What concerns the process as a whole: memory, core dumps, panics, signals, fault points, and the one
//! child that is lent values.

pub(crate) mod allocator;
pub(crate) mod budget;
pub(crate) mod child;
pub(crate) mod descriptors;
pub(crate) mod environment;
pub(crate) mod fault;
pub(crate) mod group;
pub(crate) mod harden;
pub(crate) mod panic;
pub(crate) mod program;
pub(crate) mod signals;
pub(crate) mod stack;
