//! What a run tells the log: that an object is about to be read or changed, and how that ended.
//!
//! Whoever sends a request that reads values or changes something begins here (`cluster`, `sources::fill`, `keychain`),
//! and a write that was not begun is not sent. What commands add is better knowledge: keys, and the end of one object of
//! several. What nobody ends ends with the run; what is killed has no end, which the log shows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use zeroize::Zeroizing;

use crate::config::LogMode;
use crate::error::ErrorKind;
use crate::error::{Error, Result};
use crate::keychain::{Entry, Keychain};
use crate::names::KeyName;
use crate::plaintext::{SecretValue, derive};
use crate::plan::Target;
use crate::ui::Ui;

use super::chain::{Key, State};
use super::error::LogError;
use super::line::{Access, Beginning, Deed, Ended, cut};
use super::run::{Object, Settings, Verdict, os_user, random_hex, uid};
use super::store::{Standing, Store};

/// How long the keychain may take to keep the first key of a new log; a question that it asks has no place here.
const KEYCHAIN_PATIENCE: Duration = Duration::from_secs(3);

/// An object of this run.
#[derive(Debug)]
struct Tracked {
    object: Object,
    /// What was begun; `None` if nothing was yet.
    begun: Option<Access>,
    /// Keys that are meant: words that were typed or piped, until they are known.
    named: Vec<String>,
    /// Keys that the object has.
    there: BTreeSet<String>,
    /// Keys that came along.
    came: Vec<String>,
    /// How the last request ended.
    last: Verdict,
    ended: bool,
}

/// All objects of this run, and where each is.
#[derive(Debug, Default)]
struct Objects {
    all: Vec<Tracked>,
    places: BTreeMap<Object, usize>,
}

/// Names of users.
#[derive(Debug, Default)]
struct Users {
    /// By the API server, for each fingerprint.
    told: BTreeMap<String, String>,
    /// By the kubeconfig, for each context and fingerprint.
    logins: BTreeMap<(String, String), String>,
}

/// The log of one run.
#[derive(Debug)]
pub(crate) struct Journal {
    settings: Settings,
    ui: Ui,
    run: OnceLock<String>,
    tracked: Mutex<Objects>,
    users: Mutex<Users>,
    /// One object has ended by itself: those that nobody ends are judged by their own last answer.
    several: AtomicBool,
    /// It cannot be written, which was said.
    broken: AtomicBool,
    /// Names of keys come out of what was piped in: they are counted only.
    unnamed: AtomicBool,
    store: tokio::sync::Mutex<Option<Store>>,
}

impl Journal {
    /// Makes it; nothing is opened before there is something to write.
    pub(crate) fn new(settings: Settings, ui: Ui) -> Self {
        Self {
            settings,
            ui,
            run: OnceLock::new(),
            tracked: Mutex::default(),
            users: Mutex::default(),
            several: AtomicBool::new(false),
            broken: AtomicBool::new(false),
            unnamed: AtomicBool::new(false),
            store: tokio::sync::Mutex::default(),
        }
    }

    /// Makes one that writes nothing, for what is looked up while somebody types.
    pub(crate) fn off(ui: Ui) -> Self {
        Self::new(Settings { mode: LogMode::Off, ..Settings::default() }, ui)
    }

    /// Takes the name of the user's entry in the kubeconfig.
    pub(crate) fn met(&self, context: &str, fingerprint: &str, login: Option<&str>) {
        if let Some(login) = login {
            let place = (context.to_owned(), fingerprint.to_owned());
            lock(&self.users).logins.insert(place, cut(login));
        }
    }

    /// Takes the user's name, which the API server told for another purpose.
    pub(crate) fn identified(&self, fingerprint: &str, user: &str) {
        lock(&self.users).told.insert(fingerprint.to_owned(), cut(user));
    }

    /// Names what the command is about, before anything is read or changed: an attempt that fails is noted with it.
    pub(crate) fn about<'a>(&self, object: impl Into<Object>, keys: impl IntoIterator<Item = &'a KeyName>) {
        self.track(object.into(), |_, tracked| name(&mut tracked.named, keys));
    }

    /// Takes keys that an object is known to have: only such are named in a line. A value that was typed in the place of a
    /// key must not be kept (requirement S9).
    pub(crate) fn has<'a>(&self, object: impl Into<Object>, keys: impl IntoIterator<Item = &'a KeyName>) {
        self.track(object.into(), |_, tracked| tracked.there.extend(keys.into_iter().map(ToString::to_string)));
    }

    /// Names no key from now on: they come out of a pipe, where a value without a name may have been meant.
    pub(crate) fn count_keys_only(&self) {
        self.unnamed.store(true, Ordering::Relaxed);
    }

    /// Begins to fill keys with values, for what the command is for.
    pub(crate) async fn begin_to_fill<'a>(
        &self,
        target: &Target,
        keys: impl IntoIterator<Item = &'a KeyName>,
    ) -> Result<()> {
        self.about(target, keys);
        self.begin(target, self.settings.intent.unwrap_or(Access::Read)).await
    }

    /// Begins to read the values of an object, or to change it: comes before the request.
    ///
    /// Where the log cannot be written, that is said once, and refused if the log is required.
    pub(crate) async fn begin(&self, object: impl Into<Object>, access: Access) -> Result<()> {
        let line = self.track(object.into(), |index, tracked| {
            let both = tracked.begun.map_or(access, |begun| begun.and(access));
            if tracked.begun == Some(both) && !tracked.ended {
                return None;
            }
            tracked.begun = Some(both);
            tracked.ended = false;
            Some(self.deed(index, tracked, Ended::Begun, None))
        });
        let Some(line) = line.flatten() else { return Ok(()) };
        match self.write(&line).await {
            Ok(()) => Ok(()),
            Err(error) if self.settings.mode == LogMode::Required => {
                // That the end cannot be noted either needs no second word.
                self.broken.store(true, Ordering::Relaxed);
                Err(Error::refused("nothing is done without a line in the local log")
                    .caused_by(&error)
                    .hint("make room for it, or leave --require-log out (or `log: required` in the config file)"))
            }
            Err(error) => {
                self.say(&error);
                Ok(())
            }
        }
    }

    /// Tells whether anything was begun that changes something.
    pub(crate) fn has_begun_to_write(&self) -> bool {
        lock(&self.tracked).all.iter().any(|tracked| tracked.begun.is_some_and(Access::writes))
    }

    /// Takes how a request ended, and the keys that came along.
    pub(crate) fn answered<'a>(
        &self,
        object: impl Into<Object>,
        verdict: Verdict,
        keys: impl IntoIterator<Item = &'a KeyName>,
    ) {
        self.track(object.into(), |_, tracked| {
            tracked.last = verdict;
            name(&mut tracked.came, keys);
            tracked.there.extend(tracked.came.iter().cloned());
            if verdict == Verdict::DONE && tracked.begun.is_some_and(Access::writes) {
                tracked.there.extend(tracked.named.iter().cloned());
            }
        });
    }

    /// Objects of this run succeed and fail one by one: each is judged by its own last answer.
    pub(crate) fn judge_one_by_one(&self) {
        self.several.store(true, Ordering::Relaxed);
    }

    /// Ends one object of several.
    pub(crate) async fn end(&self, object: impl Into<Object>, verdict: Verdict) {
        self.judge_one_by_one();
        let line = self.track(object.into(), |index, tracked| {
            if tracked.begun.is_none() {
                // An attempt, if the run ends badly.
                tracked.last = verdict;
                return None;
            }
            tracked.ended = true;
            Some(self.deed(index, tracked, verdict.result, Some(verdict.exit)))
        });
        if let Some(line) = line.flatten() {
            self.note(&line).await;
        }
    }

    /// Ends the run, and with it all that has no end yet.
    pub(crate) async fn end_run(&self, run: Verdict) {
        let mut lines = Vec::new();
        {
            let several = self.several.load(Ordering::Relaxed);
            let attempted = self.settings.intent.is_some() && !self.settings.plan_only && run.result != Ended::Done;
            let mut tracked = lock(&self.tracked);
            let known = !tracked.all.is_empty();
            for (index, tracked) in tracked.all.iter_mut().enumerate().filter(|(_, tracked)| !tracked.ended) {
                let own = Some(tracked.last).filter(|last| last.result != Ended::Done);
                let verdict = match own {
                    Some(own) => own,
                    None if several && tracked.begun.is_some() => Verdict::DONE,
                    None => run,
                };
                // Of several, those that were never begun and have no word of their own were not attempted.
                if tracked.begun.is_some() || (attempted && (!several || own.is_some())) {
                    tracked.ended = true;
                    lines.push(self.deed(index, tracked, verdict.result, Some(verdict.exit)));
                }
            }
            // Nothing is known about it: a line that was typed wrong is no attempt.
            if attempted && !known && run.exit != ErrorKind::Usage.exit_code() && run.result != Ended::Interrupted {
                lines.push(self.bare(run));
            }
        }
        for line in lines {
            self.note(&line).await;
        }
    }

    /// Does something with what is known of an object; `None` only if the object's place were not its own.
    fn track<T>(&self, object: Object, with: impl FnOnce(usize, &mut Tracked) -> T) -> Option<T> {
        let mut tracked = lock(&self.tracked);
        let Objects { all, places } = &mut *tracked;
        let index = *places.entry(object.clone()).or_insert_with(|| {
            all.push(Tracked::new(object));
            all.len() - 1
        });
        all.get_mut(index).map(|tracked| with(index, tracked))
    }

    fn bare(&self, run: Verdict) -> Deed {
        let object = Object { kind: String::new(), cluster: None, namespace: None, name: None };
        let mut deed = self.deed(0, &Tracked::new(object), run.result, Some(run.exit));
        deed.kind = None;
        deed
    }

    fn deed(&self, index: usize, tracked: &Tracked, result: Ended, exit: Option<u8>) -> Deed {
        let Object { kind, cluster, namespace, name } = tracked.object.clone();
        let (user, login) = {
            let users = lock(&self.users);
            let user = cluster.as_ref().and_then(|(_, fingerprint)| users.told.get(fingerprint).cloned());
            (user, cluster.as_ref().and_then(|place| users.logins.get(place).cloned()))
        };
        let (context, cluster) = cluster.unzip();
        let mut deed = Deed {
            id: format!("{}-{index}", self.run.get_or_init(|| random_hex().unwrap_or_default())),
            action: self.settings.action.clone(),
            result,
            exit,
            access: tracked.begun,
            dry_run: self.settings.dry_run,
            kind: Some(kind),
            context: context.map(|context| cut(&context)),
            cluster,
            namespace,
            name,
            keys: Vec::new(),
            more_keys: 0,
            user,
            login,
            os_user: os_user(),
            uid: uid(),
            reason: self.settings.reason.clone(),
        };
        let keys = if tracked.named.is_empty() { &tracked.came } else { &tracked.named };
        let named = |key: &&String| !self.unnamed.load(Ordering::Relaxed) && tracked.there.contains(*key);
        let known: Vec<&str> = keys.iter().filter(named).map(String::as_str).collect();
        deed.name_keys(&known, keys.len());
        deed
    }

    /// Writes an end: what it tells is done already, so that a failure is a warning.
    async fn note(&self, deed: &Deed) {
        if let Err(error) = self.write(deed).await {
            self.say(&error);
        }
    }

    fn say(&self, error: &LogError) {
        if !self.broken.swap(true, Ordering::Relaxed) {
            self.ui.warn(&format!("this run is not in the local log, or not to its end: {error}"));
        }
    }

    async fn write(&self, deed: &Deed) -> Result<(), LogError> {
        let required = self.settings.mode == LogMode::Required;
        if self.settings.mode == LogMode::Off || (self.broken.load(Ordering::Relaxed) && !required) {
            return Ok(());
        }
        let mut kept = self.store.lock().await;
        let store = match &mut *kept {
            Some(store) => store,
            none => none.insert(Store::open()?),
        };
        let mut locked = store.lock().await?;
        let (mut state, mut found) = match locked.standing()? {
            Standing::Goes(state, found) => (state, found),
            Standing::New(found) => {
                let state = self.new_state().await?;
                locked.begin(&state)?;
                (state, found)
            }
        };
        // Whoever began it may have been killed before its first line.
        if state.count == 0 {
            let beginning = Beginning { log: state.log.clone(), keyed: state.keyed };
            locked.append(&mut state, &beginning, found.take(), required)?;
        }
        locked.append(&mut state, deed, found, required)
    }

    /// Makes the first key, and gives it to the keychain: one call in the life of a log.
    async fn new_state(&self) -> Result<State, LogError> {
        let log = random_hex().ok_or(LogError::NoRandom)?;
        let kept = tokio::time::timeout(KEYCHAIN_PATIENCE, self.new_key(&log)).await.ok().flatten();
        if kept.is_none() {
            self.ui.trace(1, || "the local log has no key in a keychain: it finds accidents only".to_owned());
        }
        Ok(State::new(log, kept))
    }

    async fn new_key(&self, log: &str) -> Option<Key> {
        let keychain = Keychain::choose(self.settings.keychain.as_deref(), &self.ui).await.ok()?;
        // A store that forgets would leave a log that nobody can check.
        if !matches!(keychain.caveat().await, Ok(None)) {
            return None;
        }
        let mut seed = Zeroizing::new(vec![0_u8; 32]);
        getrandom::fill(&mut seed).ok()?;
        let text: Zeroizing<Vec<u8>> =
            Zeroizing::new(seed.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect());
        let seed = keychain.set_own(&Entry::of_log(log), SecretValue::from_bytes(text)).await.ok()?;
        Some(Key::first(derive::log_key(&seed)))
    }
}

impl Tracked {
    fn new(object: Object) -> Self {
        Self {
            object,
            begun: None,
            named: Vec::new(),
            there: BTreeSet::new(),
            came: Vec::new(),
            last: Verdict::DONE,
            ended: false,
        }
    }
}

fn name<'a>(names: &mut Vec<String>, keys: impl IntoIterator<Item = &'a KeyName>) {
    for key in keys {
        if !names.iter().any(|name| name == key.as_str()) {
            names.push(key.to_string());
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
