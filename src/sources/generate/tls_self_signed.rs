//! `generate:tls-self-signed`: a key pair and a certificate for it that it signed itself (RFC 5280).

use pkcs8::SecretDocument;
use rcgen::{
    Certificate, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256, SanType, SerialNumber,
};
use rsa::pkcs8::EncodePrivateKey;
use sha2::{Digest, Sha256};
use time::{Duration, OffsetDateTime};
use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::plaintext::SecretValue;

use super::hosts::{Host, hosts};
use super::key::{not_encoded, pem};
use super::options::Options;
use super::random::{NoRandom, fill};
use super::{Kind, Made, Row, rsa as rsa_key, ssh_ed25519};

pub(super) const ROW: Row = Row { name: "tls-self-signed", options: &["hosts", "days", "algorithm"], parse };

const DEFAULT_DAYS: usize = 365;
/// Apple's systems take no certificate of a server that is valid for longer, whoever trusts it.
const MOST_DAYS: usize = 825;
/// Clocks of clients may be behind.
const BEFORE: Duration = Duration::HOUR;
/// Longest common name that X.509 allows (upper bound of RFC 5280, appendix A).
const MOST_NAME: usize = 64;

#[derive(Debug, Clone, Copy)]
enum Algorithm {
    Ecdsa,
    Ed25519,
    Rsa,
}

#[derive(Debug)]
struct SelfSigned {
    hosts: Vec<Host>,
    days: usize,
    algorithm: Algorithm,
}

fn parse(options: &Options<'_>) -> Result<Box<dyn Kind>> {
    Ok(Box::new(self_signed(options)?))
}

fn self_signed(options: &Options<'_>) -> Result<SelfSigned> {
    let algorithm = match options.text("algorithm") {
        None | Some("ecdsa") => Algorithm::Ecdsa,
        Some("ed25519") => Algorithm::Ed25519,
        Some("rsa") => Algorithm::Rsa,
        Some(_) => {
            return Err(Error::usage("option `algorithm` of `generate:tls-self-signed` is not known")
                .hint("write algorithm=ecdsa, algorithm=ed25519 or algorithm=rsa"));
        }
    };
    Ok(SelfSigned {
        hosts: hosts(options.text("hosts").unwrap_or_default())?,
        days: options.number_within("days", DEFAULT_DAYS, 1, MOST_DAYS)?,
        algorithm,
    })
}

impl Kind for SelfSigned {
    fn describe(&self) -> String {
        let algorithm = match self.algorithm {
            Algorithm::Ecdsa => "ECDSA P-256".to_owned(),
            Algorithm::Ed25519 => "Ed25519".to_owned(),
            Algorithm::Rsa => format!("RSA {}", rsa_key::DEFAULT_BITS),
        };
        let hosts: Vec<String> = self.hosts.iter().map(ToString::to_string).collect();
        let days = if self.days == 1 { "1 day".to_owned() } else { format!("{} days", self.days) };
        format!("{algorithm} certificate for {}, {days}", hosts.join(", "))
    }

    fn bits(&self) -> Option<f64> {
        Some(match self.algorithm {
            // Half of the bits of the group.
            Algorithm::Ecdsa => 128.0,
            Algorithm::Ed25519 => ssh_ed25519::BITS,
            Algorithm::Rsa => rsa_key::strength(rsa_key::DEFAULT_BITS),
        })
    }

    fn least(&self) -> usize {
        2
    }

    fn most(&self) -> usize {
        2
    }

    fn grouped(&self) -> &'static str {
        "tls.crt,tls.key=generate:tls-self-signed,hosts=…"
    }

    fn make(&self, _keys: usize) -> Result<Made> {
        let (key, private) = self.key()?;
        let certificate = self.certificate(&key)?;
        // The platform's line endings would be those of Windows there.
        let text = certificate.pem().replace("\r\n", "\n");
        let digest: String = Sha256::digest(certificate.der()).iter().map(|byte| format!("{byte:02x}")).collect();
        let values = vec![SecretValue::from_bytes(Zeroizing::new(text.into_bytes())), private];
        Ok(Made { values, notes: vec![format!("SHA-256 of the certificate: {digest}")] })
    }
}

impl SelfSigned {
    /// Makes the key pair, and its private half as it is stored.
    fn key(&self) -> Result<(KeyPair, SecretValue)> {
        let der = match self.algorithm {
            Algorithm::Ecdsa => {
                let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(failed)?;
                let der = SecretDocument::try_from(key.serialized_der()).map_err(|_| not_encoded())?;
                return Ok((key, pem(&der)?));
            }
            Algorithm::Ed25519 => {
                let seed = ssh_ed25519::seed()?;
                ssh_ed25519::pkcs8(&seed)?
            }
            Algorithm::Rsa => rsa_key::key(rsa_key::DEFAULT_BITS)?.to_pkcs8_der().map_err(|_| not_encoded())?,
        };
        Ok((KeyPair::try_from(der.as_bytes()).map_err(failed)?, pem(&der)?))
    }

    /// Makes the certificate of a server, and of no authority.
    fn certificate(&self, key: &KeyPair) -> Result<Certificate> {
        let mut params = CertificateParams::default();
        let now = OffsetDateTime::now_utc();
        params.not_before = now - BEFORE;
        params.not_after = now + Duration::days(i64::try_from(self.days).unwrap_or(1));
        params.serial_number = Some(serial()?);
        params.subject_alt_names = self.hosts.iter().map(name).collect::<Result<_>>()?;
        params.distinguished_name = DistinguishedName::new();
        // Nobody reads it but people; some readers refuse a certificate without a subject.
        let first = self.hosts.first().map(ToString::to_string).filter(|name| name.len() <= MOST_NAME);
        params.distinguished_name.push(DnType::CommonName, first.unwrap_or_else(|| "self-signed".to_owned()));
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        if matches!(self.algorithm, Algorithm::Rsa) {
            params.key_usages.push(KeyUsagePurpose::KeyEncipherment);
        }
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.self_signed(key).map_err(failed)
    }
}

fn name(host: &Host) -> Result<SanType> {
    Ok(match host {
        Host::Name(name) => SanType::DnsName(name.as_str().try_into().map_err(|_| not_encoded())?),
        Host::Address(address) => SanType::IpAddress(*address),
    })
}

/// Draws a serial number: positive, of 16 bytes whatever is drawn.
fn serial() -> Result<SerialNumber> {
    let mut bytes = [0; 16];
    fill(&mut bytes)?;
    if let Some(first) = bytes.first_mut() {
        *first = *first & 0x3f | 0x40;
    }
    Ok(SerialNumber::from_slice(&bytes))
}

/// The parameters are ours and good, so only the random numbers of the library can fail.
fn failed(error: rcgen::Error) -> Error {
    if matches!(error, rcgen::Error::RingUnspecified) { NoRandom.into() } else { not_encoded() }
}

#[cfg(test)]
mod tests {
    use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

    use super::*;

    fn self_signed(text: &str) -> Result<SelfSigned> {
        super::self_signed(&Options::parse(text, "tls-self-signed", ROW.options)?)
    }

    fn made(text: &str) -> Vec<u8> {
        let kind = self_signed(text).unwrap();
        let (key, _) = kind.key().unwrap();
        kind.certificate(&key).unwrap().der().to_vec()
    }

    #[test]
    fn a_certificate_is_that_of_a_server_and_of_no_authority() {
        for algorithm in ["ecdsa", "ed25519", "rsa"] {
            let hosts = "app.example.com+*.apps.example.com+10.0.0.1+2001:db8::1";
            let der = made(&format!("hosts={hosts},days=30,algorithm={algorithm}"));
            let (rest, it) = X509Certificate::from_der(&der).unwrap();
            assert!(rest.is_empty());
            it.verify_signature(None).unwrap();
            let constraints = it.basic_constraints().unwrap().unwrap();
            assert!(!constraints.value.ca && constraints.value.path_len_constraint.is_none());
            let usage = it.key_usage().unwrap().unwrap().value;
            assert!(usage.digital_signature() && !usage.key_cert_sign());
            assert_eq!(usage.key_encipherment(), algorithm == "rsa");
            let extended = it.extended_key_usage().unwrap().unwrap().value;
            assert!(extended.server_auth && !extended.client_auth && !extended.any);
            let names = &it.subject_alternative_name().unwrap().unwrap().value.general_names;
            let expected = [
                GeneralName::DNSName("app.example.com"),
                GeneralName::DNSName("*.apps.example.com"),
                GeneralName::IPAddress(&[10, 0, 0, 1]),
                GeneralName::IPAddress(&[0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
            ];
            assert_eq!(names, &expected);
            let valid = it.validity();
            assert_eq!(valid.not_after.timestamp() - valid.not_before.timestamp(), 30 * 86400 + 3600);
            assert!(it.raw_serial().len() == 16 && it.raw_serial()[0] < 0x80);
        }
    }

    #[test]
    fn serial_numbers_are_drawn_anew() {
        let serial = |der: &[u8]| X509Certificate::from_der(der).unwrap().1.raw_serial().to_vec();
        assert_ne!(serial(&made("hosts=a")), serial(&made("hosts=a")));
    }

    #[test]
    fn a_long_first_name_is_in_the_names_only() {
        let long = format!("{}.example.com", "a".repeat(60));
        let der = made(&format!("hosts={long}"));
        let (_, it) = X509Certificate::from_der(&der).unwrap();
        assert_eq!(it.subject().to_string(), "CN=self-signed");
    }

    #[test]
    fn what_makes_no_certificate_is_refused() {
        for text in ["", "hosts=", "hosts=a,days=0", "hosts=a,days=826", "hosts=a,algorithm=dsa", "hosts=a++b"] {
            assert_eq!(self_signed(text).unwrap_err().kind().exit_code(), 2, "{text}");
        }
    }
}
