//! Each request of a hooked rotation fails in its turn: cut before it is heard, cut before it is answered, answered with
//! an error. Whatever the exit code says, both ways out lead to agreement.

use crate::support::command::Output;
use crate::support::controlplane::ControlPlane;
use crate::support::fault::{Fault, Rule};
use crate::support::proxy::Proxy;

use super::bed::{Bed, NEW, OLD};

fn faults() -> Vec<(&'static str, Fault)> {
    let status = |code, reason| Fault::Status { code, reason, quote: "quoted".into(), retry_after: None };
    vec![
        ("cut before", Fault::CutBefore),
        ("cut after", Fault::CutAfter),
        ("garbage", Fault::Garbage(b"<html>not json</html>".to_vec())),
        ("403", status(403, "Forbidden")),
        ("409", status(409, "Conflict")),
        ("500", status(500, "InternalError")),
    ]
}

/// More requests than the rotation makes.
const MOST_REQUESTS: usize = 16;

fn through(bed: &Bed<'_>, rules: Vec<Rule>, args: &[&str]) -> (Output, usize) {
    let proxy = Proxy::start(bed.plane, rules);
    let run = bed.run(args).kubeconfig(&proxy.kubeconfig(bed.plane.admin_token()));
    let output = run.args(["--hook"]).args([bed.file("hook")]).run();
    (output, proxy.requests().len())
}

fn ends_in_agreement(way: &str, wanted: &str) {
    for (name, fault) in faults() {
        for index in 0..MOST_REQUESTS {
            let bed = Bed::new(ControlPlane::shared());
            let rules = vec![Rule::nth(index, fault.clone())];
            let (output, requests) = through(&bed, rules, &["password=stdin", "--request-timeout=5s"]);
            let context = format!("{name} at request {index}: {:?} {}", output.code, output.err());
            assert!(!output.err().contains("quoted"), "{context}");
            if requests <= index {
                // That was the last one.
                assert!(index > 7, "fewer requests than there are steps: {index}");
                bed.agree_on(NEW, &context);
                break;
            }
            match output.code {
                Some(0) => bed.agree_on(NEW, &context),
                Some(5) => bed.agree_on(OLD, &context),
                Some(6) => {
                    // With the pending Secret gone, all but the note was done.
                    let all_but = !bed.names().contains(&"db.secretsafe-pending".to_owned());
                    let ended = bed.hooked(&[way]).run();
                    if ended.code == Some(3) && ended.err().contains("had not begun") {
                        bed.hooked(&["--abort"]).run().success();
                        bed.agree_on(OLD, &context);
                        continue;
                    }
                    assert_eq!(ended.code, Some(0), "{context}\nthen: {}", ended.err());
                    bed.agree_on(if all_but { NEW } else { wanted }, &context);
                }
                _ => panic!("{context}"),
            }
        }
    }
}

#[test]
fn whichever_request_fails_resume_ends_in_agreement() {
    ends_in_agreement("--resume", NEW);
}

#[test]
fn whichever_request_fails_abort_ends_in_agreement() {
    ends_in_agreement("--abort", OLD);
}
