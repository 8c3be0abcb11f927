//! Which files are looked at, and how closely: by their names, and by words that must be in them.

use std::path::Path;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use memchr::memmem;

use super::text;

/// How closely a file is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// It is neither text nor a container of it.
    Never,
    /// It may hold a private key, or be a manifest under another name.
    AnyText,
    /// YAML or JSON.
    Manifest,
    /// Variables.
    EnvFile,
}

/// Names of what holds no text.
const BINARY: &[&str] = &[
    "png", "jpg", "jpeg", "gif", "webp", "ico", "bmp", "tiff", "psd", "mp3", "mp4", "mkv", "avi", "mov", "ogg", "wav",
    "flac", "woff", "woff2", "ttf", "otf", "eot", "zip", "gz", "tgz", "xz", "bz2", "zst", "7z", "rar", "tar", "jar",
    "war", "class", "pyc", "so", "dylib", "dll", "exe", "o", "a", "rlib", "rmeta", "wasm", "pdf", "iso", "img", "deb",
    "rpm", "apk", "bin", "dat", "db", "sqlite", "parquet", "avro", "age", "gpg", "asc-sig", "pack", "idx", "svg",
];
/// Names of YAML, JSON and templates of them.
const MANIFEST: &[&str] = &[
    "yaml",
    "yml",
    "json",
    "jsonc",
    "json5",
    "tpl",
    "gotmpl",
    "tmpl",
    "j2",
    "jinja",
    "jinja2",
    "tfvars",
    "kubeconfig",
    "template",
    "ejson",
    "kyaml",
    "tfstate",
    "bak",
    "orig",
];
/// Names of files of that kind without an extension.
const MANIFEST_NAMES: &[&str] = &["config", "kubeconfig", ".dockerconfigjson", ".dockercfg", "kustomization"];

/// Tells from its name how closely a file is looked at.
pub(crate) fn wants(path: &Path) -> Wanted {
    let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    if name == ".env" || name.starts_with(".env.") || name.ends_with(".env") || name == ".envrc" {
        return Wanted::EnvFile;
    }
    let extension = name.rsplit_once('.').map(|(_, extension)| extension).unwrap_or_default();
    match extension {
        _ if MANIFEST.contains(&extension) || MANIFEST_NAMES.contains(&name.as_str()) => Wanted::Manifest,
        _ if BINARY.contains(&extension) => Wanted::Never,
        _ => Wanted::AnyText,
    }
}

/// Without one of these, YAML and JSON have nothing that we find.
const WORDS: &[&str] = &[
    "secret",
    "passw",
    "passphrase",
    "pwd",
    "pass",
    "token",
    "key",
    "credential",
    "creds",
    "dsn",
    "conn",
    "auth",
    "cookie",
    "://",
    "jwt",
    "stringdata",
    "last-applied",
    "pw",
    "pat",
];

#[expect(clippy::expect_used, reason = "the words are constant, and a test uses them")]
static SEARCH: LazyLock<AhoCorasick> = LazyLock::new(|| {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .kind(Some(AhoCorasickKind::DFA))
        .build(WORDS)
        .expect("constant words")
});

static KEY: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new("PRIVATE KEY"));
static SECRET: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new("kind: Secret"));
static CONFIG: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new("kind: Config\n"));

/// Tells whether YAML or JSON can hold anything that we find.
pub(super) fn mentions(bytes: &[u8]) -> bool {
    text::is_utf16(bytes) || SEARCH.is_match(bytes)
}

/// Tells whether any text can hold a private key.
pub(super) fn mentions_key(bytes: &[u8]) -> bool {
    text::is_utf16(bytes) || KEY.find(bytes).is_some()
}

/// Tells whether a text under any name begins like a manifest and has one of those that matter.
pub(super) fn is_manifest(bytes: &[u8]) -> bool {
    let first = bytes.get(..4096).unwrap_or(bytes);
    if first.trim_ascii_start().starts_with(b"{") {
        return memmem::find(first, b"\"auths\"").is_some() || memmem::find(first, b"\"apiVersion\"").is_some();
    }
    let begins = memmem::find(first, b"apiVersion:").is_some();
    begins && (SECRET.find(bytes).is_some() || CONFIG.find(bytes).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_what_is_looked_at() {
        for (name, wanted) in [
            ("a/b.yaml", Wanted::Manifest),
            ("B.YML", Wanted::Manifest),
            ("x.yaml.tpl", Wanted::Manifest),
            ("terraform.tfvars.json", Wanted::Manifest),
            (".kube/config", Wanted::Manifest),
            (".env", Wanted::EnvFile),
            (".env.production", Wanted::EnvFile),
            ("db.env", Wanted::EnvFile),
            ("a.png", Wanted::Never),
            ("id_rsa", Wanted::AnyText),
            ("main.go", Wanted::AnyText),
        ] {
            assert_eq!(wants(Path::new(name)), wanted, "{name}");
        }
    }

    #[test]
    fn words_are_found_in_any_case_and_in_utf_16() {
        assert!(mentions(b"a: b\nDB_PASSWORD: c") && mentions(b"url: a://b:c@d") && !mentions(b"replicas: 3\n"));
        let wide: Vec<u8> = "a: b\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(mentions(&wide) && mentions_key(&wide));
    }
}
