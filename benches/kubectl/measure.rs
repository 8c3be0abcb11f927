//! Runs a program once and takes its time and its memory, as the kernel counted them.
//!
//! A process inherits the peak memory of the one that forks it, so the benchmark, which is large, has a fresh copy of
//! itself start the program: below that copy's few megabytes nothing can be told apart, and nothing measured here is.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

/// The first argument of the copy; a file for the figures follows, then the program and its arguments.
const FLAG: &str = "--measure";

/// What one run took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    pub(crate) wall: Duration,
    /// User and system time, of its children too.
    pub(crate) cpu: Duration,
    /// Peak resident memory of the largest process, in KiB.
    pub(crate) peak: u64,
}

/// One of the programs that are compared.
pub(crate) struct Contender {
    /// As it would be typed.
    pub(crate) shown: String,
    pub(crate) command: Command,
    /// How many lines it must print at least: a program that fails is quick.
    pub(crate) lines: usize,
}

/// Runs all of them in turns, so that what else the machine does meets all alike, and returns the samples of each.
/// The first round warms caches up and does not count, nor does it have to be complete: TAB has its limit.
pub(crate) fn in_turns(contenders: &[Contender], rounds: usize, folder: &Path) -> Vec<Vec<Sample>> {
    let mut samples = vec![Vec::new(); contenders.len()];
    for round in 0..=rounds {
        for (contender, samples) in contenders.iter().zip(&mut samples) {
            let (sample, lines) = run(contender, folder);
            if round > 0 {
                let Contender { shown, lines: least, .. } = contender;
                assert!(lines >= *least, "`{shown}` printed {lines} lines, not {least}");
                samples.push(sample);
            }
        }
    }
    samples
}

/// Returns the median of what `part` takes out of each sample.
pub(crate) fn median<T: Ord + Copy>(samples: &[Sample], part: impl Fn(&Sample) -> T) -> T {
    let mut parts: Vec<T> = samples.iter().map(part).collect();
    parts.sort_unstable();
    parts[parts.len() / 2]
}

/// Runs it once, and counts the lines that it printed.
pub(crate) fn run(contender: &Contender, folder: &Path) -> (Sample, usize) {
    let at = |name: &str| folder.join(name);
    let mut copy = Command::new(std::env::current_exe().expect("this program"));
    copy.arg(FLAG).arg(at("figures")).arg(contender.command.get_program()).args(contender.command.get_args());
    copy.env_clear().envs(contender.command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    copy.current_dir(folder).stdin(Stdio::null());
    copy.stdout(File::create(at("out")).unwrap()).stderr(File::create(at("err")).unwrap());
    let status = copy.status().expect("this program starts");
    let printed = fs::read(at("out")).unwrap();
    let said = String::from_utf8_lossy(&fs::read(at("err")).unwrap()).into_owned();
    assert!(status.success(), "`{}` ended with {status}: {said}", contender.shown);
    let lines = printed.iter().filter(|byte| **byte == b'\n').count();
    let figures = fs::read_to_string(at("figures")).unwrap();
    let figures: Vec<u64> = figures.split_whitespace().map(|figure| figure.parse().unwrap()).collect();
    let [wall, cpu, peak] = figures[..] else { panic!("three figures, not {figures:?}") };
    (Sample { wall: Duration::from_micros(wall), cpu: Duration::from_micros(cpu), peak }, lines)
}

/// Tells whether this process is the copy that starts the program to be measured.
pub(crate) fn is_asked_for() -> bool {
    std::env::args_os().nth(1).is_some_and(|first| first == OsStr::new(FLAG))
}

/// Starts the program, waits for it, and writes the figures.
#[expect(clippy::zombie_processes, reason = "`wait` waits for the child, in a way that tells what it took")]
pub(crate) fn measure_one() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(2).collect();
    let [figures, program, arguments @ ..] = &arguments[..] else { panic!("{FLAG} FILE PROGRAM …") };
    let started = Instant::now();
    let child = Command::new(program).args(arguments).spawn().expect("the program starts");
    let (status, usage) = wait(child.id());
    let wall = started.elapsed();
    let time = |part: libc::timeval| part.tv_sec * 1_000_000 + part.tv_usec;
    let cpu = time(usage.ru_utime) + time(usage.ru_stime);
    fs::write(figures, format!("{} {cpu} {}", wall.as_micros(), usage.ru_maxrss)).expect("a file of ours");
    if libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn wait(pid: u32) -> (libc::c_int, libc::rusage) {
    let pid = i32::try_from(pid).expect("a process id");
    let mut status = 0;
    // SAFETY: zero is a valid rusage, which wait4 fills; the child is ours and nobody else waits for it.
    unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        assert_eq!(libc::wait4(pid, &raw mut status, 0, &raw mut usage), pid);
        (status, usage)
    }
}
