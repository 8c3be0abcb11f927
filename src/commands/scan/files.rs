//! Files and folders that were named: all that are wanted by their names, and then those that a kustomization makes
//! Secrets of.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::context::Context;
use crate::error::{Error, Result};
use crate::plaintext::SecretValue;
use crate::plaintext::parse::leaks::{MAX_FILE, Wanted, wants};
use crate::tree::parallel::{self, LeftOut, Limits, Visitor};
use crate::ui::Task;

use super::Scanner;

/// How many bytes of files are in memory at once, beside one that is larger.
const IN_FLIGHT: usize = 24 * 1024 * 1024;
/// After how many files the line on the terminal is renewed.
const SOME: usize = 512;

/// Looks at everything. Returns what was left out.
pub(super) async fn look_at(paths: &[PathBuf], scanner: &Arc<Scanner>, ctx: &Context) -> Result<LeftOut> {
    let paths = if paths.is_empty() { vec![PathBuf::from(".")] } else { paths.to_vec() };
    let stop = Arc::new(AtomicBool::new(false));
    // A signal ends the run by dropping this.
    let _guard = StopOnDrop(Arc::clone(&stop));
    let task = Arc::new(ctx.ui.task("scanning files"));
    let files = Files { scanner: Arc::clone(scanner), task };
    let work = tokio::task::spawn_blocking(move || {
        let left_out = parallel::walk(&paths, limits(), &stop, &files)?;
        generated(&files.scanner, &stop)?;
        Ok(left_out)
    });
    ctx.ui.waiting(work).await.map_err(|_| Error::bug("a thread that scans files has ended"))?
}

fn limits() -> Limits {
    Limits { file: MAX_FILE, in_flight: IN_FLIGHT, threads: None }
}

struct StopOnDrop(Arc<AtomicBool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// All files that are wanted by their names.
struct Files {
    scanner: Arc<Scanner>,
    task: Arc<Task>,
}

impl Visitor for Files {
    fn enters(&self, _: &Path) -> bool {
        true
    }

    fn wants(&self, file: &Path) -> bool {
        wants(file) != Wanted::Never
    }

    fn take(&self, file: &Path, content: SecretValue) {
        self.scanner.look_at_file(file, &content);
        let count = self.scanner.count();
        if count.is_multiple_of(SOME) {
            self.task.count(count);
        }
    }
}

/// Looks at the files that kustomizations read into Secrets. Kustomize reads none outside of their folder, nor does this.
fn generated(scanner: &Scanner, stop: &AtomicBool) -> Result<()> {
    let mut folders: BTreeMap<PathBuf, BTreeMap<PathBuf, bool>> = BTreeMap::new();
    for file in scanner.take_generated() {
        let folder = if file.folder.as_os_str().is_empty() { PathBuf::from(".") } else { file.folder };
        let below = Path::new(&file.generated.path);
        if below.components().any(|part| !matches!(part, Component::Normal(_) | Component::CurDir)) {
            continue;
        }
        let below = below.components().filter(|part| *part != Component::CurDir).collect::<PathBuf>();
        let path = if folder == Path::new(".") { below } else { folder.join(below) };
        folders.entry(folder).or_default().insert(path, file.generated.lines);
    }
    for (folder, files) in folders {
        let generated = GeneratedFiles { scanner, files };
        parallel::walk(&[folder], limits(), stop, &generated)?;
    }
    Ok(())
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
