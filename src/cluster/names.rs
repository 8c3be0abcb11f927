//! Lists of names for completion: rows of a table without their objects, the least that a server can send.

use http::Method;

use crate::error::Result;
use crate::names::Namespace;
use crate::plaintext::wire::{Row, parse_rows};

use super::connect::Cluster;
use super::error::{Asked, ClusterError};
use super::transport::{Call, TABLE};

/// How many rows one page has: a row takes about 200 bytes, and each page costs a connection.
const PAGE: usize = 5000;
/// How many rows are fetched at most: nobody looks through more.
const MOST: usize = 20_000;

impl Cluster {
    /// Adds a row for each Secret of the namespace to `found`, page by page; no metadata travels either.
    pub(crate) async fn secret_rows(&self, namespace: &Namespace, found: &mut Vec<Row>) -> Result<()> {
        let asked = Asked { verb: "list", resource: "secrets", name: None, namespace: Some(namespace.to_string()) };
        self.rows(&format!("/api/v1/namespaces/{namespace}/secrets"), &asked, found).await
    }

    /// Adds a row for each namespace to `found`.
    pub(crate) async fn namespace_rows(&self, found: &mut Vec<Row>) -> Result<()> {
        let asked = Asked { verb: "list", resource: "namespaces", name: None, namespace: None };
        self.rows("/api/v1/namespaces", &asked, found).await
    }

    async fn rows(&self, collection: &str, asked: &Asked, found: &mut Vec<Row>) -> Result<()> {
        let mut token = String::new();
        while found.len() < MOST {
            let query = if token.is_empty() { String::new() } else { format!("&continue={token}") };
            let path = format!("{collection}?includeObject=None&limit={PAGE}{query}");
            let call = Call { method: Method::GET, path, accept: TABLE, keys: &[] };
            let reply = self.read(&call).await.map_err(|failure| failure.error.explain(asked))?;
            let page = parse_rows(&reply.body).map_err(|err| ClusterError::from(err).explain(asked))?;
            found.extend(page.items);
            match page.next {
                Some(next) => token = form_urlencoded::byte_serialize(next.as_bytes()).collect(),
                None => break,
            }
        }
        Ok(())
    }
}
