//! Which certificate values are sealed for, and whether it is believed (requirement S24).

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;
use std::str::FromStr;

use http::Uri;
use jiff::Timestamp;

use crate::cli::argv;
use crate::cluster::fetch_certificate;
use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::names::Namespace;
use crate::plaintext::seal::{Certificate, CertificateError};
use crate::plan::Target;

use super::pins::Pins;

/// Longest file that is read.
const LONGEST: u64 = 1024 * 1024;

/// The flags that name what opens the values again.
#[derive(clap::Args, Debug)]
pub(super) struct ControllerFlags {
    /// Certificate of the controller, if it is not to be asked for it: a file, or an https:// URL
    #[arg(long, value_name = "FILE|URL")]
    cert: Option<String>,

    /// SHA-256 of the controller's key: accepts this key and no other, and keeps it for the next time
    #[arg(long, value_name = "SHA256")]
    cert_fingerprint: Option<Fingerprint>,

    /// Namespace of the controller
    #[arg(long, value_name = "NAMESPACE", default_value = "kube-system")]
    controller_namespace: Namespace,

    /// Name of the controller's Service
    #[arg(long, value_name = "SERVICE", default_value = "sealed-secrets-controller")]
    controller_name: Service,
}

impl TryFrom<ControllerFlags> for Controller {
    type Error = Error;

    fn try_from(flags: ControllerFlags) -> Result<Self> {
        Ok(Self {
            certificate: flags.cert.as_deref().map(Place::read).transpose()?,
            fingerprint: flags.cert_fingerprint,
            namespace: flags.controller_namespace,
            service: flags.controller_name,
        })
    }
}

/// What opens the values again.
#[derive(Debug)]
pub(super) struct Controller {
    /// Where its certificate is, if it is not to be asked for it.
    pub(super) certificate: Option<Place>,
    /// The key that it must have.
    pub(super) fingerprint: Option<Fingerprint>,
    /// Its namespace.
    pub(super) namespace: Namespace,
    /// Its Service.
    pub(super) service: Service,
}

/// Where a certificate is.
#[derive(Debug)]
pub(super) enum Place {
    /// A file.
    File(PathBuf),
    /// A web server.
    Url(Uri),
}

impl Place {
    /// Reads `--cert`.
    pub(super) fn read(text: &str) -> Result<Self> {
        let Some((scheme, rest)) = text.split_once("://") else { return Ok(Self::File(PathBuf::from(text))) };
        if !scheme.eq_ignore_ascii_case("https") {
            return Err(Error::refused("the certificate is taken from a file or over https, and from nowhere else")
                .because("whoever is on the way could put another key there")
                .hint("write --cert FILE or --cert https://…"));
        }
        let url: Option<Uri> = text.parse().ok();
        let url = url.filter(|url| url.host().is_some_and(|host| !host.is_empty()) && !rest.contains('@'));
        url.map(Self::Url).ok_or_else(|| {
            Error::usage("`--cert` has a URL that cannot be used")
                .because("it has a host and a path, and no login")
                .hint("write one such as --cert https://example.com/sealed-secrets.pem")
        })
    }
}

/// SHA-256 of a key: 64 hex digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fingerprint(String);

impl FromStr for Fingerprint {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        // Some programs write colons between the bytes.
        let digits: String = text.chars().filter(|character| *character != ':').collect();
        if digits.len() == 64 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Ok(Self(digits.to_ascii_lowercase()));
        }
        Err(Error::usage(format!("{} is not a SHA-256", argv::name_of(text)))
            .because("it has 64 hex digits")
            .hint("docs/seal.md says how to get it from the controller"))
    }
}

/// The name of a Service (DNS-1035 label).
#[derive(Debug, Clone)]
pub(super) struct Service(String);

impl Service {
    /// Returns the name.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Service {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let fits = text.len() <= 63
            && text.starts_with(|first: char| first.is_ascii_lowercase())
            && !text.ends_with('-')
            && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if fits {
            return Ok(Self(text.to_owned()));
        }
        Err(Error::usage(format!("{} is not a valid name for a Service", argv::name_of(text)))
            .hint("see which there are: kubectl get services -A"))
    }
}

/// Returns the certificate once it is believed; `None` if the user does not.
pub(super) async fn trusted(controller: &Controller, target: &Target, ctx: &Context) -> Result<Option<Certificate>> {
    let certificate = fetch(controller, ctx).await?;
    let until = certificate.until();
    if until < Timestamp::now() {
        return Err(Error::refused("the controller's certificate has expired")
            .because(format!("it was valid until {}", until.strftime("%Y-%m-%d")))
            .hint(
                "the controller makes a new one every month: fetch that one, or leave --cert out to ask the controller",
            ));
    }
    believe(controller, &certificate, target, ctx).map(|believed| believed.then_some(certificate))
}

async fn fetch(controller: &Controller, ctx: &Context) -> Result<Certificate> {
    let (read, kind) = match &controller.certificate {
        None => {
            let cluster = ctx.cluster().await?;
            let answer = cluster.sealing_certificate(&controller.namespace, &controller.service.0).await?;
            (Certificate::from_answer(&answer), ErrorKind::Cluster)
        }
        Some(Place::Url(url)) => {
            let limit = ctx.global.request_timeout.and_then(|timeout| timeout.0);
            let answer = ctx.ui.waiting(fetch_certificate(url, limit)).await?;
            (Certificate::from_answer(&answer), ErrorKind::Cluster)
        }
        Some(Place::File(path)) => {
            let mut text = Vec::new();
            let read = File::open(path).and_then(|file| file.take(LONGEST).read_to_end(&mut text));
            read.map_err(|err| {
                Error::usage("the file that `--cert` names cannot be read")
                    .because(err.kind().to_string())
                    .hint("leave --cert out to ask the controller")
            })?;
            (Certificate::from_pem(&text), ErrorKind::Usage)
        }
    };
    read.map_err(|why| {
        let kind = match why {
            CertificateError::NotRsa | CertificateError::Short(_) => ErrorKind::Refused,
            CertificateError::None | CertificateError::Unreadable => kind,
        };
        Error::new(kind, "nothing can be sealed for this certificate")
            .caused_by(&why)
            .hint("take the controller's own: kubeseal --fetch-cert, or leave --cert out")
    })
}

/// Compares the key with the one that is known for this cluster; asks about the first one.
fn believe(controller: &Controller, certificate: &Certificate, target: &Target, ctx: &Context) -> Result<bool> {
    let place = format!("{}/{}", controller.namespace, controller.service.0);
    let key = certificate.fingerprint();
    let mut pins = Pins::load()?;
    let known = pins.key_of(target, &place).map(str::to_owned);
    if let Some(given) = &controller.fingerprint {
        if given.0 != key {
            return Err(Error::refused("the certificate has another key than `--cert-fingerprint` says")
                .because(format!("SHA-256 of its key is {key}"))
                .hint("find out which one is right before you go on: docs/seal.md says how"));
        }
        if known.as_deref() != Some(key) {
            // It was checked; whether it is known the next time is not what this run depends on.
            if let Err(error) = pins.keep(target, &place, key) {
                ctx.ui.warn(&format!("the key is not kept for the next time: {}", error.message()));
            }
        }
        return Ok(true);
    }
    match known {
        Some(known) if known == key => Ok(true),
        Some(known) => Err(Error::refused(format!("the key of controller {place} is not the one that is known"))
            .because(format!("SHA-256 of the known key is {known}"))
            .because(format!("SHA-256 of this one is {key}"))
            .because(
                "the controller makes a new one every month, and so would somebody who wants to read what you seal",
            )
            .hint(format!(
                "look at the controller's own (docs/seal.md says how); if it is the same, add --cert-fingerprint {key}"
            ))),
        None if !ctx.ui.has_terminal() => Err(Error::refused(format!(
            "the key of controller {place} is not known yet, and nobody is there to confirm it"
        ))
        .because(format!("SHA-256 of the key is {key}"))
        .hint(format!(
            "look at the controller's own (docs/seal.md says how); if it is the same, add --cert-fingerprint {key}"
        ))),
        None => {
            ctx.ui.say(&format!(
                "first use of the key of controller {place}, context {} ({})",
                target.context, target.server
            ));
            ctx.ui.say(&format!("  SHA-256 of the key: {key}"));
            ctx.ui.say(&format!("  valid until {}", certificate.until().strftime("%Y-%m-%d")));
            if !ctx.ui.confirm("Seal for this key, now and from now on?")? {
                return Ok(false);
            }
            pins.keep(target, &place, key)?;
            Ok(true)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_in_a_file_or_behind_https() {
        assert!(matches!(Place::read("cert.pem"), Ok(Place::File(_))));
        assert!(matches!(Place::read("https://example.com/cert.pem?x=1"), Ok(Place::Url(_))));
        for bad in ["http://example.com/cert.pem", "HTTP://example.com", "ftp://example.com/c", "file:///etc/x"] {
            assert_eq!(Place::read(bad).unwrap_err().kind().exit_code(), 3, "{bad}");
        }
        for bad in ["https://", "https:///cert.pem", "https://me:not-a-real-password@example.com/cert.pem"] {
            let error = Place::read(bad).unwrap_err();
            assert_eq!(error.kind().exit_code(), 2, "{bad}");
            assert!(!format!("{error}{:?}{:?}", error.causes(), error.hints()).contains("not-a-real"));
        }
    }

    #[test]
    fn a_fingerprint_has_64_hex_digits() {
        let digits = "0123456789ABCDEF".repeat(4);
        assert_eq!(digits.parse::<Fingerprint>().unwrap().0, digits.to_ascii_lowercase());
        let pairs: Vec<&str> = (0..32).filter_map(|at| digits.get(2 * at..2 * at + 2)).collect();
        assert_eq!(pairs.join(":").parse::<Fingerprint>().unwrap().0, digits.to_ascii_lowercase());
        for bad in ["", "0123", &digits.replace('0', "g")] {
            assert!(bad.parse::<Fingerprint>().is_err(), "{bad}");
        }
    }
}
