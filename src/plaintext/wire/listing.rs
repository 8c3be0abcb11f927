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

/// One row of a list, as `kubectl get` shows it.
#[derive(Debug)]
pub(crate) struct Row {
    /// The name, as the server wrote it.
    pub(crate) name: String,
    /// The second column: a Secret's type.
    pub(crate) kind: Option<String>,
    /// The third column: a Secret's number of keys.
    pub(crate) count: Option<usize>,
}

/// One page of rows.
#[derive(Debug)]
pub(crate) struct Rows {
    /// The rows.
    pub(crate) rows: Vec<Row>,
    /// The token for the next page.
    pub(crate) next: Option<String>,
}

/// Parses the `Table` of a list whose rows come without their objects.
pub(crate) fn parse_rows(body: &WireBody) -> Result<Rows, WireError> {
    let table: RawRows = parse(body)?;
    if table.kind != "Table" {
        return Err(WireError::OtherKind);
    }
    let row = |RawCells { cells }: RawCells| {
        let mut cells = cells.into_iter();
        let Some(Cell::Text(name)) = cells.next() else { return None };
        let kind = cells.next().and_then(|cell| if let Cell::Text(kind) = cell { Some(kind) } else { None });
        let count = cells.next().and_then(|cell| if let Cell::Number(count) = cell { Some(count) } else { None });
        Some(Row { name, kind, count })
    };
    Ok(Rows {
        rows: table.rows.unwrap_or_default().into_iter().filter_map(row).collect(),
        next: table.metadata.next.filter(|token| !token.is_empty()),
    })
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
struct RawRows {
    kind: String,
    #[serde(default)]
    metadata: RawListMeta,
    #[serde(default)]
    rows: Option<Vec<RawCells>>,
}

#[derive(Deserialize)]
struct RawCells {
    cells: Vec<Cell>,
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
    fn rows_come_without_objects() {
        let text = r#"{"kind":"Table","metadata":{"continue":"t"},"rows":[{"cells":["db","Opaque",3,"5d"],"object":null},{"cells":["b","Opaque",0]},{"cells":[1]}]}"#;
        let page = parse_rows(&body(text)).unwrap();
        let rows: Vec<_> = page.rows.iter().map(|row| (row.name.as_str(), row.kind.as_deref(), row.count)).collect();
        assert_eq!(rows, [("db", Some("Opaque"), Some(3)), ("b", Some("Opaque"), Some(0))]);
        assert_eq!(page.next.as_deref(), Some("t"));
        assert!(parse_rows(&body(r#"{"kind":"Table","rows":null}"#)).unwrap().rows.is_empty());
        assert!(parse_rows(&body(r#"{"kind":"SecretList","items":[]}"#)).is_err());
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
