//! The image of the job: by digest, so that what runs is what somebody looked at (requirement S19).

use std::str::FromStr;

use crate::error::{Error, Result};

const DIGEST: &str = "@sha256:";

/// `REGISTRY/NAME[:TAG]@sha256:DIGEST`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Image(String);

impl Image {
    /// Returns the reference.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Image {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let wrong = |why: &str| {
            Error::usage("`--image` does not say exactly which image runs")
                .because(why)
                .hint("write it with its digest, such as --image registry.example.com/secretsafe@sha256:… and 64 hex digits; `docker buildx imagetools inspect NAME:TAG` shows it")
        };
        let (name, digest) =
            text.split_once(DIGEST).ok_or_else(|| wrong("a tag can be moved; there is no @sha256: in it"))?;
        let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if digest.len() != 64 || !digest.bytes().all(is_hex) {
            return Err(wrong("behind @sha256: stand 64 digits from 0-9 and a-f"));
        }
        let known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'/' | b':');
        let ends = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
        if !name.bytes().all(known) || !ends(name.as_bytes().first()) || !ends(name.as_bytes().last()) {
            return Err(wrong("its name is none that a registry has"));
        }
        Ok(Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_digest_says_which_image_runs() {
        let digest = "0123456789abcdef".repeat(4);
        for name in ["a", "ghcr.io/x/secretsafe", "localhost:5000/x_y:v1.2"] {
            assert!(format!("{name}@sha256:{digest}").parse::<Image>().is_ok(), "{name}");
        }
        for bad in [
            "ghcr.io/x/secretsafe:v1".to_owned(),
            format!("x@sha256:{}", &digest[1..]),
            format!("x@sha256:{}", digest.to_uppercase()),
            format!("@sha256:{digest}"),
            format!("x y@sha256:{digest}"),
            format!("x/@sha256:{digest}"),
            format!("x@sha512:{digest}"),
            format!("x@sha256:{digest}\n"),
        ] {
            assert!(bad.parse::<Image>().is_err(), "{bad:?}");
        }
    }
}
