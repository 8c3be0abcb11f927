//! What is on the page is what is in the report, and the script filters and sorts it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::command::Secretsafe;
use crate::support::controlplane::ControlPlane;

use super::{Shown, expected, fill, opened, rows, several};

#[test]
fn the_page_says_what_the_report_says() {
    let plane = ControlPlane::shared();
    let (namespace, Shown { html, report }) = several(plane);
    assert!(html.starts_with("<!DOCTYPE html>\n") && !html.contains("not-a-real"));
    let mut browser = opened(&html);
    let all = expected(&report);
    assert!(all.len() > 5, "{report:#}");
    assert_eq!(rows(&mut browser, true), all);
    let tiles =
        browser.evaluate("Array.from(document.querySelectorAll('.tiles strong')).map(tile => tile.textContent)");
    let counts = &report["counts"];
    let told = [&counts["high"], &counts["medium"], &counts["low"], &report["secrets"]].map(ToString::to_string);
    assert_eq!(tiles.as_array().unwrap()[..4], told.map(Value::from));
    // The ages are those of `list --summary` as well.
    let summary = Secretsafe::new().args(["list", "-n", &namespace, "--summary", "-o", "json"]);
    let summary = summary.kubeconfig(plane.admin_kubeconfig()).run().success().out();
    let summary: Value = serde_json::from_str(&summary).unwrap();
    assert_eq!((&report["ages"], &report["unknownAge"]), (&summary["ages"], &summary["unknownAge"]));
    let ages = browser.evaluate(
        "Array.from(document.querySelectorAll('.ages tbody tr')).map(row => [row.cells[1], row.cells[2]].map(cell => cell.textContent))",
    );
    let bars = report["ages"].as_array().unwrap();
    let bars: Vec<_> = bars.iter().map(|bar| json!([bar["exact"].to_string(), bar["atLeast"].to_string()])).collect();
    assert_eq!(ages, json!(bars));
    assert_eq!(ages[0][1], "3", "all are new, and ages are bounds");
    // Each number of the matrix is how many rows it leads to.
    let links = browser.evaluate(
        "Array.from(document.querySelectorAll('.matrix tbody a')).map(link => [link.dataset.namespace, link.dataset.rule, link.textContent])",
    );
    for link in links.as_array().unwrap() {
        let count = all.iter().filter(|row| link[0] == row[2].as_str() && link[1] == row[1].as_str()).count();
        assert_eq!(link[2], count.to_string(), "{link}");
    }
    let places: BTreeSet<_> = all.iter().map(|row| (&row[2], &row[1])).collect();
    assert_eq!(links.as_array().unwrap().len(), places.len());
}

#[test]
fn rows_are_searched_filtered_and_sorted() {
    let plane = ControlPlane::shared();
    let (namespace, Shown { html, report }) = several(plane);
    let mut browser = opened(&html);
    let all = expected(&report);
    let with = |fits: &dyn Fn(&[String]) -> bool| all.iter().filter(|row| fits(row)).cloned().collect::<Vec<_>>();
    for (text, words) in
        [("SITE", vec!["site"]), ("queue unused", vec!["queue", "unused"]), ("zzz-not-there", vec!["zzz-not-there"])]
    {
        fill(&mut browser, "search", text);
        let found = with(&|row| {
            let text = row.join(" ").to_lowercase();
            words.iter().all(|word| text.contains(word))
        });
        assert_eq!(rows(&mut browser, true), found, "{text}");
        assert!(found.len() < all.len());
        let said = browser.evaluate("document.getElementById('said').textContent");
        assert_eq!(said, format!("{} of {} findings", found.len(), all.len()));
    }
    fill(&mut browser, "search", "");
    for (field, text, column) in [("severity", "high", 0), ("rule", "unused", 1), ("namespace", namespace.as_str(), 2)]
    {
        fill(&mut browser, field, text);
        let found = with(&|row| row[column] == text);
        assert!(!found.is_empty());
        assert_eq!(rows(&mut browser, true), found, "{field}");
        fill(&mut browser, field, "");
    }
    assert_eq!(rows(&mut browser, true), all, "and all again");
    let choices =
        browser.evaluate("Array.from(document.querySelectorAll('[name=rule] option')).map(choice => choice.value)");
    let rules = report["rules"].as_array().unwrap().iter().filter(|rule| rule["findings"] != 0).map(|rule| &rule["id"]);
    assert_eq!(choices, json!(std::iter::once(&json!("")).chain(rules).collect::<Vec<_>>()));

    // By a header, in both directions.
    let press = "document.querySelectorAll('#table thead button')[3].click(); \
                 document.querySelector('#table thead [aria-sort]').getAttribute('aria-sort')";
    let objects = |rows: Vec<Vec<String>>| rows.into_iter().map(|row| row[3].clone()).collect::<Vec<_>>();
    let mut sorted = objects(all.clone());
    sorted.sort();
    assert_eq!(browser.evaluate(press), "ascending");
    assert_eq!(objects(rows(&mut browser, true)), sorted);
    assert_eq!(browser.evaluate(press), "descending");
    sorted.reverse();
    assert_eq!(objects(rows(&mut browser, true)), sorted);

    // By a number of the matrix; the button takes it back.
    browser.evaluate("document.querySelector('.matrix tbody a[data-rule=unused]').click()");
    assert_eq!(rows(&mut browser, true).len(), with(&|row| row[1] == "unused").len());
    browser.evaluate("document.querySelector('[type=reset]').click(); new Promise(done => setTimeout(done, 50))");
    assert_eq!(rows(&mut browser, true).len(), all.len());
    assert_eq!(browser.deeds(), crate::support::browser::Deeds::default());
}

#[test]
fn a_page_without_findings_is_a_page() {
    let plane = ControlPlane::shared();
    let namespace = plane.namespace();
    let page = super::shown(plane, plane.admin_kubeconfig(), &["-n", &namespace, "--rule", "type"]);
    let mut browser = opened(&page.html);
    let text = browser.evaluate("document.body.innerText");
    assert!(text.as_str().unwrap().contains("Nothing was found."), "{text}");
}
