//! Scheduled publication: time zone, downtime, and the fact check at the moment of publication.

use immigration_experts::staff::Role;

use crate::reviews::{create, with};
use crate::support::{Page, Site, Visitor};

/// 4:30 p.m. on November 22, 2026, in Lahore: two and a half hours after the start of a test.
const SCHEDULE: [(&str, &str); 3] =
    [("action", "schedule"), ("schedule_date", "2026-11-22"), ("schedule_time", "16:30")];

async fn run_job(site: &Site, at: &str) {
    site.clock.set(at.parse().unwrap());
    site.running.jobs.run("scheduled posts").await.unwrap();
}

async fn press(member: &Visitor, path: &str, others: &[(&str, &str)]) -> Page {
    let version = member.get(path).await.field_value("version");
    member.post(path, &[&with(others)[..], &[("slug", "spring-plans"), ("version", &version)]].concat()).await
}

fn at_time<'a>(others: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [&SCHEDULE[..], others].concat()
}

#[actix_web::test]
async fn scheduled_post_appears_at_its_time_in_the_zone_of_the_office() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let path = create(&publisher, &SCHEDULE).await;
    let page = publisher.get(&path).await;
    let time = "November 22, 2026, 4:30 p.m. PKT (November 22, 2026, 11:30 a.m. UTC)";
    assert_eq!(page.first(".flash"), format!("Scheduled for {time}."));
    assert_eq!(page.first("h1 + p"), format!("scheduled for {time}"));
    assert_eq!(
        (page.field_value("schedule_date"), page.field_value("schedule_time")),
        ("2026-11-22".into(), "16:30".into())
    );
    assert!(publisher.get("/admin").await.first("section[aria-labelledby=scheduled] li").ends_with(time));
    let visitor = site.visitor();
    for (now, status) in [("2026-11-22T11:29:59Z", 404), ("2026-11-22T11:30:01Z", 200)] {
        run_job(&site, now).await;
        assert_eq!(visitor.get("/news/spring-plans").await.status, status, "{now}");
        assert_eq!(visitor.get("/news").await.text.contains("Spring plans"), status == 200, "{now}");
    }
    assert_eq!(site.text("SELECT published_at FROM posts WHERE id = 2").await, "2026-11-22T11:30:00Z");
    let feed = visitor.get("/news/feed.atom").await;
    let times = ["published", "updated"].map(|name| feed.all(&format!("entry > {name}")).remove(0));
    assert_eq!(times, ["2026-11-22T11:30:00Z"; 2], "it was last saved hours before");
    assert_eq!(publisher.get(&path).await.first(".state"), "published");
    assert_eq!(
        site.text("SELECT actor || ' ' || action || ': ' || subject FROM audit_log ORDER BY id DESC LIMIT 1").await,
        "system published a scheduled post: Spring plans"
    );
    run_job(&site, "2026-11-22T12:00:00Z").await;
    assert_eq!(site.count("SELECT count(*) FROM audit_log WHERE action = 'published a scheduled post'").await, 1);
}

#[actix_web::test]
async fn post_that_became_due_during_a_downtime_is_published_after_the_start() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    create(&publisher, &SCHEDULE).await;
    let site = Site::start_in(site.stop().await, &["--staff-inbox", "inbox@example.com"]).await;
    run_job(&site, "2026-12-20T00:00:00Z").await;
    let page = site.visitor().get("/news/spring-plans").await;
    assert_eq!(page.status, 200);
    assert!(page.first(".byline").contains("November 22, 2026"), "the date is the scheduled one");
}

#[actix_web::test]
async fn new_finding_holds_the_post_back_and_notifies_the_publishers() {
    let site = Site::start().await;
    let (publisher, admin) = (site.staff(Role::Publisher).await, site.staff(Role::Admin).await);
    let path = create(&admin, &at_time(&[("body", "In draw 252, the cut-off was 476 points.")])).await;
    site.execute("UPDATE draws SET crs = 475 WHERE round = '252'").await;
    run_job(&site, "2026-11-22T11:30:00Z").await;
    assert_eq!(site.visitor().get("/news/spring-plans").await.status, 404);
    assert_eq!(publisher.get(&path).await.first(".state"), "in review");
    let listed = publisher.get("/admin").await.first("section[aria-labelledby=in-review] li");
    assert!(listed.contains("The site did not publish it at the scheduled time"), "{listed}");
    assert!(listed.contains("“In draw 252, the cut-off was 476 points.”") && listed.contains("475"), "{listed}");
    site.deliver_due().await;
    assert_eq!(site.body("subject", "publisher@example.com").await, "Not published: Spring plans");
    let text = site.body("body_text", "publisher@example.com").await;
    assert!(text.contains("the cut-off was 476 points.") && text.contains(&path), "{text}");
    run_job(&site, "2026-11-22T12:00:00Z").await;
    assert_eq!(site.count("SELECT count(*) FROM outbox WHERE subject LIKE 'Not published%'").await, 1, "notified once");
    let right =
        press(&publisher, &path, &[("action", "publish"), ("body", "In draw 252, the cut-off was 475 points.")]).await;
    assert_eq!(right.status, 303, "{}", right.text);
    assert_eq!(site.visitor().get("/news/spring-plans").await.status, 200);
}

#[actix_web::test]
async fn finding_that_was_accepted_when_the_post_was_scheduled_does_not_hold_it_back() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let wrong = at_time(&[("body", "In draw 252, the cut-off was 480 points.")]);
    let refused = publisher.post("/admin/posts/new", &with(&wrong)).await;
    assert_eq!((refused.status, refused.attributes("[role=alert] a", "href")), (422, vec!["#reason".into()]));
    assert_eq!(refused.field_value("schedule_time"), "16:30", "the input is kept");
    create(&publisher, &[&wrong[..], &[("reason", "A quotation.")]].concat()).await;
    run_job(&site, "2026-11-22T11:30:00Z").await;
    assert_eq!(site.visitor().get("/news/spring-plans").await.status, 200);
}

#[actix_web::test]
async fn post_whose_picture_is_gone_is_held_back() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let path = create(&publisher, &SCHEDULE).await;
    site.execute("UPDATE posts SET body = '![x](/media/0123456789abcdef-1200.jpg)' WHERE id = 2").await;
    run_job(&site, "2026-11-22T11:30:00Z").await;
    assert_eq!(publisher.get(&path).await.first(".state"), "in review");
}

#[actix_web::test]
async fn missing_past_and_invalid_times_are_refused_beside_the_field() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    for (date, time, field, sentence) in [
        ("", "", "schedule_date", "Enter the date of publication"),
        ("2026-11-24", "", "schedule_time", "Enter the time of publication"),
        ("2026-11-24", "9 o'clock", "schedule_time", "Enter the time of publication"),
        (
            "2026-11-22",
            "13:59",
            "schedule_time",
            "This time is in the past. It is now November 22, 2026, 2:00 p.m. PKT",
        ),
        ("2026-02-30", "09:00", "schedule_date", "Enter the date of publication"),
    ] {
        let fields = [("action", "schedule"), ("schedule_date", date), ("schedule_time", time)];
        let page = publisher.post("/admin/posts/new", &with(&fields)).await;
        assert_eq!(
            (page.status, page.attributes("[role=alert] a", "href")),
            (422, vec![format!("#{field}")]),
            "{date} {time}"
        );
        assert!(
            page.first(&format!("#{field}-error")).contains(sentence),
            "{}",
            page.first(&format!("#{field}-error"))
        );
        assert_eq!((page.field_value("schedule_date"), page.field_value("schedule_time")), (date.into(), time.into()));
        assert_eq!(page.first("textarea[name=body]"), "The sky is blue.");
    }
    assert_eq!(site.count("SELECT count(*) FROM posts").await, 1);
}

#[actix_web::test]
async fn schedule_can_be_changed_and_cancelled() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let path = create(&publisher, &SCHEDULE).await;
    assert_eq!(press(&publisher, &path, &[("body", "Better words.")]).await.status, 303);
    assert_eq!(publisher.get(&path).await.first(".state"), "scheduled", "a saved post stays scheduled");
    let later = [("action", "schedule"), ("schedule_date", "2026-11-22"), ("schedule_time", "9:30 p.m.")];
    assert_eq!(press(&publisher, &path, &later).await.status, 303);
    run_job(&site, "2026-11-22T12:00:00Z").await;
    assert_eq!(site.visitor().get("/news/spring-plans").await.status, 404);
    let page = publisher.post_and_follow(&format!("{path}/schedule/removal"), &[]).await;
    assert_eq!(
        (page.first(".state"), page.first(".flash")),
        ("draft".into(), "Schedule cancelled. Only staff can see the post.".into())
    );
    run_job(&site, "2026-11-22T17:00:00Z").await;
    assert_eq!(site.visitor().get("/news/spring-plans").await.status, 404);
    let page = publisher.post_and_follow(&format!("{path}/schedule/removal"), &[]).await;
    assert!(page.first(".flash").starts_with("This post was not scheduled any more."), "{}", page.first(".flash"));
    assert_eq!(press(&publisher, &path, &[("action", "publish"), ("body", "Better words.")]).await.status, 303);
    assert!(site.visitor().get("/news/spring-plans").await.text.contains("Better words."));
    let published = press(&publisher, &path, &at_time(&[("schedule_date", "2026-12-01")])).await;
    assert_eq!(published.attributes("[role=alert] a", "href"), ["#schedule_date"], "a published post is not scheduled");
}

#[actix_web::test]
async fn scheduled_post_in_the_trash_is_not_published() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let path = create(&publisher, &SCHEDULE).await;
    assert_eq!(publisher.post(&format!("{path}/trash"), &[]).await.status, 303);
    run_job(&site, "2026-11-22T12:00:00Z").await;
    assert_eq!(site.visitor().get("/news/spring-plans").await.status, 404);
    assert_eq!(press(&publisher, &path, &SCHEDULE).await.status, 422, "restore it first");
}

#[actix_web::test]
async fn saving_with_another_date_or_time_changes_the_schedule() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let path = create(&publisher, &SCHEDULE).await;
    let opened = publisher.get(&path).await.field_value("scheduled");
    assert_eq!(opened, "2026-11-22 16:30");
    let fields = |date, time| [("scheduled", &*opened), ("schedule_date", date), ("schedule_time", time)];
    let past = press(&publisher, &path, &fields("2026-11-21", "16:30")).await;
    assert_eq!((past.status, past.attributes("[role=alert] a", "href")), (422, vec!["#schedule_date".into()]));
    assert_eq!(
        (past.field_value("schedule_date"), past.field_value("scheduled")),
        ("2026-11-21".into(), opened.clone())
    );
    assert_eq!(press(&publisher, &path, &fields("2026-11-23", "09:00")).await.status, 303);
    let page = publisher.get(&path).await;
    assert!(
        page.first(".flash").starts_with("Scheduled for November 23, 2026, 9:00 a.m. PKT"),
        "{}",
        page.first(".flash")
    );
    // A page that was opened before shows the earlier time, which nobody entered.
    let old = [&fields("2026-11-22", "16:30")[..], &[("body", "Better words.")]].concat();
    assert_eq!(press(&publisher, &path, &old).await.status, 303);
    let page = publisher.get(&path).await;
    assert_eq!(page.first(".flash"), "Saved. The post is still scheduled.");
    assert!(page.first("h1 + p").starts_with("scheduled for November 23, 2026"), "{}", page.first("h1 + p"));
}

#[actix_web::test]
async fn post_that_was_rescheduled_while_the_job_checked_it_is_not_published() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    create(&publisher, &SCHEDULE).await;
    let path = create(&publisher, &at_time(&[("title", "Summer plans")])).await;
    // The job has read both posts when it publishes the first.
    site.execute(
        "CREATE TRIGGER meanwhile AFTER UPDATE OF state ON posts WHEN new.id = 2 AND new.state = 'published' BEGIN
             UPDATE posts SET scheduled_for = '2026-11-23T04:00:00Z' WHERE id = 3; END",
    )
    .await;
    run_job(&site, "2026-11-22T11:30:01Z").await;
    assert_eq!(site.visitor().get("/news/spring-plans").await.status, 200);
    assert_eq!(site.visitor().get("/news/summer-plans").await.status, 404);
    assert!(publisher.get(&path).await.first("h1 + p").starts_with("scheduled for November 23, 2026"));
}
