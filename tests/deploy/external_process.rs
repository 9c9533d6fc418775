//! Runs a program that stands beside the site, with its example from `deploy/` fitted to free ports and a directory of
//! its own.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::program::until;
use crate::support::skip;

/// Says why a test is left out, or fails where it must not be: on the build machine, or where somebody asked for it.
pub fn skip<T>(reason: &str) -> Option<T> {
    skip::skip(reason, "DEPLOY_TESTS")
}

/// Where this program is, or nothing where it is not installed.
pub fn find_program(name: &str, package: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path)
        .chain(["/usr/sbin".into(), "/usr/local/sbin".into()])
        .map(|directory| directory.join(name))
        .find(|file| file.is_file());
    found.or_else(|| skip(&format!("{name} is not installed ({package})")))
}

/// An example from `deploy/`, with each of `changes` made in it; one that finds nothing to change is a fault.
pub fn example_config(file: &str, changes: &[(&str, String)]) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy").join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    changes.iter().fold(text, |text, (from, to)| {
        assert!(text.contains(from), "{file} does not hold “{from}”");
        text.replace(from, to)
    })
}

/// A port that is free just now.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Whether somebody listens there.
fn is_listening(port: u16) -> bool {
    std::net::TcpStream::connect(("127.0.0.1", port)).is_ok()
}

/// A program that runs. It ends, with all that belongs to it, when it goes out of sight.
pub struct ExternalProcess {
    child: Child,
    /// What it said.
    said: PathBuf,
}

impl ExternalProcess {
    /// Starts it; what it says goes into `said`.
    pub fn start(command: &mut Command, said: PathBuf) -> Self {
        let file = std::fs::File::create(&said).unwrap();
        let child = command.stdin(Stdio::null()).stdout(file.try_clone().unwrap()).stderr(file).spawn().unwrap();
        Self { child, said }
    }

    /// Everything it has said so far.
    pub fn output(&self) -> String {
        std::fs::read_to_string(&self.said).unwrap()
    }

    /// Waits until it listens.
    pub async fn wait_until_listening(mut self, port: u16) -> Self {
        until("a neighbour that listens", async || {
            assert_eq!(self.child.try_wait().unwrap(), None, "it has ended: {}", self.output());
            is_listening(port).then_some(())
        })
        .await;
        self
    }

    /// Asks it to end, and waits until it has.
    pub fn stop(&mut self) {
        Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        let deadline = Instant::now() + Duration::from_secs(10);
        while Instant::now() < deadline && matches!(self.child.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(10));
        }
        self.kill();
    }

    /// Ends it at once.
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
