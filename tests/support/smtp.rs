//! Fake SMTP server: records what it receives, and fails as configured.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;

use tokio_rustls::rustls::{ServerConfig, ServerConnection, StreamOwned};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmtpBehaviour {
    Accepts,
    OffersPipelining,
    OffersSmtputf8,
    /// Accepts the connection and sends nothing.
    Silent,
    OutOfService,
    RequiresAuth,
    /// Rejects the sign-in and repeats what it was sent, as some servers do.
    RejectsAuth,
    RejectsSender,
    RejectsPermanently,
    /// Rejects every recipient and repeats the address.
    RejectsByName,
    RejectsTemporarily,
    RejectsByPolicy,
    MailboxFull,
    OverQuota,
    ClosesAtRcpt,
    ClosesInData,
    Hangs,
    RepliesTooLate,
}

/// SMTP server on 127.0.0.1 that runs until the test process ends.
pub struct FakeSmtpServer {
    pub url: String,
    pub port: u16,
    state: Arc<Mutex<ServerState>>,
}

struct ServerState {
    behaviour: SmtpBehaviour,
    emails: Vec<String>,
    /// What each read returned: one per round trip.
    reads: Vec<String>,
    /// Connections, and those on which an e-mail was begun: the site also connects once when it starts.
    accepted: usize,
    used: usize,
}

/// TLS configuration, from the first byte or after STARTTLS.
#[derive(Clone)]
pub enum FakeTls {
    Implicit(Arc<ServerConfig>),
    StartTls(Arc<ServerConfig>),
    None,
}

impl FakeSmtpServer {
    pub fn start(behaviour: SmtpBehaviour) -> Self {
        Self::listen(0, behaviour, FakeTls::None)
    }

    pub fn start_on(port: u16) -> Self {
        Self::listen(port, SmtpBehaviour::Accepts, FakeTls::None)
    }

    pub fn start_tls(tls: FakeTls) -> Self {
        Self::listen(0, SmtpBehaviour::Accepts, tls)
    }

    fn listen(port: u16, behaviour: SmtpBehaviour, tls: FakeTls) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
        let address = listener.local_addr().unwrap();
        let state = ServerState { behaviour, emails: vec![], reads: vec![], accepted: 0, used: 0 };
        let state = Arc::new(Mutex::new(state));
        let server = Self { url: format!("smtp://{address}"), port: address.port(), state: state.clone() };
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (state, tls) = (state.clone(), tls.clone());
                // Broken connections are a part of many tests.
                thread::spawn(move || serve(stream, &state, tls).ok());
            }
        });
        server
    }

    fn state(&self) -> MutexGuard<'_, ServerState> {
        self.state.lock().unwrap()
    }

    pub fn set_behaviour(&self, behaviour: SmtpBehaviour) {
        self.state().behaviour = behaviour;
    }

    /// Every accepted e-mail, with `\n` at the end of each line.
    pub fn received(&self) -> Vec<String> {
        self.state().emails.clone()
    }

    pub fn reads(&self) -> Vec<String> {
        self.state().reads.clone()
    }

    pub fn accepted_connections(&self) -> usize {
        self.state().accepted
    }

    /// Connections on which an e-mail was begun.
    pub fn used_connections(&self) -> usize {
        self.state().used
    }
}

fn serve(mut plain: TcpStream, state: &Mutex<ServerState>, tls: FakeTls) -> io::Result<()> {
    let behaviour = {
        let mut state = state.lock().unwrap();
        state.accepted += 1;
        state.behaviour
    };
    let encrypted = |config, plain| {
        Ok::<_, io::Error>(StreamOwned::new(ServerConnection::new(config).map_err(io::Error::other)?, plain))
    };
    match (behaviour, tls) {
        (SmtpBehaviour::Silent, _) => wait_for_close(&mut plain),
        (SmtpBehaviour::OutOfService, _) => plain.write_all(b"554 5.3.2 No service\r\n"),
        (_, FakeTls::None) => greet(&mut plain).and_then(|()| converse(&mut plain, state, false).map(drop)),
        (_, FakeTls::Implicit(config)) => {
            let mut stream = encrypted(config, plain)?;
            greet(&mut stream)?;
            converse(&mut stream, state, false).map(drop)
        }
        (_, FakeTls::StartTls(config)) => {
            greet(&mut plain)?;
            if converse(&mut plain, state, true)? {
                converse(&mut encrypted(config, plain)?, state, false)?;
            }
            Ok(())
        }
    }
}

fn greet(stream: &mut impl Write) -> io::Result<()> {
    stream.write_all(b"220 mail.example ready\r\n")
}

fn wait_for_close(stream: &mut impl Read) -> io::Result<()> {
    while stream.read(&mut [0; 1024])? > 0 {}
    Ok(())
}

/// Answers commands until the connection ends, or until STARTTLS: then it returns true.
fn converse(stream: &mut (impl Read + Write), state: &Mutex<ServerState>, starttls: bool) -> io::Result<bool> {
    let (mut pending, mut chunk) = (vec![], [0; 65536]);
    let mut email: Option<String> = None;
    let mut is_used = false;
    loop {
        let size = stream.read(&mut chunk)?;
        if size == 0 {
            return Ok(false);
        }
        state.lock().unwrap().reads.push(String::from_utf8_lossy(&chunk[..size]).into_owned());
        pending.extend_from_slice(&chunk[..size]);
        let mut replies = String::new();
        while let Some(end) = pending.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = pending.drain(..=end).collect();
            let line = String::from_utf8_lossy(&line);
            let line = line.trim_end_matches(['\r', '\n']);
            let behaviour = state.lock().unwrap().behaviour;
            if let Some(text) = &mut email {
                if line != "." {
                    if behaviour == SmtpBehaviour::ClosesInData {
                        return Ok(false);
                    }
                    text.push_str(line);
                    text.push('\n');
                    continue;
                }
                if behaviour == SmtpBehaviour::RepliesTooLate {
                    // Until the client gives up or sends something else.
                    let _size = stream.read(&mut chunk)?;
                }
                state.lock().unwrap().emails.extend(email.take());
                replies.push_str("250 Accepted\r\n");
                continue;
            }
            let verb = line.split([' ', ':']).next().unwrap_or_default().to_uppercase();
            if verb == "MAIL" && !std::mem::replace(&mut is_used, true) {
                state.lock().unwrap().used += 1;
            }
            match (verb.as_str(), behaviour) {
                ("RCPT", SmtpBehaviour::ClosesAtRcpt) => {
                    let reply = format!("{replies}421 4.3.2 closing for {line}\r\n");
                    return stream.write_all(reply.as_bytes()).map(|()| false);
                }
                ("RCPT", SmtpBehaviour::Hangs) => return wait_for_close(stream).map(|()| false),
                ("QUIT", _) => return stream.write_all(b"221 Bye\r\n").map(|()| false),
                ("STARTTLS", _) if starttls => return stream.write_all(b"220 Go ahead\r\n").map(|()| true),
                ("DATA", _) => {
                    email = Some(String::new());
                    replies.push_str("354 Go ahead\r\n");
                }
                ("EHLO", _) if starttls => replies.push_str("250-mail.example\r\n250 STARTTLS\r\n"),
                (verb, behaviour) => replies.push_str(&reply(verb, behaviour, line)),
            }
        }
        stream.write_all(replies.as_bytes())?;
    }
}

fn reply(verb: &str, behaviour: SmtpBehaviour, line: &str) -> String {
    let reply = match (verb, behaviour) {
        ("EHLO", SmtpBehaviour::OffersSmtputf8) => "250-mail.example\r\n250-PIPELINING\r\n250 SMTPUTF8",
        ("EHLO", SmtpBehaviour::OffersPipelining) => "250-mail.example\r\n250-PIPELINING\r\n250 8BITMIME",
        ("EHLO", SmtpBehaviour::RejectsAuth) => "250-mail.example\r\n250 AUTH PLAIN LOGIN",
        ("EHLO", _) => "250 mail.example",
        (_, SmtpBehaviour::RejectsAuth) => return format!("535 5.7.8 {line} hunter2-of-the-mail: wrong\r\n"),
        ("MAIL", SmtpBehaviour::RequiresAuth) => "530 5.7.0 Authentication required",
        ("MAIL", SmtpBehaviour::RejectsSender) => "550 5.1.1 Who is that?",
        ("RCPT", SmtpBehaviour::OverQuota) => "550 5.4.5 Daily user sending limit exceeded",
        ("RCPT", SmtpBehaviour::MailboxFull) => "552 5.2.2 Mailbox full",
        ("RCPT", SmtpBehaviour::RejectsByPolicy) => "550 5.7.1 Blocked by policy",
        ("RCPT", SmtpBehaviour::RejectsPermanently) => "550 5.1.1 No such user here",
        ("RCPT", SmtpBehaviour::RejectsByName) => return format!("550 5.1.1 {line}: no such user\r\n"),
        ("RCPT", SmtpBehaviour::RejectsTemporarily) => "451 4.2.0 Mailbox busy, try later",
        _ => "250 OK",
    };
    format!("{reply}\r\n")
}
