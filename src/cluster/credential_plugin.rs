//! Runs the credential plugin of a kubeconfig (`users[].user.exec`), once.
//!
//! kube would run it two or three times and print its stdout, the token, when it fails. Protocol:
//! `client.authentication.k8s.io`, kind `ExecCredential`.

use std::collections::HashMap;
use std::io::IsTerminal;
use std::path::Path;
use std::process::{Command, Stdio};

use kube::Config;
use kube::config::{ExecConfig, ExecInteractiveMode};
use serde::Deserialize;
use serde_json::json;
use zeroize::Zeroizing;

use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};

use super::kuberc::{check_plugin, find_program};
use super::unattended;

/// Runs the plugin and puts what it gives into `config`.
pub(super) async fn log_in(exec: &ExecConfig, config: &mut Config, kuberc: Option<&Path>, ctx: &Context) -> Result<()> {
    let command = exec.command.as_deref().unwrap_or_default();
    let Some(program) = find_program(command) else {
        let error = Error::new(ErrorKind::Cluster, format!("the credential plugin `{command}` is not there"))
            .because("it is named in the kubeconfig and was looked for in PATH");
        return Err(match exec.install_hint.as_deref().map(str::trim) {
            Some(hint) if !hint.is_empty() => error.hint(hint),
            _ => error,
        });
    };
    check_plugin(&program, kuberc)?;
    ctx.ui.trace(1, || format!("running the credential plugin {}", program.display()));
    let mut process = Command::new(&program);
    process.args(exec.args.iter().flatten());
    process.envs(exec.env.iter().flatten().filter_map(pair));
    for name in exec.drop_env.iter().flatten() {
        process.env_remove(name);
    }
    let interactive = interactive(exec, ctx.completing)?;
    process.env("KUBERNETES_EXEC_INFO", info(exec, interactive));
    process.stdin(if interactive { Stdio::inherit() } else { Stdio::null() });
    // Its stderr is how it talks to the user, about a login page for example; kubectl passes it on too.
    process.stdout(Stdio::piped()).stderr(if ctx.completing { Stdio::null() } else { Stdio::inherit() });
    let output = if ctx.completing {
        unattended::output(process).await
    } else {
        tokio::task::spawn_blocking(move || process.output())
            .await
            .map_err(|_| Error::bug("the thread of the credential plugin ended"))?
    };
    let output = output.map_err(|err| failed(command, &err.kind().to_string()))?;
    let stdout = Zeroizing::new(output.stdout);
    if !output.status.success() {
        return Err(failed(command, &output.status.to_string()));
    }
    take(&stdout, config, command)
}

fn pair(entry: &HashMap<String, String>) -> Option<(&String, &String)> {
    entry.get("name").zip(entry.get("value"))
}

/// Decides whether the plugin may use the terminal, as client-go does; under completion it may not.
fn interactive(exec: &ExecConfig, completing: bool) -> Result<bool> {
    let terminal = !completing && std::io::stdin().is_terminal();
    match exec.interactive_mode {
        Some(ExecInteractiveMode::Never) => Ok(false),
        Some(ExecInteractiveMode::Always) if !terminal => {
            Err(Error::new(ErrorKind::Cluster, "the credential plugin needs a terminal, and stdin is none")
                .hint("log in once from a terminal, or use a service account's token"))
        }
        _ => Ok(terminal),
    }
}

fn info(exec: &ExecConfig, interactive: bool) -> String {
    let mut spec = json!({"interactive": interactive});
    if exec.provide_cluster_info
        && let (Some(cluster), Some(fields)) = (&exec.cluster, spec.as_object_mut())
        && let Ok(cluster) = serde_json::to_value(cluster)
    {
        fields.insert("cluster".to_owned(), cluster);
    }
    json!({"apiVersion": exec.api_version, "kind": "ExecCredential", "spec": spec}).to_string()
}

#[derive(Deserialize)]
struct Credential {
    status: Option<CredentialStatus>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CredentialStatus {
    token: Option<String>,
    client_certificate_data: Option<String>,
    client_key_data: Option<String>,
}

/// Takes the login out of the answer, which client-go reads as YAML too.
fn take(stdout: &[u8], config: &mut Config, command: &str) -> Result<()> {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    let answer: Credential = serde_json::from_slice(stdout)
        .ok()
        .or_else(|| serde_yaml::from_slice(stdout).ok())
        .ok_or_else(|| failed(command, "its answer is no ExecCredential"))?;
    let status = answer.status.ok_or_else(|| failed(command, "its answer has no status"))?;
    let auth = &mut config.auth_info;
    let certificate = status.client_certificate_data.zip(status.client_key_data);
    if status.token.is_none() && certificate.is_none() {
        return Err(failed(command, "its answer has neither a token nor a certificate with its key"));
    }
    auth.token = status.token.map(Into::into);
    if let Some((certificate, key)) = certificate {
        auth.client_certificate_data = Some(STANDARD.encode(certificate));
        auth.client_key_data = Some(STANDARD.encode(Zeroizing::new(key)).into());
        auth.client_certificate = None;
        auth.client_key = None;
    }
    Ok(())
}

fn failed(command: &str, reason: &str) -> Error {
    Error::new(ErrorKind::Cluster, format!("the credential plugin `{command}` gave no login")).because(reason)
}
