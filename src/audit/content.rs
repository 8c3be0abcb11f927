//! Values that are not what the type of their Secret says.

use crate::plaintext::facts::{Fact, PairError};

use super::{Contents, Found, Rule, Sees, Severity};

pub(super) static RULE: Rule = Rule {
    id: "content",
    severity: Severity::Medium,
    finds: "values that are not what the type of the Secret says",
    why: "the API server checks the names of keys only: what uses them fails",
    mend: "set the right value",
    sees: Sees::Values(look),
};

fn look(contents: &Contents<'_>, found: &mut Found) {
    let mut hit = |key: &str, text: String| {
        let key = contents.key(key).map(|content| &content.key);
        let rest = key.map(|key| key.as_str()).unwrap_or_default();
        found.hit(Severity::Medium, key, text, contents.command("set", rest));
    };
    match contents.pair {
        Some(Err(PairError::Mismatch)) => hit("tls.key", "it belongs to another certificate".to_owned()),
        Some(Err(error @ (PairError::NoKey | PairError::BadKey | PairError::Encrypted))) => {
            hit("tls.key", error.to_string());
        }
        Some(Err(error)) => hit("tls.crt", error.to_string()),
        Some(Ok(())) | None => {}
    }
    let has =
        |key: &str, is: fn(&Fact) -> bool| contents.key(key).is_none_or(|content| content.facts.facts.iter().any(is));
    match contents.secret_type {
        "kubernetes.io/dockerconfigjson"
            if !has(".dockerconfigjson", |fact| matches!(fact, Fact::DockerConfig { .. })) =>
        {
            hit(".dockerconfigjson", "it is no Docker config with logins".to_owned());
        }
        "kubernetes.io/ssh-auth" if !has("ssh-privatekey", |fact| matches!(fact, Fact::PrivateKey { .. })) => {
            hit("ssh-privatekey", "it is no private key".to_owned());
        }
        _ => {}
    }
}
