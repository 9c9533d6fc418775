//! What the log says of people: nothing by which they could be known.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};

use crate::program::{Home, until};
use crate::support::PASSWORD;

/// A mail server that refuses every recipient for good, and names them in its refusal as real ones do.
fn refusing_mail_server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for connection in listener.incoming().map_while(Result::ok) {
            // A client that hangs up in the middle is done with us.
            std::thread::spawn(move || refuse(&connection).ok());
        }
    });
    url
}

fn refuse(connection: &TcpStream) -> std::io::Result<()> {
    let mut out = connection.try_clone()?;
    out.write_all(b"220 mail.example ready\r\n")?;
    for line in BufReader::new(connection).lines() {
        let line = line?;
        let answer = match line.split([' ', ':']).next().unwrap_or_default() {
            "RCPT" => format!("550 5.1.1 {line}: no such user\r\n"),
            "QUIT" => "221 bye\r\n".into(),
            _ => "250 ok\r\n".into(),
        };
        out.write_all(answer.as_bytes())?;
    }
    Ok(())
}

#[actix_web::test]
async fn neither_a_name_nor_an_address_nor_a_number_nor_a_secret_stands_in_the_log() {
    for level in ["debug", "trace"] {
        let home = Home::new();
        let smtp = refusing_mail_server();
        let settings = [("LOG", level), ("SMTP_URL", &smtp), ("STAFF_INBOX", "desk.inbox@example.com")];
        let mut site = home.serve(&settings).await;
        let visitor = site.visitor();
        let contact = [
            ("name", "Zarqa Unmistakable"),
            ("email", "zarqa.secret@example.org"),
            ("phone", "0300 7654321"),
            ("message", "A perplexing question"),
        ];
        let sent = visitor.post("/contact", &contact).await;
        assert_eq!(sent.status, 303, "{}", sent.text);
        let receipt = sent.location().to_owned();
        assert_eq!(visitor.get(&receipt).await.status, 200);
        let apply = [
            &contact[..],
            &[
                ("whatsapp", "0301 9876543"),
                ("residence", "Pakistan"),
                ("program", "Express Entry"),
                ("citizenship", "Atlantean"),
                ("consent", "yes"),
            ],
        ]
        .concat();
        assert_eq!(visitor.post("/apply", &apply).await.status, 303);
        assert_eq!(visitor.post("/apply", &contact).await.status, 422);
        // A wrong sign-in, an account, a right one, and a person looked up and taken away.
        let line = site.said("/admin/set-up/").unwrap();
        let set_up = line.split_once("/admin/set-up/").unwrap().1.split('"').next().unwrap().trim();
        let account = [("name", "Ayesha Deskworker"), ("email", "ayesha.desk@example.com"), ("password", PASSWORD)];
        assert_eq!(visitor.post(&format!("/admin/set-up/{set_up}"), &account).await.status, 303);
        let wrong = [("email", "ayesha.desk@example.com"), ("password", "a wrong sentence")];
        assert_eq!(visitor.post("/admin/sign-in", &wrong).await.status, 422);
        let signed_in = visitor.post("/admin/sign-in", &account[1..]).await;
        assert_eq!(signed_in.status, 303);
        let cookie = signed_in.header("set-cookie").split(['=', ';']).nth(1).unwrap().to_owned();
        for path in ["people", "people/erasure", "erasures"] {
            let page = visitor.get(&format!("/admin/inquiries/{path}?q=zarqa.secret@example.org")).await;
            assert_eq!(page.status, 200, "{path}");
        }
        let fields = [("q", "zarqa.secret@example.org"), ("inquiry-1", "yes"), ("inquiry-2", "yes")];
        assert_eq!(visitor.post("/admin/inquiries/people/copy", &fields).await.status, 200);
        let refused = "SELECT CAST(count(*) AS TEXT) FROM outbox WHERE state = 'failed'";
        until("the letters to be refused", async || (home.texts(refused).await == ["4"]).then_some(())).await;
        assert!(site.stop().await.success());
        let token = receipt.rsplit('/').next().unwrap();
        let lines = site.lines();
        assert!(lines.len() > 20, "{lines:?}");
        for private in [
            "zarqa.secret",
            "Zarqa",
            "Unmistakable",
            "7654321",
            "9876543",
            "perplexing",
            "Atlantean",
            token,
            "desk.inbox",
            "ayesha.desk",
            "Deskworker",
            PASSWORD,
            "wrong sentence",
            &cookie,
        ] {
            let found: Vec<&String> =
                lines.iter().filter(|line| line.to_lowercase().contains(&private.to_lowercase())).collect();
            assert!(found.is_empty(), "LOG={level}: {private} in {found:#?}");
        }
    }
}
