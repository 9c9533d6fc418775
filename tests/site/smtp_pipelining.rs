//! E-mails that are sent together need as few round trips as possible.

use immigration_experts::mail::Transport;
use jiff::SignedDuration;

use crate::support::Site;
use crate::support::smtp::{FakeSmtpServer, SmtpBehaviour};

/// First words of each round trip from the third e-mail on.
async fn round_trips_of_later_emails(behaviour: SmtpBehaviour) -> Vec<String> {
    let server = FakeSmtpServer::start(behaviour);
    let site = Site::start_with_smtp("smtp://127.0.0.1:1").await;
    for number in 0..5 {
        let message = format!("Question {number}");
        let fields = [("name", "Ali"), ("phone", "0300 1234567"), ("message", &*message)];
        assert_eq!(site.visitor().post("/contact", &fields).await.status, 303);
    }
    let dir = site.stop().await;
    let transport = Transport::smtp(&server.url).unwrap();
    let site =
        Site::start_with_transport(dir, &["--staff-inbox", "inbox@example.com"], transport, Default::default()).await;
    site.clock.advance(SignedDuration::from_secs(15));
    site.deliver_due().await;
    assert_eq!(site.count("SELECT count(*) FROM outbox WHERE state = 'sent'").await, 5);
    let turns = server.reads();
    let third = turns.iter().enumerate().filter(|(_, turn)| turn.starts_with("MAIL")).nth(2).unwrap().0;
    turns[third..].iter().map(|turn| turn.split([' ', ':']).next().unwrap().to_owned()).collect()
}

#[actix_web::test]
async fn pipelining_sends_each_email_in_two_round_trips() {
    let turns = round_trips_of_later_emails(SmtpBehaviour::OffersPipelining).await;
    assert_eq!(turns[..6], ["MAIL", "From", "MAIL", "From", "MAIL", "From"]);
    let turns = round_trips_of_later_emails(SmtpBehaviour::Accepts).await;
    assert_eq!(turns[..8], ["MAIL", "RCPT", "DATA\r\n", "From", "MAIL", "RCPT", "DATA\r\n", "From"], "no RSET");
}
