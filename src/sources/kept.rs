//! A value of a kept version, for `rollback`: it has no scheme, because nobody writes it.

use std::sync::Arc;

use futures::future::BoxFuture;
use jiff::Timestamp;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::plan::Target;
use crate::plan::companions::Version;

use super::stdin::key_name;
use super::{AnySource, Ask, Filling, Source};

#[derive(Debug)]
struct Kept {
    place: Target,
    version: Version,
}

/// Takes values from the version that stands at `place`, if it is the one that the target lists.
pub(crate) fn kept(place: Target, version: Version) -> AnySource {
    Arc::new(Kept { place, version })
}

impl Source for Kept {
    fn scheme(&self) -> &'static str {
        "rollback"
    }

    fn summary(&self) -> String {
        format!("version {}, replaced {}", self.version.n, day(self.version.at))
    }

    fn fills(&self) -> usize {
        usize::MAX
    }

    fn may_be_empty(&self) -> bool {
        true
    }

    fn fill<'a>(&'a self, ask: &'a Ask<'a>, ctx: &'a Context) -> BoxFuture<'a, Result<Filling>> {
        Box::pin(async move {
            let Target { name, namespace, .. } = &self.place;
            let refused = |why: &str| {
                Error::source(format!("no value for {}", key_name(ask)))
                    .because(format!("secret `{name}` in namespace `{namespace}` {why}"))
                    .hint(format!(
                        "see which versions there are: kubectl secretsafe view {} -n {namespace}",
                        ask.target.name
                    ))
            };
            let found = ctx.cluster().await?.companion(&self.place, &self.version.uid).await?;
            let mut values = found.ok_or_else(|| refused("is gone, or is another one than is listed"))?.values;
            let taken = ask.keys.iter().map(|key| values.remove(key).ok_or_else(|| refused("lacks the key")));
            Ok(Filling { values: taken.collect::<Result<_>>()?, notes: Vec::new() })
        })
    }
}

fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M").to_string()
}
