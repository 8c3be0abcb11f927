//! Where the text of a source came from, which decides what it may do (requirements S1 to S3).

/// Who wrote the text of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The command line: the user, now.
    Argv,
    /// The user's own config file.
    Config,
    /// A file, such as one from a repository: untrusted until proved otherwise.
    File,
    /// An object in the cluster: anyone with `patch` on it can have written it.
    Object,
    /// An object in the cluster, and the user has listed exactly this for this key.
    Listed,
}

impl Origin {
    /// All origins: for sources that are harmless wherever they stand.
    pub(crate) const ANY: &'static [Self] = &[Self::Argv, Self::Config, Self::File, Self::Object, Self::Listed];
    /// All but objects in the cluster that nobody has listed; files within what `of_file` says (requirement S2).
    pub(crate) const NOT_UNLISTED: &'static [Self] = &[Self::Argv, Self::Config, Self::File, Self::Listed];
    /// All but objects in the cluster.
    pub(crate) const NOT_OBJECT: &'static [Self] = &[Self::Argv, Self::Config, Self::File];

    /// Names it for an error.
    pub(crate) fn describe(self) -> &'static str {
        match self {
            Self::Argv => "the command line",
            Self::Config => "the config file",
            Self::File => "a file",
            Self::Object | Self::Listed => "an object in the cluster",
        }
    }
}
