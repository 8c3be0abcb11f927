//! The table of tools: what each is for, what it takes, and the command that it runs.
//!
//! What a client sends is checked here, by the types of the command line, and stands behind `--` or `=`: it cannot
//! become a flag. There is no tool that takes or gives a value, and none for `exec`, `clip` or `copy`, which hand
//! values on.

use serde_json::{Map, Value, json};

use crate::keychain::Entry;
use crate::names::{KeyName, Namespace, SecretName};

use super::parameters::{
    ALL_NAMESPACES, CONTEXT, FACTS, KEYS, NAME, NAME_IF_ANY, NAMESPACE, Parameter, SELECTOR, WITH,
};
use super::words::Fixed;

/// What is wrong with a call, in our own words; what was sent is not repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BadCall(pub(super) String);

/// One tool.
pub(super) struct Tool {
    /// Its name.
    pub(super) name: &'static str,
    /// What a person calls it.
    pub(super) title: &'static str,
    /// What it does, for the assistant.
    pub(super) description: &'static str,
    /// Whether it changes something.
    pub(super) writes: bool,
    takes: &'static [&'static Parameter],
    words: fn(&Arguments<'_>) -> Result<Words, BadCall>,
}

/// The words of one command: flags first, then what stands behind `--`.
pub(super) struct Words {
    command: &'static [&'static str],
    flags: Vec<String>,
    positionals: Vec<String>,
}

/// Every tool; one row each.
pub(super) const TOOLS: &[Tool] = &[
    Tool {
        name: "list_secrets",
        title: "List Secrets",
        description: "Names, types, key names, ages and owners of Secrets; no value is requested from the server.",
        writes: false,
        takes: &[&CONTEXT, &NAMESPACE, &ALL_NAMESPACES, &SELECTOR],
        words: |call| {
            let mut flags = Vec::new();
            if call.flag("allNamespaces")? {
                flags.push("--all-namespaces".to_owned());
            }
            flags.extend(call.text("selector")?.map(|selector| format!("--selector={selector}")));
            Ok(Words { command: &["list"], flags, positionals: Vec::new() })
        },
    },
    Tool {
        name: "view_secret",
        title: "View a Secret",
        description: "Keys of a Secret, who changed each and when; with facts also what may be said about each value. \
                      Never a value.",
        writes: false,
        takes: &[&CONTEXT, &NAMESPACE, &NAME, &FACTS],
        words: |call| {
            let flags = if call.flag("facts")? { Vec::new() } else { vec!["--metadata-only".to_owned()] };
            Ok(Words { command: &["view"], flags, positionals: vec![call.name()?] })
        },
    },
    Tool {
        name: "diff_secrets",
        title: "Compare two Secrets",
        description: "Tells for each key whether two live Secrets hold the same value: same, changed, added, removed.",
        writes: false,
        takes: &[&CONTEXT, &NAMESPACE, &NAME, &WITH],
        words: |call| {
            let with = call.text("with")?.ok_or_else(|| missing("with"))?;
            if call.fixed.context && with.contains(':') {
                return Err(BadCall("`with` cannot name a context: the server was started for one".to_owned()));
            }
            if call.fixed.namespace && with.contains('/') {
                return Err(BadCall("`with` cannot name a namespace: the server was started for one".to_owned()));
            }
            Ok(Words { command: &["diff"], flags: vec![format!("--with={with}")], positionals: vec![call.name()?] })
        },
    },
    Tool {
        name: "secret_usage",
        title: "Who uses a Secret",
        description: "Workloads, Pods, ServiceAccounts and Ingresses that use a Secret, how, and which of them see a new \
                      value only after a restart. No value is requested from the server.",
        writes: false,
        takes: &[&CONTEXT, &NAMESPACE, &NAME],
        words: |call| Ok(Words { command: &["usage"], flags: Vec::new(), positionals: vec![call.name()?] }),
    },
    Tool {
        name: "secret_access",
        title: "Who may read a Secret",
        description: "Users, groups and service accounts that may read or change a Secret by RBAC, through which binding, and \
                      the indirect ways. No value is requested from the server.",
        writes: false,
        takes: &[&CONTEXT, &NAMESPACE, &NAME_IF_ANY],
        words: |call| {
            let positionals = if call.text("name")?.is_some() { vec![call.name()?] } else { Vec::new() };
            Ok(Words { command: &["access"], flags: Vec::new(), positionals })
        },
    },
    Tool {
        name: "secret_history",
        title: "History of a Secret",
        description: "Who changed which key when, as far as it is known, and what that rests on. No value is requested from \
                      the server.",
        writes: false,
        takes: &[&CONTEXT, &NAMESPACE, &NAME],
        words: |call| Ok(Words { command: &["history"], flags: Vec::new(), positionals: vec![call.name()?] }),
    },
    Tool {
        name: "audit_secrets",
        title: "What is wrong with Secrets",
        description: "Findings about Secrets and what is around them: values in annotations, ages, exposure in environments, \
                      dangling references, who may read; each with why, and the command that mends it. No value is \
                      requested from the server.",
        writes: false,
        takes: &[&CONTEXT, &NAMESPACE, &ALL_NAMESPACES, &SELECTOR],
        words: |call| {
            let mut flags = vec!["--fail-on=never".to_owned()];
            if call.flag("allNamespaces")? {
                flags.push("--all-namespaces".to_owned());
            }
            flags.extend(call.text("selector")?.map(|selector| format!("--selector={selector}")));
            Ok(Words { command: &["audit"], flags, positionals: Vec::new() })
        },
    },
    Tool {
        name: "plan_rotation",
        title: "Plan a rotation",
        description: "Shows what a rotation would do. No value is asked for or made, and nothing is changed.",
        writes: false,
        takes: &[&CONTEXT, &NAMESPACE, &NAME, &KEYS],
        words: |call| change(call, &["rotate"], &["--dry-run=client"]),
    },
    Tool {
        name: "create_secret",
        title: "Create a Secret",
        description: "Makes a Secret whose values are generated or come from the keychain. Fails if it exists.",
        writes: true,
        takes: &[&CONTEXT, &NAMESPACE, &NAME, &KEYS],
        words: |call| change(call, &["create", "generic"], &[]),
    },
    Tool {
        name: "rotate_secret",
        title: "Rotate keys of a Secret",
        description: "Gives keys that exist new values, generated or from the keychain. The old values are gone.",
        writes: true,
        takes: &[&CONTEXT, &NAMESPACE, &NAME, &KEYS],
        words: |call| change(call, &["rotate"], &["--yes"]),
    },
    Tool {
        name: "set_keys",
        title: "Set keys of a Secret",
        description: "Adds keys to a Secret or changes them, with values that are generated or from the keychain.",
        writes: true,
        takes: &[&CONTEXT, &NAMESPACE, &NAME, &KEYS],
        words: |call| change(call, &["set"], &["--yes"]),
    },
];

fn change(call: &Arguments<'_>, command: &'static [&'static str], flags: &[&str]) -> Result<Words, BadCall> {
    let mut positionals = vec![call.name()?];
    positionals.extend(call.keys()?);
    Ok(Words { command, flags: flags.iter().map(|flag| (*flag).to_owned()).collect(), positionals })
}

impl Tool {
    /// Returns the JSON Schema of what it takes, without what was fixed.
    pub(super) fn schema(&self, fixed: &Fixed) -> Map<String, Value> {
        let takes = || self.takes.iter().filter(|parameter| !is_fixed(parameter.name, fixed));
        let properties: Map<String, Value> =
            takes().map(|parameter| (parameter.name.to_owned(), (parameter.schema)())).collect();
        let required: Vec<&str> =
            takes().filter(|parameter| parameter.required).map(|parameter| parameter.name).collect();
        let schema = json!({"type": "object", "additionalProperties": false, "properties": properties,
            "required": required});
        match schema {
            Value::Object(schema) => schema,
            _ => Map::new(),
        }
    }

    /// Builds the words of the command for what a client sent.
    pub(super) fn words(&self, arguments: &Map<String, Value>, fixed: &Fixed) -> Result<Vec<String>, BadCall> {
        let known = |name: &str| self.takes.iter().any(|takes| takes.name == name) && !is_fixed(name, fixed);
        if !arguments.keys().all(|name| known(name)) {
            return Err(BadCall(format!("`{}` does not take one of these arguments", self.name)));
        }
        let call = Arguments { sent: arguments, fixed };
        let Words { command, flags, positionals } = (self.words)(&call)?;
        let mut words: Vec<String> = command.iter().map(|word| (*word).to_owned()).collect();
        words.extend(fixed.words.iter().cloned());
        words.extend(call.text("context")?.map(|context| format!("--context={context}")));
        if let Some(namespace) = call.text("namespace")? {
            let namespace: Namespace =
                namespace.parse().map_err(|_| BadCall("`namespace` is not the name of one".to_owned()))?;
            words.push(format!("--namespace={namespace}"));
        }
        words.extend(flags);
        words.push("--output=json".to_owned());
        if !positionals.is_empty() {
            words.push("--".to_owned());
            words.extend(positionals);
        }
        Ok(words)
    }
}

fn is_fixed(parameter: &str, fixed: &Fixed) -> bool {
    match parameter {
        "context" => fixed.context,
        "namespace" | "allNamespaces" => fixed.namespace,
        _ => false,
    }
}

/// What a client sent with a call.
struct Arguments<'a> {
    sent: &'a Map<String, Value>,
    fixed: &'a Fixed,
}

impl<'a> Arguments<'a> {
    fn text(&self, name: &str) -> Result<Option<&'a str>, BadCall> {
        match self.sent.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if !text.chars().any(char::is_control) => Ok(Some(text)),
            Some(_) => Err(BadCall(format!("`{name}` takes a text"))),
        }
    }

    fn flag(&self, name: &str) -> Result<bool, BadCall> {
        match self.sent.get(name) {
            None | Some(Value::Null) => Ok(false),
            Some(Value::Bool(given)) => Ok(*given),
            Some(_) => Err(BadCall(format!("`{name}` is true or false"))),
        }
    }

    fn name(&self) -> Result<String, BadCall> {
        let text = self.text("name")?.ok_or_else(|| missing("name"))?;
        let name: SecretName = text.parse().map_err(|_| BadCall("`name` is not the name of a Secret".to_owned()))?;
        Ok(name.to_string())
    }

    /// Returns `KEY=SOURCE` for each key. Only sources that need nobody, and that no client can fill, are taken.
    fn keys(&self) -> Result<Vec<String>, BadCall> {
        let Some(Value::Array(items)) = self.sent.get("keys") else { return Err(missing("keys")) };
        if items.is_empty() {
            return Err(missing("keys"));
        }
        items.iter().map(key_and_source).collect()
    }
}

fn key_and_source(item: &Value) -> Result<String, BadCall> {
    let field = |name: &str| item.get(name).and_then(Value::as_str).ok_or_else(|| missing(name));
    let key = KeyName::checked(field("key")?).ok_or_else(|| BadCall("`key` is not the name of a key".to_owned()))?;
    let source = field("source")?;
    let fits = match source.split_once(':') {
        None => matches!(source, "generate" | "keychain"),
        Some(("generate", options)) => !options.chars().any(char::is_control),
        // An entry of another program could hold anything, and would be stored where others can read it.
        Some(("keychain", entry)) => Entry::parse(entry).is_some_and(|entry| entry.is_own() && !entry.is_note()),
        Some(_) => false,
    };
    if !fits {
        return Err(BadCall(
            "`source` takes generate, generate:KIND,option=value, keychain, or keychain:SERVICE/ACCOUNT \
                            with the service of this program"
                .to_owned(),
        ));
    }
    Ok(format!("{key}={source}"))
}

fn missing(name: &str) -> BadCall {
    BadCall(format!("`{name}` is missing"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(tool: &str, arguments: Value, fixed: &Fixed) -> Result<Vec<String>, BadCall> {
        let tool = TOOLS.iter().find(|known| known.name == tool).unwrap();
        tool.words(arguments.as_object().unwrap(), fixed)
    }

    fn free() -> Fixed {
        Fixed { words: vec!["--kubeconfig=x".to_owned()], context: false, namespace: false }
    }

    #[test]
    fn what_is_sent_cannot_become_a_flag() {
        let arguments = json!({"name": "db", "keys": [{"key": "-y", "source": "generate"}], "context": "--as=root"});
        assert_eq!(
            words("rotate_secret", arguments, &free()).unwrap(),
            ["rotate", "--kubeconfig=x", "--context=--as=root", "--yes", "--output=json", "--", "db", "-y=generate"]
        );
        let list = words("list_secrets", json!({"selector": "-A", "namespace": "prod"}), &free()).unwrap();
        assert_eq!(list, ["list", "--kubeconfig=x", "--namespace=prod", "--selector=-A", "--output=json"]);
    }

    #[test]
    fn values_and_foreign_entries_have_no_way_in() {
        for source in [
            "not-a-real-password",
            "public:x",
            "stdin",
            "env:HOME",
            "prompt",
            "keychain:login/bank",
            "fd:3",
            "keychain:secretsafe/bindings/prod",
            "generate:hex\n",
            "public-file:/etc/shadow",
        ] {
            let arguments = json!({"name": "db", "keys": [{"key": "a", "source": source}]});
            let BadCall(text) = words("set_keys", arguments, &free()).unwrap_err();
            assert!(!text.contains("real") && !text.contains("bank"), "{text}");
        }
        let own = json!({"name": "db", "keys": [{"key": "a", "source": "keychain:secretsafe/db"}]});
        assert!(words("set_keys", own, &free()).is_ok());
    }

    #[test]
    fn what_was_fixed_is_neither_offered_nor_taken() {
        let fixed = Fixed { words: vec!["--context=a".to_owned()], context: true, namespace: true };
        for tool in TOOLS {
            let schema = Value::Object(tool.schema(&fixed));
            for name in ["context", "namespace", "allNamespaces"] {
                assert!(schema["properties"].get(name).is_none(), "{}", tool.name);
            }
        }
        assert!(words("list_secrets", json!({"allNamespaces": true}), &fixed).is_err());
        assert!(words("list_secrets", json!({"namespace": "prod"}), &fixed).is_err());
        for with in ["prod/db", "other:db"] {
            assert!(words("diff_secrets", json!({"name": "db", "with": with}), &fixed).is_err(), "{with}");
        }
        assert!(words("diff_secrets", json!({"name": "db", "with": "db2"}), &fixed).is_ok());
    }

    #[test]
    fn wrong_types_and_unknown_arguments_are_refused() {
        for arguments in [json!({"name": 7}), json!({}), json!({"name": "db", "reveal": true}), json!({"name": "A"})] {
            assert!(words("view_secret", arguments, &free()).is_err());
        }
        assert!(words("plan_rotation", json!({"name": "db", "keys": []}), &free()).is_err());
        assert!(words("list_secrets", json!({"allNamespaces": "yes"}), &free()).is_err());
    }
}
