//! `.dockerconfigjson`: logins whose passwords come from sources, or a whole config from one.

use futures::future::BoxFuture;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::plaintext::render::{Registry, docker_config};
use crate::plaintext::{SecretValue, facts};
use crate::sources::{AnySource, Ask, Filling, Flag, Source};
use crate::ui::Ui;

use super::looked_at::LookedAt;
use super::one;

/// Logins for registries, each with the source of its password.
#[derive(Debug)]
pub(crate) struct DockerLogins(pub(crate) Vec<(Registry, AnySource)>);

impl DockerLogins {
    fn each(&self) -> impl Iterator<Item = (&Registry, &AnySource, Flag)> {
        self.0.iter().map(|(registry, source)| {
            let what = format!("the password of {} at {}", registry.username, registry.server);
            (registry, source, Flag { name: "--docker-password", what })
        })
    }
}

impl Source for DockerLogins {
    fn scheme(&self) -> &'static str {
        self.0.first().map_or("prompt", |(_, source)| source.scheme())
    }

    fn summary(&self) -> String {
        let login =
            |(registry, source): &(Registry, AnySource)| format!("{} for {}", source.summary(), registry.server);
        self.0.iter().map(login).collect::<Vec<_>>().join(", ")
    }

    fn fills_missing_only(&self) -> bool {
        self.0.iter().all(|(_, source)| source.fills_missing_only())
    }

    fn check(&self, ask: &Ask<'_>) -> Result<()> {
        self.each().try_for_each(|(_, source, flag)| source.check(&Ask { flag: Some(&flag), ..*ask }))
    }

    fn prepare(&self, ask: &Ask<'_>) -> Result<()> {
        self.each().try_for_each(|(_, source, flag)| source.prepare(&Ask { flag: Some(&flag), ..*ask }))
    }

    fn fill<'a>(&'a self, ask: &'a Ask<'a>, ctx: &'a Context) -> BoxFuture<'a, Result<Filling>> {
        Box::pin(async move {
            let mut logins = Vec::with_capacity(self.0.len());
            for (registry, source, flag) in self.each() {
                let password = one(source.as_ref(), &Ask { flag: Some(&flag), ..*ask }, ctx).await?;
                if password.is_empty() {
                    return Err(Error::source(format!("{} is empty", flag.what)).hint("check the source"));
                }
                logins.push((registry.clone(), password));
            }
            docker_config(&logins).map(Filling::one).ok_or_else(|| {
                Error::source("a password is not UTF-8, and a Docker config can hold text only")
                    .hint("send the password as text")
            })
        })
    }
}

/// Makes sure that what the source of `--docker-config` gives is a Docker config with a login.
pub(crate) fn whole_docker_config(from: AnySource) -> LookedAt {
    let look = |value: &SecretValue, _: &Ui| {
        let wrong = || Error::source("what was given for `--docker-config` cannot be used");
        match facts::docker_logins(value) {
            None => Err(wrong()
                .because("it is no Docker config: JSON with the field `auths`")
                .hint("send the file that `docker login` writes: --docker-config stdin < ~/.docker/config.json")),
            Some(0) => Err(wrong()
                .because("it holds no login: Docker keeps the passwords in a store of the system")
                .hint("name the registry instead: --docker-server HOST --docker-username NAME")),
            Some(_) => Ok(()),
        }
    };
    LookedAt { from, flag: Flag { name: "--docker-config", what: "the Docker config".to_owned() }, look }
}
