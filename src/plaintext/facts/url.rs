//! URLs (RFC 3986): the scheme if it is well known, and the host if nobody can read the URL otherwise.
//!
//! `amqp://S3cretPart?x:y@mq/` has the host `S3cretPart` by the standard, and `mq` in the mind of whoever
//! wrote it. So a host is said only where both are the same.

use super::fact::{Fact, short};
use super::secret_text::looks_secret_text;

/// Schemes that are said; others are `unknown`, because a scheme is free text.
const SCHEMES: &[&str] = &[
    "http",
    "https",
    "postgres",
    "postgresql",
    "mysql",
    "mariadb",
    "mongodb",
    "mongodb+srv",
    "redis",
    "rediss",
    "amqp",
    "amqps",
    "kafka",
    "nats",
    "tls",
    "tcp",
    "mqtt",
    "mqtts",
    "ldap",
    "ldaps",
    "smtp",
    "smtps",
    "imap",
    "imaps",
    "ftp",
    "ftps",
    "sftp",
    "ssh",
    "s3",
    "gs",
    "clickhouse",
    "sqlserver",
    "mssql",
    "oracle",
    "cassandra",
    "elasticsearch",
    "ws",
    "wss",
];

/// Longest URL that is looked at.
const LONGEST: usize = 8192;

pub(super) fn detect(_bytes: &[u8], text: Option<&str>) -> Vec<Fact> {
    let text = text.map(str::trim).unwrap_or_default();
    let Some((scheme, rest)) = text.split_once("://") else { return Vec::new() };
    if text.len() > LONGEST || text.contains(char::is_whitespace) {
        return Vec::new();
    }
    let Some(scheme) = SCHEMES.iter().find(|known| **known == scheme) else { return Vec::new() };
    vec![Fact::Url { scheme, host: host(rest, text) }]
}

/// Returns the host if it can be read in one way only.
fn host(rest: &str, whole: &str) -> Option<String> {
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at_checked(end)?;
    // A second `@`, or one behind the authority, may be a part of a password that was not escaped.
    if tail.contains('@') || authority.matches('@').count() > 1 || whole.contains(['\\', '<', '>', '"']) {
        return None;
    }
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let (bare, port) = host.split_once(':').unwrap_or((host, "1"));
    let plain = is_host(bare) && port.len() <= 5 && port.bytes().all(|b| b.is_ascii_digit()) && !port.is_empty();
    // The library that other programs use must read it the same way.
    let agreed = url::Url::parse(whole).ok().and_then(|url| url.host_str().map(str::to_owned));
    (plain && agreed.as_deref() == Some(bare)).then(|| short(bare))
}

/// Tells a name that is nothing but a host: lower case, with a dot, no label that looks random.
pub(super) fn is_host(text: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let dotted = text == "localhost" || text.contains('.');
    dotted && text.len() <= 253 && text.split('.').all(label) && !looks_secret_text(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host_of(text: &str) -> Option<String> {
        match detect(text.as_bytes(), Some(text)).as_slice() {
            [Fact::Url { host, .. }] => host.clone(),
            _ => None,
        }
    }

    #[test]
    fn plain_hosts_are_said() {
        for url in [
            "postgres://app:not-a-real-one@db.example.com:5432/app?sslmode=require",
            "https://db.example.com",
            "redis://db.example.com/0",
        ] {
            assert_eq!(host_of(url).as_deref(), Some("db.example.com"), "{url}");
        }
    }

    #[test]
    fn doubtful_hosts_are_not() {
        for url in [
            "amqp://S3cretPart?x:y@mq/",
            "amqp://s3cretpart?x:y@mq.example.com/",
            "postgres://user:12/x@db.example.com/",
            "postgres://user:a@b@db.example.com/",
            "https://S3cretPart/",
            "https://s3cretpart/",
            "https://db.example.com:port/",
            "https://a\\b.example.com/",
        ] {
            assert_eq!(host_of(url), None, "{url}");
        }
    }

    #[test]
    fn a_scheme_is_free_text() {
        assert_eq!(detect(b"", Some("not-a-real-password://x")), []);
        assert_eq!(detect(b"", Some("https://a.b c")), []);
    }
}
