//! Accounts on the command line while the site is running.

use crate::program::{Home, address_in};
use crate::support::PASSWORD;
use crate::usage_errors::assert_one_line_error;

#[actix_web::test]
async fn staff_add_works_while_running_and_prints_a_password_link() {
    let home = Home::new();
    let site = home.serve(&[]).await;
    let settings = [("BASE_URL", site.address.as_str())];
    let add = ["staff", "add", "w@example.com", "--name", "Ayesha Khan", "--role", "writer"];
    let added = home.run(&add, &settings);
    assert_eq!((added.code, added.err.as_str()), (Some(0), ""));
    assert_eq!(added.out.lines().count(), 1, "{}", added.out);
    let path = path_in(&added.out, &site.address);
    let list = home.run(&["staff", "list"], &[]);
    assert_eq!(list.out, "w@example.com\tAyesha Khan\twriter\tno password yet\n");

    let visitor = site.visitor();
    assert_eq!(visitor.get(&path).await.first("h1"), "Set your password");
    assert_eq!(visitor.post(&path, &[("password", PASSWORD)]).await.status, 303);
    assert_eq!(visitor.get(&path).await.status, 404, "the link works once");
    let dashboard =
        visitor.post_and_follow("/admin/sign-in", &[("email", "w@example.com"), ("password", PASSWORD)]).await;
    assert_eq!(dashboard.first("h1"), "Dashboard");
    assert_eq!(visitor.get("/admin/staff").await.status, 403);
    let list = home.run(&["staff", "list"], &[]);
    assert_eq!(list.out, "w@example.com\tAyesha Khan\twriter\tactive\n");
    assert_eq!(
        home.texts("SELECT action FROM audit_log WHERE actor = 'command line'").await,
        ["added a team member as writer"]
    );

    assert_one_line_error(&home.run(&add, &settings), "w@example.com already");
    assert_one_line_error(
        &home.run(&["staff", "add", "W@EXAMPLE.COM", "--name", "B", "--role", "admin"], &settings),
        "already",
    );
}

#[actix_web::test]
async fn staff_password_reset_prints_a_new_link() {
    let home = Home::new();
    let site = home.serve(&[]).await;
    let settings = [("BASE_URL", site.address.as_str())];
    let added = home.run(&["staff", "add", "a@example.com", "--name", "A", "--role", "admin"], &settings);
    let first = path_in(&added.out, &site.address);
    let reset = home.run(&["staff", "reset-password", "a@example.com"], &settings);
    assert_eq!((reset.code, reset.out.lines().count()), (Some(0), 1), "{}", reset.err);
    let second = path_in(&reset.out, &site.address);
    let visitor = site.visitor();
    assert_eq!(visitor.get(&first).await.status, 404, "the earlier link is invalid");
    assert_eq!(visitor.post(&second, &[("password", PASSWORD)]).await.status, 303);
    let sign_in = [("email", "a@example.com"), ("password", PASSWORD)];
    assert_eq!(visitor.post("/admin/sign-in", &sign_in).await.status, 303);
    assert_one_line_error(
        &home.run(&["staff", "reset-password", "nobody@example.com"], &settings),
        "nobody@example.com",
    );
}

#[actix_web::test]
async fn accounts_are_deactivated_and_second_factors_reset() {
    let home = Home::with_stopped_site();
    for (email, role) in [("a@example.com", "admin"), ("b@example.com", "admin"), ("w@example.com", "writer")] {
        assert_eq!(home.run(&["staff", "add", email, "--name", email, "--role", role], &[]).code, Some(0));
    }
    home.execute("UPDATE staff SET password_hash = 'x'").await;
    home.execute("INSERT INTO staff_totp VALUES (3, 'S', '2026-01-01T00:00:00Z', 1); INSERT INTO staff_recovery_codes VALUES (3, 'h', NULL)").await;
    let session = "INSERT INTO staff_sessions (token_hash, staff_id, created_at, last_seen_at)
                   VALUES ('s', 3, '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z')";
    home.execute(session).await;
    let reset = home.run(&["staff", "reset-totp", "W@example.com"], &[]);
    assert_eq!((reset.code, reset.out.lines().count()), (Some(0), 1), "{}", reset.err);
    let left = "SELECT CAST((SELECT count(*) FROM staff_totp) + (SELECT count(*) FROM staff_recovery_codes)
                            + (SELECT count(*) FROM staff_sessions) AS TEXT)";
    assert_eq!(home.texts(left).await, ["0"]);
    assert_one_line_error(&home.run(&["staff", "reset-totp", "w@example.com"], &[]), "does not use two-factor");
    home.execute(session).await;
    let done = home.run(&["staff", "deactivate", "w@example.com"], &[]);
    assert_eq!((done.code, done.out.as_str()), (Some(0), "w@example.com is deactivated and signed out everywhere\n"));
    assert_eq!(home.texts("SELECT token_hash FROM staff_sessions").await, Vec::<String>::new());
    assert_one_line_error(&home.run(&["staff", "deactivate", "w@example.com"], &[]), "already deactivated");
    assert_eq!(home.run(&["staff", "deactivate", "a@example.com"], &[]).code, Some(0));
    assert_one_line_error(&home.run(&["staff", "deactivate", "b@example.com"], &[]), "last admin");
    assert_one_line_error(&home.run(&["staff", "deactivate", "nobody@example.com"], &[]), "nobody@example.com");
    let log =
        "SELECT concat_ws(' ', action, subject, changes) FROM audit_log WHERE action NOT LIKE 'added%' ORDER BY id";
    assert_eq!(
        home.texts(log).await,
        [
            "reset two-factor authentication w@example.com []",
            "deactivated an account w@example.com [[\"status\",\"active\",\"deactivated\"]]",
            "deactivated an account a@example.com [[\"status\",\"active\",\"deactivated\"]]",
        ]
    );
}

#[actix_web::test]
async fn set_up_links_are_also_emailed_if_there_is_a_mail_server() {
    let home = Home::with_stopped_site();
    let smtp = [("SMTP_URL", "smtp://127.0.0.1:9")];
    let add = home.run(&["staff", "add", "a@example.com", "--name", "A", "--role", "admin"], &smtp);
    assert_eq!(add.out.lines().nth(1), Some("an e-mail with this link is queued"), "{}{}", add.out, add.err);
    assert_eq!(home.texts("SELECT recipient || confidential FROM outbox").await, ["a@example.com1"]);
}

#[test]
fn invalid_account_is_rejected_in_one_line() {
    let home = Home::with_stopped_site();
    assert_one_line_error(&home.run(&["staff", "add", "nobody", "--name", "A", "--role", "admin"], &[]), "\"nobody\"");
    assert_one_line_error(
        &home.run(&["staff", "add", "a@example.com", "--name", " ", "--role", "admin"], &[]),
        "--name",
    );
    assert_eq!(home.run(&["staff", "list"], &[]).out, "");
}

fn path_in(line: &str, base: &str) -> String {
    let address = address_in(line);
    let path = address.strip_prefix(base).unwrap_or_else(|| panic!("{address} does not begin with {base}"));
    assert!(path.starts_with("/admin/set-up/"), "{path}");
    path.to_owned()
}
