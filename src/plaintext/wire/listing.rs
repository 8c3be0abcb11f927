//! Parses answers that never carry data: the Table form of Secrets, and lists of names.

use std::str::FromStr;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::plan::companions::is_companion;

use super::body::WireBody;
use super::metadata::Metadata;
use super::response::{WireError, parse};

/// The type under which Helm stores its releases, one Secret for each revision.
const HELM_RELEASE: &str = "helm.sh/release.v1";

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

impl Outline {
    /// Tells what nobody edits by hand: Helm's releases, and the companions that this program makes.
    pub(crate) fn is_machinery(&self) -> bool {
        self.secret_type == HELM_RELEASE || is_companion(&self.metadata.name)
    }
}

/// One page of a list.
#[derive(Debug)]
pub(crate) struct Page<T> {
    /// What is on it.
    pub(crate) items: Vec<T>,
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

/// Parses the `Table` of a list whose rows come without their objects.
pub(crate) fn parse_rows(body: &WireBody) -> Result<Page<Row>, WireError> {
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
    Ok(Page {
        items: table.rows.unwrap_or_default().into_iter().filter_map(row).collect(),
        next: table.metadata.next(),
    })
}

/// Parses the `Table` that a GET for one Secret gives.
pub(crate) fn parse_outline(body: &WireBody) -> Result<Outline, WireError> {
    parse_outlines(body)?.items.into_iter().next().ok_or(WireError::OtherKind)
}

/// Parses a `Table` of Secrets: each row is `[name, type, number of keys, age]`, with the metadata.
pub(crate) fn parse_outlines(body: &WireBody) -> Result<Page<Outline>, WireError> {
    let table: RawTable = parse(body)?;
    if table.kind != "Table" {
        return Err(WireError::OtherKind);
    }
    let items: Result<_, _> = table.rows.unwrap_or_default().into_iter().map(outline).collect();
    Ok(Page { items: items?, next: table.metadata.next() })
}

fn outline(row: RawRow) -> Result<Outline, WireError> {
    let mut cells = row.cells.into_iter().skip(1);
    match (cells.next(), cells.next()) {
        (Some(Cell::Text(secret_type)), Some(Cell::Number(count))) => {
            Ok(Outline { metadata: row.object.metadata, secret_type, count })
        }
        _ => Err(WireError::OtherKind),
    }
}

/// Parses a `PartialObjectMetadataList`, names only.
pub(crate) fn parse_names<T: FromStr>(body: &WireBody) -> Result<Page<T>, WireError> {
    let list: RawList = parse(body)?;
    if list.kind != "PartialObjectMetadataList" {
        return Err(WireError::OtherKind);
    }
    let names = list.items.unwrap_or_default().into_iter();
    Ok(Page { items: names.filter_map(|item| item.metadata.name.parse().ok()).collect(), next: list.metadata.next() })
}

#[derive(Deserialize)]
struct RawTable {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    metadata: RawListMeta,
    // The server writes an empty list as null.
    #[serde(default)]
    rows: Option<Vec<RawRow>>,
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

impl RawListMeta {
    fn next(self) -> Option<String> {
        self.next.filter(|token| !token.is_empty())
    }
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
    use crate::names::SecretName;

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
        let rows: Vec<_> = page.items.iter().map(|row| (row.name.as_str(), row.kind.as_deref(), row.count)).collect();
        assert_eq!(rows, [("db", Some("Opaque"), Some(3)), ("b", Some("Opaque"), Some(0))]);
        assert_eq!(page.next.as_deref(), Some("t"));
        assert!(parse_rows(&body(r#"{"kind":"Table","rows":null}"#)).unwrap().items.is_empty());
        assert!(parse_rows(&body(r#"{"kind":"SecretList","items":[]}"#)).is_err());
    }

    #[test]
    fn a_page_of_a_table_has_a_token_for_the_next() {
        let text = r#"{"kind":"Table","metadata":{"continue":"t"},"rows":[
            {"cells":["a","Opaque",1,"5d"],"object":{"metadata":{"name":"a"}}},
            {"cells":["b","kubernetes.io/tls",2,"5d"],"object":{"metadata":{"name":"b"}}}]}"#;
        let page = parse_outlines(&body(text)).unwrap();
        assert_eq!((page.items.len(), page.next.as_deref()), (2, Some("t")));
        let empty = parse_outlines(&body(r#"{"kind":"Table","metadata":{},"rows":null}"#)).unwrap();
        assert!(empty.items.is_empty() && empty.next.is_none());
    }

    #[test]
    fn a_page_of_names_has_a_token_for_the_next() {
        let text = r#"{"kind":"PartialObjectMetadataList","metadata":{"continue":"t"},"items":[{"metadata":{"name":"a"}},{"metadata":{"name":"b"}}]}"#;
        let page = parse_names::<SecretName>(&body(text)).unwrap();
        assert_eq!((page.items.len(), page.next.as_deref()), (2, Some("t")));
        // The server writes an empty list as null.
        let empty =
            parse_names::<SecretName>(&body(r#"{"kind":"PartialObjectMetadataList","metadata":{},"items":null}"#))
                .unwrap();
        assert!(empty.items.is_empty() && empty.next.is_none());
    }
}
