//! Whether the API server keeps an audit log.

use super::{ControlPlane, Found, Object, Rule, Sees, Severity};

pub(super) static RULE: Rule = Rule {
    id: "audit-log",
    severity: Severity::Medium,
    finds: "API servers without an audit log",
    why: "nothing else is evidence of who has read a value",
    mend: "start kube-apiserver with --audit-policy-file and --audit-log-path or --audit-webhook-config-file",
    sees: Sees::ControlPlane(look),
};

fn look(plane: &ControlPlane, found: &mut Found) {
    match &plane.audit {
        Some((false, seen)) => {
            let command = "kubectl get --raw /metrics | grep apiserver_audit".to_owned();
            found.hit_at(Object::cluster(), Severity::Medium, None, (*seen).to_owned(), command);
        }
        Some((true, _)) => {}
        None => {
            found.unknown("neither kube-apiserver's static Pods nor its metrics tell, or this user may not see them")
        }
    }
}
