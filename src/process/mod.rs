//! What concerns the process as a whole: memory, core dumps, panics, signals, fault points.

pub(crate) mod allocator;
pub(crate) mod descriptors;
pub(crate) mod environment;
pub(crate) mod fault;
pub(crate) mod harden;
pub(crate) mod panic;
pub(crate) mod signals;
pub(crate) mod stack;
