//! Secret rotation, and secrets in output.

use crate::program::{Home, SiteProcess, until};
use crate::support::smtp::{FakeSmtpServer, SmtpBehaviour};
use crate::support::{PASSWORD, Visitor};
use crate::usage_errors::assert_one_line_error;

const EMAIL: &str = "zarqa@example.org";

fn secret(home: &Home) -> String {
    std::fs::read_to_string(home.data().join("secret")).unwrap()
}

/// Set-up path from the log.
async fn first_account(site: &SiteProcess) -> String {
    // The output may not have been read yet.
    let line = until("the set-up address", async || site.log_line("/admin/set-up/")).await;
    format!("/admin/set-up/{}", line.split_once("/admin/set-up/").unwrap().1.split('"').next().unwrap().trim())
}

async fn signed_in(site: &SiteProcess) -> Visitor {
    let visitor = site.visitor();
    let account = [("email", "ayesha@example.com"), ("password", PASSWORD)];
    assert_eq!(visitor.post("/admin/sign-in", &account).await.status, 303);
    visitor
}

#[actix_web::test]
async fn old_links_and_sessions_work_after_secret_rotation() {
    let home = Home::new();
    let settings = [("STAFF_INBOX", "inbox@example.com")];
    let mut site = home.serve(&settings).await;
    let path = first_account(&site).await;
    let form = site.visitor().get("/contact").await.field_value("form_token");
    let rotated = home.run(&["secret", "rotate"], &settings);
    assert_eq!((rotated.code, rotated.err.as_str()), (Some(0), ""));
    assert_eq!(
        rotated.out,
        "created a new secret and kept 1 earlier secret; it takes effect at the next start of the site\n"
    );
    assert!(secret(&home).lines().all(|line| !rotated.out.contains(line)), "{}", rotated.out);
    assert!(site.stop().await.success());

    let mut site = home.serve(&settings).await;
    assert_ne!(first_account(&site).await, path, "new URLs use the new secret");
    let visitor = site.visitor();
    assert_eq!(visitor.get(&path).await.status, 200, "earlier URLs still work");
    let account = [("name", "Ayesha"), ("email", "ayesha@example.com"), ("password", PASSWORD)];
    assert_eq!(visitor.post(&path, &account).await.status, 303);
    let fields = [("name", "Zarqa"), ("email", EMAIL), ("message", "m"), ("form_token", &form)];
    assert_eq!(visitor.post("/contact", &fields).await.status, 303);
    let reasons = home.texts("SELECT spam_reasons FROM inquiries").await.concat();
    assert!(!reasons.contains("not opened on this site"), "a form opened before the rotation: {reasons}");
    let admin = signed_in(&site).await;
    let erasure = [("q", EMAIL), ("again", EMAIL), ("inquiry-1", "yes")];
    let erased = admin.post("/admin/inquiries/people/erasure", &erasure).await;
    assert_eq!(erased.status, 303, "{}", erased.text);
    assert!(home.run(&["secret", "rotate"], &settings).out.contains("2 earlier secrets"));
    assert!(site.stop().await.success());

    let mut site = home.serve(&settings).await;
    let admin = signed_in(&site).await;
    let found = admin.get(&format!("/admin/inquiries/erasures?q={EMAIL}")).await;
    assert!(found.first("main [role=status]").starts_with("Erased "), "{}", found.first("main [role=status]"));
    let audit = "SELECT action || ': ' || subject FROM audit_log WHERE actor = 'command line'";
    assert_eq!(
        home.texts(audit).await,
        ["rotated the site's secret: 1 earlier secret", "rotated the site's secret: 2 earlier secrets"]
    );
    assert!(site.stop().await.success());
    assert_eq!(secret(&home).lines().count(), 3);

    // A truncated secret would make erasures unmatchable.
    let whole = secret(&home);
    std::fs::write(home.data().join("secret"), &whole[..150]).unwrap();
    for command in [&["secret", "rotate"][..], &[]] {
        let ended = home.run(command, &[]);
        assert!(ended.err.contains("a line is too short") && ended.code == Some(1), "{}", ended.err);
        assert!(whole.lines().all(|line| !ended.err.contains(line) && !ended.out.contains(line)));
    }
    assert_eq!(secret(&home), whole[..150], "the file is unchanged");
    let help = home.run(&["secret", "rotate", "--help"], &[]).out;
    assert!(help.contains("next start") || help.contains("started again"), "{help}");
    assert_one_line_error(&home.run(&["secret", "rotate"], &[("DATA_DIR", "/proc/nowhere")]), "DATA_DIR");
}

/// URL of a mail server that rejects the sign-in and repeats the credentials, as some do.
pub fn smtp_server_rejecting_auth() -> String {
    let server = FakeSmtpServer::start(SmtpBehaviour::RejectsAuth);
    format!("smtp://office%40example.com:hunter2-of-the-mail@127.0.0.1:{}", server.port)
}

#[actix_web::test]
async fn secrets_do_not_leak_into_logs_pages_or_emails() {
    let home = Home::new();
    let smtp = smtp_server_rejecting_auth();
    let settings = [("LOG", "trace"), ("SMTP_URL", &smtp), ("STAFF_INBOX", "inbox@example.com")];
    let mut site = home.serve(&settings).await;
    let visitor = site.visitor();
    let path = first_account(&site).await;
    let account = [("name", "Ayesha"), ("email", "ayesha@example.com"), ("password", PASSWORD)];
    assert_eq!(visitor.post(&path, &account).await.status, 303);
    let wrong = [("email", "ayesha@example.com"), ("password", "a wrong sentence")];
    let refused = visitor.post("/admin/sign-in", &wrong).await;
    assert_eq!(refused.status, 422);
    let sign_in = visitor.post("/admin/sign-in", &account[1..]).await;
    let cookie = sign_in.header("set-cookie").split(['=', ';']).nth(1).unwrap().to_owned();
    assert!(cookie.len() == 32, "{cookie}");
    let fields = [("name", "Zarqa"), ("email", EMAIL), ("message", "m")];
    let receipt = visitor.post("/contact", &fields).await.location().to_owned();
    let token = receipt.rsplit('/').next().unwrap().to_owned();
    let confirmed = visitor.post(&format!("{receipt}/confirmation"), &[("address", EMAIL)]).await;
    let access_token = confirmed.location().split(['=', '#']).nth(1).unwrap().to_owned();
    assert_eq!(visitor.get(confirmed.location()).await.status, 200);
    let colleague = [("name", "Bilal"), ("email", "bilal@example.com"), ("role", "writer")];
    assert_eq!(visitor.post("/admin/staff", &colleague).await.status, 303);
    let accounts = visitor.get("/admin/staff").await;
    let invitation = accounts.text.split("/admin/set-up/").nth(1).unwrap()[..32].to_owned();
    let changed = [("current", PASSWORD), ("password", "quite another sentence")];
    assert_eq!(visitor.post("/admin/account", &changed).await.status, 303);
    let failing = "SELECT reason FROM mail_outage";
    until("the mail server to reject the sign-in", async || (!home.texts(failing).await.is_empty()).then_some(()))
        .await;
    let mut pages = vec![refused.text, visitor.get(&format!("/admin/set-up/{invitation}x")).await.text];
    for path in [
        "/admin",
        "/admin/mail",
        "/admin/mail/1",
        "/admin/audit",
        "/admin/account",
        "/admin/inquiries/1",
        "/health/ready",
    ] {
        let page = visitor.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        pages.push(page.text);
    }
    assert!(site.stop().await.success());

    let key = secret(&home);
    let basic = "AGRlc2tAZXhhbXBsZS5jb20AaHVudGVyMi1vZi10aGUtbWFpbA";
    let (log, pages) = (site.lines().join("\n"), pages.join("\n"));
    let audit = home.texts("SELECT concat_ws(' ', actor, action, subject) FROM audit_log").await.join("\n");
    let errors = home.texts(failing).await.join("\n");
    let emails = home.texts("SELECT concat_ws(' ', subject, body_text, body_html) FROM outbox").await.join("\n");
    let to_staff =
        home.texts("SELECT body_text || body_html FROM outbox WHERE recipient = 'inbox@example.com'").await.join("\n");
    let everywhere = [
        ("the log", &log),
        ("a page", &pages),
        ("the audit log", &audit),
        ("an error", &errors),
        ("an e-mail", &emails),
    ];
    for secret in [
        PASSWORD,
        "a wrong sentence",
        "quite another sentence",
        &cookie,
        &access_token,
        &invitation,
        "hunter2",
        basic,
        key.trim(),
    ] {
        for (place, text) in everywhere {
            let found: Vec<&str> = text.lines().filter(|line| line.contains(secret)).collect();
            assert!(found.is_empty(), "{secret} in {place}: {found:#?}");
        }
    }
    for (place, text) in [("the log", &log), ("the audit log", &audit), ("an e-mail to staff", &to_staff)] {
        assert!(!text.contains(&token), "the receipt's address in {place}");
    }
}
