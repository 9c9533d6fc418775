//! The log contains no personal data.

use serde_json::Value;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};

use crate::program::{Home, until};
use crate::support::PASSWORD;
use crate::support::smtp::{FakeSmtpServer, SmtpBehaviour};

#[actix_web::test]
async fn log_contains_no_personal_data_or_secrets() {
    for level in ["debug", "trace"] {
        let home = Home::new();
        let smtp = FakeSmtpServer::start(SmtpBehaviour::RejectsByName).url;
        let settings = [("LOG", level), ("SMTP_URL", &smtp), ("STAFF_INBOX", "office.inbox@example.com")];
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
        for tool in ["/tools/crs?age=", "/tools/crs.json?age=", "/tools/past-draws?crs=", "/tools/past-draws.json?crs="]
        {
            assert_eq!(visitor.get(&format!("{tool}perplexing")).await.status, 422, "{tool}");
        }
        // A failed sign-in, a new account, a sign-in, and an erased person.
        let line = site.log_line("/admin/set-up/").unwrap();
        let set_up = line.split_once("/admin/set-up/").unwrap().1.split('"').next().unwrap().trim();
        let account = [("name", "Ayesha Staffworker"), ("email", "ayesha.office@example.com"), ("password", PASSWORD)];
        assert_eq!(visitor.post(&format!("/admin/set-up/{set_up}"), &account).await.status, 303);
        let wrong = [("email", "ayesha.office@example.com"), ("password", "a wrong sentence")];
        assert_eq!(visitor.post("/admin/sign-in", &wrong).await.status, 422);
        let signed_in = visitor.post("/admin/sign-in", &account[1..]).await;
        assert_eq!(signed_in.status, 303);
        let cookie = signed_in.header("set-cookie").split(['=', ';']).nth(1).unwrap().to_owned();
        for path in ["people", "people/erasure", "erasures"] {
            let page = visitor.get(&format!("/admin/inquiries/{path}?q=zarqa.secret@example.org")).await;
            assert_eq!(page.status, 200, "{path}");
        }
        let fields = [("q", "zarqa.secret@example.org"), ("inquiry-1", "yes"), ("inquiry-2", "yes")];
        assert_eq!(visitor.post("/admin/inquiries/people/export", &fields).await.status, 200);
        let refused = "SELECT CAST(count(*) AS TEXT) FROM outbox WHERE state = 'failed'";
        until("the e-mails to be rejected", async || (home.texts(refused).await == ["4"]).then_some(())).await;
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
            "office.inbox",
            "ayesha.office",
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

#[actix_web::test]
async fn json_log_has_request_ids_and_no_visitor_data() {
    let home = Home::new();
    let settings = [("LOG", "debug"), ("LOG_FORMAT", "json"), ("TRUSTED_PROXIES", "127.0.0.1")];
    let mut site = home.serve(&settings).await;
    let visitor = site.visitor();
    let fields = [("name", "Zarqa Unmistakable"), ("email", "zarqa.secret@example.org"), ("message", "Perplexing")];
    let headers = [("x-request-id", "from-the-proxy-1"), ("x-forwarded-for", "203.0.113.77")];
    let sent = visitor.post_with("/contact", &fields, &headers).await;
    assert_eq!((sent.status, sent.header("x-request-id")), (303, "from-the-proxy-1"));
    let receipt = sent.location().to_owned();
    let seen = visitor.get_with(&format!("{receipt}?utm=perplexing-campaign"), &[("user-agent", "Odd/1.0")]).await;
    assert_eq!(seen.status, 200);
    // A cached page has no request ID, since it is shared.
    assert_eq!(visitor.get("/search?q=zarqa.secret@example.org").await.header("x-request-id"), "");
    let found = visitor.get("/apply?q=zarqa.secret@example.org").await;
    let missing = visitor.get("/nothing/at/all/Unmistakable").await;
    // A missing table is a server error.
    break_categories(&home).await;
    let failed = visitor.get("/categories?version=perplexing").await;
    assert_eq!((found.status, missing.status, failed.status), (200, 404, 500));
    assert!(site.stop().await.success());

    let entries: Vec<Value> = site
        .lines()
        .iter()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}")))
        .collect();
    let of = |id: &str| -> Vec<&Value> { entries.iter().filter(|entry| entry["request_id"] == id).collect() };
    for (page, method, route, status, level) in [
        (&sent, "POST", "/contact", 303, "INFO"),
        (&seen, "GET", "/receipts/{token}", 200, "DEBUG"),
        (&found, "GET", "/apply", 200, "DEBUG"),
        (&missing, "GET", "", 404, "DEBUG"),
        (&failed, "GET", "/categories", 500, "INFO"),
    ] {
        let lines = of(page.header("x-request-id"));
        let answered: Vec<&&Value> = lines.iter().filter(|entry| entry["message"] == "request completed").collect();
        assert_eq!(answered.len(), 1, "{route}: {lines:?}");
        let line = answered[0];
        assert_eq!((&line["method"], &line["route"]), (&Value::from(method), &Value::from(route)));
        assert_eq!((&line["status"], &line["level"]), (&Value::from(status), &Value::from(level)), "{line}");
        assert!(line["milliseconds"].is_u64() && line["timestamp"].is_string() && line["target"].is_string(), "{line}");
    }
    let kept = of("from-the-proxy-1");
    assert!(kept.iter().any(|entry| entry["message"] == "inquiry stored"), "{kept:?}");
    let fault = of(failed.header("x-request-id"));
    let fault = fault.iter().find(|entry| entry["level"] == "ERROR").unwrap();
    assert_eq!(fault["message"], "request failed");
    assert!(fault["cause"].as_str().unwrap().contains("no such table"), "{fault}");
    assert!(failed.text.contains(failed.header("x-request-id")), "the visitor sees the request ID");

    let token = receipt.rsplit('/').next().unwrap();
    for private in ["zarqa", "unmistakable", "perplexing", "campaign", "203.0.113.77", "Odd/1.0", token] {
        let lines = site.lines();
        let found: Vec<&String> =
            lines.iter().filter(|line| line.to_lowercase().contains(&private.to_lowercase())).collect();
        assert!(found.is_empty(), "{private} in {found:#?}");
    }
}

async fn break_categories(home: &Home) {
    let options = SqliteConnectOptions::new().filename(home.data().join("site.db"));
    let mut db = options.connect().await.unwrap();
    sqlx::raw_sql("ALTER TABLE category_lists RENAME TO elsewhere").execute(&mut db).await.unwrap();
    db.close().await.unwrap();
}
