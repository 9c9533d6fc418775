//! Mail servers for tests: one that accepts every e-mail, and one that never answers.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

pub struct RecordingSmtpServer {
    pub url: String,
    emails: Arc<Mutex<Vec<String>>>,
}

impl RecordingSmtpServer {
    /// Starts on a free port for the duration of the test.
    pub fn start() -> Self {
        Self::start_on(0)
    }

    pub fn start_on(port: u16) -> Self {
        let emails = Arc::new(Mutex::new(vec![]));
        let kept = emails.clone();
        let url = listen(port, move |connection| {
            let kept = kept.clone();
            // The client disconnected without sending.
            std::thread::spawn(move || handle_connection(connection, &kept).ok());
        });
        Self { url, emails }
    }

    /// All accepted e-mails.
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

/// Mail server that accepts connections and never answers.
pub struct SilentSmtpServer {
    pub url: String,
    connections: Arc<Mutex<Vec<TcpStream>>>,
}

impl SilentSmtpServer {
    /// Starts on a free port for the duration of the test.
    pub fn start() -> Self {
        let connections = Arc::new(Mutex::new(vec![]));
        let held = connections.clone();
        let url = listen(0, move |connection| held.lock().unwrap().push(connection));
        Self { url, connections }
    }

    /// Number of open connections.
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
