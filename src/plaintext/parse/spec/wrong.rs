//! What can be wrong with a document of SecretSources. The texts are ours, and hold nothing of the file: what stands
//! there may be a value.

use std::fmt;

use crate::plan::spec::TemplateFault;

/// Fields of which people expect that a value stands in them.
const INLINE: &[&str] = &["data", "stringData", "value", "values", "literal", "plaintext", "text"];

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// Another version than the one that is known.
    Version,
    /// Another kind than the one that there is.
    Kind,
    /// A field that there is not, of what, and the one that was probably meant.
    Unknown(&'static str, Option<&'static str>),
    /// A field by which a value would stand in the file.
    Inline(&'static str),
    /// A text where a source belongs, and not behind `from`.
    Bare,
    /// A field that must be there.
    Missing(&'static str),
    /// What it is, and what it must be.
    Type(&'static str, &'static str),
    /// A name, of what, that Kubernetes does not take.
    Name(&'static str),
    /// A label's or annotation's name that only this program writes.
    Reserved,
    /// `last-applied-configuration`.
    LastApplied,
    /// A key in two groups, or a part of the name of a key.
    Twice,
    /// None or several of what fills a key.
    OneOf,
    /// Text, of what, that looks like a secret.
    LooksSecret(&'static str),
    /// No scheme that there is; the one that was probably meant.
    Source(Option<&'static str>),
    /// A scheme, with something behind it that it does not take.
    SourceForm(&'static str),
    /// A source that does not fill so many keys.
    Fills(&'static str),
    /// A template.
    Template(TemplateFault),
    /// A template's name that is neither a key nor a part.
    NoPart,
    /// A template that is made from itself.
    Cycle,
    /// A part that no template names.
    Unused,
    /// A span of time.
    Span,
    /// A policy where none can be.
    Policy(&'static str),
    /// A registry twice.
    RegistryTwice,
}

impl Wrong {
    /// Tells a field by which a value would stand in the file.
    pub(super) fn inline(name: &str) -> Option<Self> {
        INLINE.iter().find(|known| **known == name).map(|name| Self::Inline(name))
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version => f.write_str("the apiVersion of SecretSources is secretsafe.dev/v1alpha1"),
            Self::Kind => f.write_str("secretsafe.dev/v1alpha1 has one kind of file: SecretSources"),
            Self::Unknown(what, Some(near)) => write!(f, "{what} has no such field; did you mean `{near}`?"),
            Self::Unknown(what, None) => write!(f, "{what} has no such field"),
            Self::Inline(name) => write!(f, "`{name}` would be a value, and SecretSources hold none"),
            Self::Bare => {
                f.write_str("a key needs fields below it, such as `from: prompt`; a text here may be a value")
            }
            Self::Missing(name) => write!(f, "`{name}` is missing"),
            Self::Type(what, wanted) => write!(f, "{what} must be {wanted}"),
            Self::Name(what) => write!(f, "{what} has a name that Kubernetes does not take"),
            Self::Reserved => f.write_str("labels and annotations of secretsafe.dev are written by this program only"),
            Self::LastApplied => f.write_str("last-applied-configuration can hold every value, and is not written"),
            Self::Twice => f.write_str("it names a key or part that is named before"),
            Self::OneOf => f.write_str("a key needs one of `from`, `template` and `registries`"),
            Self::LooksSecret(what) => write!(f, "{what} looks like a secret"),
            Self::Source(Some(near)) => write!(f, "there is no such source; did you mean `{near}`?"),
            Self::Source(None) => f.write_str("there is no such source; if it is a value, it does not belong here"),
            Self::SourceForm(scheme) => write!(f, "what stands behind `{scheme}` is not what that source takes"),
            Self::Fills(scheme) => write!(f, "source `{scheme}` does not fill so many keys"),
            Self::Template(fault) => write!(f, "{fault}"),
            Self::NoPart => f.write_str("a template names neither a key nor a part of this document"),
            Self::Cycle => f.write_str("a template is made from itself"),
            Self::Unused => f.write_str("no template names this part"),
            Self::Span => f.write_str("`every` needs a span such as 90d, 12w or 36h"),
            Self::Policy(why) => f.write_str(why),
            Self::RegistryTwice => f.write_str("a registry is named twice"),
        }
    }
}
