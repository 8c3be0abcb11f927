//! What is sealed of a Secret that is in the cluster.

use std::collections::BTreeMap;

use crate::commands::copy::LABELS;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::names::KeyName;
use crate::plaintext::SecretValue;
use crate::plaintext::render::{annotations_of, labels_of};
use crate::plan::Target;
use crate::plan::edit::absent;
use crate::plan::seal::Template;

use super::wanted::Along;
use super::where_it_is;

/// Values of a Secret, and what goes along with them.
#[derive(Debug, Default)]
pub(super) struct Live {
    /// The values.
    pub(super) values: BTreeMap<KeyName, SecretValue>,
    /// The rest.
    pub(super) template: Template,
}

impl Live {
    /// Reads the Secret once; without `keys` all of them are wanted. Who calls it has asked for consent.
    pub(super) async fn read(target: &Target, keys: &[KeyName], along: &Along, ctx: &Context) -> Result<Self> {
        let mut live = ctx.cluster().await?.secret(target).await?.object;
        if let Some(missing) = keys.iter().find(|key| !live.values.contains_key(*key)) {
            return Err(absent(missing, live.values.keys(), target)
                .hint(format!("to seal a value that is not in the cluster, type: {missing}=SOURCE")));
        }
        if live.values.is_empty() {
            return Err(Error::usage(format!("{} has no keys", where_it_is(target)))
                .hint("name keys and their sources, such as password=generate"));
        }
        let named = |names: &[String], name: &str| names.iter().any(|wanted| wanted == name);
        let labels = labels_of(&live, |name| LABELS.contains(&name) || named(&along.live_labels, name));
        let annotations = annotations_of(&live, |name| named(&along.live_annotations, name));
        for (what, dropped) in [("label", &labels.dropped), ("annotation", &annotations.dropped)] {
            for name in dropped {
                ctx.ui.warn(&format!("{what} `{name}` of {} is left behind: it holds a value", where_it_is(target)));
            }
        }
        live.values.retain(|key, _| keys.is_empty() || keys.contains(key));
        let template = Template {
            secret_type: live.secret_type,
            immutable: live.immutable,
            labels: labels.kept,
            annotations: annotations.kept,
        };
        Ok(Self { values: live.values, template })
    }
}
