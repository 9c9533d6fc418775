//! Runs a program with its example configuration from `deploy/`, on free ports and in its own directory.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::program::until;
use crate::support::skip;

/// Prints why a test is skipped, or fails where skipping is forbidden.
pub fn skip<T>(reason: &str) -> Option<T> {
    skip::skip(reason, "DEPLOY_TESTS")
}

/// Path of a program; `None` if it is not installed.
pub fn find_program(name: &str, package: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path)
        .chain(["/usr/sbin".into(), "/usr/local/sbin".into()])
        .map(|directory| directory.join(name))
        .find(|file| file.is_file());
    found.or_else(|| skip(&format!("{name} is not installed ({package})")))
}

/// Example configuration with replacements. Fails if one does not apply.
pub fn example_config(file: &str, changes: &[(&str, String)]) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy").join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    changes.iter().fold(text, |text, (from, to)| {
        assert!(text.contains(from), "{file} does not contain “{from}”");
        text.replace(from, to)
    })
}

pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Whether something listens on the port.
fn is_listening(port: u16) -> bool {
    std::net::TcpStream::connect(("127.0.0.1", port)).is_ok()
}

/// Running program, stopped with its children on drop.
pub struct ExternalProcess {
    child: Child,
    log: PathBuf,
}

impl ExternalProcess {
    /// Starts the program with its output in the file `log`.
    pub fn start(command: &mut Command, log: PathBuf) -> Self {
        let file = std::fs::File::create(&log).unwrap();
        let child = command.stdin(Stdio::null()).stdout(file.try_clone().unwrap()).stderr(file).spawn().unwrap();
        Self { child, log }
    }

    /// All output so far.
    pub fn output(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }

    pub async fn wait_until_listening(mut self, port: u16) -> Self {
        until("the program to listen", async || {
            assert_eq!(self.child.try_wait().unwrap(), None, "it has exited: {}", self.output());
            is_listening(port).then_some(())
        })
        .await;
        self
    }

    pub fn stop(&mut self) {
        Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        let deadline = Instant::now() + Duration::from_secs(10);
        while Instant::now() < deadline && matches!(self.child.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(10));
        }
        self.kill();
    }

    pub fn kill(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

impl Drop for ExternalProcess {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            self.stop();
        }
    }
}
