//! Why one of several things failed, in documents.

use schemars::JsonSchema;
use serde::Serialize;

use crate::error::Error;

/// Why it failed.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct FailureView {
    /// What could not be done.
    message: String,
    /// Why, from the nearest cause on.
    causes: Vec<String>,
    /// What to type or to look at.
    hints: Vec<String>,
    /// The exit code, as if it had been alone.
    exit_code: u8,
}

impl FailureView {
    /// Makes the view.
    pub(super) fn of(error: &Error) -> Self {
        Self {
            message: error.message().to_owned(),
            causes: error.causes().to_vec(),
            hints: error.hints().to_vec(),
            exit_code: error.kind().exit_code(),
        }
    }

    /// Returns what a row of a table says: what it is about stands there already, so that the reason is what is left.
    pub(super) fn row(&self) -> String {
        let reason = self.causes.first().unwrap_or(&self.message);
        format!("failed: {reason}")
    }
}
