//! Accounts: set-up links by e-mail, sign-in after setting a password, sessions, rules for passwords.

use immigration_experts::staff::Role;

use crate::support::{PASSWORD, Page, Site};

fn link(page: &Page, site: &Site) -> String {
    let flash = page.first(".flash");
    flash.rsplit(' ').next().unwrap().strip_prefix(&site.base).unwrap_or_else(|| panic!("{flash}")).to_owned()
}

const HINA: [(&str, &str); 3] = [("name", "Hina"), ("email", "hina@example.com"), ("role", "writer")];

#[actix_web::test]
async fn invitations_and_resets_are_emailed_and_shown() {
    let site = Site::start().await;
    let admin = site.staff(Role::Admin).await;
    let page = admin.post_and_follow("/admin/staff", &HINA).await;
    let first = link(&page, &site);
    assert!(
        page.first(".flash").starts_with("This link is being sent to hina@example.com."),
        "{}",
        page.first(".flash")
    );
    let emails = site.emails().await;
    assert_eq!(emails.len(), 1);
    assert_eq!(emails[0].recipients, ["hina@example.com"]);
    assert!(emails[0].source.contains("Subject: Set up your account for Immigration Experts admin"));
    let token = first.rsplit('/').next().unwrap();
    assert!(emails[0].source.replace("=\r\n", "").contains(token), "{}", emails[0].source);
    assert_eq!(site.visitor().post(&first, &[("password", PASSWORD)]).await.status, 303);
    let second = link(&admin.post_and_follow("/admin/staff/2/invitation", &[]).await, &site);
    let emails = site.emails().await;
    assert!(emails[1].source.contains("Subject: Set a new password for Immigration Experts admin"));
    assert_eq!(site.visitor().get(&second).await.status, 200);
}

#[actix_web::test]
async fn emailed_links_cannot_be_read_in_the_outbox() {
    let site = Site::start().await;
    let admin = site.staff(Role::Admin).await;
    let writer = site.staff(Role::Writer).await;
    let path = link(&admin.post_and_follow("/admin/staff", &HINA).await, &site);
    let token = path.rsplit('/').next().unwrap();
    assert_eq!(site.emails().await.len(), 1);
    assert_eq!(site.text("SELECT state || body_text || body_html FROM outbox").await, "sent", "not kept afterwards");
    site.execute(&format!("UPDATE outbox SET state = 'failed', body_text = '{token}'")).await;
    for member in [&writer, &admin] {
        for path in ["/admin/mail", "/admin/mail/1"] {
            let page = member.get(path).await;
            assert!(page.status == 200 && !page.text.contains(token), "{path}");
        }
    }
}

#[actix_web::test]
async fn accounts_do_not_depend_on_mail() {
    let site = Site::start_with_file_drop().await;
    let admin = site.staff(Role::Admin).await;
    let page = admin.post_and_follow("/admin/staff", &HINA).await;
    assert!(page.first(".flash").starts_with("Send this link to Hina. It works once"), "{}", page.first(".flash"));
    assert_eq!(site.count("SELECT count(*) FROM outbox").await, 0, "no mail server");
    assert_eq!(site.visitor().post(&link(&page, &site), &[("password", PASSWORD)]).await.status, 303);
    site.sign_in("hina@example.com").await;

    let site = Site::start().await;
    let admin = site.staff(Role::Admin).await;
    let outage = "INSERT INTO mail_outage VALUES (1, '2026-11-22T08:00:00Z', 3, '2026-11-22T10:00:00Z', 'refused')";
    site.execute(outage).await;
    let page = admin.post_and_follow("/admin/staff", &HINA).await;
    assert!(page.first(".flash").starts_with("Send this link to Hina."), "an outage: {}", page.first(".flash"));
    site.execute("DELETE FROM mail_outage; INSERT INTO bounced_addresses VALUES ('HINA@example.com', '2026-11-22T08:00:00Z', 'no')")
        .await;
    let page = admin.post_and_follow("/admin/staff/2/invitation", &[]).await;
    assert!(page.first(".flash").starts_with("Send this link to Hina."), "it bounces: {}", page.first(".flash"));
    assert_eq!(site.count("SELECT count(*) FROM outbox").await, 0);
    assert_eq!(site.visitor().post(&link(&page, &site), &[("password", PASSWORD)]).await.status, 303);
    site.sign_in("hina@example.com").await;
}

#[actix_web::test]
async fn setting_a_password_signs_in() {
    let site = Site::start().await;
    let first = site.running.first_account.clone().unwrap();
    let visitor = site.visitor();
    let fields = [("name", "Sheraz"), ("email", "sheraz@example.com"), ("password", PASSWORD)];
    let page = visitor.post_and_follow(&first, &fields).await;
    assert_eq!(
        (page.path.as_str(), page.first(".flash")),
        ("/admin", "Your password is set, and you are signed in.".into())
    );
    assert_eq!(page.first(".role"), "admin");
    let page = visitor.post_and_follow("/admin/staff", &HINA).await;
    let hina = site.visitor();
    let opened = hina.post(&link(&page, &site), &[("password", "quite another sentence")]).await;
    assert_eq!((opened.status, opened.location()), (303, "/admin"));
    assert_eq!(hina.get("/admin").await.first(".signed-in a"), "Hina");
    assert_eq!(visitor.get("/admin").await.first(".signed-in a"), "Sheraz");
}

#[actix_web::test]
async fn a_link_that_no_longer_works_says_how_to_get_a_new_one() {
    let site = Site::start().await;
    let admin = site.staff(Role::Admin).await;
    let path = link(&admin.post_and_follow("/admin/staff", &HINA).await, &site);
    site.advance_hours(73);
    for path in [path.as_str(), "/admin/set-up/nothing", &site.running.first_account.clone().unwrap()] {
        for page in [site.visitor().get(path).await, site.visitor().post(path, &[("password", PASSWORD)]).await] {
            page.assert_page_layout();
            assert_eq!((page.status, page.first("h1")), (404, "This link no longer works".into()));
            assert!(page.text.contains("ask an admin") && page.text.contains("New set-up link"), "{}", page.text);
            assert_eq!(page.attributes("main a", "href"), ["/admin/sign-in"]);
        }
    }
}

#[actix_web::test]
async fn members_see_and_end_their_own_sessions() {
    let site = Site::start_with(&["--trusted-proxies", "127.0.0.1"]).await;
    site.account("hina@example.com", Role::Writer).await;
    let sign_in = async |agent: &str, address: &str| {
        let visitor = site.visitor();
        let fields = [("email", "hina@example.com"), ("password", PASSWORD)];
        let headers = [("user-agent", agent), ("x-forwarded-for", address)];
        assert_eq!(visitor.post_with("/admin/sign-in", &fields, &headers).await.status, 303);
        visitor
    };
    let laptop = sign_in("Mozilla/5.0 (Windows NT 10.0; rv:133.0) Gecko/20100101 Firefox/133.0", "203.0.113.7").await;
    let phone = sign_in("Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Safari/604.1", "198.51.100.9").await;
    let other = site.staff(Role::Admin).await;
    let page = laptop.get("/admin/account").await;
    let rows = page.all("tbody tr");
    assert_eq!(rows.len(), 2, "only one's own: {rows:?}");
    let row = |name: &str| rows.iter().find(|row| row.starts_with(name)).unwrap();
    assert!(
        row("Firefox on Windows").contains("203.0.113.0/24") && row("Firefox on Windows").ends_with("This session")
    );
    assert!(row("Safari on iPhone").contains("198.51.100.0/24"), "{rows:?}");
    let end = page.attributes("tbody form", "action");
    assert_eq!(end.len(), 1);
    assert_eq!(other.post_and_follow(&end[0], &[]).await.first(".flash"), "This session had already ended.");
    assert_eq!(phone.get("/admin").await.status, 200, "nobody can end a colleague's session");
    assert_eq!(laptop.post_and_follow(&end[0], &[]).await.first(".flash"), "The session has ended.");
    assert_eq!(phone.get("/admin").await.status, 303);
    assert_eq!(laptop.get("/admin").await.status, 200);
    assert_eq!(site.text("SELECT subject FROM audit_log WHERE action = 'ended a session'").await, "Safari on iPhone");
    assert_eq!(laptop.post("/admin/sign-out-everywhere", &[]).await.status, 303);
    assert_eq!(laptop.get("/admin").await.status, 303);
    assert_eq!(other.get("/admin").await.status, 200);
}

#[actix_web::test]
async fn common_and_short_passwords_are_refused() {
    let site = Site::start().await;
    let admin = site.staff(Role::Admin).await;
    let path = link(&admin.post_and_follow("/admin/staff", &HINA).await, &site);
    for (password, reason) in [
        ("elevenchars", "at least 12 characters"),
        ("password1234", "easy to guess"),
        ("Qwertyuiop123!", "easy to guess"),
        ("پاکستانلاہو", "at least 12 characters"),
        (&"long words ".repeat(20), "200 characters or fewer"),
    ] {
        let page = site.visitor().post(&path, &[("password", password)]).await;
        assert_eq!(page.status, 422, "{password}");
        assert!(page.first("#password-error").contains(reason), "{password}: {}", page.first("#password-error"));
        let fields = [("current", PASSWORD), ("password", password)];
        let page = admin.post("/admin/account", &fields).await;
        assert_eq!(page.status, 422, "{password}");
        assert!(page.first("#password-error").contains(reason), "{password}");
    }
    let page = site.visitor().post(&path, &[("password", "پاکستانلاہور")]).await;
    assert_eq!(page.status, 303, "12 characters, whatever the script");
}
