//! A real browser without a screen, driven over its DevTools protocol: messages of JSON, each ended by NUL, on two pipes.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, PipeWriter, Write};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::binaries;
use super::command::pass_descriptors;
use super::daemon::{Daemon, Feed};

/// Any of these will do; the first is small, and knows no other way than without a screen.
const PROGRAMS: &[&str] = &["chromium-headless-shell", "google-chrome", "chromium"];

/// The browser answers within this, or does not.
const LIMIT: Duration = Duration::from_secs(60);

/// Chromium with one page; it ends when this is dropped.
pub(crate) struct Browser {
    daemon: Daemon,
    orders: PipeWriter,
    messages: Receiver<Value>,
    session: String,
    last: u64,
    events: VecDeque<Value>,
    scripts: bool,
    folder: TempDir,
}

/// What a page did that it should not.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Deeds {
    /// The texts of dialogs.
    pub(crate) dialogs: Vec<String>,
    /// What was requested, beside the page itself.
    pub(crate) requests: Vec<String>,
    /// Errors of scripts, and violations of the page's policy.
    pub(crate) complaints: Vec<String>,
}

impl Browser {
    /// Starts it with an empty profile, and lets it speak of everything that a page does.
    pub(crate) fn start() -> Self {
        let folder = super::temp_folder("browser");
        let found = PROGRAMS.iter().find_map(|name| binaries::on_path(name));
        let program = found.unwrap_or_else(|| binaries::system("chromium-headless-shell", "chromium-headless-shell"));
        let mut command = Command::new(program);
        command
            .arg("--headless=new")
            // Tests may run as root, whose processes its sandbox refuses; the pages are ours.
            .args(["--no-sandbox", "--remote-debugging-pipe", "--disable-dev-shm-usage", "--disable-gpu"])
            .args(["--no-first-run", "--disable-background-networking", "--disable-component-update", "--lang=en"])
            .args(["--hide-scrollbars", "--force-color-profile=srgb", "--host-resolver-rules=MAP * ~NOTFOUND"])
            .arg(format!("--user-data-dir={}", folder.path().join("profile").display()))
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", folder.path())
            .env("LC_ALL", "C.UTF-8");
        let (theirs, orders) = std::io::pipe().expect("a pipe");
        let (answers, their_end) = std::io::pipe().expect("a pipe");
        pass_descriptors(&mut command, vec![(3, OwnedFd::from(theirs)), (4, OwnedFd::from(their_end))]);
        let daemon = Daemon::start("chromium-headless-shell", command, Feed::Nothing, folder.path());
        let (sender, messages) = channel();
        thread::spawn(move || {
            let mut answers = BufReader::new(answers);
            let mut bytes = Vec::new();
            while answers.read_until(0, &mut bytes).is_ok_and(|count| count > 0) {
                let message = serde_json::from_slice(bytes.trim_ascii_end().strip_suffix(&[0]).unwrap_or(&bytes));
                bytes.clear();
                if message.is_ok_and(|message: Value| sender.send(message).is_err()) {
                    return;
                }
            }
        });
        let session = String::new();
        let mut browser =
            Self { daemon, orders, messages, session, last: 0, events: VecDeque::new(), scripts: true, folder };
        let target = browser.call("Target.createTarget", json!({"url": "about:blank"}))["targetId"].clone();
        let attached = browser.call("Target.attachToTarget", json!({"targetId": target, "flatten": true}));
        browser.session = attached["sessionId"].as_str().expect("a session").to_owned();
        for domain in ["Page", "Network", "Log", "Runtime"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        browser.size(1280, 900);
        browser
    }

    /// Opens a page that is in a file of ours, and returns how long that took until it was loaded and laid out.
    pub(crate) fn open(&mut self, html: &str) -> Duration {
        let path = self.folder.path().join("page.html");
        super::write_private(&path, html.as_bytes());
        self.events.clear();
        let started = Instant::now();
        self.call("Page.navigate", json!({"url": url(&path)}));
        let end = Instant::now() + LIMIT;
        while !self.events.iter().any(|event| event["method"] == "Page.loadEventFired") {
            let left = end.saturating_duration_since(Instant::now());
            self.next(left);
        }
        if self.scripts {
            // Two frames later everything that the page starts by itself has been done.
            self.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))");
        }
        started.elapsed()
    }

    /// Evaluates an expression in the page, and waits for it if it is a promise.
    pub(crate) fn evaluate(&mut self, expression: &str) -> Value {
        let params = json!({"expression": expression, "returnByValue": true, "awaitPromise": true});
        let answer = self.call("Runtime.evaluate", params);
        assert!(answer.get("exceptionDetails").is_none(), "{expression}: {answer:#}");
        answer["result"]["value"].clone()
    }

    /// Tells what the page has done since it was opened.
    pub(crate) fn deeds(&mut self) -> Deeds {
        // What comes before the answer to this has come.
        self.evaluate("1");
        let mut deeds = Deeds::default();
        let own = url(&self.folder.path().join("page.html"));
        for event in &self.events {
            let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let params = &event["params"];
            match event["method"].as_str().unwrap_or_default() {
                "Page.javascriptDialogOpening" => deeds.dialogs.push(text(&params["message"])),
                "Network.requestWillBeSent" if params["request"]["url"] != own.as_str() => {
                    deeds.requests.push(text(&params["request"]["url"]));
                }
                "Log.entryAdded" => deeds.complaints.push(text(&params["entry"]["text"])),
                "Runtime.exceptionThrown" => deeds.complaints.push(params["exceptionDetails"].to_string()),
                "Runtime.consoleAPICalled" => deeds.complaints.push(params["args"].to_string()),
                _ => {}
            }
        }
        deeds
    }

    /// Sets the size of the window.
    pub(crate) fn size(&mut self, width: u32, height: u32) {
        let params = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.call("Emulation.setDeviceMetricsOverride", params);
    }

    /// Shows the page as on `screen` or in `print`, to somebody who likes it `light` or `dark`.
    pub(crate) fn media(&mut self, medium: &str, scheme: &str) {
        let features = json!([{"name": "prefers-color-scheme", "value": scheme}]);
        self.call("Emulation.setEmulatedMedia", json!({"media": medium, "features": features}));
    }

    /// Turns scripts of pages on or off, from the next page on.
    pub(crate) fn scripts(&mut self, on: bool) {
        self.call("Emulation.setScriptExecutionDisabled", json!({"value": !on}));
        self.scripts = on;
    }

    /// Types a key, such as `Tab`, or the characters of a text.
    pub(crate) fn key(&mut self, key: &str, code: u32, text: &str) {
        let mut params = json!({"type": "keyDown", "key": key, "windowsVirtualKeyCode": code});
        if !text.is_empty() {
            params["text"] = text.into();
        }
        self.call("Input.dispatchKeyEvent", params);
        self.call("Input.dispatchKeyEvent", json!({"type": "keyUp", "key": key, "windowsVirtualKeyCode": code}));
    }

    /// Returns a picture of what is in the window, as PNG.
    pub(crate) fn picture(&mut self) -> Vec<u8> {
        let answer = self.call("Page.captureScreenshot", json!({"format": "png", "optimizeForSpeed": false}));
        STANDARD.decode(answer["data"].as_str().expect("a picture")).expect("base64")
    }

    /// Returns what a screen reader is told of the page: a node for each thing.
    pub(crate) fn accessibility(&mut self) -> Vec<Value> {
        let answer = self.call("Accessibility.getFullAXTree", json!({}));
        answer["nodes"].as_array().expect("nodes").clone()
    }

    /// Returns how many bytes the page's script holds on to.
    pub(crate) fn heap(&mut self) -> u64 {
        self.call("HeapProfiler.collectGarbage", json!({}));
        self.call("Runtime.getHeapUsage", json!({}))["usedSize"].as_u64().expect("a number")
    }

    fn call(&mut self, method: &str, params: Value) -> Value {
        let id = self.send(method, params);
        let end = Instant::now() + LIMIT;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if let Some(answer) = self.next(left).filter(|answer| answer["id"] == id) {
                assert!(answer.get("error").is_none(), "{method}: {answer:#}");
                return answer["result"].clone();
            }
        }
    }

    fn send(&mut self, method: &str, params: Value) -> u64 {
        self.last += 1;
        let mut message = json!({"id": self.last, "method": method, "params": params});
        if !self.session.is_empty() {
            message["sessionId"] = self.session.as_str().into();
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        self.orders.write_all(&bytes).unwrap_or_else(|err| panic!("{err}: {}", self.daemon.last_words()));
        self.last
    }

    /// Takes the next message: an answer is returned, an event kept.
    fn next(&mut self, limit: Duration) -> Option<Value> {
        let message = self.messages.recv_timeout(limit);
        let message = message.unwrap_or_else(|err| panic!("{err}: {}", self.daemon.last_words()));
        if message.get("id").is_some() {
            return Some(message);
        }
        // Everything waits until somebody closes a dialog.
        if message["method"] == "Page.javascriptDialogOpening" {
            self.send("Page.handleJavaScriptDialog", json!({"accept": true}));
        }
        self.events.push_back(message);
        None
    }
}

fn url(path: &Path) -> String {
    format!("file://{}", path.display())
}
