//! Runs this program once for one call: no terminal, no stdin, bounded answers, ended when the client gives up.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};

/// Longest report that is passed on; an assistant has no use for more.
const MOST: usize = 1024 * 1024;
/// Longest talk that is passed on.
const MOST_TALK: usize = 64 * 1024;
/// How long one call may take.
const LIMIT: Duration = Duration::from_secs(120);

/// What a run said.
#[derive(Debug)]
pub(super) struct Said {
    /// Its exit code; `None` if it was ended.
    pub(super) code: Option<i32>,
    /// Its report.
    pub(super) report: String,
    /// Its talk: errors, warnings, notes.
    pub(super) talk: String,
}

/// Runs the program with these words.
pub(super) async fn run(program: &Path, words: &[String]) -> Result<Said, &'static str> {
    let mut command = Command::new(program);
    command.args(words).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    // Colours are for people.
    command.env("NO_COLOR", "1").env_remove("CLICOLOR_FORCE");
    without_terminal(&mut command);
    let mut child = command.spawn().map_err(|_| "this program cannot be started once more")?;
    tokio::time::timeout(LIMIT, said(&mut child)).await.map_err(|_| "the call took too long, and was ended")?
}

async fn said(child: &mut Child) -> Result<Said, &'static str> {
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let (report, talk) = tokio::join!(read(stdout, MOST), read(stderr, MOST_TALK));
    let Some(report) = report else {
        return Err("the report is larger than 1 MiB: ask for less, by namespace or selector");
    };
    let status = child.wait().await.map_err(|_| "the end of the call is not known")?;
    Ok(Said { code: status.code(), report, talk: talk.unwrap_or_default() })
}

/// Reads up to so many bytes; `None` if there are more.
async fn read(from: Option<impl AsyncRead + Unpin>, most: usize) -> Option<String> {
    let mut bytes = Vec::new();
    if let Some(from) = from {
        let limit = u64::try_from(most).unwrap_or(u64::MAX) + 1;
        from.take(limit).read_to_end(&mut bytes).await.ok()?;
    }
    (bytes.len() <= most).then(|| String::from_utf8_lossy(&bytes).into_owned())
}

/// Takes the terminal away: a client may have one, and nobody sits at it who could be asked.
#[cfg(unix)]
fn without_terminal(command: &mut Command) {
    // SAFETY: setsid is safe to call between fork and exec; it takes nothing and touches no memory.
    unsafe {
        command.pre_exec(|| {
            libc::setsid();
            Ok(())
        })
    };
}

#[cfg(not(unix))]
fn without_terminal(_command: &mut Command) {}
