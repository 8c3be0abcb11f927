//! A value that was typed by habit, in every slot of the command line: it is never repeated.

use crate::planted::check;
use crate::support::canary::Canary;
use crate::support::command::Secretsafe;
use crate::support::controlplane::ControlPlane;

/// Every slot, with `@` where the value stands.
const SLOTS: &[&[&str]] = &[
    &["@"],
    &["create", "@"],
    &["create", "generic", "@", "a=stdin"],
    &["create", "generic", "db", "a=@"],
    &["create", "generic", "db", "a=@:x"],
    &["create", "generic", "db", "@=stdin"],
    &["create", "generic", "db", "a=stdin", "@"],
    &["create", "generic", "db", "a=prompt:@"],
    &["create", "generic", "db", "a=generate:@"],
    &["create", "generic", "db", "a=generate:password,@=1"],
    &["create", "generic", "db", "a=generate:password,length=@"],
    &["create", "generic", "db", "a=keychain:@"],
    &["create", "generic", "db", "a=fd:@"],
    &["create", "generic", "db", "a=env:@"],
    &["create", "generic", "db", "a=stdin:@"],
    &["create", "generic", "db", "password=public:@"],
    &["create", "generic", "db", "--from-literal=a=@"],
    &["create", "generic", "db", "--from-literal", "a=@"],
    &["create", "generic", "db", "--from-file=a=@"],
    &["create", "generic", "db", "--from-env-file=@"],
    &["create", "generic", "db", "a=stdin", "--@"],
    &["create", "generic", "db", "a=stdin", "-@"],
    &["create", "generic", "db", "a=stdin", "--@=@"],
    &["create", "generic", "db", "a=stdin", "--label", "@"],
    &["create", "generic", "db", "a=stdin", "--label", "x=@ @"],
    &["create", "generic", "db", "a=stdin", "--annotation", "@"],
    &["create", "generic", "db", "a=stdin", "--annotation", "@=x"],
    &["create", "generic", "db", "a=stdin", "--type", "@"],
    &["create", "generic", "db", "a=stdin", "--dry-run=@"],
    &["create", "generic", "db", "a=stdin", "-o", "@"],
    &["create", "generic", "db", "a=stdin", "-n", "@"],
    &["create", "generic", "db", "a=stdin", "--context", "@"],
    &["create", "generic", "db", "a=stdin", "--request-timeout", "@"],
    &["create", "generic", "db", "a=stdin", "--public-ok", "@"],
    &["create", "generic", "db", "a=stdin", "-v", "@"],
    &["create", "generic", "db", "a=stdin", "--as-group", "@"],
    &["create", "generic", "db", "a=stdin", "--immutable=@"],
    &["view", "db", "--cluster", "@"],
    &["view", "db", "--user", "@"],
    &["view", "db", "--as-user-extra", "@"],
    &["view", "db", "--profile", "@"],
    &["view", "db", "--certificate-authority", "@"],
    &["view", "db", "--client-certificate", "@", "--client-key", "@"],
    &["view", "db", "--insecure-skip-tls-verify=@"],
    &["view", "db", "--username", "@"],
    &["view", "db", "--password=@"],
    &["view", "@"],
    &["view", "db", "--reveal=@"],
    &["view", "db", "@"],
    &["list", "@"],
    &["list", "-o", "@"],
    &["list", "--sort-by", "[@"],
    &["list", "--chunk-size", "@"],
    &["clip", "@", "a"],
    &["clip", "db", "@"],
    &["clip", "db", "a", "--for", "@"],
    &["clip", "db", "a", "@"],
    &["exec", "@", "a", "--", "true"],
    &["exec", "db", "@", "--", "true"],
    &["exec", "db", "a=@", "--", "true"],
    &["exec", "db", "@/a", "--", "true"],
    &["exec", "db", "--stdin", "@", "--", "true"],
    &["exec", "db", "--fd", "a=@", "--", "true"],
    &["exec", "db", "--file", "a=@", "--", "true"],
    &["exec", "db", "--file", "@", "--", "true"],
    &["exec", "db", "--env", "a=@", "--allow-env", "--", "true"],
    &["exec", "db", "a", "--", "@"],
    &["exec", "db", "a", "--", "/@"],
    &["exec", "db", "a", "--", "./@"],
    &["exec", "db", "a", "@"],
    &["rename-key", "@"],
    &["unset", "db", "@"],
    &["keychain", "@"],
    &["keychain", "set", "@"],
    &["keychain", "delete", "@"],
    &["keychain", "rename", "@", "@"],
    &["keychain", "set", "a/b", "@"],
    &["log", "@"],
    &["log", "--since", "@"],
    &["log", "--tail", "@"],
    &["log", "db", "--verify", "--tail=@"],
    &["view", "db", "--reason", "\u{1b}@"],
    &["rotate", "db", "@=generate", "--reason", "a test", "--yes"],
];

#[test]
fn no_slot_of_the_command_line_is_repeated() {
    let plane = ControlPlane::shared();
    // A character that no name may have, so that no slot takes the value for a name.
    let canary = Canary::variants().swap_remove(2);
    for slot in SLOTS {
        let args = slot.iter().map(|word| word.replace('@', canary.text()));
        let run = Secretsafe::new()
            .args(args)
            .args(["-v", "9"])
            .env("SECRETSAFE_KEYCHAIN", "keyutils")
            .kubeconfig(plane.admin_kubeconfig())
            .stdin("");
        let output = run.run();
        assert!(matches!(output.code, Some(2..=4)), "{slot:?}: {:?} {}", output.code, output.err());
        assert!(output.err().contains("error:"), "{slot:?}: {}", output.err());
        check(std::slice::from_ref(&canary), &run, &output, &format!("{slot:?}"));
    }
}
