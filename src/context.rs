//! What every command gets: flags, config, the user interface, and the cluster, connected on first use.
//!
//! It is shared by reference, also by work that runs side by side, so it changes nothing in place.

use std::sync::Arc;

use tokio::sync::OnceCell;

use crate::cli::GlobalArgs;
use crate::cluster::{Cluster, Identity, Kubecontext};
use crate::config::Config;
use crate::error::{Error, ErrorKind, Outcome, Result};
use crate::log::Journal;
use crate::names::{Namespace, SecretName};
use crate::plan::Target;
use crate::ui::Ui;

/// The surroundings of one run.
#[derive(Debug)]
pub(crate) struct Context {
    /// kubectl's flags, as the user gave them.
    pub(crate) global: GlobalArgs,
    /// The user's config file.
    pub(crate) config: Config,
    /// The only writer to stderr.
    pub(crate) ui: Ui,
    /// Whether this only looks for candidates: nothing may ask, talk or wait.
    pub(crate) completing: bool,
    /// What is noted in the local log.
    pub(crate) journal: Arc<Journal>,
    /// How many connections stay open between requests: none, unless there are very many to be made.
    pub(crate) kept_connections: usize,
    kubecontext: OnceCell<Kubecontext>,
    cluster: OnceCell<Cluster>,
    identity: OnceCell<Identity>,
}

impl Context {
    /// Makes the surroundings; nothing is read or asked.
    pub(crate) fn new(global: GlobalArgs, config: Config, journal: Arc<Journal>) -> Self {
        Self {
            ui: Ui::new(global.verbosity, global.quiet),
            config,
            journal,
            completing: false,
            kept_connections: 0,
            global,
            kubecontext: OnceCell::new(),
            cluster: OnceCell::new(),
            identity: OnceCell::new(),
        }
    }

    /// Makes the surroundings in which candidates are looked for while the user types.
    pub(crate) fn for_completion(mut global: GlobalArgs, config: Config) -> Self {
        global.verbosity = 0;
        let journal = Arc::new(Journal::off(Ui::new(0, true)));
        Self { completing: true, ..Self::new(global, config, journal) }
    }

    /// Returns where we would connect to, from the kubeconfig; no request is made.
    pub(crate) async fn kubecontext(&self) -> Result<&Kubecontext> {
        let load = || async {
            let kubecontext = Kubecontext::load(&self.global).await?;
            self.journal.met(kubecontext.name(), kubecontext.fingerprint(), kubecontext.login());
            Ok(kubecontext)
        };
        self.kubecontext.get_or_try_init(load).await
    }

    /// Returns the connection; the first call runs a credential plugin if the kubeconfig names one.
    pub(crate) async fn cluster(&self) -> Result<&Cluster> {
        self.cluster.get_or_try_init(|| async { Cluster::new(self.kubecontext().await?, self).await }).await
    }

    /// Returns who we are to the server, asked once; `target` is what an error is about.
    pub(crate) async fn identity(&self, target: &Target) -> Result<&Identity> {
        self.identity.get_or_try_init(|| async { self.cluster().await?.identify_for("create", target).await }).await
    }

    /// In a protected context, asks for its name to be typed, whatever `--yes` says (requirement S14).
    ///
    /// Belongs before the first value is asked for; without it, no write is sent.
    pub(crate) async fn confirm_protected(&self) -> Result<()> {
        let (cluster, kubecontext) = (self.cluster().await?, self.kubecontext().await?);
        if !cluster.is_locked() {
            return Ok(());
        }
        let name = kubecontext.name();
        let refused = || Error::refused(format!("context `{name}` is protected by the config file"));
        if self.global.confirm_context.iter().any(|given| given == name) {
            cluster.unlock();
            return Ok(());
        }
        if !self.global.confirm_context.is_empty() {
            return Err(refused().because("the name given with --confirm-context is another one"));
        }
        if !self.ui.has_terminal() {
            return Err(refused()
                .because("its name must be typed, and nobody is there to do it")
                .hint(format!("if it is meant, add --confirm-context {name}")));
        }
        self.ui.say(&format!("context {name} ({}) is protected", kubecontext.server()));
        if !self.ui.type_to_confirm("Type the name of the context to go on", name)? {
            return Err(refused().because("another name was typed; nothing was changed"));
        }
        cluster.unlock();
        Ok(())
    }

    /// Ends a run that went well: with `--warnings-as-errors`, a warning of the server is a failure.
    pub(crate) fn end(&self, outcome: Outcome) -> Result<Outcome> {
        let (count, stored) = self.cluster.get().map(Cluster::warnings).unwrap_or_default();
        if count == 0 || !self.global.accepted.warnings_as_errors {
            return Ok(outcome);
        }
        let (kind, state) = if stored {
            (ErrorKind::Unfinished, "the change is stored all the same")
        } else {
            (ErrorKind::Cluster, "nothing was stored")
        };
        Err(Error::new(kind, format!("the API server sent {count} warning{}", if count == 1 { "" } else { "s" }))
            .because(format!("{state}; the text is not shown, because it may quote values")))
    }

    /// Makes the surroundings for another context or namespace, with a connection of their own.
    pub(crate) fn elsewhere(&self, context: Option<String>, namespace: Option<Namespace>) -> Self {
        let mut global = self.global.clone();
        if context.is_some() {
            // The other context's own namespace, unless one is named.
            global.namespace = None;
            global.connection = global.connection.for_another_context();
        }
        global.context = context.or(global.context);
        global.namespace = namespace.or(global.namespace);
        Self::new(global, self.config.clone(), Arc::clone(&self.journal))
    }

    /// Makes the surroundings for very many requests, so many of them at the same time.
    pub(crate) fn for_many(&self, at_once: usize) -> Self {
        Self {
            kept_connections: at_once,
            ..Self::new(self.global.clone(), self.config.clone(), Arc::clone(&self.journal))
        }
    }

    /// Addresses a Secret in the namespace that the flags and the kubeconfig give.
    pub(crate) async fn target(&self, name: SecretName) -> Result<Target> {
        let kubecontext = self.kubecontext().await?;
        Ok(Target {
            context: kubecontext.name().to_owned(),
            server: kubecontext.server().to_owned(),
            fingerprint: kubecontext.fingerprint().to_owned(),
            namespace: kubecontext.namespace().clone(),
            name,
        })
    }
}
