//! Parses answers that never carry data: the Table form of one Secret, and lists of metadata.

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::names::SecretName;

use super::body::WireBody;
use super::metadata::Metadata;
use super::response::{WireError, parse};

/// What is known about a Secret without reading a value.
#[derive(Debug)]
pub(crate) struct Outline {
    /// Its metadata.
    pub(crate) metadata: Metadata,
    /// Its type.
    pub(crate) secret_type: String,
    /// How many keys it has; managedFields may not name all of them.
    pub(crate) count: usize,
}

/// One page of names.
#[derive(Debug)]
pub(crate) struct Page {
    /// The names.
    pub(crate) names: Vec<SecretName>,
    /// The token for the next page.
    pub(crate) next: Option<String>,
}

/// Parses the `Table` that a GET for one Secret gives: `[name, type, number of keys, age]`.
pub(crate) fn parse_outline(body: &WireBody) -> Result<Outline, WireError> {
    let table: RawTable = parse(body)?;
    let row = table.rows.into_iter().next().filter(|_| table.kind == "Table").ok_or(WireError::OtherKind)?;
    let mut cells = row.cells.into_iter().skip(1);
    match (cells.next(), cells.next()) {
        (Some(Cell::Text(secret_type)), Some(Cell::Number(count))) => {
            Ok(Outline { metadata: row.object.metadata, secret_type, count })
        }
        _ => Err(WireError::OtherKind),
    }
}

/// Parses a `PartialObjectMetadataList`, names only.
pub(crate) fn parse_names(body: &WireBody) -> Result<Page, WireError> {
    let list: RawList = parse(body)?;
    if list.kind != "PartialObjectMetadataList" {
        return Err(WireError::OtherKind);
    }
    Ok(Page {
        names: list.items.unwrap_or_default().into_iter().filter_map(|item| item.metadata.name.parse().ok()).collect(),
        next: list.metadata.next.filter(|token| !token.is_empty()),
    })
}

#[derive(Deserialize)]
struct RawTable {
    kind: String,
    #[serde(default)]
    rows: Vec<RawRow>,
}

#[derive(Deserialize)]
struct RawRow {
    cells: Vec<Cell>,
    object: RawObject,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Cell {
    Text(String),
    Number(usize),
    Other(IgnoredAny),
}

#[derive(Deserialize)]
struct RawObject {
    metadata: Metadata,
}

#[derive(Deserialize)]
struct RawList {
    kind: String,
    #[serde(default)]
    metadata: RawListMeta,
    #[serde(default)]
    items: Option<Vec<RawName>>,
}

#[derive(Deserialize, Default)]
struct RawListMeta {
    #[serde(rename = "continue")]
    next: Option<String>,
}

#[derive(Deserialize)]
struct RawName {
    metadata: NameOnly,
}

#[derive(Deserialize)]
struct NameOnly {
    name: String,
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::*;

    fn body(text: &str) -> WireBody {
        WireBody::from_bytes(Zeroizing::new(text.as_bytes().to_vec()))
    }

    #[test]
    fn a_table_row_tells_type_and_count() {
        let text = r#"{"kind":"Table","columnDefinitions":[{"name":"Name"}],"rows":[{"cells":["db","Opaque",3,"5d"],
            "object":{"kind":"PartialObjectMetadata","metadata":{"name":"db","managedFields":[{"manager":"m","fieldsV1":{"f:data":{"f:a":{}}}}]}}}]}"#;
        let outline = parse_outline(&body(text)).unwrap();
        assert_eq!((outline.secret_type.as_str(), outline.count), ("Opaque", 3));
        assert_eq!(outline.metadata.known_keys().len(), 1);
        assert!(parse_outline(&body(r#"{"kind":"Secret","rows":[]}"#)).is_err());
    }

    #[test]
    fn a_page_of_names_has_a_token_for_the_next() {
        let text = r#"{"kind":"PartialObjectMetadataList","metadata":{"continue":"t"},"items":[{"metadata":{"name":"a"}},{"metadata":{"name":"b"}}]}"#;
        let page = parse_names(&body(text)).unwrap();
        assert_eq!((page.names.len(), page.next.as_deref()), (2, Some("t")));
        // The server writes an empty list as null.
        let empty = parse_names(&body(r#"{"kind":"PartialObjectMetadataList","metadata":{},"items":null}"#)).unwrap();
        assert!(empty.names.is_empty() && empty.next.is_none());
    }
}
