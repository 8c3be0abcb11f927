//! A request or response body that nobody outside can read, wiped when it is dropped.

use bytes::Bytes;
use http_body_util::BodyExt;
use kube::client::Body;
use zeroize::Zeroizing;

/// Largest answer that is read: a page of 100 Secrets' metadata, each with up to 256 KiB of annotations
/// (Kubernetes' limit) and as much in managedFields.
const MAX_ANSWER: usize = 64 * 1024 * 1024;

/// Bytes on their way to or from the API server.
pub(crate) struct WireBody(Zeroizing<Vec<u8>>);

/// Why a body could not be read to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Incomplete {
    /// The connection ended first.
    Cut,
    /// It is larger than any answer to what we asked.
    TooLarge,
}

impl WireBody {
    /// A body without content.
    pub(crate) fn empty() -> Self {
        Self(Zeroizing::new(Vec::new()))
    }

    /// Takes bytes that are ready to be sent.
    pub(in crate::plaintext) fn from_bytes(bytes: Zeroizing<Vec<u8>>) -> Self {
        Self(bytes)
    }

    /// Reads an answer to its end.
    pub(crate) async fn collect(mut body: Body) -> Result<Self, Incomplete> {
        let mut all = Zeroizing::new(Vec::with_capacity(16 * 1024));
        while let Some(frame) = body.frame().await {
            // The reason is hyper's and is not looked at: the caller knows what was cut.
            let frame = frame.map_err(|_| Incomplete::Cut)?;
            if let Some(data) = frame.data_ref() {
                if all.len() + data.len() > MAX_ANSWER {
                    return Err(Incomplete::TooLarge);
                }
                all.extend_from_slice(data);
            }
        }
        Ok(Self(all))
    }

    /// Hands the bytes to the HTTP client, which frees them when they are sent.
    pub(crate) fn send(self) -> Body {
        Body::from(Bytes::from_owner(self.0))
    }

    /// Reads the bytes; for this room only.
    pub(in crate::plaintext) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Debug for WireBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WireBody(redacted)")
    }
}
