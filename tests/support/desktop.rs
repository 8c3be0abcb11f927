//! Desktops of our own: an X server without a screen, and a Wayland compositor without one; and what pastes from them.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use super::binaries;
use super::command::{self, Output};
use super::daemon::{Daemon, Feed, wait_for};

const START_LIMIT: Duration = Duration::from_secs(30);

/// The clipboard of a desktop, used as its other programs would.
pub(crate) trait Desktop {
    /// What leads a program to it.
    fn env(&self) -> Vec<(String, String)>;
    /// Pastes; `None` when there is nothing to paste.
    fn paste(&self) -> Option<Vec<u8>>;
    /// Pastes one of the forms that are offered.
    fn paste_as(&self, kind: &str) -> Option<Vec<u8>>;
    /// The names of the forms that are offered.
    fn kinds(&self) -> String;
    /// Copies something, as another program than ours.
    fn copy(&self, text: &str);
}

/// An X server; it ends when this is dropped.
pub(crate) struct X11 {
    server: Daemon,
    display: String,
    folder: TempDir,
}

impl X11 {
    /// Starts one on a display that is free.
    pub(crate) fn start() -> Self {
        let folder = super::temp_folder("x11");
        let mut command = Command::new(binaries::system("Xvfb", "xvfb"));
        // It chooses the display itself, and says it on its standard output, which is its log.
        command.args(["-displayfd", "1", "-screen", "0", "64x64x24", "-nolisten", "tcp"]).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        let server = Daemon::start("Xvfb", command, Feed::Nothing, folder.path());
        let log = folder.path().join("Xvfb.log");
        let display = wait_for(START_LIMIT, || {
            let text = fs::read_to_string(&log).unwrap_or_default();
            let number = text.lines().find(|line| line.parse::<u32>().is_ok())?;
            text.contains(&format!("{number}\n")).then(|| format!(":{number}"))
        });
        let display = display.unwrap_or_else(|| panic!("no X server: {}", server.last_words()));
        Self { server, display, folder }
    }

    /// Ends the server.
    pub(crate) fn stop(&self) {
        self.server.stop();
    }

    /// Pastes. Asked of an owner that goes away before it answers, xclip would wait for ever: it is asked again.
    fn xclip(&self, args: &[&str]) -> Output {
        const TOO_LONG: i32 = 124;

        let run = || {
            let mut xclip = Command::new(binaries::system("timeout", "coreutils"));
            xclip.arg("5").arg(binaries::system("xclip", "xclip")).args(["-selection", "clipboard", "-o"]).args(args);
            xclip.env_clear().env("DISPLAY", &self.display);
            command::run(xclip, b"")
        };
        let first = run();
        let output = if first.code == Some(TOO_LONG) { run() } else { first };
        assert_ne!(output.code, Some(TOO_LONG), "who has the clipboard does not answer");
        output
    }
}

impl Desktop for X11 {
    fn env(&self) -> Vec<(String, String)> {
        vec![("DISPLAY".to_owned(), self.display.clone())]
    }

    fn paste(&self) -> Option<Vec<u8>> {
        let output = self.xclip(&[]);
        (output.code == Some(0)).then_some(output.stdout)
    }

    fn paste_as(&self, kind: &str) -> Option<Vec<u8>> {
        let output = self.xclip(&["-t", kind]);
        (output.code == Some(0)).then_some(output.stdout)
    }

    fn kinds(&self) -> String {
        self.xclip(&["-t", "TARGETS"]).out()
    }

    fn copy(&self, text: &str) {
        // xclip goes on in the background, and would keep our pipe open.
        let script = "printf %s \"$0\" | xclip -selection clipboard >/dev/null 2>&1";
        let mut shell = Command::new("sh");
        shell.args(["-c", script, text]).env("DISPLAY", &self.display).current_dir(self.folder.path());
        command::run(shell, b"").success();
    }
}

/// A Wayland compositor; it ends when this is dropped.
pub(crate) struct Wayland {
    compositor: Daemon,
    socket: String,
    folder: TempDir,
}

impl Wayland {
    /// Starts sway without a screen, and without X11 beside it.
    pub(crate) fn start() -> Self {
        let folder = super::temp_folder("wayland");
        let config = folder.path().join("config");
        super::write_private(&config, b"xwayland disable\n");
        let mut command = Command::new(binaries::system("sway", "sway"));
        command.arg("-c").arg(&config).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("XDG_RUNTIME_DIR", folder.path());
        command.envs([("WLR_BACKENDS", "headless"), ("WLR_LIBINPUT_NO_DEVICES", "1"), ("WLR_RENDERER", "pixman")]);
        as_nobody(&mut command, folder.path());
        let compositor = Daemon::start("sway", command, Feed::Nothing, folder.path());
        let socket = wait_for(START_LIMIT, || {
            let names = fs::read_dir(folder.path()).into_iter().flatten().flatten();
            let mut names = names.filter_map(|entry| entry.file_name().into_string().ok());
            names.find(|name| name.starts_with("wayland-") && !name.ends_with(".lock"))
        });
        let socket = socket.unwrap_or_else(|| panic!("no compositor: {}", compositor.last_words()));
        let wayland = Self { compositor, socket, folder };
        // The socket is there a moment before anybody answers.
        let ready = wait_for(START_LIMIT, || {
            let listed = wayland.run("wl-paste", &["--list-types"]);
            (listed.err().contains("Nothing is copied") || listed.err().contains("No selection")).then_some(())
        });
        assert!(ready.is_some(), "{}: {}", wayland.run("wl-paste", &["-l"]).err(), wayland.compositor.last_words());
        wayland
    }

    fn run(&self, program: &str, args: &[&str]) -> Output {
        let mut command = Command::new(binaries::system(program, "wl-clipboard"));
        command.args(args).env_clear().envs(self.env());
        command::run(command, b"")
    }
}

/// Sway does not run as root; its folder is given to who runs it then.
fn as_nobody(command: &mut Command, folder: &Path) {
    const NOBODY: u32 = 65534;

    // SAFETY: geteuid has no preconditions.
    if unsafe { libc::geteuid() } == 0 {
        for path in [folder, &folder.join("config")] {
            std::os::unix::fs::chown(path, Some(NOBODY), Some(NOBODY)).expect("root may give its files away");
        }
        command.uid(NOBODY).gid(NOBODY).current_dir("/");
    }
}

impl Desktop for Wayland {
    fn env(&self) -> Vec<(String, String)> {
        let folder = self.folder.path().display().to_string();
        vec![("WAYLAND_DISPLAY".to_owned(), self.socket.clone()), ("XDG_RUNTIME_DIR".to_owned(), folder)]
    }

    fn paste(&self) -> Option<Vec<u8>> {
        let output = self.run("wl-paste", &["--no-newline"]);
        (output.code == Some(0)).then_some(output.stdout)
    }

    fn paste_as(&self, kind: &str) -> Option<Vec<u8>> {
        let output = self.run("wl-paste", &["--no-newline", "--type", kind]);
        (output.code == Some(0)).then_some(output.stdout)
    }

    fn kinds(&self) -> String {
        self.run("wl-paste", &["--list-types"]).out()
    }

    fn copy(&self, text: &str) {
        let script = "wl-copy \"$0\" >/dev/null 2>&1";
        let mut shell = Command::new("sh");
        shell.args(["-c", script, text]).envs(self.env());
        command::run(shell, b"").success();
    }
}
