//! A thousand who are idle or slow: everybody else is answered meanwhile, and the site lets go of them in the end.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use immigration_experts::http::ServerLimits;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use crate::support::Site;

/// Waits until it is so, but not for ever.
pub async fn wait_until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !is_so().await {
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A connection that comes from this address of the machine.
pub async fn connect(to: SocketAddr, from: Ipv4Addr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::from((from, 0))).unwrap();
    socket.connect(to).await.unwrap()
}

/// A connection whose other side takes as little as it can before it is full.
async fn connect_with_small_buffer(to: SocketAddr, from: Ipv4Addr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(2048).unwrap();
    socket.bind(SocketAddr::from((from, 0))).unwrap();
    socket.connect(to).await.unwrap()
}

/// How many connections of these addresses the site holds, as the kernel counts them.
fn open_connections(site: SocketAddr, from: &[Ipv4Addr]) -> usize {
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let written = |address: SocketAddr| {
        let IpAddr::V4(ip) = address.ip() else { panic!("{address}") };
        format!("{:08X}:{:04X}", u32::from_le_bytes(ip.octets()), address.port())
    };
    let own = written(site);
    let theirs: Vec<String> = from.iter().map(|ip| written((*ip, 0).into())[..9].to_owned()).collect();
    let is_held = |line: &&str| {
        let columns: Vec<&str> = line.split_whitespace().collect();
        let [_, local, remote, state, ..] = columns[..] else { return false };
        // Established, or closed by the other side alone: both still cost the site a file.
        local == own && theirs.iter().any(|start| remote.starts_with(start)) && ["01", "08"].contains(&state)
    };
    table.lines().filter(is_held).count()
}

#[actix_web::test]
async fn client_that_reads_no_responses_is_disconnected() {
    let server_limits = ServerLimits { request_timeout: Duration::from_secs(1), ..ServerLimits::default() };
    let site = Site::start_with_limits(&[], server_limits).await;
    let from = Ipv4Addr::new(127, 0, 0, 4);
    let mut socket = connect_with_small_buffer(site.running.address, from).await;
    socket.write_all("GET /draws.json HTTP/1.1\r\nHost: x\r\n\r\n".repeat(60).as_bytes()).await.unwrap();
    wait_until("the site to hang up", async || open_connections(site.running.address, &[from]) == 0).await;
    let mut taken = vec![];
    // What it had handed to the machine comes all the same, if it was not thrown away.
    let _ = socket.read_to_end(&mut taken).await;
    let whole = site.visitor().get("/draws.json").await.text.len();
    assert!(taken.len() < 60 * whole, "all of it was taken: nothing was stuck");
}

#[actix_web::test]
async fn thousand_slow_connections_block_nobody_and_time_out() {
    let server_limits = ServerLimits {
        header_timeout: Duration::from_secs(4),
        keep_alive: Duration::from_secs(4),
        body_timeout: Duration::from_secs(4),
        request_timeout: Duration::from_secs(6),
        ..ServerLimits::default()
    };
    let site = Site::start_with_limits(&["--staff-inbox", "inbox@example.com"], server_limits).await;
    let (address, slow) = (site.running.address, [Ipv4Addr::new(127, 0, 0, 2), Ipv4Addr::new(127, 0, 0, 3)]);
    let form = "POST /contact HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n";
    let begun: [(&str, bool, String); 8] = [
        ("says nothing", false, String::new()),
        ("drips a head", false, "GET / HTTP/1.1\r\nHo".into()),
        ("drips a second head", false, "GET /health HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHo".into()),
        ("rests after an answer", false, "GET /health HTTP/1.1\r\nHost: x\r\n\r\n".into()),
        ("drips a body", false, format!("{form}Content-Length: 60000\r\n\r\nname=A")),
        ("drips a body in chunks", false, format!("{form}Transfer-Encoding: chunked\r\n\r\n4\r\nname\r\n")),
        (
            "drips a body that nobody reads",
            false,
            "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nname\r\n".into(),
        ),
        ("takes no answer", true, "GET /draws.json HTTP/1.1\r\nHost: x\r\n\r\n".into()),
    ];
    // A few are enough of those for whom the site has to work.
    let kind = |n: usize| if n % 100 == 99 { 7 } else { n % 7 };
    let open = (0..1000).map(|n| {
        let (_, is_narrow, first) = &begun[kind(n)];
        async move {
            let from = slow[n % 2];
            let mut socket =
                if *is_narrow { connect_with_small_buffer(address, from).await } else { connect(address, from).await };
            socket.write_all(first.as_bytes()).await.unwrap();
            socket
        }
    });
    let mut connections = join_all(open).await;
    // A letter now and then, as long as the site takes it.
    let dripping = connections.iter_mut().enumerate().filter(|(n, _)| ![0, 3, 7].contains(&kind(*n)));
    let drip = join_all(dripping.map(|(n, socket)| {
        let letter: &[u8] = if kind(n) >= 5 { b"1\r\nx\r\n" } else { b"s" };
        async move {
            while socket.write_all(letter).await.is_ok() {
                tokio::time::sleep(Duration::from_millis(400)).await;
            }
        }
    }));
    let visiting = async {
        let (visitor, mut most) = (site.visitor(), 0);
        for round in 0..10 {
            most = most.max(open_connections(address, &slow));
            for path in ["/", "/news", "/draws/252", "/occupations?q=nurse", "/health"] {
                assert_eq!(visitor.get(path).await.status, 200, "{path}");
            }
            let fresh = site.visitor();
            let message = format!("Is my diploma enough? ({round})");
            let fields = [("name", "Amina"), ("email", "visitor@example.com"), ("message", &*message)];
            assert_eq!(fresh.post("/contact", &fields).await.status, 303);
        }
        most
    };
    let ((), held_meanwhile) = tokio::join!(
        async {
            // The drip ends when the site has hung up on the last of them.
            tokio::select! { _ = drip => {}, () = wait_until("the end of the drip", async || false) => {} }
        },
        visiting
    );
    assert!(held_meanwhile > 500, "only {held_meanwhile} were slow while visitors came");
    wait_until("the site to let go of them", async || open_connections(address, &slow) == 0).await;
    assert_eq!(site.count("SELECT count(*) FROM inquiries").await, 10);
    assert_eq!(site.visitor().get("/").await.status, 200);
    // Those who still read find that it is over.
    let mut rest = vec![];
    connections[0].read_to_end(&mut rest).await.ok();
    assert!(rest.starts_with(b"HTTP/1.1 408") || rest.is_empty(), "{}", String::from_utf8_lossy(&rest));
    drop(connections);
}
