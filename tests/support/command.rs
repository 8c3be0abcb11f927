//! Runs the built program, directly or as `kubectl secretsafe`, in an environment with nothing in it
//! that a test did not put there.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::io::{PipeReader, Read, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

use super::binaries;
use super::daemon::{die_with_us, wait_for};

/// No program under test runs longer.
pub(crate) const RUN_LIMIT: Duration = Duration::from_secs(60);

/// What a program left behind.
#[derive(Clone, Debug, Default)]
pub(crate) struct Output {
    /// The exit code; `None` when a signal ended the program.
    pub(crate) code: Option<i32>,
    pub(crate) signal: Option<i32>,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
    /// What exists below HOME now and did not before, as paths relative to it.
    pub(crate) files_created_under_home: Vec<PathBuf>,
    /// The local log as it is now.
    pub(crate) log: Vec<u8>,
}

impl Output {
    /// Returns stdout as text.
    pub(crate) fn out(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// Returns stderr as text.
    pub(crate) fn err(&self) -> String {
        String::from_utf8_lossy(&self.stderr).into_owned()
    }

    /// Returns this output if the program succeeded, and panics with what it said if not.
    pub(crate) fn success(self) -> Self {
        self.expect_code(0)
    }

    /// Returns this output if the program ended with `code`, and panics with what it said if not.
    pub(crate) fn expect_code(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "signal {:?}\nstdout: {}\nstderr: {}", self.signal, self.out(), self.err());
        self
    }
}

/// A run of the program, to be described and then started.
pub(crate) struct Secretsafe {
    home: TempDir,
    /// Where the local log goes, which is none of what is looked for in HOME.
    state: TempDir,
    through_kubectl: bool,
    args: Vec<OsString>,
    env: Vec<(OsString, OsString)>,
    stdin: Option<Vec<u8>>,
    pipes: Vec<(RawFd, Vec<u8>)>,
}

impl Secretsafe {
    /// Returns a run of the binary itself.
    pub(crate) fn new() -> Self {
        Self {
            home: super::temp_folder("home"),
            state: super::temp_folder("state"),
            through_kubectl: false,
            args: Vec::new(),
            env: Vec::new(),
            stdin: None,
            pipes: Vec::new(),
        }
    }

    /// Returns a run through the real kubectl, which finds the program as its plugin.
    pub(crate) fn through_kubectl() -> Self {
        Self { through_kubectl: true, ..Self::new() }
    }

    /// Returns HOME, empty but for what a test or a run puts there.
    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// Returns the folder of the local log, which is not there before a run has written to it.
    pub(crate) fn log_folder(&self) -> PathBuf {
        self.state.path().join("secretsafe")
    }

    /// Adds arguments.
    #[must_use]
    pub(crate) fn args<I: IntoIterator<Item: AsRef<OsStr>>>(mut self, args: I) -> Self {
        self.args.extend(args.into_iter().map(|arg| arg.as_ref().to_owned()));
        self
    }

    /// Adds `-o FORMAT`, if there is one.
    #[must_use]
    pub(crate) fn format(self, format: Option<&str>) -> Self {
        format.into_iter().fold(self, |run, format| run.args(["-o", format]))
    }

    /// Sets one environment variable.
    #[must_use]
    pub(crate) fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.env.push((name.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }

    /// Sets several environment variables, such as those of a keyring.
    #[must_use]
    pub(crate) fn envs<N, V>(self, variables: impl IntoIterator<Item = (N, V)>) -> Self
    where
        N: AsRef<OsStr>,
        V: AsRef<OsStr>,
    {
        variables.into_iter().fold(self, |run, (name, value)| run.env(name, value))
    }

    /// Sets `KUBECONFIG`.
    #[must_use]
    pub(crate) fn kubeconfig(self, path: &Path) -> Self {
        self.env("KUBECONFIG", path)
    }

    /// Writes the user's config file.
    pub(crate) fn config(self, text: &str) -> Self {
        let configs = self.home().join(".config");
        let folder = configs.join("secretsafe");
        std::fs::create_dir_all(&folder).expect("the folder of the config file cannot be made");
        super::write_private(&folder.join("config.yaml"), text.as_bytes());
        self.env("XDG_CONFIG_HOME", configs)
    }

    /// Pipes these bytes into standard input, which is empty otherwise.
    #[must_use]
    pub(crate) fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = Some(bytes.into());
        self
    }

    /// Passes a pipe with these bytes as descriptor `number`, 3 or above.
    #[must_use]
    pub(crate) fn fd(mut self, number: RawFd, bytes: impl Into<Vec<u8>>) -> Self {
        self.pipes.push((number, bytes.into()));
        self
    }

    /// Returns the command without its input, for a terminal. It uses HOME of this value, which
    /// must outlive it.
    pub(crate) fn command(&self) -> Command {
        let plugin = Path::new(env!("CARGO_BIN_EXE_kubectl-secretsafe"));
        let mut command = if self.through_kubectl {
            let mut kubectl = Command::new(binaries::path("kubectl"));
            kubectl.arg("secretsafe");
            kubectl
        } else {
            Command::new(plugin)
        };
        let mut path = vec![plugin.parent().expect("a file in a folder").to_owned()];
        if self.through_kubectl {
            path.push(binaries::folder().to_owned());
        }
        path.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
        command
            .env_clear()
            .env("PATH", std::env::join_paths(path).expect("folders that were in PATH"))
            .env("HOME", self.home.path())
            .env("LC_ALL", "C.UTF-8")
            .env("XDG_STATE_HOME", self.state.path())
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .args(&self.args);
        command
    }

    /// Runs the program to its end, without a terminal.
    pub(crate) fn run(&self) -> Output {
        let mut command = self.command();
        let pipes = self.pipes.iter().map(|(number, bytes)| (*number, feed(bytes.clone()).into()));
        pass_descriptors(&mut command, pipes.collect());
        let before = files_below(self.home.path());
        let mut output = run(command, self.stdin.as_deref().unwrap_or_default());
        let after = files_below(self.home.path());
        output.files_created_under_home = after.difference(&before).cloned().collect();
        output.log = std::fs::read(self.log_folder().join("log.jsonl")).unwrap_or_default();
        output
    }
}

impl Default for Secretsafe {
    fn default() -> Self {
        Self::new()
    }
}

/// Runs any program to its end, in a session of its own: it has no controlling terminal, wherever
/// the tests were started from.
pub(crate) fn run(mut command: Command, stdin: &[u8]) -> Output {
    command.stdin(feed(stdin.to_vec())).stdout(Stdio::piped()).stderr(Stdio::piped());
    // SAFETY: setsid is async-signal-safe and touches no memory of ours.
    unsafe {
        command.pre_exec(|| match libc::setsid() {
            -1 => Err(std::io::Error::last_os_error()),
            _ => Ok(()),
        });
    }
    die_with_us(&mut command);
    let mut child = command.spawn().unwrap_or_else(|err| panic!("cannot start {command:?}: {err}"));
    drop(command); // our ends of the child's pipes
    let stdout = collect(child.stdout.take());
    let stderr = collect(child.stderr.take());
    let status = wait_for(RUN_LIMIT, || child.try_wait().expect("a child of ours"));
    if status.is_none() {
        let group = i32::try_from(child.id()).expect("a process id");
        // SAFETY: kill takes no pointers; the group is the session that we made above.
        unsafe { libc::kill(-group, libc::SIGKILL) };
        let _ = child.wait();
    }
    let stdout = stdout.join().expect("the reader of stdout");
    let stderr = stderr.join().expect("the reader of stderr");
    let Some(status) = status else {
        panic!(
            "killed after {RUN_LIMIT:?}\nstdout: {}\nstderr: {}",
            String::from_utf8_lossy(&stdout),
            String::from_utf8_lossy(&stderr)
        );
    };
    Output { code: status.code(), signal: status.signal(), stdout, stderr, ..Output::default() }
}

/// Returns the reading end of a pipe that a thread fills with `bytes`.
pub(crate) fn feed(bytes: Vec<u8>) -> PipeReader {
    let (reader, mut writer) = std::io::pipe().expect("a pipe");
    // A program that does not read its input gets a closed pipe; that is its choice.
    thread::spawn(move || {
        let _ = writer.write_all(&bytes);
    });
    reader
}

fn collect(from: Option<impl Read + Send + 'static>) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut from) = from {
            let _ = from.read_to_end(&mut bytes);
        }
        bytes
    })
}

/// Makes each pipe appear in the child under its number.
pub(crate) fn pass_descriptors(command: &mut Command, pipes: Vec<(RawFd, OwnedFd)>) {
    // Moved out of the way first, so that no number asked for is the place of another pipe.
    let moved: Vec<(RawFd, OwnedFd)> = pipes
        .into_iter()
        .map(|(number, pipe)| {
            assert!((3..100).contains(&number), "descriptor {number} cannot be passed");
            // SAFETY: fcntl takes no pointers; the result is a new descriptor that nobody owns yet.
            let copy = unsafe { libc::fcntl(pipe.as_raw_fd(), libc::F_DUPFD_CLOEXEC, 100) };
            assert!(copy >= 100, "a descriptor cannot be copied");
            // SAFETY: as above.
            (number, unsafe { OwnedFd::from_raw_fd(copy) })
        })
        .collect();
    // SAFETY: dup2 is async-signal-safe; the closure owns what it reads and allocates nothing.
    unsafe {
        command.pre_exec(move || {
            for (number, pipe) in &moved {
                if libc::dup2(pipe.as_raw_fd(), *number) == -1 {
                    return Err(std::io::Error::last_os_error());
                }
            }
            Ok(())
        });
    }
}

fn files_below(folder: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    let mut left = vec![folder.to_owned()];
    while let Some(next) = left.pop() {
        for entry in std::fs::read_dir(next).into_iter().flatten().flatten() {
            let path = entry.path();
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                left.push(path.clone());
            }
            found.insert(path.strip_prefix(folder).unwrap_or(&path).to_owned());
        }
    }
    found
}

/// Copies a program that will be started. A file that we had open for writing would be busy as long as any other thread
/// is between fork and exec with our descriptors, so another process writes it.
pub(crate) fn copy_program(from: &Path, to: &Path) {
    let mut copy = Command::new("cp");
    copy.arg("--").arg(from).arg(to);
    run(copy, b"").success();
}
