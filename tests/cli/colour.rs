//! Colours: off where nobody sees them, unless the environment or the config file says otherwise.

use crate::support::command::Secretsafe;

/// Runs a command that fails after the config file is read, and tells whether the error had colours.
fn is_coloured(config: Option<&str>, variables: &[(&str, &str)]) -> bool {
    let run = Secretsafe::new().args(["view", "db"]).envs(variables.iter().copied());
    let nowhere = run.home().join("no-such-file");
    let run = run.env("KUBECONFIG", nowhere);
    let run = match config {
        Some(config) => run.config(config),
        None => run,
    };
    let output = run.run();
    assert!(output.code != Some(0) && output.err().contains("error:"), "{}", output.err());
    output.stderr.contains(&0x1b)
}

#[test]
fn the_environment_wins_over_the_config_file() {
    assert!(!is_coloured(None, &[]), "stderr is a pipe");
    assert!(is_coloured(None, &[("CLICOLOR_FORCE", "1")]));
    assert!(!is_coloured(None, &[("NO_COLOR", "1")]));
    assert!(is_coloured(Some("colour: always"), &[]));
    assert!(!is_coloured(Some("colour: always"), &[("NO_COLOR", "1")]));
    assert!(!is_coloured(Some("colour: never"), &[]));
    assert!(is_coloured(Some("colour: never"), &[("CLICOLOR_FORCE", "1")]));
}
