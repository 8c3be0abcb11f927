//! Hostile text in every place of a page changes nothing but text. What a browser does with it: tests/cli/html.

use super::*;

const HOSTILE: &[&str] = &[
    "\"><script>alert(1)</script>",
    "</script><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "javascript:alert(1)",
    "--><svg onload=alert(1)>",
    "</title></style></td></table><iframe src=//example.com>",
    "\u{2028}\u{202e}\0&lt;script&gt;",
    "${alert(1)}`{{constructor}}",
];

/// A page whose every text is this.
fn page(text: &'static str) -> Page<'static> {
    let row = |tone, namespace| Row {
        tone,
        rule: text,
        namespace,
        object: format!("secret/{text}"),
        key: text,
        seen: text,
        command: text,
    };
    let mut findings = vec![row(Tone::High, Some(text)), row(Tone::Medium, None)];
    findings.extend((0..600).map(|_| row(Tone::Low, Some(text))));
    let more = vec![(text, text.to_owned())];
    Page {
        title: text,
        about: vec![text.to_owned()],
        tiles: vec![Tile { count: 1234, what: text, tone: Tone::Plain }],
        missing: vec![text.to_owned()],
        remarks: vec![text.to_owned()],
        ages: Histogram { bars: vec![(text.to_owned(), 1, 2)], unknown: 3 },
        findings,
        rules: vec![Card { id: text, tone: Tone::High, findings: 602, finds: text, more }],
    }
}

/// The page without its text and without what stands in its attributes.
fn skeleton(html: &str) -> String {
    let (mut skeleton, mut in_tag, mut quoted) = (String::new(), false, false);
    // Style and script are the same bytes on every page.
    for character in html.replace(STYLE, "").replace(SCRIPT, "").chars() {
        match character {
            '<' => in_tag = true,
            '"' if in_tag => quoted = !quoted,
            _ => {}
        }
        if in_tag && (!quoted || character == '"') {
            skeleton.push(character);
        }
        if character == '>' && !quoted {
            in_tag = false;
        }
    }
    skeleton
}

#[test]
fn hostile_text_is_text() {
    let harmless = page("plain").to_string();
    let expected = skeleton(&harmless);
    assert!(expected.contains("<tr class=\"\" id=\"\"><td>") && !expected.contains("plain"), "{expected}");
    for text in HOSTILE {
        let html = page(text).to_string();
        assert!(skeleton(&html) == expected, "{text}");
        let data = html.split("id=\"facets\">").nth(1).unwrap().split("</script>").next().unwrap();
        let facets: serde_json::Value = serde_json::from_str(data).unwrap();
        assert_eq!(facets["rules"][0], serde_json::json!([text, 602]));
        assert_eq!(facets["namespaces"].as_array().unwrap().len(), 2);
    }
    // The comparison sees what it is for.
    let raw = harmless.replace("<li>plain</li>", "<li>\"><script>alert(1)</script></li>");
    assert!(skeleton(&raw) != expected);
}

#[test]
fn the_policy_names_what_is_in_the_page_and_nothing_else() {
    let html = page("plain").to_string();
    let hash = |tag: &str| {
        let text = html.split(&format!("<{tag}>")).nth(1).unwrap().split(&format!("</{tag}>")).next().unwrap();
        STANDARD.encode(Sha256::digest(text.as_bytes()))
    };
    for tag in ["style", "script"] {
        assert!(html.contains(&format!("{tag}-src &#39;sha256-{}&#39;", hash(tag))), "{tag}");
    }
    assert!(html.contains("content=\"default-src &#39;none&#39;;"));
    for word in ["unsafe", "http:", "https:", "url(", "@import", "style=\"", "onclick"] {
        assert!(!html.contains(word), "{word}");
    }
}

#[test]
fn a_page_without_findings_says_so() {
    let empty = Page { findings: Vec::new(), rules: Vec::new(), missing: Vec::new(), ..page("plain") };
    let html = empty.to_string();
    assert!(
        html.contains("Nothing was found.") && !html.contains("<form") && !html.contains("id=\"matrix\""),
        "{html}"
    );
    assert!(!html.contains("What could not be looked at"));
}

#[test]
fn namespaces_beyond_the_first_are_summed_up() {
    let names: Vec<String> = (0..205).map(|number| format!("team-{number:03}")).collect();
    let row = |name| Row {
        tone: Tone::Low,
        rule: "unused",
        namespace: Some(name),
        object: "secret/db".to_owned(),
        key: "",
        seen: "x",
        command: "x",
    };
    let findings = names.iter().map(String::as_str).map(row).collect();
    let rules = vec![Card { id: "unused", tone: Tone::Low, findings: 205, finds: "x", more: Vec::new() }];
    let html = Page { findings, rules, ..page("plain") }.to_string();
    assert!(html.contains("5 other namespaces</th><td colspan=\"1\"></td><td>5</td>"), "{html}");
    assert_eq!(parts::grouped(1_234_567), "1,234,567");
}
