//! Exact output: what users see, to the letter, where no cluster is needed. `TRYCMD=overwrite cargo test
//! --test cmd` renews the cases; then read the change as a user would.

#[test]
fn exact_output() {
    trycmd::TestCases::new()
        .env("KUBECONFIG", "tests/cmd/kubeconfig.yaml")
        .env("SECRETSAFE_KEYCHAIN", "keyutils")
        .env("COLUMNS", "100")
        .case("tests/cmd/*/*.toml");
}
