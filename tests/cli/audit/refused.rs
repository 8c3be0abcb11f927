//! What `audit` does not take, and flags that have nothing to do.

use crate::support::controlplane::ControlPlane;

use super::audit;

#[test]
fn flags_that_contradict_each_other_are_refused() {
    let plane = ControlPlane::shared();
    for (args, wanted) in [
        (&["--rule", "no-such-rule"][..], "--rule"),
        (&["--rule", "stale", "--skip", "env"], "--rule"),
        (&["--dry-run"], "for `--fix`"),
        (&["--yes"], "--fix"),
        (&["--fix", "stale"], "--fix"),
        (&["--fix", "last-applied", "--deep"], "--fix"),
        (&["--baseline", "a", "--write-baseline", "b"], "--baseline"),
        (&["--stale", "tomorrow"], "a span of time"),
        (&["-o", "jsonl"], "--output"),
    ] {
        let refused = audit(plane, args).run().expect_code(2);
        assert!(refused.err().contains(wanted), "{args:?}: {}", refused.err());
        assert!(
            !refused.err().contains("no-such-rule") && !refused.err().contains("tomorrow"),
            "S9: {}",
            refused.err()
        );
    }
}
