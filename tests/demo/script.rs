//! What the demo does, step by step, on a real terminal, through the real `kubectl secretsafe`.

use crate::support::binaries;
use crate::support::canary::{Canary, assert_absent};
use crate::support::command::Secretsafe;
use crate::support::controlplane::ControlPlane;
use crate::support::keychain::Keyring;
use crate::support::terminal::Terminal;
use crate::support::{temp_folder, write_private};

/// The control plane, the keychain, and what was shown so far.
pub(crate) struct Stage {
    show: bool,
    plane: &'static ControlPlane,
    keyring: Keyring,
    /// The working directory of the demo.
    folder: tempfile::TempDir,
    /// What is typed: each is on no screen and in no file.
    typed: [Canary; 2],
    transcript: Vec<(String, String)>,
}

/// One command, and what a person does at each question.
struct Step {
    title: &'static str,
    line: &'static str,
    /// The questions that come, and which of the typed values answers each.
    answers: &'static [(&'static str, Answer)],
    expect: &'static str,
    picture: bool,
}

#[derive(Clone, Copy)]
enum Answer {
    /// A password in a database URL.
    Url,
    /// A token.
    Token,
    /// Something else than the token.
    Other,
    /// A visible yes.
    Yes,
}

const STEPS: &[Step] = &[
    Step {
        title: "Put a value into the OS keychain; it is typed twice and not shown",
        line: "keychain set team/db-url",
        answers: &[("team/db-url", Answer::Url), ("gain", Answer::Url)],
        expect: "keychain/team/db-url set",
        picture: true,
    },
    Step {
        title: "Create a Secret from the keychain, a hidden prompt, a generator, and what is not secret",
        line: "create generic db url=keychain:team/db-url api-token password=generate tls.crt=public-file:tls.crt",
        answers: &[("`api-token`", Answer::Token), ("gain", Answer::Token)],
        expect: "secret/db created",
        picture: true,
    },
    Step {
        title: "Look at it: facts about each value, and who changed it when; never a value",
        line: "view db",
        answers: &[],
        expect: "host db.example.com",
        picture: true,
    },
    Step {
        title: "The same without fetching a single value",
        line: "view db --metadata-only",
        answers: &[],
        expect: "keychain",
        picture: false,
    },
    Step {
        title: "See what would change, redacted: the keychain's value is the live one, the other is not",
        line: "diff db url=keychain:team/db-url api-token=prompt:once",
        answers: &[("`api-token`", Answer::Other)],
        expect: "changed",
        picture: false,
    },
    Step {
        title: "Replace a value on the live object; the plan says what will be gone",
        line: "rotate db password=generate",
        answers: &[("Go on?", Answer::Yes)],
        expect: "secret/db rotated",
        picture: true,
    },
    Step {
        title: "Ask what is wrong in the namespace, and what mends it; no value is requested",
        line: "audit",
        answers: &[],
        expect: "nothing that is known names it",
        picture: false,
    },
    Step {
        title: "For programs: a versioned report, never a Secret",
        line: "view db -o yaml",
        answers: &[],
        expect: "kind: SecretView",
        picture: false,
    },
    Step {
        title: "kubectl's way of passing a value is refused, and the value is not repeated",
        line: "create generic db2 --from-literal=password=not-a-real-password",
        answers: &[],
        expect: "`--from-literal` is refused",
        picture: true,
    },
];

impl Stage {
    /// Starts everything that the demo needs.
    pub(crate) fn set(show: bool) -> Self {
        let say = |text: &str| {
            if show {
                println!("{text}");
            }
        };
        say("Starting a throw-away control plane (kube-apiserver and etcd on loopback) and a private keychain …");
        let plane = ControlPlane::shared();
        let keyring = Keyring::secret_service();
        let kubectl = plane.kubectl(&["version"]).out().replace('\n', ", ");
        say(&format!("  {}   {}", plane.server_url(), kubectl.trim_end_matches(", ")));
        say(&format!("  programs: {}", binaries::folder().display()));
        let folder = temp_folder("demo");
        write_private(&folder.path().join("tls.crt"), certificate().as_bytes());
        let typed = [Canary::random(), Canary::random()];
        Self { show, plane, keyring, folder, typed, transcript: Vec::new() }
    }

    fn answer(&self, answer: Answer) -> String {
        let [password, token] = &self.typed;
        match answer {
            Answer::Url => format!("postgres://app:{}@db.example.com:5432/app", password.text()),
            Answer::Token => token.text().to_owned(),
            Answer::Other => format!("{}-other", token.text()),
            Answer::Yes => "y".to_owned(),
        }
    }

    fn perform(&mut self, step: &Step) {
        let run = Secretsafe::through_kubectl()
            .args(step.line.split(' '))
            .kubeconfig(self.plane.admin_kubeconfig())
            .envs(self.keyring.env())
            .env("TERM", "xterm-256color");
        if self.show {
            println!("\n\u{1b}[2m# {}\u{1b}[0m\n\u{1b}[1m$ kubectl secretsafe {}\u{1b}[0m", step.title, step.line);
        }
        let mut command = run.command();
        command.current_dir(self.folder.path());
        let mut session = Terminal::new().size(40, 120).run(&command).start();
        for (question, answer) in step.answers {
            session.expect(question);
            if matches!(answer, Answer::Yes) {
                session.send("y");
                continue;
            }
            session.expect_echo(false);
            session.send(format!("{}\n", self.answer(*answer)));
        }
        session.expect(step.expect);
        session.wait();
        let shown = readable(&session.screen());
        assert_absent(&self.typed, session.screen_bytes().as_slice(), step.line);
        if self.show {
            println!("{shown}");
        }
        if step.picture {
            self.transcript.push((step.line.to_owned(), shown));
        }
    }

    /// What belongs in the picture: the commands and what they showed.
    pub(crate) fn pictured(&self) -> String {
        let parts: Vec<String> = self
            .transcript
            .iter()
            .map(|(line, shown)| format!("\u{1b}[1m$ kubectl secretsafe {line}\u{1b}[0m\n{shown}\n"))
            .collect();
        parts.join("\n")
    }

    /// Ends the demo.
    pub(crate) fn close(self) {
        let live = self.plane.get("/api/v1/namespaces/default/secrets/db").json();
        let keys = live["data"].as_object().map_or(0, serde_json::Map::len);
        assert_eq!(keys, 4, "the Secret is in the cluster");
        println!("demo: {} steps done; secret/db has {keys} keys, and no value was shown", STEPS.len());
    }
}

/// A certificate to look at.
fn certificate() -> String {
    let mut params = rcgen::CertificateParams::new(vec!["db.example.com".to_owned()]).expect("a host name");
    params.distinguished_name.push(rcgen::DnType::CommonName, "db.example.com");
    params.not_after = rcgen::date_time_ymd(2031, 5, 17);
    let key = rcgen::KeyPair::generate().expect("a key");
    params.self_signed(&key).expect("a certificate").pem()
}

/// Plays the script.
pub(crate) fn play(stage: &mut Stage) {
    for step in STEPS {
        stage.perform(step);
    }
}

/// Takes out what only steers a terminal (bracketed paste, returns), and leaves colours.
fn readable(screen: &str) -> String {
    let mut text = screen.replace('\r', "");
    for control in ["\u{1b}[?2004h", "\u{1b}[?2004l", "\u{1b}[?25h", "\u{1b}[?25l"] {
        text = text.replace(control, "");
    }
    text.trim_end().to_owned()
}
