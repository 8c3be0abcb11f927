//! Whole files, as they come.
