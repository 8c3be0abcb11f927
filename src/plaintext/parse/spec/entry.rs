//! One key of a document: how it is filled, and its policy.

use std::collections::BTreeSet;

use crate::names::KeyName;
use crate::plaintext::facts::{looks_secret_name, looks_secret_text};
use crate::plan::span::Span;
use crate::plan::spec::{Entry, Fill, KeyGroup, KeyPolicy, Login, Piece, pieces};

use super::super::manifest::Unfit;
use super::cursor::Cursor;
use super::source;
use super::wrong::Wrong;

/// Stands for a value in a template that is looked at.
const FOR_A_VALUE: char = '\u{FFFC}';

/// Reads `KEY[,KEY…]`.
pub(super) fn group(name: &str, keys: &Cursor<'_>) -> Result<KeyGroup, Unfit> {
    let group = KeyGroup::checked(name).ok_or_else(|| keys.wrong_name(name, Wrong::Name("a key")))?;
    if group.keys().iter().any(|key| looks_secret_name(key.as_str())) {
        return Err(keys.wrong_name(name, Wrong::LooksSecret("the name of a key")));
    }
    Ok(group)
}

/// Reads what stands below a key.
pub(super) fn entry(cursor: &Cursor<'_>, group: &KeyGroup) -> Result<Entry, Unfit> {
    if cursor.fields("a key").is_err() {
        return Err(cursor.wrong(Wrong::Bare));
    }
    cursor.only("a key", &["from", "template", "registries", "policy"])?;
    let count = group.keys().len();
    let fill = match (cursor.get("from"), cursor.get("template"), cursor.get("registries")) {
        (Some(from), None, None) => Fill::From(source::text(&from, count)?.to_owned()),
        (None, Some(given), None) => Fill::Template(template(&given, count)?),
        (None, None, Some(given)) => Fill::Registries(registries(&given, count)?),
        _ => return Err(cursor.wrong(Wrong::OneOf)),
    };
    let policy = cursor.get("policy").map(|given| policy(&given, &fill, count)).transpose()?;
    Ok(Entry { fill, policy })
}

/// Returns the names in a template that was read.
pub(super) fn named(template: &str) -> BTreeSet<KeyName> {
    let name = |piece| if let Piece::Value { name, .. } = piece { Some(name) } else { None };
    pieces(template).unwrap_or_default().into_iter().filter_map(name).collect()
}

fn template(cursor: &Cursor<'_>, count: usize) -> Result<String, Unfit> {
    let text = cursor.text("`template`")?;
    if count > 1 {
        return Err(cursor.wrong(Wrong::Type("a template", "for one key")));
    }
    let pieces = pieces(text).map_err(|fault| cursor.wrong(Wrong::Template(fault)))?;
    if is_secret(&pieces) {
        return Err(cursor.wrong(Wrong::LooksSecret("the text of a template")));
    }
    Ok(text.to_owned())
}

/// Tells whether the text between the values looks like a secret: a word of it does, or a URL has a password that is
/// not one of the values.
fn is_secret(pieces: &[Piece]) -> bool {
    let word = |text: &str| {
        let trimmed = text.trim_matches(|c: char| !c.is_ascii_alphanumeric());
        looks_secret_text(trimmed)
            || trimmed.split(['=', ':', '/', '@', '"', '\'', ',', ';', '&']).any(looks_secret_text)
    };
    let texts = pieces.iter().filter_map(|piece| if let Piece::Text(text) = piece { Some(text) } else { None });
    if texts.clone().any(|text| text.contains("PRIVATE KEY-----") || text.split_whitespace().any(word)) {
        return true;
    }
    let whole: String = pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Value { .. } => FOR_A_VALUE.to_string(),
        })
        .collect();
    whole.split("://").skip(1).any(|rest| {
        let authority =
            rest.split(|c: char| c == '/' || c == '?' || c == '#' || c.is_whitespace()).next().unwrap_or_default();
        let password =
            authority.rsplit_once('@').and_then(|(user, _)| user.split_once(':')).map(|(_, password)| password);
        password.is_some_and(|password| !password.is_empty() && !password.contains(FOR_A_VALUE))
    })
}

fn registries(cursor: &Cursor<'_>, count: usize) -> Result<Vec<Login>, Unfit> {
    if count > 1 {
        return Err(cursor.wrong(Wrong::Type("`registries`", "for one key")));
    }
    let (mut logins, mut servers) = (Vec::new(), BTreeSet::new());
    for item in cursor.items("`registries`")? {
        item.only("a registry", &["server", "username", "email", "from"])?;
        let word = |name: &'static str, not: &[char]| -> Result<Option<String>, Unfit> {
            let Some(given) = item.get(name) else { return Ok(None) };
            let text = given.text(name)?;
            if text.is_empty() || text.contains(|c: char| c.is_whitespace() || c.is_control() || not.contains(&c)) {
                return Err(given.wrong(Wrong::Type(name, "a word without spaces; a server has no `@`, a user no `:`")));
            }
            if looks_secret_text(text) {
                return Err(given.wrong(Wrong::LooksSecret(name)));
            }
            Ok(Some(text.to_owned()))
        };
        let server = word("server", &['@', '?', '#'])?.ok_or_else(|| item.wrong(Wrong::Missing("server")))?;
        let username = word("username", &[':'])?.ok_or_else(|| item.wrong(Wrong::Missing("username")))?;
        if !servers.insert(server.clone()) {
            return Err(item.wrong(Wrong::RegistryTwice));
        }
        let from = source::text(&item.needed("from")?, 1)?.to_owned();
        logins.push(Login { server, username, email: word("email", &[])?, from });
    }
    if logins.is_empty() {
        return Err(cursor.wrong(Wrong::Type("`registries`", "a list of at least one")));
    }
    Ok(logins)
}

fn policy(cursor: &Cursor<'_>, fill: &Fill, count: usize) -> Result<KeyPolicy, Unfit> {
    cursor.only("the policy of a key", &["every", "source"])?;
    if count > 1 {
        return Err(
            cursor.wrong(Wrong::Policy("keys that one source fills cannot have a policy: each is rotated by itself"))
        );
    }
    let every = cursor.needed("every")?;
    let span = every.text("`every`")?.parse::<Span>().map_err(|_| every.wrong(Wrong::Span))?;
    let source = cursor.get("source").map(|given| source::text(&given, 1).map(str::to_owned)).transpose()?;
    if source.is_none() && !matches!(fill, Fill::From(_)) {
        return Err(cursor.wrong(Wrong::Policy("the policy of a key without `from` needs a `source`")));
    }
    Ok(KeyPolicy { every: span, source })
}
