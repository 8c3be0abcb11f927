//! Companions of a rotation that their Secret does not list: left behind, or forged.

use crate::plan::companions::{is_companion, owner_name};

use super::known::{Kept, command};
use super::{Found, Known, Object, Rule, Sees, Severity};

pub(super) static RULE: Rule = Rule {
    id: "orphan",
    severity: Severity::Medium,
    finds: "Secrets that a rotation has left, and that their target does not list any more",
    why: "they hold old values, and no command of this program uses or deletes them",
    mend: "look at who made it, and delete it",
    sees: Sees::Everything(look),
};

fn look(known: &Known, found: &mut Found) {
    let companions = known.secrets.iter().filter(|((_, name), _)| is_companion(name.as_str()));
    for ((namespace, name), Kept { uid, .. }) in companions {
        if known.selected {
            // Its target may be there, without the labels.
            found.undecided();
            continue;
        }
        let target = owner_name(name).and_then(|target| known.secrets.get(&(namespace.clone(), target)));
        if !target.is_some_and(|target| target.companions.contains(uid)) {
            let text = match target {
                Some(_) => "its target does not list it",
                None => "its target is not there",
            };
            let object = Object::secret(namespace, name);
            let command = command("view", namespace, name, "--metadata-only");
            found.hit_at(object, Severity::Medium, None, text.to_owned(), command);
        }
    }
}
