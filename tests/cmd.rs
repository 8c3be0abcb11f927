//! Exact output: what users see, to the letter, where no cluster is needed. `TRYCMD=overwrite cargo test
//! --test cmd` renews the cases; then read the change as a user would.

/// The cases of the log, which want a machine that has none and cannot have one.
const LOG: &str = "tests/cmd/log/*.toml";

fn cases(state: &str) -> trycmd::TestCases {
    let cases = trycmd::TestCases::new();
    cases
        .env("XDG_STATE_HOME", state)
        .env("KUBECONFIG", "tests/cmd/kubeconfig.yaml")
        .env("SECRETSAFE_KEYCHAIN", "keyutils")
        .env("COLUMNS", "100");
    cases
}

#[test]
fn exact_output() {
    // No case writes into the log of whoever runs them.
    let state = tempfile::tempdir().expect("a temporary folder");
    cases(state.path().to_str().expect("a path of text")).case("tests/cmd/*/*.toml").skip(LOG);
}

#[test]
fn exact_output_of_the_log() {
    cases("/proc/no-such-folder").case(LOG);
}
