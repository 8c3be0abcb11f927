//! What commands show: plain, versioned data. That it derives `Serialize` proves that it holds no value.
//!
//! Fields are only added, never renamed or removed (docs/output.md). A report is never of kind
//! `Secret`: piping it into `kubectl apply` must fail, because its empty fields would blank live values.

mod access;
mod applied;
mod audit;
mod audit_fix;
mod audit_page;
mod copies;
mod failure;
mod history;
mod keychain_list;
mod log_entries;
mod order;
mod pending;
mod plan_view;
mod policies;
mod restarts;
mod rotations;
mod sarif;
mod scan;
mod scan_sarif;
mod schedules;
mod schema;
mod secret_diff;
mod secret_diff_list;
mod secret_list;
mod secret_view;
mod unchanged;
mod usage;
mod usage_list;

pub(crate) use access::SecretAccess;
pub(crate) use applied::{ApplyKey, ApplyResult, ApplyView, BesideKeys, KeyChange, SecretApplyList};
pub(crate) use audit::{AuditExtent, Baselined, SecretAudit};
pub(crate) use audit_fix::{AuditFix, Stripped};
pub(crate) use audit_page::audit_page;
pub(crate) use copies::{CopyResult, CopyView, SecretCopyList};
pub(crate) use history::SecretHistory;
pub(crate) use keychain_list::KeychainList;
pub(crate) use log_entries::{LogCheck, LogEntry, LogEntryList, LogTail};
pub(crate) use order::{Ranked, SortBy, Word, sort};
pub(crate) use pending::PendingView;
pub(crate) use plan_view::PlanView;
pub(crate) use policies::{PolicyResult, SecretPolicy, SecretPolicyList};
pub(crate) use restarts::RestartView;
pub(crate) use rotations::{DueKey, Rotated, SecretRotation, SecretRotationList, SecretRotationSummary, Tally};
pub(crate) use sarif::SarifLog;
pub(crate) use scan::ScanReport;
pub(crate) use schedules::ScheduleList;
pub(crate) use schema::{file_schemas, schemas};
pub(crate) use secret_diff::{KeyDiff, SecretDiff, Side, Status};
pub(crate) use secret_diff_list::SecretDiffList;
pub(crate) use secret_list::{ListColumns, ListTail, OPENING, SecretListSummary, SecretSummary, Undecided};
pub(crate) use secret_view::{KeyView, SecretView, SecretViewList};
pub(crate) use usage::SecretUsage;
pub(crate) use usage_list::{USAGE_OPENING, UsageColumns, UsageTail, UsedSecret};

/// The version of all reports.
pub(crate) const API_VERSION: &str = "secretsafe.dev/v1alpha1";
pub(crate) use unchanged::UnchangedView;
