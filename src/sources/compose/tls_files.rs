//! A certificate and its key, checked against each other before anything is sent.

use futures::future::BoxFuture;
use jiff::Timestamp;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::plaintext::SecretValue;
use crate::plaintext::facts::{self, PairError};
use crate::plaintext::render::{DecryptError, decrypt_key};
use crate::sources::{Allowed, AnySource, Ask, Filling, Flag, Source};

use super::one;

/// Fills two keys: the certificate's, and the private key's.
#[derive(Debug)]
pub(crate) struct TlsFiles {
    /// The chain, from a public file.
    pub(crate) cert: AnySource,
    /// The private key.
    pub(crate) key: AnySource,
    /// Where the passphrase of an encrypted key comes from, if it is to be stored decrypted.
    pub(crate) passphrase: Option<AnySource>,
    /// The flags that named them, in this order.
    pub(crate) flags: [Flag; 3],
}

impl TlsFiles {
    /// What each part is asked, with its own key and flag; the passphrase belongs to the second key.
    fn asks<'a>(&'a self, ask: &Ask<'a>) -> [Ask<'a>; 3] {
        let [cert, key, passphrase] = &self.flags;
        let (first, second) = ask.keys.split_at(ask.keys.len().min(1));
        [
            Ask { keys: first, flag: Some(cert), ..*ask },
            Ask { keys: second, flag: Some(key), ..*ask },
            Ask { keys: second, flag: Some(passphrase), ..*ask },
        ]
    }

    /// Opens an encrypted key, or refuses it.
    async fn open(&self, key: SecretValue, ask: &Ask<'_>, ctx: &Context) -> Result<SecretValue> {
        if !facts::is_encrypted_key(&key) {
            return Ok(key);
        }
        let Some(passphrase) = &self.passphrase else {
            return Err(Error::refused("the private key is encrypted")
                .because("what reads the Secret cannot ask for a passphrase")
                .hint("to be asked for the passphrase and store the key decrypted, add --decrypt-key"));
        };
        let passphrase = one(passphrase.as_ref(), ask, ctx).await?;
        decrypt_key(&key, &passphrase).map_err(|error| {
            let hint = match error {
                DecryptError::OldForm => "convert it first: openssl pkcs8 -topk8 -in KEYFILE -out NEWFILE",
                DecryptError::Broken | DecryptError::WrongPassphrase => "try it with: openssl pkey -in KEYFILE -noout",
            };
            Error::source("the private key cannot be decrypted").caused_by(&error).hint(hint)
        })
    }
}

impl Source for TlsFiles {
    fn scheme(&self) -> &'static str {
        self.key.scheme()
    }

    fn summary(&self) -> String {
        format!("{}, {}", self.cert.summary(), self.key.summary())
    }

    fn reads_once(&self) -> Option<String> {
        self.key.reads_once()
    }

    fn fills(&self) -> usize {
        2
    }

    fn part(&self, index: usize) -> Option<&AnySource> {
        [&self.cert, &self.key].get(index).copied()
    }

    fn check(&self, ask: &Ask<'_>) -> Result<()> {
        let [cert, key, passphrase] = self.asks(ask);
        self.cert.check(&cert)?;
        self.key.check(&key)?;
        self.passphrase.as_ref().map_or(Ok(()), |source| source.check(&passphrase))
    }

    fn prepare(&self, ask: &Ask<'_>) -> Result<()> {
        let [cert, key, passphrase] = self.asks(ask);
        self.cert.prepare(&cert)?;
        self.key.prepare(&key)?;
        match &self.passphrase {
            // A terminal is needed only if the key turns out to be encrypted.
            Some(source) if source.scheme() != "prompt" => source.prepare(&passphrase),
            _ => Ok(()),
        }
    }

    fn fill<'a>(&'a self, ask: &'a Ask<'a>, ctx: &'a Context) -> BoxFuture<'a, Result<Filling>> {
        Box::pin(async move {
            let [for_cert, for_key, for_passphrase] = self.asks(ask);
            let name = &ask.target.name;
            // Whether it is public is looked at below, in the words of this flag.
            let allowed = Allowed { public: for_cert.keys.to_vec(), ..ask.allowed.clone() };
            let chain = one(self.cert.as_ref(), &Ask { allowed: &allowed, ..for_cert }, ctx).await?;
            if facts::private_key(&chain).is_some() || facts::looks_secret(&chain) {
                return Err(Error::refused("there is a private key or another secret in the file of `--cert`")
                    .because("a file that is named on the command line must be public")
                    .hint("keep the certificates only in it, and send the key with --key stdin < KEYFILE"));
            }
            facts::check_chain(&chain).map_err(|error| {
                Error::source("the file of `--cert` cannot be used").caused_by(&error).hint(
                    "it needs certificates in PEM, that of the server first: openssl x509 -in FILE -noout -subject",
                )
            })?;
            let key = one(self.key.as_ref(), &for_key, ctx).await?;
            let key = self.open(key, &for_passphrase, ctx).await?;
            let pair =
                facts::tls_pair(&chain, &key, Timestamp::now()).map_err(|error| explain(error, name.as_str()))?;
            if let Some(until) = pair.expired {
                ctx.ui.warn(&format!("the certificate expired on {}", day(until)));
            }
            if let Some(from) = pair.not_yet {
                ctx.ui.warn(&format!("the certificate is not valid before {}", day(from)));
            }
            if let Some(number) = pair.broken_after {
                ctx.ui.warn(&format!(
                    "certificate {number} of the chain is not signed by the one that follows it; clients may not trust it"
                ));
            }
            if pair.unchecked {
                ctx.ui.warn("the key has an algorithm that cannot be checked here against the certificate");
            }
            Ok(Filling { values: vec![chain, key], notes: Vec::new() })
        })
    }
}

fn explain(error: PairError, name: &str) -> Error {
    let wrong =
        Error::source(format!("certificate and key for secret `{name}` cannot be used together")).caused_by(&error);
    match error {
        PairError::Mismatch => {
            wrong.hint("compare: openssl x509 -in CERTFILE -noout -pubkey; openssl pkey -in KEYFILE -pubout")
        }
        PairError::NoKey | PairError::BadKey => {
            wrong.hint("send the file that has `BEGIN PRIVATE KEY`: --key stdin < KEYFILE")
        }
        _ => wrong.hint("the certificate of the server comes first in the file of --cert"),
    }
}

fn day(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d").to_string()
}
