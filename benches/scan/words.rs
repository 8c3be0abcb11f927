//! What the files of the tree say: lines from a small vocabulary, in which words of logins are as frequent as in real code.

use std::fmt::Write;
use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Words as source code has them.
const VOCABULARY: [&str; 56] = [
    "request",
    "response",
    "handler",
    "config",
    "client",
    "server",
    "value",
    "result",
    "error",
    "context",
    "index",
    "buffer",
    "offset",
    "length",
    "stream",
    "reader",
    "writer",
    "parser",
    "builder",
    "factory",
    "service",
    "worker",
    "queue",
    "message",
    "event",
    "listener",
    "metric",
    "label",
    "name",
    "namespace",
    "object",
    "status",
    "cluster",
    "node",
    "volume",
    "image",
    "deploy",
    "release",
    "version",
    "branch",
    "commit",
    "account",
    "user",
    "group",
    "policy",
    "order",
    "invoice",
    "payment",
    "customer",
    "product",
    "price",
    "shipment",
    "address",
    "country",
    "currency",
    "report",
];
/// Words of logins. Scanners look closer where one is, so they are as rare as in real code: in one file of eight.
const LOGINS: [&str; 6] = ["token", "password", "secret", "session", "credential", "key"];
const FILES_WITH_LOGINS: usize = 8;
/// One word in so many there.
const WORDS_OF_LOGINS: usize = 40;
/// How many lines are made once and used again, in ever other orders.
const LINES: usize = 8000;

/// Makes up text.
#[derive(Debug)]
pub(crate) struct Words {
    state: u64,
    /// Whether words of logins may be among the next ones.
    logins: bool,
    code: Vec<String>,
    code_with_logins: Vec<String>,
    sentences: Vec<String>,
    noise: Vec<u8>,
}

impl Words {
    pub(crate) fn new() -> Self {
        let mut words = Self {
            state: 0x5eed,
            logins: false,
            code: Vec::new(),
            code_with_logins: Vec::new(),
            sentences: Vec::new(),
            noise: Vec::new(),
        };
        words.code = (0..LINES).map(|_| words.line_of_code()).collect();
        words.logins = true;
        words.code_with_logins = (0..LINES).map(|_| words.line_of_code()).collect();
        words.logins = false;
        words.sentences = (0..LINES).map(|_| words.sentence()).collect();
        words.noise = (0..1 << 20).map(|_| words.next() as u8).collect();
        words
    }

    /// Returns a number of the range.
    pub(crate) fn within(&mut self, range: Range<usize>) -> usize {
        range.start + (self.next() % (range.end - range.start) as u64) as usize
    }

    /// Returns source code.
    pub(crate) fn source(&mut self, size: usize) -> Vec<u8> {
        let mut text = String::with_capacity(size + 128);
        let with_logins = self.within(0..FILES_WITH_LOGINS) == 0;
        while text.len() < size {
            let line = self.within(0..LINES);
            text += if with_logins { &self.code_with_logins[line] } else { &self.code[line] };
        }
        text.into_bytes()
    }

    /// Returns a document.
    pub(crate) fn prose(&mut self, size: usize) -> Vec<u8> {
        let mut text = String::with_capacity(size + 256);
        while text.len() < size {
            let line = self.within(0..LINES);
            text += &self.sentences[line];
        }
        text.into_bytes()
    }

    /// Returns what no program takes for text.
    pub(crate) fn picture(&mut self, size: usize) -> Vec<u8> {
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        while bytes.len() < size {
            let from = self.within(0..self.noise.len() / 2);
            let most = (size - bytes.len()).min(self.noise.len() / 2);
            bytes.extend_from_slice(&self.noise[from..from + most]);
        }
        bytes
    }

    /// Returns JSON: a list of objects.
    pub(crate) fn data(&mut self, size: usize) -> Vec<u8> {
        let mut text = "{\n  \"items\": [".to_owned();
        while text.len() < size {
            let (one, two, number) = (self.word(), self.word(), self.within(0..100_000));
            let comma = if text.ends_with('[') { "" } else { "," };
            write!(text, "{comma}\n    {{\"id\": {number}, \"name\": \"{one}-{two}\", \"labels\": {{\"{one}\": \"{two}\"}}, \"active\": true}}")
                .expect("text");
        }
        (text + "\n  ]\n}\n").into_bytes()
    }

    /// Returns the values of a chart, one in thirty of them a password in the clear.
    pub(crate) fn settings(&mut self, size: usize) -> Vec<u8> {
        let mut text = "# values of a chart\n".to_owned();
        let mut number = 0;
        while text.len() < size {
            let (one, two, count) = (self.word(), self.word(), self.within(1..900));
            write!(text, "{one}{number}:\n  enabled: true\n  replicas: {count}\n  image: registry.example.com/{one}/{two}:{count}\n")
                .expect("text");
            if number % 10 == 3 {
                writeln!(text, "  password: made-up-{count}").expect("text");
            }
            number += 1;
        }
        text.into_bytes()
    }

    /// Returns variables.
    pub(crate) fn variables(&mut self, size: usize) -> Vec<u8> {
        let mut text = String::new();
        while text.len() < size {
            let (one, number) = (self.word().to_uppercase(), self.within(0..10_000));
            writeln!(text, "APP_{one}_{number}=made-up-{number}").expect("text");
        }
        text.into_bytes()
    }

    /// Returns a manifest without a value in the clear: of a workload, of settings, of a Secret that somebody has sealed.
    pub(crate) fn manifest(&mut self, number: usize, size: usize) -> Vec<u8> {
        let mut text = String::new();
        let mut document = number / 10;
        while text.len() < size {
            if !text.is_empty() {
                text += "---\n";
            }
            let name = format!("{}-{number}", self.word());
            text += &match document % 8 {
                0 => self.sealed(&name),
                1 => external(&name),
                2 | 3 => self.config_map(&name),
                4 => service(&name),
                _ => self.deployment(&name),
            };
            document += 3;
        }
        text.into_bytes()
    }

    /// Returns a manifest with a Secret in the clear, and what lies beside it.
    pub(crate) fn leaking(&mut self, number: usize, size: usize) -> Vec<u8> {
        let value = |words: &mut Self| STANDARD.encode(format!("made-up-{}", words.next()));
        let mut text = format!("apiVersion: v1\nkind: Secret\nmetadata:\n  name: app-{number}\ntype: Opaque\ndata:\n");
        for key in ["username", "password", "token"] {
            writeln!(text, "  {key}: {}", value(self)).expect("text");
        }
        let beside = self.manifest(number, size);
        (text + "---\n" + &String::from_utf8(beside).expect("our own text")).into_bytes()
    }

    /// The same in JSON.
    pub(crate) fn leaking_json(&mut self, number: usize) -> Vec<u8> {
        let value = STANDARD.encode(format!("made-up-{}", self.next()));
        format!(
            "{{\"apiVersion\": \"v1\", \"kind\": \"Secret\", \"metadata\": {{\"name\": \"app-{number}\"}},\n \"data\": {{\"password\": \"{value}\"}}}}\n"
        )
        .into_bytes()
    }

    fn deployment(&mut self, name: &str) -> String {
        let mut text = format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {name}\n  labels:\n    app: {name}\nspec:\n  replicas: 2\n  \
             selector:\n    matchLabels:\n      app: {name}\n  template:\n    metadata:\n      labels:\n        app: {name}\n    \
             spec:\n      containers:\n        - name: {name}\n          image: registry.example.com/{name}:1.2.3\n          env:\n"
        );
        for _ in 0..self.within(1..8) {
            let (one, two) = (self.word(), self.word());
            write!(text, "            - name: APP_{}\n              value: {two}-{one}\n", one.to_uppercase())
                .expect("text");
        }
        text += "            - name: DB_PASSWORD\n              valueFrom:\n                secretKeyRef:\n                  \
                 name: db\n                  key: password\n          resources:\n            requests:\n              \
                 cpu: 100m\n              memory: 64Mi\n";
        text
    }

    fn config_map(&mut self, name: &str) -> String {
        let mut text =
            format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\ndata:\n  app.properties: |\n");
        for _ in 0..self.within(4..30) {
            let (one, two, number) = (self.word(), self.word(), self.within(0..1000));
            writeln!(text, "    app.{one}.{two}={number}").expect("text");
        }
        text
    }

    fn sealed(&mut self, name: &str) -> String {
        let mut cipher = |length: usize| {
            let from = self.within(0..self.noise.len() - length);
            STANDARD.encode(&self.noise[from..from + length])
        };
        format!(
            "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata:\n  name: {name}\nspec:\n  encryptedData:\n    \
             password: {}\n    token: {}\n  template:\n    metadata:\n      name: {name}\n",
            cipher(540),
            cipher(540)
        )
    }

    fn line_of_code(&mut self) -> String {
        let (one, two, three, number) = (self.word(), self.word(), self.word(), self.within(0..10_000));
        let indent = "    ".repeat(self.within(0..4));
        match self.within(0..8) {
            0 => format!("{indent}let {one}_{two} = {three}.{two}({number});\n"),
            1 => format!("{indent}if {one}.{two}() != {number} {{ return {three}; }}\n"),
            2 => format!("{indent}// The {one} of the {two} is not the {three}, see the {one} page.\n"),
            3 => format!("{indent}func {one}{number}({two} string, {three} int) error {{\n"),
            4 => format!("{indent}}}\n"),
            5 => format!("{indent}const {}_{} = \"{three}-{number}\";\n", one.to_uppercase(), two.to_uppercase()),
            6 => "\n".to_owned(),
            _ => format!("{indent}{one}.{two}.set(\"{three}\", {one}, {number});\n"),
        }
    }

    fn sentence(&mut self) -> String {
        let mut text = String::new();
        for _ in 0..self.within(6..18) {
            text += self.word();
            text.push(' ');
        }
        text.pop();
        text + ".\n"
    }

    fn word(&mut self) -> &'static str {
        if self.logins && self.within(0..WORDS_OF_LOGINS) == 0 {
            return LOGINS[self.within(0..LOGINS.len())];
        }
        VOCABULARY[self.within(0..VOCABULARY.len())]
    }

    /// The next number of the splitmix64 sequence.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

fn external(name: &str) -> String {
    format!(
        "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata:\n  name: {name}\nspec:\n  refreshInterval: 1h\n  \
         secretStoreRef:\n    name: vault\n    kind: ClusterSecretStore\n  target:\n    name: {name}\n  data:\n    - secretKey: \
         password\n      remoteRef:\n        key: kv/{name}\n        property: password\n"
    )
}

fn service(name: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Service\nmetadata:\n  name: {name}\nspec:\n  selector:\n    app: {name}\n  ports:\n    - name: \
         http\n      port: 80\n      targetPort: 8080\n"
    )
}
