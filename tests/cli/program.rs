//! Runs the real program with an empty environment in its own directory.

use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use sqlx::sqlite::{SqliteConnectOptions, SqliteRow};
use sqlx::{ConnectOptions, Connection, Row};
use tempfile::TempDir;

use crate::support::Visitor;

const BINARY: &str = env!("CARGO_BIN_EXE_immigration-experts");
/// Timeout and polling interval of all waits.
const WAIT_TIMEOUT: Duration = Duration::from_secs(30);
const POLL_INTERVAL: Duration = Duration::from_millis(10);

/// Waits until `check` returns a value, or fails after the timeout.
pub async fn until<T>(what: &str, mut check: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + WAIT_TIMEOUT;
    loop {
        if let Some(found) = check().await {
            return found;
        }
        assert!(Instant::now() < deadline, "timed out waiting for {what}");
        tokio::time::sleep(POLL_INTERVAL).await;
    }
}

/// Working directory with `DATA_DIR=data` and free ports.
pub struct Home {
    pub dir: TempDir,
}

/// Exit code and output of a command.
pub struct CommandOutput {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Home {
    pub fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    /// Directory of a site that was started once and stopped.
    pub fn with_stopped_site() -> Self {
        let home = Self::new();
        home.start_once(&[]);
        home
    }

    /// Starts the site and stops it once it listens.
    pub fn start_once(&self, settings: &[(&str, &str)]) {
        let mut child = self.command(&[], settings).spawn().unwrap();
        let lines = Arc::new(Mutex::new(vec![]));
        collect(child.stdout.take().unwrap(), lines.clone());
        collect(child.stderr.take().unwrap(), lines.clone());
        let deadline = Instant::now() + WAIT_TIMEOUT;
        let is_up = || lines.lock().unwrap().iter().any(|line: &String| line.contains("listening on "));
        while !is_up() {
            assert!(Instant::now() < deadline, "the site did not start: {:?}", lines.lock().unwrap());
            std::thread::sleep(POLL_INTERVAL);
        }
        assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
        assert!(child.wait().unwrap().success(), "{:?}", lines.lock().unwrap());
    }

    pub fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    fn command(&self, arguments: &[&str], settings: &[(&str, &str)]) -> Command {
        let mut command = Command::new(BINARY);
        command.args(arguments);
        self.prepare(command, settings)
    }

    fn prepare(&self, mut command: Command, settings: &[(&str, &str)]) -> Command {
        command
            .current_dir(self.dir.path())
            .env_clear()
            .envs([("DATA_DIR", "data"), ("BIND", "127.0.0.1:0"), ("RUST_BACKTRACE", "1")])
            .envs(settings.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs a command, and kills it after the timeout.
    pub fn run(&self, arguments: &[&str], settings: &[(&str, &str)]) -> CommandOutput {
        self.run_with_stdin(Stdio::null(), arguments, settings)
    }

    /// Runs a command with input.
    pub fn run_with_stdin(
        &self,
        input: impl Into<Stdio>,
        arguments: &[&str],
        settings: &[(&str, &str)],
    ) -> CommandOutput {
        Self::ended(self.command(arguments, settings).stdin(input).spawn().unwrap(), arguments)
    }

    /// Runs a command with a limit on file sizes.
    pub fn run_with_file_limit(&self, kibibytes: u32, arguments: &[&str], settings: &[(&str, &str)]) -> CommandOutput {
        let mut shell = Command::new("bash");
        let script = "trap '' XFSZ; ulimit -S -f \"$1\"; shift; exec \"$0\" \"$@\"";
        shell.args(["-c", script, BINARY, &kibibytes.to_string()]).args(arguments);
        Self::ended(self.prepare(shell, settings).spawn().unwrap(), arguments)
    }

    /// Starts a command that the test kills.
    pub fn begin(&self, arguments: &[&str]) -> Child {
        self.command(arguments, &[]).spawn().unwrap()
    }

    pub fn ended(mut child: Child, arguments: &[&str]) -> CommandOutput {
        let (out, err) = (read_all(child.stdout.take().unwrap()), read_all(child.stderr.take().unwrap()));
        let deadline = Instant::now() + WAIT_TIMEOUT;
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            if Instant::now() > deadline {
                child.kill().unwrap();
                panic!("{arguments:?} did not exit: {}", out.join().unwrap());
            }
            std::thread::sleep(POLL_INTERVAL);
        };
        CommandOutput { code: status.code(), out: out.join().unwrap(), err: err.join().unwrap() }
    }

    /// Starts the site with a limit on file sizes.
    pub async fn serve_with_file_limit(&self, kibibytes: u32, settings: &[(&str, &str)]) -> SiteProcess {
        let mut shell = Command::new("bash");
        // Ignored, so that a write past the limit fails like on a full disk.
        shell.args(["-c", "trap '' XFSZ; ulimit -S -f \"$1\"; exec \"$0\"", BINARY, &kibibytes.to_string()]);
        Self::wait_until_announced(self.prepare(shell, settings)).await
    }

    /// Starts the site with a socket from systemd.
    pub async fn serve_on(&self, socket: &TcpListener, settings: &[(&str, &str)]) -> SiteProcess {
        let mut shell = Command::new("bash");
        shell.args(["-c", "exec 3<&0 0</dev/null; export LISTEN_FDS=1 LISTEN_PID=$$; exec \"$0\"", BINARY]);
        let mut shell = self.prepare(shell, settings);
        shell.stdin(OwnedFd::from(socket.try_clone().unwrap()));
        Self::wait_until_announced(shell).await
    }

    /// Starts the site with an umask of 0.
    pub async fn serve_with_open_umask(&self, settings: &[(&str, &str)]) -> SiteProcess {
        let mut shell = Command::new("bash");
        shell.args(["-c", "umask 000; exec \"$0\"", BINARY]);
        Self::wait_until_announced(self.prepare(shell, settings)).await
    }

    /// Starts the site with arguments.
    pub async fn serve_with(&self, arguments: &[&str], settings: &[(&str, &str)]) -> SiteProcess {
        Self::wait_until_announced(self.command(arguments, settings)).await
    }

    /// Command for further changes.
    pub fn prepared(&self, arguments: &[&str]) -> Command {
        self.command(arguments, &[])
    }

    pub async fn serve(&self, settings: &[(&str, &str)]) -> SiteProcess {
        Self::wait_until_announced(self.command(&[], settings)).await
    }

    async fn wait_until_announced(mut command: Command) -> SiteProcess {
        let mut child = command.spawn().unwrap();
        let lines = Arc::new(Mutex::new(vec![]));
        collect(child.stdout.take().unwrap(), lines.clone());
        collect(child.stderr.take().unwrap(), lines.clone());
        let mut serving = SiteProcess { child, lines, address: String::new() };
        serving.address = until("the log line with the address", async || {
            serving.log_line("listening on ").map(|line| address_in(&line).trim_end_matches('/').to_owned())
        })
        .await;
        serving
    }

    /// Changes the database directly.
    pub async fn execute(&self, sql: &str) {
        let mut db = SqliteConnectOptions::new().filename(self.data().join("site.db")).connect().await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned())).execute(&mut db).await.unwrap();
        db.close().await.unwrap();
    }

    /// Result of a read-only query.
    pub async fn rows(&self, sql: &'static str) -> Vec<SqliteRow> {
        let options = SqliteConnectOptions::new().filename(self.data().join("site.db")).read_only(true);
        let mut db = options.connect().await.unwrap();
        let rows = sqlx::query(sql).fetch_all(&mut db).await.unwrap();
        db.close().await.unwrap();
        rows
    }

    /// First column of a query.
    pub async fn texts(&self, sql: &'static str) -> Vec<String> {
        self.rows(sql).await.iter().map(|row| row.get(0)).collect()
    }
}

/// URL in a log line.
pub fn address_in(line: &str) -> &str {
    let start = line.find("http").unwrap_or_else(|| panic!("no address in “{line}”"));
    line[start..].split([' ', '"']).next().unwrap().trim_end()
}

fn read_all(mut pipe: impl Read + Send + 'static) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut text = String::new();
        pipe.read_to_string(&mut text).unwrap();
        text
    })
}

fn collect(pipe: impl Read + Send + 'static, lines: Arc<Mutex<Vec<String>>>) {
    std::thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            lines.lock().unwrap().push(line);
        }
    });
}

/// Running site, killed on drop.
pub struct SiteProcess {
    child: Child,
    lines: Arc<Mutex<Vec<String>>>,
    /// Base URL without a trailing slash.
    pub address: String,
}

impl SiteProcess {
    /// All output so far.
    pub fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }

    /// First line that contains `words`.
    pub fn log_line(&self, words: &str) -> Option<String> {
        let mut found = self.lines().into_iter().filter(|line| line.contains(words));
        let line = found.next();
        assert!(found.next().is_none(), "“{words}” was logged twice: {:?}", self.lines());
        line
    }

    /// All lines that contain `words`.
    pub fn log_lines(&self, words: &str) -> Vec<String> {
        self.lines().into_iter().filter(|line| line.contains(words)).collect()
    }

    /// Visitor at the real address.
    pub fn visitor(&self) -> Visitor {
        let client =
            reqwest::Client::builder().cookie_store(true).redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Visitor { client, base: self.address.clone() }
    }

    /// Sends `SIGTERM` and waits for the end.
    pub async fn stop(&mut self) -> ExitStatus {
        self.signal("TERM");
        self.ended().await
    }

    /// Resident memory in bytes.
    pub fn memory(&self) -> u64 {
        self.memory_line("VmRSS:")
    }

    /// The largest resident memory so far, in bytes.
    pub fn peak_memory(&self) -> u64 {
        self.memory_line("VmHWM:")
    }

    fn memory_line(&self, name: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
    }

    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    pub fn has_ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    pub async fn ended(&mut self) -> ExitStatus {
        until("the site to stop", async || self.child.try_wait().unwrap()).await
    }

    /// Limits file sizes from now on; `None` removes the limit.
    pub fn limit_files(&self, kibibytes: Option<u32>) {
        let soft = kibibytes.map_or("unlimited".into(), |limit| (u64::from(limit) * 1024).to_string());
        let limit = format!("--fsize={soft}:unlimited");
        let set = Command::new("prlimit").args(["--pid", &self.child.id().to_string(), &limit]).status().unwrap();
        assert!(set.success());
    }

    /// Sends `SIGKILL`.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for SiteProcess {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
