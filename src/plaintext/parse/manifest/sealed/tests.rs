//! Files of SealedSecrets that are edited: nothing but the wanted ciphertext changes.

use super::super::MAX_FILE;
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
fn bombs_end_soon() {
    let error = |text: &str| parse_sealed(&value(text)).unwrap_err().problem;
    let mut bomb = "a0: &a0 x\n".to_owned();
    (1..40).for_each(|n| bomb.push_str(&format!("a{n}: &a{n} [*a{0}, *a{0}]\n", n - 1)));
    assert_eq!(error(&bomb), Problem::Aliases);
    assert_eq!(error(&format!("a: {}{}", "[".repeat(100), "]".repeat(100))), Problem::TooDeep);
    assert_eq!(error(&"a".repeat(MAX_FILE + 1)), Problem::LargeFile);
}

/// Lines of which a file may be made, in any order; `@` is ciphertext.
const LINES: &[&str] = &[
    "kind: SealedSecret",
    "apiVersion: bitnami.com/v1alpha1",
    "metadata: {name: db}",
    "spec:",
    "  encryptedData:",
    "    a: @",
    "    'b': @ # note",
    "    c: >-",
    "      @",
    "    \"d\": \"@\"",
    "  encryptedData: {a: @}",
    "  # note",
    "",
    "    a: &x @",
    "other: *x",
    "  template:",
    "    data: {a: b}",
    "---",
    "  encryptedData: null",
    "\ttab",
    "text: |",
    "  spec:",
    "    encryptedData:",
    "      a: @",
    "...",
];

proptest::proptest! {
    #[test]
    fn whatever_the_text_nothing_else_changes(picked in proptest::collection::vec(0..LINES.len(), 0..8), good: bool, crlf: bool) {
        let head = "kind: SealedSecret\napiVersion: bitnami.com/v1alpha1\nmetadata: {name: db}\n";
        // Half of them are on a good way already.
        let head = if good { format!("{head}spec:\n  encryptedData:\n    k: {}\n", ciphertext(2)) } else { head.to_owned() };
        let lines: Vec<String> = picked.iter().map(|at| LINES[*at].replace('@', &ciphertext(1))).collect();
        let text = format!("{head}{}\n", lines.join("\n"));
        let text = if crlf { text.replace('\n', "\r\n") } else { text };
        let new = BTreeMap::from(["a", "zz"].map(|key| (KeyName::checked(key).unwrap(), ciphertext(7))));
        if let Ok(file) = parse_sealed(&value(&text)) {
            let before = file.sealed().next().cloned().unwrap();
            if let Ok(changed) = file.with(&before, &new) {
                let again = parse_sealed(&value(changed.as_sealed_text())).unwrap();
                let after = again.sealed().find(|sealed| sealed.document == before.document).unwrap();
                let mut wanted = before.values.clone();
                wanted.extend(new);
                proptest::prop_assert_eq!(&after.values, &wanted);
                proptest::prop_assert_eq!(&after.name, &before.name);
                proptest::prop_assert_eq!(again.documents.len(), changed.documents.len());
                for line in text.lines().filter(|line| line.contains('#')) {
                    let comment = line.split('#').nth(1).unwrap();
                    proptest::prop_assert!(!changed.is_layout_kept() || changed.as_sealed_text().contains(comment));
                }
            }
        }
    }
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
