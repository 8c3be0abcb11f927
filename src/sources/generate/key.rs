//! What the kinds that make key pairs share: formats, and the public half beside the private one.

use pkcs8::SecretDocument;
use pkcs8::der::pem::LineEnding;
use ssh_key::PrivateKey;
use ssh_key::private::KeypairData;
use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::plaintext::SecretValue;

use super::Made;
use super::options::Options;

/// The form in which a private key is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// OpenSSH's own.
    OpenSsh,
    /// PEM of PKCS #8 (RFC 5958), which nearly everything else reads.
    Pkcs8,
}

impl Format {
    /// Reads the option `format`.
    pub(super) fn parse(options: &Options<'_>, default: Self) -> Result<Self> {
        match options.text("format") {
            None => Ok(default),
            Some("openssh") => Ok(Self::OpenSsh),
            Some("pkcs8") => Ok(Self::Pkcs8),
            Some(_) => Err(Error::usage(format!("option `format` of `generate:{}` is not known", options.kind()))
                .hint("write format=openssh or format=pkcs8")),
        }
    }

    /// Names it for a plan.
    pub(super) fn describe(self) -> &'static str {
        match self {
            Self::OpenSsh => "OpenSSH",
            Self::Pkcs8 => "PKCS #8",
        }
    }
}

/// Writes a private key in PKCS #8 as PEM.
pub(super) fn pem(der: &SecretDocument) -> Result<SecretValue> {
    // Not the platform's line ending: the value is for a container.
    let text = der.to_pem("PRIVATE KEY", LineEnding::LF).map_err(|_| not_encoded())?;
    Ok(value(text))
}

/// Makes what is stored and said of a key pair for SSH: `pkcs8` is asked only if it is wanted.
///
/// Of two keys the second gets the public half.
pub(super) fn ssh_pair(
    pair: KeypairData,
    format: Format,
    keys: usize,
    pkcs8: impl FnOnce() -> Result<SecretValue>,
) -> Result<Made> {
    let key = PrivateKey::new(pair, "").map_err(|_| not_encoded())?;
    let public = key.public_key().to_openssh().map_err(|_| not_encoded())?;
    let private = match format {
        Format::OpenSsh => value(key.to_openssh(LineEnding::LF).map_err(|_| not_encoded())?),
        Format::Pkcs8 => pkcs8()?,
    };
    let mut made = Made::from(private).note(format!("public half: {}", public.trim_end()));
    if keys > 1 {
        // With the newline that OpenSSH's own files end with.
        made.values.push(SecretValue::from_bytes(Zeroizing::new(format!("{}\n", public.trim_end()).into_bytes())));
    }
    Ok(made)
}

fn value(mut text: Zeroizing<String>) -> SecretValue {
    SecretValue::from_bytes(Zeroizing::new(std::mem::take(&mut *text).into_bytes()))
}

/// A key that was just made can be written, so this is a bug of ours.
pub(super) fn not_encoded() -> Error {
    Error::bug("a generated key cannot be encoded")
}
