//! Graceful shutdown: open requests finish, and a second signal stops at once.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::program::{Home, SiteProcess, until};
use crate::support::lock_sender;
use crate::support::smtp::{FakeSmtpServer, SmtpBehaviour};

/// A form whose last bytes have not been sent.
struct HalfSentForm {
    connection: TcpStream,
    rest: &'static str,
}

impl HalfSentForm {
    fn begin(site: &SiteProcess) -> Self {
        let (sent, rest) = ("name=Ayesha+Khan&email=ayesha%40example.org&message=Is+my+occu", "pation+listed%3F");
        let mut connection = TcpStream::connect(host(site)).unwrap();
        let length = sent.len() + rest.len();
        let head = "Content-Type: application/x-www-form-urlencoded";
        write!(connection, "POST /contact HTTP/1.1\r\nHost: here\r\n{head}\r\nContent-Length: {length}\r\n\r\n{sent}")
            .unwrap();
        Self { connection, rest }
    }

    /// Sends the rest and returns the response up to the end of the connection.
    fn finish(mut self) -> String {
        self.connection.write_all(self.rest.as_bytes()).unwrap();
        let mut answer = String::new();
        self.connection.read_to_string(&mut answer).unwrap();
        answer
    }
}

fn host(site: &SiteProcess) -> &str {
    site.address.strip_prefix("http://").unwrap()
}

async fn wait_until_stopping(site: &SiteProcess) {
    until("the log line about the shutdown", async || site.log_line("shutting down")).await;
}

#[actix_web::test]
async fn half_sent_form_is_received_during_shutdown() {
    let (home, sink) = (Home::new(), FakeSmtpServer::start(SmtpBehaviour::Accepts));
    let settings = [("STAFF_INBOX", "inbox@example.com"), ("SMTP_URL", sink.url.as_str())];
    let mut site = home.serve(&settings).await;
    let half = HalfSentForm::begin(&site);
    let mut idle = TcpStream::connect(host(&site)).unwrap();
    // The head has arrived, and the handler waits for the rest.
    let one_more_request = "http_requests_in_flight 2";
    let visitor = site.visitor();
    until("the form to be in progress", async || {
        visitor.get("/metrics").await.text.contains(one_more_request).then_some(())
    })
    .await;
    site.signal("TERM");
    wait_until_stopping(&site).await;
    // The shutdown does not wait for requests that have not begun.
    idle.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let closed = idle.read(&mut [0]);
    assert!(closed.is_ok_and(|bytes| bytes == 0), "the idle connection is closed first");
    let answer = half.finish();
    assert!(answer.starts_with("HTTP/1.1 303 ") && answer.contains("location: /receipts/"), "{answer}");
    assert!(answer.to_lowercase().contains("connection: close"), "{answer}");
    assert!(site.ended().await.success(), "{:?}", site.lines());
    assert!(site.log_line("shutdown complete").is_some());
    assert_eq!(home.texts("SELECT reference || ' ' || name FROM inquiries").await.len(), 1);
    assert!(lock_sender(&home.data()).is_some(), "the sender's lock is released");
    let emails = home.texts("SELECT state FROM outbox").await;
    assert_eq!(emails.len(), 2);
    let mut site = home.serve(&settings).await;
    until("both e-mails", async || (sink.received().len() == 2).then_some(())).await;
    assert!(site.stop().await.success());
    assert_eq!(sink.received().len(), 2, "each form is stored once");
}

#[actix_web::test]
async fn shutdown_reports_not_ready_and_closes_connections() {
    let home = Home::new();
    let mut site = home.serve(&[]).await;
    let mut open = TcpStream::connect(host(&site)).unwrap();
    let mut ask = |path: &str| {
        write!(open, "GET {path} HTTP/1.1\r\nHost: here\r\n\r\n").unwrap();
        let mut answer = vec![0; 4096];
        let length = open.read(&mut answer).unwrap();
        String::from_utf8_lossy(&answer[..length]).into_owned()
    };
    let before = ask("/health/ready");
    assert!(before.starts_with("HTTP/1.1 200") && !before.contains("connection: close"), "{before}");
    site.signal("TERM");
    wait_until_stopping(&site).await;
    let after = ask("/health/ready");
    assert!(after.starts_with("HTTP/1.1 503") && after.ends_with("\r\n\r\nstopping\n"), "{after}");
    assert!(after.contains("connection: close"), "{after}");
    assert!(site.ended().await.success());
}

#[actix_web::test]
async fn idle_connections_do_not_delay_shutdown() {
    let home = Home::new();
    let mut site = home.serve(&[]).await;
    let visitors: Vec<_> = (0..8).map(|_| site.visitor()).collect();
    for visitor in &visitors {
        assert_eq!(visitor.get("/health").await.status, 200);
    }
    let silent: Vec<TcpStream> = (0..8).map(|_| TcpStream::connect(host(&site)).unwrap()).collect();
    let began = Instant::now();
    site.signal("INT");
    assert!(site.ended().await.success(), "{:?}", site.lines());
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert!(site.log_line("shutdown complete").is_some());
    drop(silent);
}

#[actix_web::test]
async fn second_signal_stops_the_site_at_once() {
    let home = Home::new();
    let mut site = home.serve(&[]).await;
    let half = HalfSentForm::begin(&site);
    site.signal("TERM");
    wait_until_stopping(&site).await;
    let began = Instant::now();
    let status = until("the second signal to take effect", async || {
        site.signal("TERM");
        site.has_ended()
    })
    .await;
    assert_eq!(status.code(), Some(1));
    assert!(began.elapsed() >= Duration::from_millis(900), "signals within a second count as one");
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    until("the log line about the second signal", async || site.log_line("second stop signal")).await;
    drop(half);
    assert_eq!(home.texts("PRAGMA integrity_check").await, ["ok"]);
}

#[actix_web::test]
async fn two_signals_within_a_second_count_as_one() {
    for signals in [["TERM", "TERM"], ["INT", "INT"], ["TERM", "INT"]] {
        let home = Home::new();
        let mut site = home.serve(&[("STAFF_INBOX", "inbox@example.com")]).await;
        let half = HalfSentForm::begin(&site);
        let visitor = site.visitor();
        let one_more_request = "http_requests_in_flight 2";
        until("the form to be in progress", async || {
            visitor.get("/metrics").await.text.contains(one_more_request).then_some(())
        })
        .await;
        site.signal(signals[0]);
        wait_until_stopping(&site).await;
        site.signal(signals[1]);
        let answer = half.finish();
        assert!(answer.starts_with("HTTP/1.1 303 "), "{signals:?}: {answer}");
        assert!(site.ended().await.success(), "{signals:?}: {:?}", site.lines());
        assert_eq!(home.texts("SELECT name FROM inquiries").await, ["Ayesha Khan"]);
    }
}
