//! Light and dark, paper, narrow screens, the keyboard, screen readers, and no script at all.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::browser::{Browser, Deeds};
use crate::support::controlplane::ControlPlane;

use super::{Shown, expected, fill, opened, rows, several};

/// The contrast of each text with what is behind it (WCAG 2.2), where it is too low; and the colours of the page.
const CONTRASTS: &str = r"(() => {
    const parse = text => { const [r, g, b, a = 1] = text.match(/[\d.]+/g).map(Number); return { rgb: [r, g, b], a }; };
    const light = ({ rgb }) => {
        const [r, g, b] = rgb.map(part => part / 255).map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = element => {
        for (let at = element; at; at = at.parentElement) {
            const colour = parse(getComputedStyle(at).backgroundColor);
            if (colour.a === 1) return colour;
            if (colour.a > 0) throw new Error('half transparent');
        }
        return { rgb: [255, 255, 255] };
    };
    const ratio = (one, other) => { const [a, b] = [light(one), light(other)].sort((x, y) => y - x); return (a + 0.05) / (b + 0.05); };
    const poor = []; let looked = 0;
    for (const element of document.querySelectorAll('body *')) {
        const own = Array.from(element.childNodes).some(node => node.nodeType === 3 && node.data.trim());
        if (!own || !element.checkVisibility() || element.tagName === 'OPTION') continue;
        looked += 1;
        const found = ratio(parse(getComputedStyle(element).color), behind(element));
        if (found < 4.5) poor.push(`${element.tagName}.${element.className} ${found.toFixed(2)}`);
    }
    // What is drawn, and frames of what is used, need less.
    for (const [selector, property] of [['.ages .exact', 'fill'], ['.ages .bound', 'stroke'], ['input', 'borderTopColor'], ['select', 'borderTopColor']]) {
        for (const element of document.querySelectorAll(selector)) {
            const found = ratio(parse(getComputedStyle(element)[property]), behind(element.parentElement));
            if (found < 3) poor.push(`${selector} ${found.toFixed(2)}`);
        }
    }
    return { poor, looked, ground: getComputedStyle(document.body).backgroundColor, text: getComputedStyle(document.body).color };
})()";

/// The cells of the first row, and of the header, that are too narrow for what is in them.
const CRAMPED: &str = "Array.from(document.querySelectorAll('#table thead th, #table tbody tr:first-child > *'))
    .filter(cell => cell.textContent && cell.checkVisibility() && cell.getBoundingClientRect().right > 0)
    .filter(cell => cell.scrollWidth > cell.clientWidth + 1 || cell.clientWidth < 45)
    .map(cell => `${cell.className} ${cell.textContent} ${cell.clientWidth}`)";

#[test]
fn it_is_readable_in_light_and_dark() {
    let (_, Shown { html, .. }) = several(ControlPlane::shared());
    let mut browser = opened(&html);
    let mut seen: BTreeMap<&str, Value> = BTreeMap::new();
    for scheme in ["light", "dark"] {
        browser.media("screen", scheme);
        let found = browser.evaluate(CONTRASTS);
        assert_eq!(found["poor"], serde_json::json!([]), "{scheme}");
        assert!(found["looked"].as_u64() > Some(50), "{found}");
        seen.insert(scheme, found);
    }
    assert_ne!(seen["light"]["ground"], seen["dark"]["ground"]);
    assert_ne!(seen["light"]["text"], seen["dark"]["text"]);
    // The measure finds what is too faint.
    browser.evaluate("document.querySelector('h2').style.color = '#555'; 1");
    assert_ne!(browser.evaluate(CONTRASTS)["poor"], serde_json::json!([]));
}

#[test]
fn paper_has_everything_and_nothing_to_click() {
    let (_, Shown { html, report }) = several(ControlPlane::shared());
    let mut browser = opened(&html);
    fill(&mut browser, "search", "zzz-not-there");
    assert_eq!(rows(&mut browser, true).len(), 0);
    browser.media("print", "dark");
    browser.size(720, 900);
    assert_eq!(browser.evaluate(CRAMPED), serde_json::json!([]));
    assert_eq!(rows(&mut browser, true), expected(&report));
    let shown = |browser: &mut Browser, what: &str| {
        browser.evaluate(&format!(
            "Array.from(document.querySelectorAll('{what}')).filter(part => part.checkVisibility()).length"
        ))
    };
    for what in ["form", "input", "select", "output", ".skip", "#more"] {
        assert_eq!(shown(&mut browser, what), 0, "{what}");
    }
    assert_eq!(shown(&mut browser, "h2"), browser.evaluate("document.querySelectorAll('h2').length"));
    let found = browser.evaluate(CONTRASTS);
    assert_eq!((&found["poor"], &found["text"]), (&serde_json::json!([]), &"rgb(27, 33, 40)".into()), "dark on white");
}

#[test]
fn a_narrow_screen_scrolls_in_one_direction_only() {
    let (_, Shown { html, report }) = several(ControlPlane::shared());
    let mut browser = opened(&html);
    let roles = |browser: &mut Browser| {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for node in browser.accessibility() {
            *counts.entry(node["role"]["value"].as_str().unwrap_or_default().to_owned()).or_default() += 1;
        }
        ["table", "row", "columnheader", "rowheader", "heading", "searchbox"]
            .map(|role| counts.get(role).copied().unwrap_or(0))
    };
    let wide = roles(&mut browser);
    assert!(wide.iter().all(|count| *count > 0), "{wide:?}");
    for width in [320, 360, 700, 961, 1100] {
        browser.size(width, 800);
        assert_eq!(browser.evaluate(CRAMPED), serde_json::json!([]), "{width}");
        let needed = browser.evaluate("document.documentElement.scrollWidth");
        assert!(needed.as_u64() <= Some(u64::from(width)), "{needed} at {width}");
        assert_eq!(rows(&mut browser, true), expected(&report));
        assert_eq!(roles(&mut browser), wide, "a table stays a table for those who hear it");
    }
}

#[test]
fn everything_has_a_name_and_leads_somewhere() {
    let (_, Shown { html, .. }) = several(ControlPlane::shared());
    let mut browser = opened(&html);
    let wrong = browser.evaluate(
        r"(() => {
            const wrong = [], all = selector => Array.from(document.querySelectorAll(selector));
            const ids = all('[id]').map(element => element.id);
            if (new Set(ids).size !== ids.length) wrong.push('an id is there twice');
            for (const link of all('a')) {
                const target = link.getAttribute('href');
                if (!target.startsWith('#') || !document.getElementById(target.slice(1))) wrong.push(`leads nowhere: ${target}`);
            }
            for (const element of all('[aria-labelledby]'))
                if (!document.getElementById(element.getAttribute('aria-labelledby'))) wrong.push(`no label: ${element.outerHTML}`);
            for (const head of all('th')) if (!['col', 'row'].includes(head.scope)) wrong.push(`no scope: ${head.outerHTML}`);
            for (const table of all('table')) if (!table.caption) wrong.push('a table without a caption');
            for (const field of all('input, select')) if (!field.labels.length) wrong.push(`no label: ${field.name}`);
            for (const button of all('button')) if (!button.textContent.trim()) wrong.push('a button without a name');
            const levels = all('h1, h2, h3, h4').map(heading => Number(heading.tagName[1]));
            levels.forEach((level, index) => { if (level > (levels[index - 1] || 0) + 1) wrong.push(`h${level} comes too early`); });
            if (levels.filter(level => level === 1).length !== 1) wrong.push('not one h1');
            for (const part of ['html[lang]', 'title', 'main', 'header', 'footer', 'meta[name=viewport]'])
                if (all(part).length !== 1) wrong.push(`no ${part}`);
            return wrong;
        })()",
    );
    assert_eq!(wrong, serde_json::json!([]));
}

#[test]
fn a_keyboard_is_enough() {
    let (_, Shown { html, report }) = several(ControlPlane::shared());
    let mut browser = opened(&html);
    browser.key("Tab", 9, "");
    assert_eq!(browser.evaluate("document.activeElement.textContent"), "To the findings");
    browser.key("Enter", 13, "\r");
    assert_eq!(browser.evaluate("location.hash"), "#findings");
    browser.key("Tab", 9, "");
    assert_eq!(browser.evaluate("document.activeElement.name"), "search");
    assert_ne!(browser.evaluate("getComputedStyle(document.activeElement).outlineStyle"), "none");
    for letter in ["s", "i", "t", "e"] {
        browser.key(letter, u32::from(letter.to_uppercase().as_bytes()[0]), letter);
    }
    let found = rows(&mut browser, true).len();
    assert!(found > 0 && found < expected(&report).len(), "{found}");
}

#[test]
fn it_is_whole_without_a_script() {
    let (_, Shown { html, report }) = several(ControlPlane::shared());
    let mut browser = Browser::start();
    browser.scripts(false);
    browser.open(&html);
    assert_eq!(browser.deeds(), Deeds::default());
    assert_eq!(rows(&mut browser, true), expected(&report));
    assert_eq!(browser.evaluate("document.querySelector('form').checkVisibility()"), false, "it would do nothing");
}
