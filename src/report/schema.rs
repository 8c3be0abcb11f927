//! JSON Schemas of all reports, made from the types that are printed. No run of the program makes one: they are
//! for `docs/schemas/`, which `tests/generated.rs` keeps fresh.
//!
//! Fields are only added, so no schema forbids those that it does not know.

use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{Schema, SchemaGenerator};
use serde_json::Value;

use crate::output::Report;
use crate::plan::spec::{self, SecretSources};

use super::rotations::SecretRotation;
use super::secret_list::SecretSummaryList;
use super::usage_list::SecretUsageList;
use super::{
    AuditFix, KeychainList, LogCheck, LogEntryList, PlanView, ScanReport, ScheduleList, SecretAccess, SecretApplyList,
    SecretAudit, SecretCopyList, SecretDiff, SecretDiffList, SecretHistory, SecretListSummary, SecretPolicy,
    SecretPolicyList, SecretRotationList, SecretRotationSummary, SecretUsage, SecretView, SecretViewList,
    UnchangedView,
};

/// The kind of a report, and how its schema is made.
type Row = (&'static str, fn(SchemaGenerator) -> Schema);

/// One row for each kind of document.
const REPORTS: &[Row] = &[
    row::<SecretView>(),
    row::<SecretViewList>(),
    (SecretSummaryList::KIND, SchemaGenerator::into_root_schema_for::<SecretSummaryList>),
    row::<SecretListSummary>(),
    row::<SecretDiff>(),
    row::<SecretDiffList>(),
    row::<SecretHistory>(),
    row::<SecretUsage>(),
    (SecretUsageList::KIND, SchemaGenerator::into_root_schema_for::<SecretUsageList>),
    row::<SecretAccess>(),
    row::<SecretAudit>(),
    row::<AuditFix>(),
    row::<SecretApplyList>(),
    row::<ScanReport>(),
    row::<SecretCopyList>(),
    row::<SecretPolicy>(),
    row::<SecretPolicyList>(),
    row::<SecretRotationList>(),
    (SecretRotation::KIND, SchemaGenerator::into_root_schema_for::<SecretRotation>),
    (SecretRotationSummary::KIND, SchemaGenerator::into_root_schema_for::<SecretRotationSummary>),
    row::<UnchangedView>(),
    row::<PlanView>(),
    row::<KeychainList>(),
    row::<ScheduleList>(),
    (LogEntryList::KIND, SchemaGenerator::into_root_schema_for::<LogEntryList>),
    row::<LogCheck>(),
];

const fn row<T: Report>() -> Row {
    (T::KIND, SchemaGenerator::into_root_schema_for::<T>)
}

/// Returns kind and schema of every report.
pub(crate) fn schemas() -> Vec<(&'static str, Value)> {
    REPORTS.iter().map(|(kind, make)| (*kind, schema(kind, *make))).collect()
}

/// Returns kind and schema of the files that this program reads.
pub(crate) fn file_schemas() -> Vec<(&'static str, Value)> {
    vec![(spec::KIND, schema(spec::KIND, SchemaGenerator::into_root_schema_for::<SecretSources>))]
}

/// What is written, not what would be read: a field that may be `null` is always there.
fn schema(kind: &str, make: fn(SchemaGenerator) -> Schema) -> Value {
    let settings = SchemaSettings::draft2020_12().for_serialize().with_transform(RecursiveTransform(plain_numbers));
    let mut schema = make(settings.into_generator());
    schema.insert("title".to_owned(), kind.into());
    schema.to_value()
}

/// Takes out the names of Rust's integers, which are no formats of JSON Schema: strict validators stop at them.
fn plain_numbers(schema: &mut Schema) {
    let is_number = |format: &Value| format.as_str().is_some_and(|format| format.starts_with("uint"));
    if schema.get("format").is_some_and(is_number) {
        schema.remove("format");
    }
}
