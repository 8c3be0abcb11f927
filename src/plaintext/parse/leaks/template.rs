//! Templates in YAML: `{{ … }}` of Helm and Jinja, `{% … %}`, `<% … %>`. An expression is no YAML, so before a text is
//! parsed each of its characters is moved to where Unicode has nothing, one for one: lines and columns stay what they are,
//! and what was there can still be told.

use std::borrow::Cow;

/// Where the moved characters are: ASCII behind the first character for private use.
const MOVED: u32 = 0xe000;
/// Longer expressions are none.
const LONGEST: usize = 16 * 1024;
/// How expressions begin and end.
const MARKS: &[(&str, &str)] = &[("{{", "}}"), ("{%", "%}"), ("<%", "%>")];

/// Tells whether there may be an expression.
pub(super) fn has_any(text: &str) -> bool {
    MARKS.iter().any(|(open, _)| memchr::memmem::find(text.as_bytes(), open.as_bytes()).is_some())
}

/// Moves all expressions out of the way. Lines that have nothing else become empty.
pub(super) fn moved(text: &str) -> Cow<'_, str> {
    if !has_any(text) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + text.len() / 2);
    let mut rest = text;
    while let Some((at, close)) = next(rest) {
        let (before, behind) = rest.split_at(at);
        out.push_str(before);
        let near = (0..=LONGEST.min(behind.len())).rev().find(|end| behind.is_char_boundary(*end)).unwrap_or_default();
        let Some(end) = behind.get(2..near).and_then(|part| part.find(close)).map(|end| end + 2) else {
            // It has no end, so it is no expression.
            out.push_str(behind.get(..2).unwrap_or_default());
            rest = behind.get(2..).unwrap_or_default();
            continue;
        };
        let (expression, after) = behind.split_at(end + close.len());
        let alone = is_line_empty(&out) && is_rest_of_control(after) && !belongs_to_block(&out);
        for char in expression.chars() {
            match char {
                '\n' | '\r' => out.push(char),
                _ if alone => out.push(' '),
                _ if char.is_ascii() => out.push(char::from_u32(MOVED + u32::from(char)).unwrap_or(' ')),
                _ => out.push(char),
            }
        }
        rest = after;
    }
    out.push_str(rest);
    Cow::Owned(out)
}

fn next(text: &str) -> Option<(usize, &'static str)> {
    let bytes = text.as_bytes();
    memchr::memchr2_iter(b'{', b'<', bytes).find_map(|at| {
        let begin = bytes.get(at..at + 2)?;
        MARKS.iter().find(|(open, _)| open.as_bytes() == begin).map(|(_, close)| (at, *close))
    })
}

/// Tells whether nothing stands in the last line yet.
fn is_line_empty(out: &str) -> bool {
    let spaces = out.bytes().rev().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let before = out.len() - spaces;
    before == 0 || out.as_bytes().get(before - 1) == Some(&b'\n')
}

/// Tells whether the rest of a line has nothing but expressions.
fn is_rest_of_control(after: &str) -> bool {
    let near = after.as_bytes().get(..512).unwrap_or(after.as_bytes());
    let line = near.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = std::str::from_utf8(line).unwrap_or("-").trim();
    line.is_empty() || MARKS.iter().any(|(open, close)| line.starts_with(open) && line.ends_with(close))
}

/// Tells whether the line before announces a text, such as `password: >-`.
fn belongs_to_block(before: &str) -> bool {
    let line = before.trim_end();
    let line = line.strip_suffix(['-', '+']).unwrap_or(line);
    line.ends_with(": |") || line.ends_with(": >")
}

/// Tells whether a character was moved.
pub(super) fn is_moved(char: char) -> bool {
    (MOVED..MOVED + 128).contains(&u32::from(char))
}

/// Puts the characters back.
pub(super) fn restored(text: &str) -> Cow<'_, str> {
    if !text.contains(is_moved) {
        return Cow::Borrowed(text);
    }
    let back = |char: char| if is_moved(char) { char::from_u32(u32::from(char) - MOVED).unwrap_or(' ') } else { char };
    Cow::Owned(text.chars().map(back).collect())
}

/// Leaves only what is in no expression.
pub(super) fn without(text: &str) -> Cow<'_, str> {
    if !text.contains(is_moved) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().filter(|char| !is_moved(*char)).collect())
}

/// Returns the texts in a value's expressions that become the value: a default, or what is only encoded.
pub(super) fn literals(text: &str) -> Vec<String> {
    let restored = restored(text);
    let mut found = Vec::new();
    let mut rest = restored.as_ref();
    while let Some((at, close)) = next(rest) {
        let behind = rest.get(at + 2..).unwrap_or_default();
        let end = behind.find(close).unwrap_or(behind.len());
        let (expression, after) = behind.split_at(end);
        found.extend(literals_of(expression));
        rest = after;
    }
    found
}

/// `default "text"`, `default('text')`, `coalesce … "text"`, and a pipe that begins with a text.
fn literals_of(expression: &str) -> Vec<String> {
    let mut found = Vec::new();
    let expression = expression.trim_matches(['-', ' ', '=']);
    if let Some((text, _)) = quoted(expression) {
        found.push(text);
    }
    for word in ["quote ", "b64enc ", "toString "] {
        found.extend(expression.strip_prefix(word).and_then(quoted).map(|(text, _)| text));
    }
    for (at, word) in expression.match_indices("default") {
        let behind = expression.get(at + word.len()..).unwrap_or_default();
        found.extend(quoted(behind.trim_start_matches([' ', '('])).map(|(text, _)| text));
    }
    found
}

/// Reads a quoted text at the beginning.
fn quoted(text: &str) -> Option<(String, &str)> {
    let quote = text.chars().next().filter(|char| ['"', '\'', '`'].contains(char))?;
    let (inner, rest) = text.get(1..)?.split_once(quote)?;
    Some((inner.to_owned(), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_stay_what_they_are() {
        let text = "a: {{ .Values.a }}\n{{- if .b }}\n  c: x{{ d }}y\n{{- end }}\n{{/* two\nlines */}}\ne: '{{ f }}'\n";
        let masked = moved(text);
        let widths = |text: &str| text.lines().map(|line| line.chars().count()).collect::<Vec<_>>();
        assert_eq!(widths(&masked), widths(text));
        assert!(!masked.contains("{{") && masked.lines().nth(1).unwrap().trim().is_empty());
        let value = masked.lines().nth(2).unwrap().trim();
        assert_eq!((restored(value).as_ref(), without(value).as_ref()), ("c: x{{ d }}y", "c: xy"));
    }

    #[test]
    fn what_has_no_end_is_no_expression() {
        assert_eq!(moved("a: {{ b\n"), "a: {{ b\n");
        assert_eq!(moved("{{{{{{"), "{{{{{{");
    }

    #[test]
    fn texts_that_become_the_value_are_told_from_names() {
        let of = |text: &str| literals(&moved(&format!("a: {text}")));
        assert_eq!(of("{{ \"made-up\" | b64enc | quote }}"), ["made-up"]);
        assert_eq!(of("{{ .Values.a | default \"made-up\" | b64enc }}"), ["made-up"]);
        assert_eq!(of("{{ default \"made-up\" .Values.a }}"), ["made-up"]);
        assert_eq!(of("{{ a | default('made-up', true) }}"), ["made-up"]);
        for name in [
            "{{ .Values.a | quote }}",
            "{{ include \"x\" . }}",
            "{{ required \"a message\" .Values.a }}",
            "{{ index .Data \"k\" }}",
            "{{ randAlphaNum 32 | b64enc }}",
        ] {
            assert!(of(name).is_empty(), "{name}");
        }
    }
}
