//! Files and folders that were named: all that are wanted by their names, and then those that a kustomization makes
//! Secrets of.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::context::Context;
use crate::error::{Error, Result};
use crate::plaintext::SecretValue;
use crate::plaintext::parse::leaks::{MAX_FILE, Wanted, wants};
use crate::tree::parallel::{self, Limits, Visitor};

use super::ignored::Ignored;
use super::thread::{self, Work};
use super::{NotRead, Scanner};

/// How many bytes of files are in memory at once, beside one that is larger.
const IN_FLIGHT: usize = 24 * 1024 * 1024;
/// Looks at everything that Git does not ignore, or at all of it. Returns what was left out.
pub(super) async fn look_at(
    paths: &[PathBuf],
    ignored_too: bool,
    scanner: &Arc<Scanner>,
    ctx: &Context,
) -> Result<NotRead> {
    let paths = if paths.is_empty() { vec![PathBuf::from(".")] } else { paths.to_vec() };
    for path in &paths {
        // A path that is not there could be anything that was typed, so it is not repeated.
        std::fs::metadata(path).map_err(|err| {
            Error::usage("a PATH cannot be read")
                .because(err.kind().to_string())
                .hint("name files and folders that are there and that you may read; ls shows them")
        })?;
    }
    let scanner = Arc::clone(scanner);
    let looked = thread::run(ctx, "scanning files", move |work| {
        let ignored = if ignored_too { Ignored::default() } else { Ignored::of(&paths)? };
        let files = Files { scanner: &scanner, work, ignored: &ignored, left_out: AtomicUsize::new(0) };
        let left_out = parallel::walk(&paths, limits(), &work.stop, &files)?;
        let count = files.left_out.into_inner();
        generated(&scanner, &work.stop)?;
        Ok((NotRead { files: left_out, ignored: count, ..NotRead::default() }, ignored.unknown))
    });
    let (not_read, unknown) = looked.await?;
    for error in unknown {
        ctx.ui.warn(&format!("what Git ignores is looked at too: {}", error.message()));
        error.causes().iter().for_each(|cause| ctx.ui.note(cause));
        error.hints().iter().for_each(|hint| ctx.ui.hint(hint));
    }
    Ok(not_read)
}

pub(super) fn limits() -> Limits {
    Limits { file: MAX_FILE, in_flight: IN_FLIGHT, threads: None }
}

/// All files that are wanted by their names.
struct Files<'a> {
    scanner: &'a Scanner,
    work: &'a Work,
    ignored: &'a Ignored,
    left_out: AtomicUsize,
}

impl Files<'_> {
    fn is_left_out(&self, path: &Path) -> bool {
        let is_ignored = self.ignored.has(path);
        self.left_out.fetch_add(usize::from(is_ignored), Ordering::Relaxed);
        is_ignored
    }
}

impl Visitor for Files<'_> {
    fn enters(&self, folder: &Path) -> bool {
        !self.is_left_out(folder)
    }

    fn wants(&self, file: &Path) -> bool {
        wants(file) != Wanted::Never && !self.is_left_out(file)
    }

    fn take(&self, file: &Path, content: SecretValue) {
        self.scanner.look_at_file(file, &content);
        self.work.count(self.scanner.count());
    }
}

/// Looks at the files that kustomizations read into Secrets. Kustomize reads none outside of their folder, nor does this.
fn generated(scanner: &Scanner, stop: &AtomicBool) -> Result<()> {
    let mut folders: BTreeMap<PathBuf, BTreeMap<PathBuf, bool>> = BTreeMap::new();
    for file in scanner.take_generated() {
        if let Some(path) = below(&file.folder, Path::new(&file.generated.path)) {
            let folder = if file.folder.as_os_str().is_empty() { PathBuf::from(".") } else { file.folder };
            folders.entry(folder).or_default().insert(path, file.generated.lines);
        }
    }
    for (folder, files) in folders {
        let generated = GeneratedFiles { scanner, files };
        parallel::walk(&[folder], limits(), stop, &generated)?;
    }
    Ok(())
}

/// Returns the path of a file that a kustomization names; none if it is not below its folder.
pub(super) fn below(folder: &Path, named: &Path) -> Option<PathBuf> {
    let is_below = named.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    let named = named.components().filter(|part| *part != Component::CurDir).collect::<PathBuf>();
    let is_here = folder.as_os_str().is_empty() || folder == Path::new(".");
    is_below.then(|| if is_here { named } else { folder.join(named) })
}

/// The files of one kustomization.
struct GeneratedFiles<'a> {
    scanner: &'a Scanner,
    files: BTreeMap<PathBuf, bool>,
}

impl Visitor for GeneratedFiles<'_> {
    fn enters(&self, folder: &Path) -> bool {
        self.files.keys().any(|file| file.starts_with(folder))
    }

    fn wants(&self, file: &Path) -> bool {
        self.files.contains_key(file)
    }

    fn take(&self, file: &Path, content: SecretValue) {
        if let Some(by_line) = self.files.get(file) {
            let origin = self.scanner.origin_of_file(file, &content);
            self.scanner.look_at_generated(file, &content, *by_line, &origin);
        }
    }
}
