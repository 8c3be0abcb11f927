//! The names of a certificate: DNS names, also with a wildcard, and addresses.

use std::fmt;
use std::net::IpAddr;

use crate::error::{Error, Result};

/// Most names of one certificate.
const MOST: usize = 100;

/// What a certificate is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Host {
    /// A DNS name, in lower case.
    Name(String),
    /// An address.
    Address(IpAddr),
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Address(address) => address.fmt(f),
        }
    }
}

/// Reads `a+b+c`; each host once, and at least one (requirement S12: names in a certificate are not optional).
pub(super) fn hosts(text: &str) -> Result<Vec<Host>> {
    let example = "write hosts=app.example.com+*.apps.example.com+10.0.0.1";
    if text.is_empty() {
        return Err(Error::usage("`generate:tls-self-signed` needs `hosts`: whom is it for?").hint(example));
    }
    let mut hosts = Vec::new();
    for (place, text) in text.split('+').enumerate() {
        let host = host(text).ok_or_else(|| {
            Error::usage(format!(
                "host {} of `generate:tls-self-signed` is neither a DNS name nor an address",
                place + 1
            ))
            .because("a name has letters, digits and `-`; others are written in their `xn--` form")
            .hint(example)
        })?;
        if hosts.contains(&host) {
            return Err(Error::usage(format!("host {} of `generate:tls-self-signed` is named twice", place + 1))
                .hint("name each host once"));
        }
        hosts.push(host);
    }
    if hosts.len() > MOST {
        return Err(Error::usage(format!("`generate:tls-self-signed` takes at most {MOST} hosts"))
            .hint("use a wildcard such as *.example.com"));
    }
    Ok(hosts)
}

fn host(text: &str) -> Option<Host> {
    if let Ok(address) = text.parse() {
        return Some(Host::Address(address));
    }
    let name = text.to_ascii_lowercase();
    // A wildcard stands for one label, so one label at least is left of what it is for.
    let labels = name.strip_prefix("*.").unwrap_or(&name);
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    // A last label of digits is an address with a slip in it.
    let is_number = labels.rsplit('.').next().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()));
    (name.len() <= 253 && labels.split('.').all(is_label) && !is_number).then_some(Host::Name(name))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_and_addresses_are_told_apart() {
        let shown = |text: &str| hosts(text).unwrap().iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        assert_eq!(shown("App.Example.com+localhost+*.a.b"), "app.example.com localhost *.a.b");
        assert_eq!(shown("10.0.0.1+2001:DB8::1+my_svc.ns.svc"), "10.0.0.1 2001:db8::1 my_svc.ns.svc");
    }

    #[test]
    fn what_is_no_host_is_refused_and_not_repeated() {
        let long = "hunter2.".repeat(40);
        for text in [
            "",
            "*",
            "a.*.b",
            "**.a",
            "-hunter2",
            "hunter2-",
            "hunter2..b",
            "10.0.0.256",
            "a+A",
            "hunter2 x",
            "ü",
            &long,
        ] {
            let error = hosts(text).unwrap_err();
            let whole = format!("{} {} {}", error.message(), error.causes().concat(), error.hints().concat());
            assert!(error.kind().exit_code() == 2 && !whole.contains("hunter2"), "{text}: {whole}");
        }
    }

    proptest! {
        #[test]
        fn nothing_but_what_dns_allows_gets_in(text in ".{0,40}") {
            if let Some(Host::Name(name)) = host(&text) {
                prop_assert!(name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.*".contains(&byte)));
            }
        }
    }
}
