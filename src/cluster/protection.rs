//! Protected contexts (requirement S14): a change there needs the context's name, typed or given exactly.
//!
//! The question is asked in one place, `Context::confirm_protected`; the lock is tried in one place, where
//! writes are sent. A command that forgets the question cannot write.

use std::sync::atomic::{AtomicBool, Ordering};

use http::Method;

use crate::names::fits;

use super::kubecontext::Kubecontext;

/// Whether a connection may change something.
#[derive(Debug)]
pub(super) struct Lock {
    closed: AtomicBool,
}

impl Lock {
    /// Closes it for a context that one of the patterns means.
    pub(super) fn new(patterns: &[String], kubecontext: &Kubecontext) -> Self {
        Self { closed: AtomicBool::new(is_protected(patterns, kubecontext)) }
    }

    /// Opens it, once the name was given.
    pub(super) fn open(&self) {
        self.closed.store(false, Ordering::Relaxed);
    }

    /// Tells whether it is closed.
    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    /// Tells whether a request must wait for it: any that would change what is stored.
    pub(super) fn stops(&self, method: &Method, path: &str) -> bool {
        stores(method, path) && self.is_closed()
    }
}

/// Tells whether a request changes what is stored. Reviews store nothing, and the controller that seals anew does not either.
pub(super) fn stores(method: &Method, path: &str) -> bool {
    method != Method::GET
        && !path.contains("dryRun=All")
        && !path.ends_with("reviews")
        && !path.ends_with("/proxy/v1/rotate")
}

/// Tells whether a pattern means the context's name, its server's URL or its fingerprint.
fn is_protected(patterns: &[String], kubecontext: &Kubecontext) -> bool {
    let server = kubecontext.server().trim_end_matches('/');
    patterns.iter().any(|pattern| {
        fits(pattern, kubecontext.name())
            || fits(pattern.trim_end_matches('/'), server)
            || pattern.eq_ignore_ascii_case(kubecontext.fingerprint())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stores_is_stopped() {
        let lock = Lock { closed: AtomicBool::new(true) };
        assert!(lock.stops(&Method::PATCH, "/api/v1/namespaces/a/secrets/b?fieldManager=x"));
        assert!(lock.stops(&Method::POST, "/api/v1/namespaces/reviews/secrets?fieldManager=x"));
        assert!(!lock.stops(&Method::PATCH, "/api/v1/namespaces/a/secrets/b?fieldManager=x&dryRun=All"));
        assert!(!lock.stops(&Method::POST, "/apis/authentication.k8s.io/v1/selfsubjectreviews"));
        assert!(!lock.stops(&Method::GET, "/api/v1/namespaces/a/secrets/b"));
        assert!(!lock.stops(&Method::POST, "/api/v1/namespaces/a/services/http:b:http/proxy/v1/rotate"));
        lock.open();
        assert!(!lock.stops(&Method::PATCH, "/api/v1/namespaces/a/secrets/b?fieldManager=x"));
    }
}
