//! Connections of slow clients, held open in large numbers.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr};

use futures_util::future::join_all;
use tokio::net::TcpSocket;

/// File descriptors for 4,000 connections and everything else.
pub const MAX_FDS: u64 = 6_000;

/// Part of an HTTP exchange in which the client is slow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlowPhase {
    RequestHead,
    RequestBody,
    Response,
    /// Keeps its connection open after a response and sends no further request.
    Idle,
}

impl SlowPhase {
    pub const ALL: [Self; 4] = [Self::RequestHead, Self::RequestBody, Self::Response, Self::Idle];

    fn first_bytes(self) -> &'static [u8] {
        match self {
            Self::RequestHead => b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ",
            Self::RequestBody => {
                b"POST /contact HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n\
                  Content-Length: 60000\r\n\r\nmessage="
            }
            Self::Response => b"GET /draws.json HTTP/1.1\r\nHost: x\r\n\r\n",
            Self::Idle => b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n",
        }
    }
}

/// Open connections. Dropping them closes them.
#[derive(Default)]
pub struct SlowConnections {
    connections: Vec<(SlowPhase, std::net::TcpStream)>,
}

impl SlowConnections {
    /// Opens `count` connections of each kind and sends the beginning of a request on each.
    pub async fn open(address: SocketAddr, kinds: &[SlowPhase], count: usize) -> Self {
        let mut slow = Self::default();
        for kind in kinds {
            for _ in 0..count.div_ceil(100) {
                let opened = join_all((0..100).map(|_| connect(address, *kind))).await;
                slow.connections.extend(opened.into_iter().map(|stream| (*kind, stream)));
            }
        }
        slow
    }

    /// Sends or reads one more byte on each connection that the site has not closed.
    pub fn send_more(&mut self) {
        for (kind, stream) in &mut self.connections {
            let _ = match kind {
                SlowPhase::RequestHead | SlowPhase::RequestBody => stream.write(b"s"),
                SlowPhase::Response => stream.read(&mut [0; 1]),
                SlowPhase::Idle => Ok(0),
            };
        }
    }

    /// Number of connections of this kind that the site has not closed.
    pub fn count_open(&mut self, kind: SlowPhase) -> usize {
        let of_kind = self.connections.iter_mut().filter(|(of, _)| *of == kind);
        of_kind.filter(|(_, stream)| is_open(stream)).count()
    }
}

/// Whether the site may still send something: neither a 408 or 503 nor the end of the connection has arrived.
fn is_open(stream: &std::net::TcpStream) -> bool {
    let mut next = [0; 12];
    match stream.peek(&mut next) {
        Ok(count) => count > 0 && (count < 12 || &next[..] == b"HTTP/1.1 200" || !next.starts_with(b"HTTP/1.1 ")),
        Err(error) => error.kind() == ErrorKind::WouldBlock,
    }
}

async fn connect(address: SocketAddr, kind: SlowPhase) -> std::net::TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    if kind == SlowPhase::Response {
        socket.set_recv_buffer_size(2048).unwrap();
    }
    socket.bind(SocketAddr::from((Ipv4Addr::new(127, 0, 0, 2), 0))).unwrap();
    let mut stream = socket.connect(address).await.unwrap().into_std().unwrap();
    stream.write_all(kind.first_bytes()).unwrap();
    stream
}
