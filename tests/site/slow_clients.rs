//! Timeouts of idle and slow clients. `tests/cli/slow_clients.rs` covers thousands of them at the same time.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use immigration_experts::http::ServerLimits;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use crate::support::Site;

/// Waits for a condition, at most 30 seconds.
pub async fn wait_until(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !condition().await {
        assert!(Instant::now() < deadline, "timed out waiting for {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Connects from an address of this machine.
async fn connect(to: SocketAddr, from: Ipv4Addr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::from((from, 0))).unwrap();
    socket.connect(to).await.unwrap()
}

/// Connects with the smallest receive buffer that the kernel permits.
async fn connect_with_small_buffer(to: SocketAddr, from: Ipv4Addr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(2048).unwrap();
    socket.bind(SocketAddr::from((from, 0))).unwrap();
    socket.connect(to).await.unwrap()
}

/// Number of connections from an address that the site holds open, according to the kernel.
fn open_connections(site: SocketAddr, from: Ipv4Addr) -> usize {
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let hex = |address: SocketAddr| {
        let IpAddr::V4(ip) = address.ip() else { panic!("{address}") };
        format!("{:08X}:{:04X}", u32::from_le_bytes(ip.octets()), address.port())
    };
    let (site, client) = (hex(site), hex((from, 0).into())[..9].to_owned());
    let is_open = |line: &&str| {
        let columns: Vec<&str> = line.split_whitespace().collect();
        let [_, local, remote, state, ..] = columns[..] else { return false };
        // ESTABLISHED or CLOSE_WAIT: both use a file descriptor of the site.
        local == site && remote.starts_with(&client) && ["01", "08"].contains(&state)
    };
    table.lines().filter(is_open).count()
}

#[actix_web::test]
async fn client_that_reads_no_responses_is_disconnected() {
    let server_limits = ServerLimits { write_timeout: Duration::from_secs(1), ..ServerLimits::default() };
    let site = Site::start_with_limits(&[], server_limits).await;
    let from = Ipv4Addr::new(127, 0, 0, 4);
    let mut socket = connect_with_small_buffer(site.running.address, from).await;
    socket.write_all("GET /draws.json HTTP/1.1\r\nHost: x\r\n\r\n".repeat(60).as_bytes()).await.unwrap();
    wait_until("the site to disconnect", async || open_connections(site.running.address, from) == 0).await;
    let mut received = vec![];
    // The kernel may deliver what it had accepted before.
    let _ = socket.read_to_end(&mut received).await;
    let whole = site.visitor().get("/draws.json").await.text.len();
    assert!(received.len() < 60 * whole, "all responses were received: the client was not slow");
}

#[actix_web::test]
async fn idle_and_slow_clients_are_disconnected() {
    let (site, address) = site_with_short_timeouts().await;
    let form = "POST /contact HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n";
    let body = format!("{form}Content-Length: 60000\r\n\r\nname=A");
    // What the client sends first, and then repeatedly.
    let kinds: [(&str, &str, &[u8]); 4] = [
        ("nothing", "", b""),
        ("a slow head", "GET / HTTP/1.1\r\nHo", b"s"),
        ("nothing after a response", "GET /health HTTP/1.1\r\nHost: x\r\n\r\n", b""),
        ("a slow body", &body, b"s"),
    ];
    let clients = kinds.iter().zip(10..).map(|((kind, first, next), last)| async move {
        let from = Ipv4Addr::new(127, 0, 0, last);
        let mut socket = connect(address, from).await;
        socket.write_all(first.as_bytes()).await.unwrap();
        wait_until(&format!("the end of a client that sends {kind}"), async || {
            let _ = socket.write_all(next).await;
            tokio::time::sleep(Duration::from_millis(200)).await;
            open_connections(address, from) == 0
        })
        .await;
        let mut received = vec![];
        let _ = socket.read_to_end(&mut received).await;
        String::from_utf8_lossy(&received).into_owned()
    });
    let received = join_all(clients).await;
    for index in [0, 1, 3] {
        let is_timeout = received[index].starts_with("HTTP/1.1 408") || received[index].is_empty();
        assert!(is_timeout, "{}: {}", kinds[index].0, received[index]);
    }
    assert_eq!(site.count("SELECT count(*) FROM inquiries").await, 0);
    assert_eq!(site.visitor().get("/").await.status, 200);
}

/// The server reads the rest of a chunked body after its response, so only the proxy can end such a connection.
#[actix_web::test]
async fn slow_chunked_bodies_get_a_response() {
    let (site, address) = site_with_short_timeouts().await;
    for (path, expected) in [("/contact", "HTTP/1.1 408 "), ("/", "HTTP/1.1 405 ")] {
        let mut socket = connect(address, Ipv4Addr::LOCALHOST).await;
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Transfer-Encoding: chunked\r\n\r\n4\r\nname\r\n"
        );
        socket.write_all(head.as_bytes()).await.unwrap();
        let mut received = [0; 13];
        wait_until("a response", async || {
            let _ = socket.write_all(b"1\r\nx\r\n").await;
            tokio::time::sleep(Duration::from_millis(200)).await;
            socket.try_read(&mut received).is_ok_and(|count| count == 13)
        })
        .await;
        assert_eq!(String::from_utf8_lossy(&received), expected, "{path}");
    }
    assert_eq!(site.count("SELECT count(*) FROM inquiries").await, 0);
}

async fn site_with_short_timeouts() -> (Site, SocketAddr) {
    let timeout = Duration::from_secs(2);
    let server_limits =
        ServerLimits { header_timeout: timeout, keep_alive: timeout, body_timeout: timeout, ..ServerLimits::default() };
    let site = Site::start_with_limits(&["--staff-inbox", "inbox@example.com"], server_limits).await;
    let address = site.running.address;
    (site, address)
}
