//! kubectl's `kuberc` file, as far as it says which credential plugins may run.
//!
//! Format: `kubectl.config.k8s.io`, kind `Preference`, fields `credentialPluginPolicy` and
//! `credentialPluginAllowlist` (kubectl 1.35; entries have `name`, later versions `command`).

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::process::program;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Preference {
    credential_plugin_policy: String,
    credential_plugin_allowlist: Vec<Entry>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Entry {
    name: String,
    command: String,
}

/// Refuses a credential plugin that the user's `kuberc` does not allow, as kubectl does.
///
/// `flag` is the file given with `--kuberc`, which must be there.
pub(super) fn check_plugin(program: &Path, flag: Option<&Path>) -> Result<()> {
    let Some(path) = path(flag)? else { return Ok(()) };
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(err) if err.kind() == std::io::ErrorKind::NotFound && flag.is_none() => return Ok(()),
        Err(err) if flag.is_some() => {
            return Err(Error::usage("cannot read the file given with --kuberc")
                .because(err.kind().to_string())
                .hint("name a file that is there, or leave --kuberc out to use ~/.kube/kuberc"));
        }
        Err(err) => {
            return Err(Error::usage(format!("cannot read {}", path.display()))
                .because(err.kind().to_string())
                .hint(format!("see who may read it: ls -l {}", path.display())));
        }
    };
    let preference: Preference = serde_yaml::from_str(&text).map_err(|err| {
        let place =
            err.location().map_or_else(String::new, |at| format!(" (line {}, column {})", at.line(), at.column()));
        Error::usage(format!("{} cannot be parsed{place}", path.display()))
            .hint("see what kubectl says about it: kubectl version --client")
    })?;
    if allows(&preference, program, &path)? {
        return Ok(());
    }
    Err(Error::refused(format!("the credential plugin {} may not run", program.display()))
        .because(format!("`credentialPluginPolicy` in {} does not allow it", path.display()))
        .hint("if you trust it, add it to `credentialPluginAllowlist` in that file"))
}

fn allows(preference: &Preference, program: &Path, path: &Path) -> Result<bool> {
    match preference.credential_plugin_policy.as_str() {
        "" | "AllowAll" => Ok(true),
        "DenyAll" => Ok(false),
        "Allowlist" => Ok(preference.credential_plugin_allowlist.iter().any(|entry| {
            let wanted = if entry.name.is_empty() { &entry.command } else { &entry.name };
            find_program(wanted).as_deref() == Some(program)
        })),
        _ => Err(Error::usage(format!("`credentialPluginPolicy` in {} is not known", path.display()))
            .hint("kubectl knows AllowAll, DenyAll and Allowlist")),
    }
}

/// Finds a program as the shell would, but only in absolute folders: never in the working directory.
pub(super) fn find_program(name: &str) -> Option<PathBuf> {
    program::look_up(name.as_ref(), Path::is_file)
}

/// Returns where the file is; `None` if kubectl would not read it either.
fn path(flag: Option<&Path>) -> Result<Option<PathBuf>> {
    if std::env::var_os("KUBECTL_KUBERC").is_some_and(|value| value == "false") {
        return Ok(None);
    }
    let flag = flag.filter(|path| !path.as_os_str().is_empty());
    Ok(match (std::env::var_os("KUBERC"), flag) {
        (Some(path), Some(_)) if path == "off" => {
            return Err(Error::usage("`--kuberc` and KUBERC=off exclude each other").hint("type: unset KUBERC"));
        }
        (Some(path), None) if path == "off" => None,
        (_, Some(flag)) => Some(flag.to_owned()),
        (Some(path), None) if !path.is_empty() => Some(PathBuf::from(path)),
        _ => std::env::home_dir().map(|home| home.join(".kube").join("kuberc")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decide(text: &str, program: &str) -> Result<bool> {
        allows(&serde_yaml::from_str(text).unwrap(), Path::new(program), Path::new("kuberc"))
    }

    #[test]
    fn policies_are_kubectls() {
        let sh = find_program("sh").unwrap();
        let sh = sh.to_str().unwrap();
        assert!(decide("{}", sh).unwrap());
        assert!(decide("credentialPluginPolicy: AllowAll", sh).unwrap());
        assert!(!decide("credentialPluginPolicy: DenyAll", sh).unwrap());
        assert!(!decide("credentialPluginPolicy: Allowlist", sh).unwrap());
        let list = "credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist: [{name: sh}]";
        assert!(decide(list, sh).unwrap());
        assert!(!decide(list, "/opt/evil/sh").unwrap());
        assert!(decide(&list.replace("name: sh", &format!("command: {sh}")), sh).unwrap());
        assert!(decide("credentialPluginPolicy: Sometimes", sh).is_err());
    }
}
