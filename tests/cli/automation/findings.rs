//! The documents of `audit`.

use crate::audit::cases::{CASES, DEEP, apply};
use crate::support::controlplane::ControlPlane;
use crate::support::fault::{Fault, Rule};
use crate::support::proxy::Proxy;

use super::reports::Reports;

impl Reports<'_> {
    /// Every rule that needs no control plane of its own, what is not known, a baseline and a repair.
    pub(super) fn audit(&mut self) {
        let own = self.namespace.clone();
        for case in CASES.iter().chain(DEEP) {
            self.namespace = self.plane.namespace();
            (case.fires)(self.plane, &self.namespace);
            self.run(&["audit", "--deep", "--fail-on", "never"]);
        }
        self.namespace = self.plane.namespace();
        apply(self.plane, &self.namespace, &[]);
        let user = self.plane.user();
        self.plane.grant(&user, &self.namespace, &[("list", "secrets")]);
        let kubeconfig = self.plane.kubeconfig_for(&user.token);
        self.run_to(0, &["audit", "-A", "--fail-on", "never"], |run| run.kubeconfig(&kubeconfig));
        self.plane.grant_everywhere(&user, &[("list", "namespaces")]);
        self.run_to(0, &["audit", "-A", "--fail-on", "never"], |run| run.kubeconfig(&kubeconfig));
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("baseline.json");
        let file = file.to_str().unwrap();
        self.run(&["audit", "--write-baseline", file]);
        self.run(&["audit", "--baseline", file]);
        let fix = ["audit", "--fix", "last-applied", "--yes"];
        self.run_to(5, &fix, |run| run.kubeconfig(&kubeconfig));
        self.run(&[&fix[..], &["--dry-run"]].concat());
        // Deleted in between: the patch meets another version, and then there is none.
        let status = |code, reason| Fault::Status { code, reason, quote: String::new(), retry_after: None };
        let gone = vec![
            Rule::always(status(409, "Conflict")).method("PATCH"),
            Rule::always(status(404, "NotFound")).path("/secrets/db"),
        ];
        let proxy = Proxy::start(ControlPlane::shared(), gone);
        let through = proxy.kubeconfig(self.plane.admin_token());
        self.run_to(0, &fix, |run| run.kubeconfig(&through));
        self.run(&fix);
        self.namespace = own;
    }
}
