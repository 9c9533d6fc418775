//! A full disk, simulated by a limit on file sizes: nothing acknowledged or entered is lost, and the site recovers
//! without a restart.

use std::process::Command;

use crate::program::{Home, SiteProcess, until};
use crate::support::skip::skip;
use crate::support::{Page, Visitor};

const MESSAGE_LEN: usize = 9_000;

async fn send(visitor: &Visitor, number: usize) -> Page {
    let text = format!("Question {number}. {}", "My whole story. ".repeat(MESSAGE_LEN / 16));
    // One address gets three acknowledgements a day.
    let email = format!("ayesha{number}@example.org");
    let fields = [("name", "Ayesha Khan"), ("email", email.as_str()), ("message", text.as_str())];
    visitor.post("/contact", &fields).await
}

/// Sends until the disk is full. Returns the number of stored forms and the first refusal.
async fn fill_disk(site: &SiteProcess, from: usize) -> (usize, Page) {
    let visitor = site.visitor();
    for number in from..from + 2_000 {
        let page = send(&visitor, number).await;
        if page.status != 303 {
            return (number - from, page);
        }
    }
    panic!("the disk did not fill up");
}

/// Whether this machine can limit file sizes. Required in CI.
pub fn can_limit_file_size() -> bool {
    let can = |program: &str| Command::new(program).arg("--version").output().is_ok();
    let can = cfg!(target_os = "linux") && can("bash") && can("prlimit");
    can || skip::<()>("bash and prlimit (Debian: bash, util-linux) are needed to make a disk small", "DISK_TESTS")
        .is_some()
}

#[actix_web::test]
async fn full_disk_keeps_form_input_and_the_site_recovers() {
    if !can_limit_file_size() {
        return;
    }
    let home = Home::new();
    // The first start needs some space.
    home.serve(&[("STAFF_INBOX", "inbox@example.com")]).await.stop().await;
    let size = std::fs::metadata(home.data().join("site.db")).unwrap().len() / 1024;
    let limit = u32::try_from(size).unwrap() + 600;
    let mut site = home.serve_with_file_limit(limit, &[("STAFF_INBOX", "inbox@example.com")]).await;
    let mut kept = 0;
    for _ in 0..2 {
        let (more, page) = fill_disk(&site, kept).await;
        kept += more;
        assert_eq!((page.status, page.header("retry-after")), (503, "120"));
        page.assert_page_layout();
        assert_eq!(page.first("[role=alert] h2"), "We could not save this");
        assert_eq!(page.attributes("[role=alert] a", "href"), ["tel:+924235911332", "tel:+92518439995"]);
        assert_eq!(page.field_value("name"), "Ayesha Khan");
        assert!(page.field_value("message").len() > MESSAGE_LEN, "the entered text is kept");
        for path in ["/", "/contact", "/draws", "/health"] {
            assert_eq!(site.visitor().get(path).await.status, 200, "{path}: pages can be read");
        }
        site.limit_files(None);
        for _ in 0..3 {
            let page = send(&site.visitor(), kept).await;
            assert_eq!(page.status, 303, "{:?}", site.log_lines("cause"));
            kept += 1;
        }
        site.limit_files(Some(limit + 600));
    }
    site.limit_files(None);
    assert!(kept > 6, "{kept} forms were stored before the disk was full");
    assert!(site.stop().await.success());
    let numbers = home.texts("SELECT reference FROM inquiries ORDER BY id").await;
    assert_eq!(numbers.len(), kept, "exactly the acknowledged inquiries are stored");
    let last = format!("{kept:06}");
    assert!(numbers.last().unwrap().ends_with(&last), "without a gap: {numbers:?}");
    let emails = home.texts("SELECT message_id FROM outbox").await;
    assert_eq!(emails.len(), kept * 2, "each has its e-mails");
}

#[actix_web::test]
async fn site_is_not_ready_while_forms_cannot_be_stored() {
    if !can_limit_file_size() {
        return;
    }
    let home = Home::with_stopped_site();
    let size = std::fs::metadata(home.data().join("site.db")).unwrap().len() / 1024;
    let site = home.serve_with_file_limit(u32::try_from(size).unwrap() + 200, &[]).await;
    let visitor = site.visitor();
    let ready = async || visitor.get("/health/ready").await;
    assert_eq!(ready().await.status, 200);
    // The check merges the log into the database, which makes space for some more forms. Fill that too.
    let mut kept = 0;
    loop {
        let (more, _) = fill_disk(&site, kept).await;
        kept += more;
        let is_taken = until("the check to fail, or a form to be accepted", async || {
            if ready().await.status == 503 {
                return Some(false);
            }
            (send(&visitor, kept).await.status == 303).then_some(true)
        })
        .await;
        if !is_taken {
            break;
        }
        kept += 1;
    }
    assert_eq!(ready().await.text, "not ready\nthe database is not writable\n");
    assert_eq!(send(&visitor, kept).await.status, 503);
    site.limit_files(None);
    until("the site to be ready again", async || (ready().await.status == 200).then_some(())).await;
    assert_eq!(send(&visitor, kept).await.status, 303);
}
