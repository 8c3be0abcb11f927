//! A tree of files as a company's repository has them: source code, some documents and pictures, and manifests in a tenth of
//! the files. Made up from a fixed seed, so that it is the same each time. No value in it is real.

use std::fs;
use std::path::{Path, PathBuf};

use crate::words::Words;

/// How many files, and how large they are together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Extent {
    pub(crate) files: usize,
    pub(crate) bytes: usize,
}

/// What was written.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    pub(crate) root: PathBuf,
    pub(crate) files: usize,
    pub(crate) bytes: usize,
    pub(crate) manifests: usize,
    /// Manifests of Secrets with values in the clear.
    pub(crate) leaking: usize,
}

/// Files of one folder.
const IN_A_FOLDER: usize = 40;
/// The size of a manifest, in bytes, about.
const MANIFEST: std::ops::Range<usize> = 600..6000;
/// Endings of source files, and of what lies beside them.
const SOURCES: [&str; 10] = ["go", "ts", "py", "java", "rs", "sh", "tf", "css", "html", "tsx"];

/// Writes the tree below a folder that is there.
pub(crate) fn make(root: &Path, extent: Extent) -> Tree {
    let mut words = Words::new();
    let kinds: Vec<Kind> = (0..extent.files).map(Kind::of).collect();
    let mut sizes: Vec<usize> = kinds.iter().map(|kind| kind.size(&mut words)).collect();
    let fixed: usize = sizes.iter().zip(&kinds).filter(|(_, kind)| !kind.fills()).map(|(size, _)| size).sum();
    let rest: usize = sizes.iter().sum::<usize>() - fixed;
    let scale = extent.bytes.saturating_sub(fixed) as f64 / rest.max(1) as f64;
    for (size, kind) in sizes.iter_mut().zip(&kinds) {
        if kind.fills() {
            *size = ((*size as f64) * scale) as usize;
        }
    }
    let mut tree = Tree { root: root.to_owned(), ..Tree::default() };
    for (number, (kind, size)) in kinds.iter().zip(sizes).enumerate() {
        if number % IN_A_FOLDER == 0 {
            fs::create_dir_all(folder(root, number)).expect("a folder of ours");
        }
        let (name, content) = kind.file(number, size, &mut words);
        fs::write(folder(root, number).join(name), &content).expect("a file of ours");
        tree.files += 1;
        tree.bytes += content.len();
        tree.manifests += usize::from(matches!(kind, Kind::Manifest | Kind::Leak));
        tree.leaking += usize::from(matches!(kind, Kind::Leak));
    }
    tree
}

fn folder(root: &Path, number: usize) -> PathBuf {
    let folder = number / IN_A_FOLDER;
    root.join(format!("team-{:02}", folder % 20)).join(format!("service-{:03}", folder / 20)).join("src")
}

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A manifest without a value in the clear.
    Manifest,
    /// A manifest of a Secret with values.
    Leak,
    /// Other YAML: values of a chart, a pipeline.
    Settings,
    /// Other JSON.
    Data,
    Variables,
    Document,
    Picture,
    Source,
}

impl Kind {
    /// A tenth manifests, a tenth of those Secrets in the clear; of the rest some YAML and JSON, most of it source code.
    fn of(number: usize) -> Self {
        match number % 100 {
            7 => Self::Leak,
            place if place % 10 == 7 => Self::Manifest,
            1 | 51 => Self::Settings,
            2 | 42 | 82 => Self::Data,
            3 | 33 | 63 => Self::Document,
            4 | 54 => Self::Picture,
            5 if number % 500 == 5 => Self::Variables,
            _ => Self::Source,
        }
    }

    /// Tells whether its size is scaled, so that the whole has the size that is asked for.
    fn fills(self) -> bool {
        matches!(self, Self::Source | Self::Document | Self::Picture | Self::Data)
    }

    fn size(self, words: &mut Words) -> usize {
        match self {
            Self::Manifest | Self::Leak | Self::Settings => words.within(MANIFEST),
            Self::Variables => words.within(100..800),
            // Many small ones, a few large ones.
            _ => match words.within(0..100) {
                0..50 => words.within(500..4000),
                50..80 => words.within(4000..16_000),
                80..95 => words.within(16_000..48_000),
                _ => words.within(48_000..120_000),
            },
        }
    }

    fn file(self, number: usize, size: usize, words: &mut Words) -> (String, Vec<u8>) {
        let json = number % 1000 == 7 || number % 1000 == 517;
        match self {
            Self::Leak if json => (format!("secret-{number}.json"), words.leaking_json(number)),
            Self::Leak => (format!("secret-{number}.yaml"), words.leaking(number, size)),
            Self::Manifest if json => (format!("deployment-{number}.json"), words.data(size)),
            Self::Manifest => (format!("manifest-{number}.yaml"), words.manifest(number, size)),
            Self::Settings => (format!("values-{number}.yaml"), words.settings(size)),
            Self::Data => (format!("data-{number}.json"), words.data(size)),
            Self::Variables => (format!("app-{number}.env"), words.variables(size)),
            Self::Document => (format!("page-{number}.md"), words.prose(size)),
            Self::Picture => (format!("picture-{number}.png"), words.picture(size)),
            Self::Source => (format!("file_{number}.{}", SOURCES[number % SOURCES.len()]), words.source(size)),
        }
    }
}
