//! Running under systemd: inherited socket and notifications.

use std::cell::{Cell, RefCell};
use std::net::TcpListener;
use std::os::unix::net::UnixDatagram;
use std::rc::Rc;

use futures_util::future::join_all;

use crate::program::{Home, until};
use crate::usage_errors::assert_one_line_error;

/// Number of concurrent senders.
const SENDERS: usize = 4;

/// Sends one form after another, each on a new connection. Returns the acknowledged ones.
async fn keep_sending(base: String, who: usize, is_over: Rc<Cell<bool>>, acknowledged: Rc<RefCell<Vec<String>>>) {
    let client = reqwest::Client::builder()
        .pool_max_idle_per_host(0)
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    for number in 0.. {
        if is_over.get() {
            return;
        }
        let text = format!("Person {who}, message {number}.");
        let email = format!("person-{who}@example.org");
        let fields = [("name", "Ayesha"), ("email", email.as_str()), ("message", text.as_str())];
        let answer = client.post(format!("{base}/contact")).form(&fields).send().await;
        let answer = answer.unwrap_or_else(|error| panic!("{text} was rejected or cut off: {error:?}"));
        assert_eq!(answer.status().as_u16(), 303, "{text}");
        acknowledged.borrow_mut().push(text);
    }
}

#[actix_web::test]
async fn socket_activation_loses_no_connection_during_restart() {
    let home = Home::new();
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap().to_string();
    // The site could not open this port itself.
    let settings = [("BIND", address.as_str())];
    let mut site = home.serve_on(&socket, &settings).await;
    assert_eq!(site.address, format!("http://{address}"), "links use the port of the socket");
    assert!(site.log_line("LISTEN_FDS").is_some(), "{:?}", site.lines());
    let (is_over, acknowledged) = (Rc::new(Cell::new(false)), Rc::new(RefCell::new(vec![])));
    let senders: Vec<_> = (0..SENDERS)
        .map(|who| {
            let sending = keep_sending(site.address.clone(), who, is_over.clone(), acknowledged.clone());
            actix_web::rt::spawn(sending)
        })
        .collect();
    for round in 1..=3 {
        let enough = round * 8;
        until("enough receipts", async || (acknowledged.borrow().len() >= enough).then_some(())).await;
        assert!(site.stop().await.success(), "{:?}", site.lines());
        // New connections are queued on the socket.
        site = home.serve_on(&socket, &settings).await;
    }
    let before = acknowledged.borrow().len();
    until("receipts of the last process", async || (acknowledged.borrow().len() >= before + 8).then_some(())).await;
    is_over.set(true);
    for sender in join_all(senders).await {
        sender.unwrap();
    }
    assert!(site.stop().await.success());
    let mut kept = home.texts("SELECT message FROM inquiries").await;
    let mut acknowledged = acknowledged.take();
    kept.sort();
    acknowledged.sort();
    assert_eq!(kept, acknowledged, "each inquiry is stored once");
}

#[actix_web::test]
async fn socket_activation_accepts_exactly_one_tcp_socket() {
    let home = Home::new();
    assert_one_line_error(
        &home.run(&[], &[("LISTEN_FDS", "1")]),
        "the socket passed in LISTEN_FDS is not a TCP socket",
    );
    assert_one_line_error(&home.run(&[], &[("LISTEN_FDS", "2")]), "LISTEN_FDS passes 2 sockets");
    assert!(!home.data().join("site.db").exists());
    // For another process.
    let mut site = home.serve(&[("LISTEN_FDS", "1"), ("LISTEN_PID", "1")]).await;
    assert_eq!(site.visitor().get("/health").await.status, 200);
    assert!(site.stop().await.success());
}

#[actix_web::test]
async fn systemd_is_notified_of_ready_watchdog_and_stopping() {
    let home = Home::new();
    let path = home.dir.path().join("notify");
    let manager = UnixDatagram::bind(&path).unwrap();
    manager.set_nonblocking(true).unwrap();
    let next_notification = async || {
        until("a notification", async || {
            let mut word = [0; 64];
            let length = manager.recv(&mut word).ok()?;
            Some(String::from_utf8_lossy(&word[..length]).trim_end().to_owned())
        })
        .await
    };
    let settings = [("NOTIFY_SOCKET", path.to_str().unwrap()), ("WATCHDOG_USEC", "200000")];
    let mut site = home.serve(&settings).await;
    assert_eq!(next_notification().await, "READY=1");
    for _ in 0..3 {
        assert_eq!(next_notification().await, "WATCHDOG=1");
    }
    site.signal("TERM");
    let mut last = next_notification().await;
    while last == "WATCHDOG=1" {
        last = next_notification().await;
    }
    assert_eq!(last, "STOPPING=1");
    assert!(site.ended().await.success());
    assert!(manager.recv(&mut [0; 64]).is_err(), "no more notifications");
}
