//! Two-factor authentication: set-up, sign-in with a code, recovery codes, limits, requirement for all accounts.

use hmac::{Hmac, KeyInit, Mac};
use immigration_experts::staff::Role;
use jiff::SignedDuration;
use sha1::Sha1;

use crate::support::{PASSWORD, Page, Site, Visitor};

const PAGE: &str = "/admin/account/two-factor";
const EMAIL: &str = "writer@example.com";

/// An authenticator app on a phone.
struct Phone(Vec<u8>);

impl Phone {
    /// Types the key of the page.
    fn of(page: &Page) -> Self {
        let mut bits = String::new();
        for letter in page.first("code.key").chars().filter(|c| *c != ' ') {
            let value = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(letter).unwrap();
            bits.push_str(&format!("{value:05b}"));
        }
        Self((0..bits.len() / 8).map(|byte| u8::from_str_radix(&bits[byte * 8..byte * 8 + 8], 2).unwrap()).collect())
    }

    /// Code that it shows, if its clock is ahead by this number of steps.
    fn code(&self, site: &Site, ahead: i64) -> String {
        let step = site.clock.now().as_second() / 30 + ahead;
        let mut mac = Hmac::<Sha1>::new_from_slice(&self.0).unwrap();
        mac.update(&step.to_be_bytes());
        let digest = mac.finalize().into_bytes();
        let offset = usize::from(digest[19] & 0xf);
        let number = u32::from_be_bytes(digest[offset..offset + 4].try_into().unwrap()) & 0x7fff_ffff;
        format!("{:06}", number % 1_000_000)
    }

    fn wrong_code(&self, site: &Site) -> String {
        let right: Vec<String> = (-1..=1).map(|ahead| self.code(site, ahead)).collect();
        (0..).map(|n| format!("{n:06}")).find(|code| !right.contains(code)).unwrap()
    }
}

/// Turns it on and returns the phone and the recovery codes.
async fn turn_on(site: &Site, member: &Visitor) -> (Phone, Vec<String>) {
    let phone = Phone::of(&member.post_and_follow(&format!("{PAGE}/set-up"), &[]).await);
    let page = member.post(PAGE, &[("password", PASSWORD), ("code", &phone.code(site, 0))]).await;
    assert_eq!((page.status, page.first("h1")), (200, "Recovery codes".into()), "{}", page.text);
    next_step(site);
    (phone, page.all("ol.recovery-codes code"))
}

fn next_step(site: &Site) {
    site.clock.advance(SignedDuration::from_secs(30));
}

/// Site with a writer who has a phone.
async fn start() -> (Site, Visitor, Phone, Vec<String>) {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    let (phone, codes) = turn_on(&site, &writer).await;
    (site, writer, phone, codes)
}

/// Browser that has sent the right password.
async fn with_password(site: &Site) -> Visitor {
    let visitor = site.visitor();
    let page = visitor.post("/admin/sign-in", &[("email", EMAIL), ("password", PASSWORD)]).await;
    assert_eq!((page.status, page.location()), (303, "/admin/sign-in/code?next="), "{}", page.text);
    visitor
}

async fn send_code(visitor: &Visitor, code: &str) -> Page {
    visitor.post("/admin/sign-in/code", &[("code", code)]).await
}

#[actix_web::test]
async fn it_is_set_up_with_a_qr_code_and_the_first_code() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    let page = writer.get(PAGE).await;
    assert_eq!((page.all("svg").len(), page.all("code.key").len()), (0, 0), "opening the page changes nothing");
    let page = writer.post_and_follow(&format!("{PAGE}/set-up"), &[]).await;
    page.assert_no_active_content();
    assert_eq!(page.attributes("svg.qr", "aria-label"), ["QR code with the key"]);
    assert!(page.attributes("svg.qr path", "d")[0].starts_with("M4 4h7v1h-7z"));
    let phone = Phone::of(&page);
    assert_eq!(phone.0.len(), 20);
    let wrong = writer.post(PAGE, &[("password", PASSWORD), ("code", &phone.wrong_code(&site))]).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.first("#code-error").contains("Incorrect code"), "{}", wrong.text);
    assert_eq!(Phone::of(&wrong).0, phone.0, "the same key");
    site.sign_in(EMAIL).await;
    for password in ["", "wrong"] {
        let refused = writer.post(PAGE, &[("password", password), ("code", &phone.code(&site, 0))]).await;
        assert_eq!(
            (refused.status, refused.first("#password-error")),
            (422, "Error: The current password is incorrect.".into())
        );
        assert_eq!(Phone::of(&refused).0, phone.0, "the same key");
    }
    assert_eq!(site.count("SELECT count(*) FROM staff_totp WHERE confirmed_at IS NOT NULL").await, 0);
    let done = writer.post(PAGE, &[("password", PASSWORD), ("code", &phone.code(&site, 0))]).await;
    assert_eq!(done.all("ol.recovery-codes code").len(), 10);
    let later = writer.get(PAGE).await;
    assert_eq!(
        (later.all("svg").len(), later.all("code").len()),
        (0, 0),
        "neither the key nor the codes are shown again"
    );
    assert!(later.text.contains("10 recovery codes are left"), "{}", later.text);
    with_password(&site).await;
}

#[actix_web::test]
async fn the_code_is_asked_for_only_after_the_right_password() {
    let (site, _, phone, _) = start().await;
    let visitor = site.visitor();
    site.account("other@example.com", Role::Writer).await;
    let mut seen = vec![];
    for email in [EMAIL, "other@example.com", "nobody@example.com"] {
        let page = visitor.post("/admin/sign-in", &[("email", email), ("password", "wrong")]).await;
        assert_eq!((page.status, page.header("set-cookie")), (422, ""));
        seen.push(page.text.replace(email, "…"));
    }
    assert!(seen[0] == seen[1] && seen[1] == seen[2]);
    for visitor in [site.visitor(), visitor] {
        let page = send_code(&visitor, &phone.code(&site, 0)).await;
        assert_eq!((page.status, page.location()), (303, "/admin/sign-in?after=timeout&next="));
    }
    let visitor = with_password(&site).await;
    assert_eq!(visitor.get("/admin").await.status, 303, "the password alone opens nothing");
    let page = visitor.get("/admin/sign-in/code?next=%2Fadmin%2Fposts").await;
    page.assert_page_layout();
    let fields = [("code", phone.code(&site, 0)), ("next", page.field_value("next"))];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(visitor.post("/admin/sign-in/code", &fields).await.location(), "/admin/posts");
    assert_eq!(visitor.get("/admin").await.status, 200);
}

#[actix_web::test]
async fn a_code_works_one_step_early_or_late_and_only_once() {
    let (site, _, phone, _) = start().await;
    for (ahead, status) in [(-2, 422), (2, 422), (-1, 422)] {
        // The last one was used for the set-up.
        assert_eq!(send_code(&with_password(&site).await, &phone.code(&site, ahead)).await.status, status, "{ahead}");
    }
    let (code, first) = (phone.code(&site, 1), with_password(&site).await);
    let second = with_password(&site).await;
    let spaced = format!(" {} {} ", &code[..3], &code[3..]);
    assert_eq!(send_code(&first, &spaced).await.status, 303, "a phone that is 30 seconds ahead");
    assert_eq!(send_code(&second, &code).await.status, 422, "used before");
    assert_eq!(send_code(&second, &phone.code(&site, 0)).await.status, 422, "older than the last one");
    for _ in 0..3 {
        next_step(&site);
    }
    assert_eq!(send_code(&second, &phone.code(&site, -1)).await.status, 303, "a phone that is 30 seconds behind");
}

#[actix_web::test]
async fn two_requests_with_one_code_open_one_session() {
    let (site, _, phone, _) = start().await;
    let (first, second) = (with_password(&site).await, with_password(&site).await);
    let code = phone.code(&site, 0);
    let (first, second) = tokio::join!(send_code(&first, &code), send_code(&second, &code));
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 422]);
}

#[actix_web::test]
async fn guessing_codes_is_limited_from_everywhere() {
    let site = Site::start_with(&["--trusted-proxies", "127.0.0.1"]).await;
    let owner = site.staff(Role::Writer).await;
    let (phone, _) = turn_on(&site, &owner).await;
    let attacker = with_password(&site).await;
    let guess = async |network: i32, code: &str| {
        let headers = [("x-forwarded-for", &*format!("203.0.{network}.1"))];
        attacker.post_with("/admin/sign-in/code", &[("code", code)], &headers).await
    };
    let wrong = phone.wrong_code(&site);
    for network in 0..10 {
        assert_eq!(guess(network, &wrong).await.status, 422);
    }
    for (network, wait) in [(10, 1), (11, 2), (12, 4), (13, 8)] {
        let page = guess(network, &phone.code(&site, 0)).await;
        assert_eq!((page.status, page.header("retry-after")), (429, &*wait.to_string()), "another network waits too");
        assert!(page.first("[role=alert]").starts_with("Too many incorrect codes."));
        site.clock.advance(SignedDuration::from_secs(wait));
        assert_eq!(guess(network, &phone.wrong_code(&site)).await.status, 422);
    }
    // The owner's browser has signed in before.
    let page = owner.post("/admin/sign-in", &[("email", EMAIL), ("password", PASSWORD)]).await;
    assert_eq!(page.location(), "/admin/sign-in/code?next=");
    assert_eq!(send_code(&owner, &phone.code(&site, 0)).await.status, 303, "an attack does not lock the owner out");
    let log = "SELECT count(*) FROM audit_log WHERE action = 'failed to sign in' AND subject = 'w***@example.com, incorrect code'";
    assert_eq!(site.count(log).await, 14, "one entry for each network");
    assert_eq!(site.count("SELECT sum(times) FROM audit_log WHERE action = 'failed to sign in'").await, 14);
}

#[actix_web::test]
async fn the_password_step_lasts_ten_minutes_and_ends_with_a_new_password() {
    let (site, owner, phone, _) = start().await;
    let (early, late) = (with_password(&site).await, with_password(&site).await);
    let fields = [("current", PASSWORD), ("password", "quite another sentence")];
    assert_eq!(owner.post("/admin/account", &fields).await.status, 303);
    assert_eq!(send_code(&early, &phone.code(&site, 0)).await.location(), "/admin/sign-in?after=timeout&next=");
    let visitor = site.visitor();
    let fields = [("email", EMAIL), ("password", "quite another sentence"), ("next", "/admin/mail")];
    let page = visitor.post("/admin/sign-in", &fields).await;
    assert_eq!(page.location(), "/admin/sign-in/code?next=%2Fadmin%2Fmail");
    site.clock.advance(SignedDuration::from_mins(11));
    let page = visitor.get(page.location()).await;
    assert_eq!(page.location(), "/admin/sign-in?after=timeout&next=%2Fadmin%2Fmail");
    assert!(visitor.get(page.location()).await.first(".flash").starts_with("Ten minutes have passed"));
    assert_eq!(late.get("/admin").await.status, 303);
    let forged = "pending-sign-in=1.9999999999.00000000000000000000000000000000";
    let (code, stranger) = (phone.code(&site, 0), site.visitor());
    let page = stranger.post_with("/admin/sign-in/code", &[("code", &code)], &[("cookie", forged)]).await;
    assert_eq!(page.location(), "/admin/sign-in?after=timeout&next=");
}

#[actix_web::test]
async fn recovery_codes_are_hashed_and_work_once() {
    let (site, writer, _, codes) = start().await;
    let stored = site.text("SELECT group_concat(code_hash) FROM staff_recovery_codes").await;
    assert_eq!(stored.split(',').filter(|hash| hash.len() == 64).count(), 10);
    assert!(codes.iter().all(|code| code.len() == 19 && !stored.contains(code.as_str())), "{codes:?}");
    let visitor = with_password(&site).await;
    let page = send_code(&visitor, &codes[0].to_lowercase().replace('-', " ")).await;
    assert_eq!((page.status, page.location()), (303, "/admin"));
    let flash = visitor.get("/admin").await.first(".flash");
    assert!(flash.contains("9 recovery codes are left"), "{flash}");
    assert_eq!(send_code(&with_password(&site).await, &codes[0]).await.status, 422, "used before");
    let wrong = writer.post(&format!("{PAGE}/recovery-codes"), &[("password", "wrong")]).await;
    assert_eq!(
        (wrong.status, wrong.first("#password-error")),
        (422, "Error: The current password is incorrect.".into())
    );
    let page = writer.post(&format!("{PAGE}/recovery-codes"), &[("password", PASSWORD)]).await;
    let new = page.all("ol.recovery-codes code");
    assert_eq!((page.status, new.len()), (200, 10));
    assert_eq!(send_code(&with_password(&site).await, &codes[1]).await.status, 422, "replaced");
    assert_eq!(send_code(&with_password(&site).await, &new[9]).await.status, 303);
    let actions = "SELECT group_concat(action, '; ') FROM (SELECT action FROM audit_log WHERE action <> 'failed to sign in' ORDER BY id)";
    let actions = site.text(actions).await;
    for action in
        ["turned on two-factor authentication", "signed in with a recovery code", "created new recovery codes"]
    {
        assert!(actions.contains(action), "{actions}");
    }
    let log = site.text("SELECT group_concat(concat_ws(' ', actor, action, subject, changes)) FROM audit_log").await;
    let secret = site.text("SELECT secret FROM staff_totp").await;
    assert!(!log.contains(&secret) && !codes.iter().chain(&new).any(|code| log.contains(code.as_str())), "{log}");
}

#[actix_web::test]
async fn it_is_turned_off_with_the_password() {
    let (site, writer, _, _) = start().await;
    assert_eq!(writer.post(&format!("{PAGE}/removal"), &[("password", "wrong")]).await.status, 422);
    with_password(&site).await;
    let page = writer.post_and_follow(&format!("{PAGE}/removal"), &[("password", PASSWORD)]).await;
    assert_eq!(page.first(".flash"), "Two-factor authentication is off.");
    site.sign_in(EMAIL).await;
    assert_eq!(
        site.count("SELECT (SELECT count(*) FROM staff_totp) + (SELECT count(*) FROM staff_recovery_codes)").await,
        0
    );
}

#[actix_web::test]
async fn a_set_up_link_does_not_replace_the_second_factor() {
    let (site, _, phone, _) = start().await;
    let admin = site.staff(Role::Admin).await;
    let page = admin.post_and_follow("/admin/staff/1/invitation", &[]).await;
    let link = page.first(".flash").rsplit(' ').next().unwrap().strip_prefix(&site.base).unwrap().to_owned();
    let visitor = site.visitor();
    let page = visitor.post(&link, &[("password", "quite another sentence")]).await;
    assert_eq!((page.status, page.location()), (303, "/admin/sign-in/code?next=%2Fadmin"));
    assert_eq!(visitor.get("/admin").await.status, 303);
    assert_eq!(send_code(&visitor, &phone.code(&site, 0)).await.status, 303);
    assert_eq!(visitor.get("/admin").await.status, 200);
}

#[actix_web::test]
async fn an_admin_can_reset_it_for_a_colleague() {
    let (site, writer, _, _) = start().await;
    let admin = site.staff(Role::Admin).await;
    let row = admin.get("/admin/staff").await.all("tbody tr").into_iter().find(|row| row.contains(EMAIL)).unwrap();
    assert!(row.contains("Reset two-factor of Test writer"), "{row}");
    let page = admin.post_and_follow("/admin/staff/1/two-factor/removal", &[]).await;
    assert!(page.first(".flash").starts_with("Test writer can sign in with the password alone"));
    assert_eq!(writer.get("/admin").await.status, 303, "signed out everywhere");
    site.sign_in(EMAIL).await;
    assert_eq!(admin.post("/admin/staff/2/two-factor/removal", &[]).await.status, 400, "not for oneself");
    assert_eq!(admin.post("/admin/staff/99/two-factor/removal", &[]).await.status, 404);
}

#[actix_web::test]
async fn it_can_be_required_for_all_accounts() {
    let site = Site::start().await;
    let admin = site.staff(Role::Admin).await;
    turn_on(&site, &admin).await;
    let writer = site.staff(Role::Writer).await;
    let page = admin.post_and_follow("/admin/staff/two-factor", &[("required", "yes")]).await;
    assert_eq!(page.first(".flash"), "Two-factor authentication is required for all accounts.");
    let changes = "SELECT changes FROM audit_log WHERE action = 'changed the sign-in settings'";
    assert_eq!(site.text(changes).await, "[[\"two-factor authentication\",\"optional\",\"required\"]]");

    let sent_away = writer.get("/admin/mail?page=1").await;
    assert_eq!(
        (sent_away.status, sent_away.location()),
        (303, "/admin/account/two-factor?next=%2Fadmin%2Fmail%3Fpage%3D1")
    );
    assert!(writer.get(sent_away.location()).await.first(".notice").contains("Set it up to continue"));
    assert_eq!(writer.get("/admin/account").await.status, 303);
    assert_eq!(site.sign_in(EMAIL).await.get("/admin").await.location(), "/admin/account/two-factor?next=%2Fadmin");

    // A form that was open is kept.
    let fields = [("title", "Half a post"), ("author", "A"), ("summary", "S"), ("body", "B"), ("action", "save")];
    let referer = format!("{}/admin/posts/new", site.base);
    let kept = writer.post_with("/admin/posts/new", &fields, &[("referer", &referer)]).await;
    assert_eq!(kept.location(), "/admin/account/two-factor?next=%2Fadmin%2Fposts%2Fnew%3Funsaved-form%3D1");
    assert_eq!(site.count("SELECT count(*) FROM posts").await, 1, "nothing was saved");
    let next = "/admin/posts/new?unsaved-form=1";
    let page = writer.post_and_follow(&format!("{PAGE}/set-up"), &[("next", next)]).await;
    assert_eq!(page.field_value("next"), next);
    let phone = Phone::of(&page);
    let page = writer.post(PAGE, &[("password", PASSWORD), ("code", &phone.code(&site, 0)), ("next", next)]).await;
    assert_eq!(page.attributes("main a.button", "href"), [next]);
    assert_eq!(writer.get(next).await.field_value("title"), "Half a post");

    assert_eq!(writer.post(&format!("{PAGE}/removal"), &[("password", PASSWORD)]).await.status, 400);
    assert_eq!(admin.post("/admin/staff/two-factor", &[("required", "")]).await.status, 303);
    assert_eq!(writer.post(&format!("{PAGE}/removal"), &[("password", PASSWORD)]).await.status, 303);
    assert_eq!(writer.get("/admin").await.status, 200);
}
