//! Runs the program on the first core and `wrk` on the second.

#![allow(dead_code, reason = "each measurement needs a part of it")]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::fixtures;

/// Many short runs, so that other load on the machine affects both of a pair, or only a few pairs.
pub const SECONDS: u64 = 1;
pub const PAIRS: usize = 7;

/// Program on the first core, stopped on drop.
pub struct Running {
    child: Child,
    pub address: String,
}

impl Running {
    pub fn start(mut command: Command, announced: &str) -> Self {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let found = lines.find_map(|line| Some(line.split(announced).nth(1)?.trim().trim_end_matches('/').to_owned()));
        // Later output is read and discarded, so that the program never blocks on a full pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, address: found.expect("the program logs its address") }
    }

    pub fn site(dir: &Path, settings: &[(&str, &str)]) -> Self {
        let mut command = pinned_to_core(0, env!("CARGO_BIN_EXE_immigration-experts"));
        command
            .current_dir(dir)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .envs([("DATA_DIR", "data"), ("BIND", "127.0.0.1:0"), ("STAFF_INBOX", "inbox@example.com")])
            .envs(settings.iter().copied());
        Self::start(command, "listening on ")
    }

    /// Field of `/proc/…/status` in megabytes.
    pub fn memory(&self, field: &str) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(field)).unwrap();
        line.trim_matches(':').split_whitespace().next().unwrap().parse::<f64>().unwrap() / 1024.0
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

pub fn pinned_to_core(core: usize, program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new("taskset");
    command.args(["-c", &core.to_string()]).arg(program);
    command
}

/// Result of one `wrk` run.
pub struct WrkResult {
    pub requests_per_second: f64,
    /// Median response time.
    pub middle: String,
    /// 99th percentile of the response times.
    pub slowest: String,
    /// Number of error responses.
    pub refused: u64,
}

pub fn wrk(address: &str, connections: usize, seconds: u64, script: Option<&Path>) -> WrkResult {
    let mut command = pinned_to_core(1, "wrk");
    command.args(["-t1", &format!("-c{connections}"), &format!("-d{seconds}s"), "--latency"]);
    command.args(["-H", "Accept-Encoding: gzip"]);
    if let Some(script) = script {
        command.arg("-s").arg(script);
    }
    let output = command.arg(address).output().expect("wrk is installed");
    let output = String::from_utf8(output.stdout).unwrap();
    let after = |word: &str| {
        let line = output.lines().find_map(|line| line.trim().strip_prefix(word));
        line.map(|rest| rest.trim().to_owned())
    };
    let count = |text: String| text.split([' ', ',']).filter_map(|word| word.parse::<u64>().ok()).sum::<u64>();
    WrkResult {
        requests_per_second: after("Requests/sec:").unwrap_or_else(|| panic!("{output}")).parse().unwrap(),
        middle: after("50%").unwrap_or_default(),
        slowest: after("99%").unwrap_or_default(),
        refused: after("Non-2xx or 3xx responses:").map_or(0, count) + after("Socket errors:").map_or(0, count),
    }
}

pub fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// Measures both in turn. Returns the median of each and of their ratio.
pub fn alternate(mut one: impl FnMut() -> f64, mut other: impl FnMut() -> f64) -> (f64, f64, f64) {
    let pairs: Vec<(f64, f64)> = (0..PAIRS).map(|_| (one(), other())).collect();
    let of = |part: fn(&(f64, f64)) -> f64| median(pairs.iter().map(part).collect());
    (of(|pair| pair.0), of(|pair| pair.1), of(|pair| pair.0 / pair.1))
}

/// Data directory of a new site with additional posts and inquiries.
pub async fn site_data(posts: i64, inquiries: i64) -> tempfile::TempDir {
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let site = fixtures::start(&dir.path().join("data"), "16").await;
    if posts > 0 {
        fixtures::fill(&site, posts, inquiries).await;
    }
    site.stop().await.unwrap();
    dir
}
