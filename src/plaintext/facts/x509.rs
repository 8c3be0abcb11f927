//! X.509 certificates in PEM (RFC 5280, RFC 7468): their public parts.

use jiff::Timestamp;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::pem::Pem;
use x509_parser::x509::X509Name;

use super::fact::{Fact, short};

/// Most names that are listed.
const MOST_NAMES: usize = 32;

pub(super) fn detect(bytes: &[u8], text: Option<&str>) -> Vec<Fact> {
    if !text.is_some_and(|text| text.contains("-----BEGIN CERTIFICATE-----")) {
        return Vec::new();
    }
    let blocks: Vec<Pem> =
        Pem::iter_from_buffer(bytes).flatten().filter(|block| block.label == "CERTIFICATE").collect();
    let first = blocks.first().and_then(|block| block.parse_x509().ok().and_then(|it| fact(&it, blocks.len())));
    first.into_iter().collect()
}

fn fact(certificate: &X509Certificate<'_>, chain: usize) -> Option<Fact> {
    let validity = certificate.validity();
    let time = |seconds: i64| Timestamp::from_second(seconds).ok();
    Some(Fact::X509Certificate {
        subject: common_name(certificate.subject()),
        issuer: common_name(certificate.issuer()),
        sans: sans(certificate),
        not_before: time(validity.not_before.timestamp())?,
        not_after: time(validity.not_after.timestamp())?,
        chain,
    })
}

fn common_name(name: &X509Name<'_>) -> Option<String> {
    name.iter_common_name().next().and_then(|cn| cn.as_str().ok()).map(short)
}

fn sans(certificate: &X509Certificate<'_>) -> Vec<String> {
    let Ok(Some(extension)) = certificate.subject_alternative_name() else { return Vec::new() };
    let name = |name: &GeneralName<'_>| match name {
        GeneralName::DNSName(name) => Some(short(name)),
        GeneralName::IPAddress(octets) => address(octets),
        _ => None,
    };
    extension.value.general_names.iter().filter_map(name).take(MOST_NAMES).collect()
}

fn address(octets: &[u8]) -> Option<String> {
    if let Ok(octets) = <[u8; 4]>::try_from(octets) {
        return Some(std::net::Ipv4Addr::from(octets).to_string());
    }
    <[u8; 16]>::try_from(octets).ok().map(|octets| std::net::Ipv6Addr::from(octets).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_shows_its_public_parts() {
        let mut params = rcgen::CertificateParams::new(vec!["db.example.com".into(), "10.0.0.1".into()]).unwrap();
        params.distinguished_name.push(rcgen::DnType::CommonName, "db.example.com");
        params.not_after = rcgen::date_time_ymd(2035, 1, 2);
        let pem = params.self_signed(&rcgen::KeyPair::generate().unwrap()).unwrap().pem();
        let chain = format!("{pem}{pem}");
        let facts = detect(chain.as_bytes(), Some(&chain));
        let Some(Fact::X509Certificate { subject, sans, not_after, chain, .. }) = facts.first() else {
            panic!("{facts:?}")
        };
        assert_eq!(subject.as_deref(), Some("db.example.com"));
        assert_eq!(sans, &["db.example.com", "10.0.0.1"]);
        assert_eq!(not_after.to_string(), "2035-01-02T00:00:00Z");
        assert_eq!(*chain, 2);
        assert_eq!(facts[0].label(), "certificate CN=db.example.com, until 2035-01-02 (chain of 2)");
    }

    #[test]
    fn what_only_looks_like_one_is_none() {
        let text = "-----BEGIN CERTIFICATE-----\nbm90LWEtcmVhbC1vbmU=\n-----END CERTIFICATE-----\n";
        assert_eq!(detect(text.as_bytes(), Some(text)), []);
    }
}
