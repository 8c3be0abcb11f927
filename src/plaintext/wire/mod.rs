//! The way to and from the API server: request bodies with values in, answers with values out.
//!
//! Outside this room a body is an opaque `WireBody`. What is parsed out of an answer is either plain
//! metadata or a `SecretValue`; text that the server or an admission webhook chose freely
//! (`Status.message`, most annotations) is never kept.

mod body;
mod last_applied;
mod listing;
mod metadata;
mod request;
mod response;
mod status;

pub(crate) use body::{Incomplete, WireBody};
pub(crate) use last_applied::{LAST_APPLIED, LastApplied};
pub(crate) use listing::{Outline, Page, Row, parse_names, parse_outline, parse_outlines, parse_rows};
pub(crate) use metadata::{Manager, Metadata};
pub(crate) use request::{
    Edits, PatchDraft, SecretDraft, Texts, empty_patch, json, metadata_patch, secret_create, secret_patch,
};
pub(in crate::plaintext) use response::parse;
pub(crate) use response::{LiveSecret, WireError, parse_metadata, parse_secret, parse_user};
pub(crate) use status::{FieldPath, Status, is_deletion, parse_status};
