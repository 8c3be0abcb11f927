//! Paths to a field of a custom resource, such as `spec.servers[*].tls.credentialName`: their grammar, no values.

use std::fmt;

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// The field of this name.
    Field(String),
    /// The fields whose names fit a pattern.
    Like(String),
    /// Every item of a list.
    Each,
    /// This place, and all that is below it.
    Below,
}

/// Where a name stands. Written as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FieldPath {
    text: String,
    steps: Vec<Step>,
}

impl FieldPath {
    /// Reads a path; `None` if it is none.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut steps = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            rest = match rest.strip_prefix('[') {
                Some(inner) => bracket(inner, &mut steps)?,
                None => {
                    let rest = if steps.is_empty() { rest } else { rest.strip_prefix('.')? };
                    let end = rest.find(['.', '[', ']']).unwrap_or(rest.len());
                    let (name, rest) = rest.split_at_checked(end)?;
                    steps.push(match name {
                        "" => return None,
                        "**" => Step::Below,
                        _ if name.contains("**") => return None,
                        _ if name.contains(['*', '?']) => Step::Like(name.to_owned()),
                        _ => Step::Field(name.to_owned()),
                    });
                    rest
                }
            };
        }
        // Each of them looks at all that is below: two of them would look at everything very often.
        let deep = steps.iter().filter(|step| **step == Step::Below).count();
        let ends = matches!(steps.last(), Some(Step::Field(_) | Step::Like(_) | Step::Each));
        (ends && deep <= 1).then(|| Self { text: text.to_owned(), steps })
    }

    /// Returns its steps.
    pub(crate) fn steps(&self) -> &[Step] {
        &self.steps
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Reads `*]` or `'name']`, and returns what is behind it.
fn bracket<'a>(inner: &'a str, steps: &mut Vec<Step>) -> Option<&'a str> {
    if let Some(rest) = inner.strip_prefix("*]") {
        steps.push(Step::Each);
        return Some(rest);
    }
    let (name, rest) = inner.strip_prefix('\'')?.split_once("']")?;
    if name.is_empty() {
        return None;
    }
    steps.push(Step::Field(name.to_owned()));
    Some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(text: &str) -> Vec<Step> {
        FieldPath::parse(text).unwrap_or_else(|| panic!("{text}")).steps
    }

    fn field(name: &str) -> Step {
        Step::Field(name.to_owned())
    }

    #[test]
    fn paths_have_fields_lists_patterns_and_depth() {
        assert_eq!(steps("spec.secretName"), [field("spec"), field("secretName")]);
        assert_eq!(steps("spec.secrets[*]"), [field("spec"), field("secrets"), Step::Each]);
        assert_eq!(
            steps("spec.**.*SecretRef.name"),
            [field("spec"), Step::Below, Step::Like("*SecretRef".to_owned()), field("name")]
        );
        assert_eq!(steps("parameters['a.b/c']"), [field("parameters"), field("a.b/c")]);
        assert_eq!(FieldPath::parse("spec.a[*].b").unwrap().to_string(), "spec.a[*].b");
    }

    #[test]
    fn what_is_no_path_is_none() {
        for text in [
            "",
            ".",
            "spec.",
            ".spec",
            "spec..a",
            "spec[",
            "spec[0]",
            "spec[*",
            "spec.a]",
            "spec['']",
            "spec['a",
            "spec.**",
            "**.a.**.b",
            "spec.a**",
            "spec[*]a",
        ] {
            assert_eq!(FieldPath::parse(text), None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_a_path_or_none(text in "[a.\\[\\]*'?é]{0,24}") {
            if let Some(path) = FieldPath::parse(&text) {
                proptest::prop_assert_eq!(path.to_string(), text);
            }
        }
    }
}
