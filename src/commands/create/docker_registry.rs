//! `create docker-registry`: logins for container registries.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::context::Context;
use crate::error::{Error, Outcome, Result};
use crate::names::{KeyName, SecretName};
use crate::plaintext::render::Registry;
use crate::sources::{AnySource, DockerLogins, KeySource, parse_flag, whole_docker_config};

use super::flags::CreateFlags;
use super::secret::{NewSecret, make};

/// kubectl's default.
const DOCKER_HUB: &str = "https://index.docker.io/v1/";

/// Create a Secret that logs in to container registries
///
/// The password is asked for, unless a source is named. For several registries repeat the flags: the
/// first user name belongs to the first server, and so on.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  kubectl secretsafe create docker-registry pull --docker-server ghcr.io --docker-username app
  kubectl secretsafe create docker-registry pull --docker-username app --docker-password keychain:team/hub
  kubectl secretsafe create docker-registry pull --docker-server ghcr.io --docker-username app --docker-server quay.io --docker-username bot
  kubectl secretsafe create docker-registry pull --docker-config stdin < ~/.docker/config.json")]
pub(crate) struct DockerRegistryArgs {
    /// Name of the Secret
    name: SecretName,

    /// Server of the registry; Docker Hub if absent
    #[arg(long = "docker-server", value_name = "SERVER")]
    servers: Vec<String>,

    /// User name at the registry
    #[arg(long = "docker-username", value_name = "NAME", required_unless_present = "config")]
    usernames: Vec<String>,

    /// Where the password comes from; asked for if absent
    #[arg(long = "docker-password", value_name = "SOURCE", num_args = 0..=1, default_missing_value = "prompt", action = clap::ArgAction::Append, value_parser = password)]
    passwords: Vec<AnySource>,

    /// Email address, which some old registries want
    #[arg(long = "docker-email", value_name = "ADDRESS")]
    emails: Vec<String>,

    /// Where a whole Docker config comes from, such as ~/.docker/config.json through stdin
    #[arg(long = "docker-config", value_name = "SOURCE", value_parser = config, conflicts_with_all = ["servers", "usernames", "passwords", "emails"])]
    config: Option<AnySource>,

    #[command(flatten)]
    flags: CreateFlags,
}

fn password(text: &str) -> Result<AnySource> {
    parse_flag("--docker-password", text)
}

fn config(text: &str) -> Result<AnySource> {
    parse_flag("--docker-config", text)
}

/// Runs `create docker-registry`.
pub(crate) async fn run(args: DockerRegistryArgs, ctx: &Context) -> Result<Outcome> {
    let source: AnySource = match args.config {
        Some(from) => Arc::new(whole_docker_config(from)),
        None => {
            let logins = Logins {
                servers: args.servers,
                usernames: args.usernames,
                passwords: args.passwords,
                emails: args.emails,
            };
            Arc::new(DockerLogins(logins.pair()?))
        }
    };
    let keys = vec![KeySource::of(vec![".dockerconfigjson".parse::<KeyName>()?], source)];
    let secret_type = "kubernetes.io/dockerconfigjson".to_owned();
    make(NewSecret { name: args.name, secret_type, keys, flags: args.flags }, ctx).await
}

/// What was typed, flag by flag.
struct Logins {
    servers: Vec<String>,
    usernames: Vec<String>,
    passwords: Vec<AnySource>,
    emails: Vec<String>,
}

impl Logins {
    /// Puts together what belongs together.
    fn pair(mut self) -> Result<Vec<(Registry, AnySource)>> {
        let count = self.usernames.len();
        if self.servers.is_empty() && count == 1 {
            self.servers.push(DOCKER_HUB.to_owned());
        }
        if self.passwords.is_empty() {
            self.passwords = self.usernames.iter().map(|_| password("prompt")).collect::<Result<_>>()?;
        }
        for (flag, given) in [("--docker-server", self.servers.len()), ("--docker-password", self.passwords.len())] {
            check_count(flag, given, count)?;
        }
        if !self.emails.is_empty() {
            check_count("--docker-email", self.emails.len(), count)?;
        }
        self.servers.iter().try_for_each(|server| check_text("--docker-server", server, &['@', '?', '#']))?;
        self.usernames.iter().try_for_each(|name| check_text("--docker-username", name, &[':']))?;
        self.emails.iter().try_for_each(|email| check_text("--docker-email", email, &[]))?;
        let different: BTreeSet<&String> = self.servers.iter().collect();
        if different.len() < count {
            return Err(Error::usage("`--docker-server` names a registry twice")
                .because("a Docker config has one login for each registry")
                .hint("name each registry once: --docker-server a.example --docker-server b.example"));
        }
        let mut once = BTreeSet::new();
        if let Some(resource) =
            self.passwords.iter().filter_map(|source| source.reads_once()).find(|it| !once.insert(it.clone()))
        {
            return Err(Error::usage(format!("`{resource}` can be read only once, and two passwords ask for it"))
                .hint("give one of them another source, such as fd:N or a prompt"));
        }
        let mut emails = self.emails.into_iter();
        let registries = self.servers.into_iter().zip(self.usernames);
        let registry = |(server, username)| Registry { server, username, email: emails.next() };
        Ok(registries.map(registry).zip(self.passwords).collect())
    }
}

fn check_count(flag: &str, given: usize, users: usize) -> Result<()> {
    if given == users {
        return Ok(());
    }
    Err(Error::usage(format!("{users} times `--docker-username`, but {given} times `{flag}`"))
        .because("for several registries each flag stands once for each of them, in the same order")
        .hint("write the flags of each registry one behind the other: --docker-server HOST --docker-username USER"))
}

/// Refuses what no registry takes, without repeating it: it may be a password, typed by habit.
fn check_text(flag: &str, text: &str, forbidden: &[char]) -> Result<()> {
    let bad = |c: char| c.is_whitespace() || c.is_control() || forbidden.contains(&c);
    if text.is_empty() || text.contains(bad) {
        let list: String = forbidden.iter().map(|c| format!(", `{c}`")).collect();
        return Err(Error::usage(format!("the text of `{flag}` cannot be used"))
            .because(format!("it is empty, or has a character that cannot stand there: a space{list}"))
            .hint("write --docker-server ghcr.io --docker-username app"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(servers: &[&str], usernames: &[&str], passwords: &[&str], emails: &[&str]) -> Result<Vec<String>> {
        let texts = |texts: &[&str]| texts.iter().map(ToString::to_string).collect();
        let passwords = passwords.iter().map(|text| password(text)).collect::<Result<_>>()?;
        let logins = Logins { servers: texts(servers), usernames: texts(usernames), passwords, emails: texts(emails) };
        let show = |(registry, source): (Registry, AnySource)| {
            format!("{} {} {:?} {}", registry.server, registry.username, registry.email, source.summary())
        };
        Ok(logins.pair()?.into_iter().map(show).collect())
    }

    #[test]
    fn flags_are_put_together_in_their_order() {
        assert_eq!(pair(&[], &["a"], &[], &[]).unwrap(), ["https://index.docker.io/v1/ a None prompt"]);
        let two = pair(&["x", "y"], &["a", "b"], &["stdin", "generate:hex"], &["a@x", "b@y"]).unwrap();
        assert_eq!(two[0], r#"x a Some("a@x") stdin"#);
        assert!(two[1].starts_with(r#"y b Some("b@y") generate:hex"#), "{}", two[1]);
    }

    #[test]
    fn what_does_not_fit_is_refused_and_not_repeated() {
        for (servers, users, passwords, emails) in [
            (&["x"][..], &["a", "b"][..], &[][..], &[][..]),
            (&["x", "x"], &["a", "b"], &[], &[]),
            (&["x", "y"], &["a", "b"], &["stdin"], &[]),
            (&["x", "y"], &["a", "b"], &["stdin", "-"], &[]),
            (&["x", "y"], &["a", "b"], &[], &["a@x"]),
            (&["hunter2 x"], &["a"], &[], &[]),
            (&["u:hunter2@x"], &["a"], &[], &[]),
            (&["x"], &["a:hunter2"], &[], &[]),
            (&["x"], &[""], &[], &[]),
        ] {
            let error = pair(servers, users, passwords, emails).unwrap_err();
            let text = format!("{error} {} {}", error.causes().join(" "), error.hints().join(" "));
            assert!(error.kind().exit_code() == 2 && !text.contains("hunter2"), "{text}");
        }
    }
}
