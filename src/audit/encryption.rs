//! Whether Secrets are encrypted in etcd.

use super::{ControlPlane, Encryption, Found, Object, Rule, Sees, Severity};

pub(super) static RULE: Rule = Rule {
    id: "encryption",
    severity: Severity::High,
    finds: "API servers that write Secrets to etcd as they are",
    why: "who has a disk of etcd, a snapshot or a backup has every value",
    mend: "start kube-apiserver with --encryption-provider-config (kms v2 or secretbox), and write all Secrets once more",
    sees: Sees::ControlPlane(look),
};

fn look(plane: &ControlPlane, found: &mut Found) {
    match &plane.encryption {
        Some((Encryption::Off, seen)) => {
            let command = "kubectl get --raw /metrics | grep apiserver_storage_transformation".to_owned();
            found.hit_at(Object::cluster(), Severity::High, None, (*seen).to_owned(), command);
        }
        Some((Encryption::On, _)) => {}
        None => {
            found.unknown("neither kube-apiserver's static Pods nor its metrics tell, or this user may not see them")
        }
    }
}
