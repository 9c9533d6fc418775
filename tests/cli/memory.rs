//! Memory of the program under attack, as the kernel counts it.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::join_all;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpSocket, TcpStream};

use crate::program::{Home, SiteProcess, until};

const MEGABYTE: u64 = 1024 * 1024;

/// Allowed growth from wrong passwords.
const MAX_GROWTH: u64 = 40 * MEGABYTE;

/// Opens connections from several local addresses, and sends the head and most of the body of a form on each. What the
/// site does not read stays in the kernel's buffers.
async fn open_half_sent_forms(site: &SiteProcess, count: usize) -> Vec<TcpStream> {
    let address: SocketAddr = site.address.strip_prefix("http://").unwrap().parse().unwrap();
    let head = "POST /contact HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n";
    let form = format!("{head}Content-Length: 262144\r\n\r\nmessage={}", "x".repeat(260_000)).into_bytes();
    let open = (0..count).map(|n| {
        let form = &form;
        async move {
            let socket = TcpSocket::new_v4().unwrap();
            let from = Ipv4Addr::new(127, 0, 0, u8::try_from(2 + n % 8).unwrap());
            socket.bind(SocketAddr::from((from, 0))).unwrap();
            let mut stream = socket.connect(address).await.unwrap();
            let _ = tokio::time::timeout(Duration::from_secs(10), stream.write_all(form)).await;
            stream
        }
    });
    join_all(open).await
}

#[actix_web::test]
async fn thousand_half_sent_forms_use_limited_memory_and_leave_no_growth() {
    rlimit::increase_nofile_limit(4096).unwrap();
    let home = Home::new();
    let site = home.serve(&[("STAFF_INBOX", "inbox@example.com")]).await;
    let visitor = site.visitor();
    for path in ["/", "/contact", "/metrics"] {
        assert_eq!(visitor.get(path).await.status, 200);
    }
    let at_rest = site.memory();
    let mut released = vec![];
    for round in 1..=3 {
        let mut held = open_half_sent_forms(&site, 500).await;
        held.extend(open_half_sent_forms(&site, 500).await);
        let peak = site.memory();
        let fields = [("name", "Amina"), ("email", "amina@example.com"), ("message", &format!("Question {round}"))];
        assert_eq!(visitor.post("/contact", &fields).await.status, 303, "a normal form is accepted");
        drop(held);
        let alone = "http_requests_in_flight 1";
        until("the connections to close", async || visitor.get("/metrics").await.text.contains(alone).then_some(()))
            .await;
        // A connection buffers up to 160 KB before its form is rejected: 128 KB of input and 32 KB of body.
        assert!(peak < at_rest + 256 * MEGABYTE, "{at_rest} bytes at rest, {peak} in round {round}");
        // actix keeps up to 128 requests per thread for reuse, with the buffers of their headers.
        until("memory to be released", async || (site.memory() < at_rest + 100 * MEGABYTE).then_some(())).await;
        released.push(site.memory());
    }
    assert!(released[2] < released[0] + 20 * MEGABYTE, "no growth from round to round: {released:?}");
}

#[actix_web::test]
async fn wrong_passwords_from_many_addresses_leave_no_memory_growth() {
    let home = Home::new();
    let mut site = home.serve(&[("TRUSTED_PROXIES", "127.0.0.1")]).await;
    let visitor = site.visitor();
    for path in ["/", "/admin/sign-in", "/draws", "/occupations"] {
        assert_eq!(visitor.get(path).await.status, 200, "{path}");
    }
    let rest = site.memory();
    let tries = futures_util::stream::iter(0..400_u32).map(|n| {
        let (address, email) = (format!("198.{}.{}.7", 18 + n / 256, n % 256), format!("n{n}@example.com"));
        let visitor = &visitor;
        async move {
            let fields = [("email", email.as_str()), ("password", "wrong")];
            visitor.post_with("/admin/sign-in", &fields, &[("x-forwarded-for", &address)]).await.status
        }
    });
    let statuses: Vec<u16> = tries.buffer_unordered(24).collect().await;
    assert_eq!(statuses.iter().filter(|status| **status == 422).count(), 400, "each was hashed: {statuses:?}");
    let after = site.memory();
    println!("{rest} bytes at rest, {after} bytes after 400 wrong passwords");
    assert!(after < rest + MAX_GROWTH, "{rest} bytes at rest, {after} bytes after");
    assert!(site.stop().await.success());
}
