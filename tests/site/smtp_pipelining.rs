//! E-mails that go out together cost the mail server, and the way to it, no more than they need.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use crate::support::Site;

/// A mail server that keeps what it was sent between one answer and the next.
fn server(extensions: &'static str) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    let turns: Arc<Mutex<Vec<String>>> = Arc::default();
    let kept = turns.clone();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let kept = kept.clone();
            std::thread::spawn(move || {
                stream.write_all(b"220 ready\r\n")?;
                let (mut is_text, mut bytes) = (false, [0; 65536]);
                loop {
                    let size = stream.read(&mut bytes)?;
                    if size == 0 {
                        return Ok::<(), std::io::Error>(());
                    }
                    let turn = String::from_utf8_lossy(&bytes[..size]).into_owned();
                    if is_text {
                        is_text = !turn.ends_with("\r\n.\r\n");
                        if !is_text {
                            stream.write_all(b"250 taken\r\n")?;
                        }
                    } else {
                        let answer = |line: &str| match line.get(..4) {
                            Some("EHLO") => format!("250-mail\r\n{extensions}250 8BITMIME\r\n"),
                            Some("DATA") => "354 go on\r\n".into(),
                            _ => "250 ok\r\n".into(),
                        };
                        let answers: String = turn.lines().map(answer).collect();
                        is_text = turn.ends_with("DATA\r\n");
                        stream.write_all(answers.as_bytes())?;
                    }
                    kept.lock().unwrap().push(turn);
                }
            });
        }
    });
    (url, turns)
}

/// What the server was sent from the third e-mail on, in the first words of each turn.
async fn round_trips_of_later_emails(extensions: &'static str) -> Vec<String> {
    let (url, turns) = server(extensions);
    let site = Site::start_with_smtp("smtp://127.0.0.1:1").await;
    for number in 0..5 {
        let message = format!("Question {number}");
        let fields = [("name", "Ali"), ("phone", "0300 1234567"), ("message", &*message)];
        assert_eq!(site.visitor().post("/contact", &fields).await.status, 303);
    }
    let dir = site.stop().await;
    let transport = immigration_experts::mail::Transport::smtp(&url).unwrap();
    let site =
        Site::start_with_transport(dir, &["--staff-inbox", "inbox@example.com"], transport, Default::default()).await;
    site.clock.advance(jiff::SignedDuration::from_secs(15));
    site.deliver_due().await;
    assert_eq!(site.count("SELECT count(*) FROM outbox WHERE state = 'sent'").await, 5);
    let turns = turns.lock().unwrap();
    let third = turns.iter().enumerate().filter(|(_, turn)| turn.starts_with("MAIL")).nth(2).unwrap().0;
    turns[third..].iter().map(|turn| turn.split([' ', ':']).next().unwrap().to_owned()).collect()
}

#[actix_web::test]
async fn pipelining_sends_each_email_in_two_round_trips() {
    let turns = round_trips_of_later_emails("250-PIPELINING\r\n").await;
    assert_eq!(turns[..6], ["MAIL", "From", "MAIL", "From", "MAIL", "From"]);
    let turns = round_trips_of_later_emails("").await;
    assert_eq!(turns[..8], ["MAIL", "RCPT", "DATA\r\n", "From", "MAIL", "RCPT", "DATA\r\n", "From"], "and no RSET");
}
