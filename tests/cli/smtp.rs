//! The other side of a email: a mail server that takes every email, and one that never says a word.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A mail server in which emails can be looked at.
pub struct RecordingSmtpServer {
    pub url: String,
    emails: Arc<Mutex<Vec<String>>>,
}

impl RecordingSmtpServer {
    /// Starts on a free port; it lives as long as the test.
    pub fn start() -> Self {
        Self::start_on(0)
    }

    /// Starts on this port.
    pub fn start_on(port: u16) -> Self {
        let emails = Arc::new(Mutex::new(vec![]));
        let kept = emails.clone();
        let url = listen(port, move |connection| {
            let kept = kept.clone();
            // A client that hangs up in the middle has sent nothing.
            std::thread::spawn(move || handle_connection(connection, &kept).ok());
        });
        Self { url, emails }
    }

    /// Every email taken so far, as it came.
    pub fn emails(&self) -> Vec<String> {
        self.emails.lock().unwrap().clone()
    }
}

fn handle_connection(connection: TcpStream, kept: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut answers = connection.try_clone()?;
    let mut lines = BufReader::new(connection).lines();
    write!(answers, "220 sink\r\n")?;
    while let Some(line) = lines.next().transpose()? {
        match line.split(' ').next().unwrap_or_default() {
            "EHLO" => write!(answers, "250-sink\r\n250 8BITMIME\r\n")?,
            "DATA" => {
                write!(answers, "354 go on\r\n")?;
                let mut email = String::new();
                loop {
                    match lines.next().transpose()? {
                        None => return Ok(()),
                        Some(line) if line == "." => break,
                        Some(line) => email += &(line + "\n"),
                    }
                }
                kept.lock().unwrap().push(email);
                write!(answers, "250 taken\r\n")?;
            }
            "QUIT" => return write!(answers, "221 bye\r\n"),
            _ => write!(answers, "250 ok\r\n")?,
        }
    }
    Ok(())
}

/// A mail server that takes the connection and says nothing.
pub struct SilentSmtpServer {
    pub url: String,
    connections: Arc<Mutex<Vec<TcpStream>>>,
}

impl SilentSmtpServer {
    /// Starts on a free port; it lives as long as the test.
    pub fn start() -> Self {
        let connections = Arc::new(Mutex::new(vec![]));
        let held = connections.clone();
        let url = listen(0, move |connection| held.lock().unwrap().push(connection));
        Self { url, connections }
    }

    /// How many connections it holds.
    pub fn connections(&self) -> usize {
        self.connections.lock().unwrap().len()
    }
}

fn listen(port: u16, mut serve: impl FnMut(TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || listener.incoming().map_while(Result::ok).for_each(&mut serve));
    url
}
