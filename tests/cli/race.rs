//! Two people at once: nothing is lost unseen. A proxy holds each patch back, so that both have looked
//! before either writes.

use std::time::Duration;

use crate::change::{live, planted, text};
use crate::support::command::{Output, Secretsafe};
use crate::support::controlplane::ControlPlane;
use crate::support::fault::{Fault, Rule};
use crate::support::proxy::Proxy;

const ROUNDS: usize = 100;
const HELD: Duration = Duration::from_millis(120);

/// Rotates two keys at the same time, each to its own value.
fn both(proxy: &Proxy, namespace: &str, keys: [&str; 2], round: usize) -> [Output; 2] {
    let kubeconfig = proxy.kubeconfig(ControlPlane::shared().admin_token());
    let rotate = |who: usize| {
        let key = keys[who];
        Secretsafe::new()
            .args(["rotate", "db", &format!("{key}=stdin"), "--yes", "-n", namespace])
            .kubeconfig(&kubeconfig)
            .stdin(format!("value-{who}-{round}"))
            .run()
    };
    std::thread::scope(|scope| {
        let first = scope.spawn(|| rotate(0));
        let second = rotate(1);
        [first.join().unwrap(), second]
    })
}

fn held(plane: &ControlPlane) -> Proxy {
    Proxy::start(plane, vec![Rule::always(Fault::Delay(HELD)).method("PATCH")])
}

#[test]
fn rotations_of_different_keys_both_survive() {
    let plane = ControlPlane::shared();
    let namespace = planted(plane);
    let proxy = held(plane);
    for round in 0..ROUNDS {
        for output in both(&proxy, &namespace, ["a", "b"], round) {
            output.success();
        }
        assert_eq!(text(plane, &namespace, "a"), Some(format!("value-0-{round}")));
        assert_eq!(text(plane, &namespace, "b"), Some(format!("value-1-{round}")));
    }
    let patches = proxy.requests().iter().filter(|seen| seen.request.method == "PATCH").count();
    assert!(patches > 2 * ROUNDS, "there were conflicts to be solved: {patches} patches");
}

#[test]
fn of_two_rotations_of_one_key_one_wins_and_the_other_says_so() {
    let plane = ControlPlane::shared();
    let namespace = planted(plane);
    let proxy = held(plane);
    let mut lost = 0;
    for round in 0..ROUNDS {
        let before = live(plane, &namespace)["metadata"]["annotations"].clone();
        let outputs = both(&proxy, &namespace, ["a", "a"], round);
        let winners: Vec<usize> = (0..2).filter(|who| outputs[*who].code == Some(0)).collect();
        let value = text(plane, &namespace, "a").unwrap();
        for (who, output) in outputs.iter().enumerate() {
            if output.code == Some(0) {
                continue;
            }
            lost += 1;
            let said = output.err();
            assert_eq!(output.code, Some(5), "{said}");
            assert!(said.contains("key `a` of secret `db`") && said.contains("by admin"), "{said}");
            assert_ne!(value, format!("value-{who}-{round}"), "who lost is not stored");
        }
        // Rarely one is done before the other looks: then both succeed, one after the other.
        assert!(!winners.is_empty(), "somebody wins: {before}");
        assert!(winners.iter().any(|who| value == format!("value-{who}-{round}")), "a winner's value is stored");
        assert_eq!(text(plane, &namespace, "b").as_deref(), Some("old-b"));
    }
    assert!(lost > ROUNDS / 2, "most rounds were real races: {lost} lost");
}
