//! Files of SealedSecrets: what is sealed in them, and the same file with other ciphertext in the place of some.
//!
//! A file is taken for one of ciphertext only if no Secret stands in it; what comes out is written back into it.

use std::collections::BTreeMap;
use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::names::{KeyName, Namespace, SecretName, is_qualified, is_subdomain};
use crate::plaintext::SecretValue;
use crate::plaintext::wire::WireBody;
use crate::plan::seal::Scope;

use super::document::{documents_of, nodes_of, text_of};
use super::edit;
use super::node::Node;
use super::{MAX_FILE, ManifestError, Place, Problem};

/// A file of SealedSecrets.
pub(crate) struct SealedManifests {
    text: Zeroizing<String>,
    documents: Vec<Document>,
    layout_kept: bool,
}

/// One document: a SealedSecret, or something else that stays as it is.
struct Document {
    range: Range<usize>,
    node: Node,
    sealed: Option<Sealed>,
}

/// What is known of a SealedSecret.
#[derive(Debug, Clone)]
pub(crate) struct Sealed {
    /// Its namespace, if the file names one.
    pub(crate) namespace: Option<Namespace>,
    /// Its name.
    pub(crate) name: SecretName,
    /// Where it can be opened.
    pub(crate) scope: Scope,
    /// The type of the Secret.
    pub(crate) secret_type: Option<String>,
    /// Its ciphertext.
    pub(crate) values: BTreeMap<KeyName, String>,
    /// Where in its file it stands: the document, from 1.
    pub(crate) document: usize,
}

impl std::fmt::Debug for SealedManifests {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SealedManifests").field("documents", &self.documents.len()).finish_non_exhaustive()
    }
}

/// Parses a file of SealedSecrets.
pub(crate) fn parse_sealed(file: &SecretValue) -> Result<SealedManifests, ManifestError> {
    let bytes = file.expose();
    if bytes.len() > MAX_FILE {
        return Err(ManifestError::new(Problem::LargeFile));
    }
    let text = text_of(bytes)?;
    if text.as_bytes() != bytes {
        return Err(ManifestError::new(Problem::Encoding));
    }
    SealedManifests::read(text)
}

/// Parses what a controller has answered: a SealedSecret, which does not call itself one; returns its ciphertext.
pub(crate) fn parse_re_encrypted(answer: &WireBody) -> Option<BTreeMap<KeyName, String>> {
    let nodes = nodes_of(std::str::from_utf8(answer.bytes()).ok()?, 0).ok()?;
    let [node] = nodes.as_slice() else { return None };
    ciphertext_of(node.get("spec")?).ok()
}

impl SealedManifests {
    fn read(text: Zeroizing<String>) -> Result<Self, ManifestError> {
        let (mut documents, mut start) = (Vec::new(), 0);
        // The documents are all of the text, one behind the other.
        for (line, part) in documents_of(&text) {
            let mut nodes = nodes_of(part, line)?;
            let number = documents.len() + 1;
            let at = |error: ManifestError| ManifestError { place: Place { document: number, ..error.place }, ..error };
            let node = match nodes.pop() {
                None => Node::Null,
                Some(node) if nodes.is_empty() => node,
                Some(_) => return Err(at(ManifestError::new(Problem::SeveralObjects))),
            };
            let sealed = sealed(&node, number).map_err(at)?;
            documents.push(Document { range: start..start + part.len(), node, sealed });
            start += part.len();
        }
        Ok(Self { text, documents, layout_kept: true })
    }

    /// Returns the SealedSecrets.
    pub(crate) fn sealed(&self) -> impl Iterator<Item = &Sealed> {
        self.documents.iter().filter_map(|document| document.sealed.as_ref())
    }

    /// Returns the file with this ciphertext in one of its SealedSecrets. All else stays as it is, to the byte; where that
    /// cannot be done, and nothing else is in the file, it is written anew.
    pub(crate) fn with(mut self, sealed: &Sealed, new: &BTreeMap<KeyName, String>) -> Result<Self, ManifestError> {
        let unfit = || {
            let place = Place { document: sealed.document, ..Place::default() };
            ManifestError { problem: Problem::Layout, place }
        };
        let is_only = self.documents.len() == 1;
        let index = sealed.document.checked_sub(1).ok_or_else(unfit)?;
        let document = self.documents.get_mut(index).ok_or_else(unfit)?;
        let range = document.range.clone();
        let part = self.text.get(range.clone()).ok_or_else(unfit)?;
        let wanted = edit::expected(&document.node, new).ok_or_else(unfit)?;
        let means_it = |part: &str| {
            // Whatever the text looked like: it must mean what is wanted, and nothing else.
            nodes_of(part, 0).is_ok_and(|nodes| matches!(nodes.as_slice(), [node] if *node == wanted))
        };
        let edited = match edit::in_place(part, new).filter(|edited| means_it(edited)) {
            Some(edited) => edited,
            None if is_only => {
                self.layout_kept = false;
                edit::anew(&wanted, part).filter(|anew| means_it(anew)).ok_or_else(unfit)?
            }
            None => return Err(unfit()),
        };
        document.sealed = self::sealed(&wanted, sealed.document)?;
        document.node = wanted;
        document.range.end = range.start + edited.len();
        // Those behind it are elsewhere now.
        let mut start = document.range.end;
        for behind in self.documents.iter_mut().skip(index + 1) {
            let length = behind.range.len();
            behind.range = start..start + length;
            start += length;
        }
        self.text.replace_range(range, &edited);
        Ok(self)
    }

    /// Tells whether comments and the layout are what they were.
    pub(crate) fn is_layout_kept(&self) -> bool {
        self.layout_kept
    }

    /// Returns the text, to be written back into its file.
    pub(crate) fn as_sealed_text(&self) -> &str {
        &self.text
    }
}

fn sealed(node: &Node, document: usize) -> Result<Option<Sealed>, ManifestError> {
    let fail = |problem| Err(ManifestError::new(problem));
    let word = |name| node.get(name).and_then(Node::text).unwrap_or_default();
    match word("kind") {
        "Secret" => return fail(Problem::PlainSecret),
        kind if kind.ends_with("List") => return fail(Problem::List),
        "SealedSecret" if word("apiVersion").starts_with("bitnami.com/") => {}
        _ => return Ok(None),
    }
    let metadata = node.get("metadata").unwrap_or(&Node::Null);
    let name = metadata.get("name").and_then(Node::text).filter(|name| is_subdomain(name));
    let Some(name) = name.and_then(|name| name.parse::<SecretName>().ok()) else { return fail(Problem::Name) };
    let namespace = match metadata.get("namespace") {
        None => None,
        Some(node) => match node.text().and_then(|text| text.parse().ok()) {
            Some(namespace) => Some(namespace),
            None => return fail(Problem::Namespace),
        },
    };
    let spec = node.get("spec").unwrap_or(&Node::Null);
    let says = |scope: Scope| {
        let annotation = scope.annotation();
        let annotations = metadata.get("annotations");
        annotation.and_then(|name| annotations?.get(&name)?.text()).is_some_and(|text| text == "true")
    };
    let scope = [Scope::ClusterWide, Scope::NamespaceWide].into_iter().find(|scope| says(*scope)).unwrap_or_default();
    let secret_type = spec.get("template").and_then(|template| template.get("type")).and_then(Node::text);
    let values = ciphertext_of(spec)?;
    let secret_type = secret_type.filter(|text| is_qualified(text)).map(str::to_owned);
    Ok(Some(Sealed { namespace, name, scope, secret_type, values, document }))
}

/// Returns what is sealed.
fn ciphertext_of(spec: &Node) -> Result<BTreeMap<KeyName, String>, ManifestError> {
    let fail = |problem| Err(ManifestError::new(problem));
    let mut values = BTreeMap::new();
    match spec.get("encryptedData") {
        None => {}
        Some(Node::Map(map)) => {
            for (key, text) in map {
                let Some(key) = KeyName::checked(key) else { return fail(Problem::Key) };
                // It is handed on as ciphertext, so it has to look like some: RSA and AES make no less.
                let text = text.text().filter(|text| STANDARD.decode(text).is_ok_and(|bytes| bytes.len() > 256));
                let Some(text) = text else {
                    let place = Place { key: Some(key), ..Place::default() };
                    return Err(ManifestError { problem: Problem::Ciphertext, place });
                };
                values.insert(key, text.to_owned());
            }
        }
        Some(_) => return fail(Problem::Shape),
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ciphertext, as far as this room can tell.
    fn ciphertext(fill: u8) -> String {
        STANDARD.encode([fill; 300])
    }

    fn value(text: &str) -> SecretValue {
        SecretValue::from_bytes(Zeroizing::new(text.as_bytes().to_vec()))
    }

    fn edited(text: &str, new: &[(&str, u8)]) -> Result<SealedManifests, ManifestError> {
        let file = parse_sealed(&value(text))?;
        let new = new.iter().map(|(key, fill)| (KeyName::checked(key).unwrap(), ciphertext(*fill))).collect();
        let sealed = file.sealed().next().unwrap().clone();
        file.with(&sealed, &new)
    }

    fn file(entries: &str) -> String {
        format!(
            "# of team a\napiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata:\n  name: db   # the database\n  \
             namespace: prod\nspec:\n  encryptedData:\n{entries}  template:\n    type: Opaque\n"
        )
    }

    #[test]
    fn all_else_stays_as_it_is_to_the_byte() {
        let (a, b, c) = (ciphertext(1), ciphertext(2), ciphertext(3));
        let entries = format!("    # first\n    a: {a}\n\n    # second\n    \"b\": {b} # kept\n    # last\n");
        let changed = edited(&file(&entries), &[("b", 3)]).unwrap();
        assert_eq!(changed.as_sealed_text(), file(&entries.replace(&b, &c)));
        assert!(changed.is_layout_kept());
        // In its place between others, before the comment of the next one.
        let added = edited(&file(&entries), &[("aa", 3)]).unwrap();
        assert_eq!(
            added.as_sealed_text(),
            file(&entries.replace("\n\n    # second", &format!("\n    aa: {c}\n\n    # second")))
        );
        let added = edited(&file(&entries), &[("z", 3), ("0", 3)]).unwrap();
        let first = entries.replace("    # first", &format!("    \"0\": {c}\n    # first"));
        assert_eq!(added.as_sealed_text(), file(&first.replace("    # last", &format!("    z: {c}\n    # last"))));
    }

    #[test]
    fn folded_values_crlf_and_other_documents_are_understood() {
        let (a, b, c) = (ciphertext(1), ciphertext(2), ciphertext(3));
        let (head, tail) = b.split_at(80);
        let one = file(&format!("    a: {a}\n    b: >-\n      {head}{tail}\n"));
        let all = format!("---\n{one}---\nkind: ConfigMap\n# of another kind\n");
        let changed = edited(&all, &[("b", 3)]).unwrap();
        let wanted =
            format!("---\n{}---\nkind: ConfigMap\n# of another kind\n", file(&format!("    a: {a}\n    b: {c}\n")));
        assert_eq!(changed.as_sealed_text(), wanted);
        let crlf = one.replace('\n', "\r\n");
        let changed = edited(&crlf, &[("a", 3), ("c", 3)]).unwrap();
        assert!(changed.as_sealed_text().matches('\n').count() == changed.as_sealed_text().matches("\r\n").count());
        // Without a line end at the end.
        let short = format!(
            "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {{name: db}}\nspec:\n  encryptedData:\n    a: {a}"
        );
        let changed = edited(&short, &[("b", 2)]).unwrap();
        assert_eq!(changed.as_sealed_text(), format!("{short}\n    b: {b}"));
    }

    #[test]
    fn other_layouts_are_written_anew_if_nothing_else_is_in_the_file() {
        let (a, b) = (ciphertext(1), ciphertext(2));
        let json = format!(
            "{{\"kind\":\"SealedSecret\",\"apiVersion\":\"bitnami.com/v1alpha1\",\"metadata\":{{\"name\":\"db\",\
             \"generation\":1}},\"spec\":{{\"encryptedData\":{{\"a\":\"{a}\"}}}}}}\n"
        );
        let changed = edited(&json, &[("b", 2)]).unwrap();
        assert!(!changed.is_layout_kept());
        let read: serde_json::Value = serde_json::from_str(changed.as_sealed_text()).unwrap();
        assert_eq!(read["spec"]["encryptedData"], serde_json::json!({"a": a, "b": b}));
        assert_eq!(read["metadata"]["generation"], 1);
        let flow = file("").replace("encryptedData:\n", "encryptedData: {}\n");
        let changed = edited(&flow, &[("b", 2)]).unwrap();
        assert!(!changed.is_layout_kept() && changed.as_sealed_text().contains(&format!("    b: {b}\n")));
        let two = format!("{flow}---\nkind: ConfigMap\n");
        assert_eq!(edited(&two, &[("b", 2)]).unwrap_err().problem, Problem::Layout);
    }

    #[test]
    fn one_document_after_the_other_is_changed() {
        let [one, two] = ["one", "two"].map(|name| file(&format!("    a: {}\n", ciphertext(1))).replace("db", name));
        let mut all = parse_sealed(&value(&format!("{one}---\n{two}---\nkind: A\n"))).unwrap();
        let key = |fill| BTreeMap::from([(KeyName::checked("a").unwrap(), ciphertext(fill))]);
        let sealed: Vec<Sealed> = all.sealed().cloned().collect();
        // Longer and shorter ones, in any order.
        for (index, fill) in [(0, 2), (1, 3), (0, 4)] {
            let longer =
                BTreeMap::from([(KeyName::checked("a").unwrap(), STANDARD.encode(vec![fill; 300 + fill as usize]))]);
            all = all.with(&sealed[index], &longer).unwrap();
        }
        for (index, fill) in [(1, 5), (0, 6)] {
            all = all.with(&sealed[index], &key(fill)).unwrap();
        }
        let [one, two] = [(one, 6), (two, 5)].map(|(text, fill)| text.replace(&ciphertext(1), &ciphertext(fill)));
        assert_eq!(all.as_sealed_text(), format!("{one}---\n{two}---\nkind: A\n"));
        assert_eq!(all.sealed().map(|sealed| sealed.values.clone()).collect::<Vec<_>>(), [key(6), key(5)]);
    }

    #[test]
    fn what_is_no_ciphertext_is_refused_and_not_quoted() {
        let error = |text: &str| parse_sealed(&value(text)).unwrap_err();
        let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {a: not-a-real-password}\n";
        assert_eq!(error(secret).problem, Problem::PlainSecret);
        assert_eq!(error(&format!("{}---\n{secret}", file(""))).place.document, 2);
        let plain = error(&file("    a: not-a-real-password\n"));
        assert_eq!(plain.to_string(), "document 1, key `a`: its value is no ciphertext of a SealedSecret");
        assert_eq!(error("kind: List\napiVersion: v1\nitems: []\n").problem, Problem::List);
        assert_eq!(error("\u{feff}kind: A\n").problem, Problem::Encoding);
    }

    #[test]
    fn the_scope_is_that_of_the_controller() {
        let scope = |annotations: &str| {
            let text = file("").replace("spec:", &format!("  annotations: {{{annotations}}}\nspec:"));
            parse_sealed(&value(&text)).unwrap().sealed().next().unwrap().scope
        };
        let [wide, wider] =
            ["namespace-wide", "cluster-wide"].map(|word| format!("sealedsecrets.bitnami.com/{word}: \"true\""));
        assert_eq!((scope(""), scope(&wide)), (Scope::Strict, Scope::NamespaceWide));
        assert_eq!(scope(&format!("{wide}, {wider}")), Scope::ClusterWide);
        assert_eq!(scope(&wide.replace("true", "false")), Scope::Strict);
    }
}
