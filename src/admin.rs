//! Admin dashboard: everything that needs attention.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;

use crate::categories::{self, CategoryList};
use crate::draws::{self, RecordAge};
use crate::http::{PageResult, html};
use crate::inquiries::{self, Inquiry, InquiryState};
use crate::onboarding::{self, Checklist};
use crate::pages::{self, AdviceOffer};
use crate::posts::{self, PostInReview, PostSummary, ScheduledPost};
use crate::services::Services;
use crate::staff::StaffContext;
use crate::web::{office_time_zone, plural};

#[derive(Template)]
#[template(path = "admin/dashboard.html")]
struct DashboardPage {
    ctx: StaffContext,
    unanswered: String,
    oldest_unanswered: Vec<(String, Inquiry)>,
    inactivity_alert: Option<String>,
    backup_alert: Option<String>,
    /// Number of inquiries in quarantine, if any.
    quarantined: Option<String>,
    /// Posts that wait for a publisher. Empty for writers.
    in_review: Vec<PostInReview>,
    /// Drafts that a publisher sent back.
    returned: Vec<PostInReview>,
    scheduled: Vec<ScheduledPost>,
    drafts: Vec<PostSummary>,
    /// Published posts that no longer match the draw record.
    stale_posts: Vec<PostSummary>,
    /// Number of published draw names without a category.
    unmapped_names: i64,
    record_age: Option<RecordAge>,
    /// Category lists due for review.
    lists_due: Vec<CategoryList>,
    missing_settings: Vec<&'static str>,
    is_licensed: bool,
    /// Public texts that offer advice or representation while there is no licence.
    offers: Vec<AdviceOffer>,
    writes_files: bool,
    /// Steps of the set-up, for admins, until all are done.
    setup: Option<Checklist>,
}

/// `GET /admin`
pub async fn show(ctx: StaffContext, services: Data<Services>) -> PageResult {
    let now = services.clock.now();
    let unanswered =
        plural(inquiries::count_in_state(services.db.read(), InquiryState::New).await?, "new inquiry", "new inquiries");
    let oldest_unanswered = inquiries::oldest_unanswered(services.db.read(), 5).await?;
    let oldest_unanswered = oldest_unanswered.into_iter().map(|inquiry| (inquiry.age(now), inquiry)).collect();
    let inactivity_alert = inquiries::inactivity_warning(&services.db, now).await?;
    let backup_alert = services.backup_scheduler.alert_text(now);
    let quarantined = inquiries::count_in_state(services.db.read(), InquiryState::Quarantined).await?;
    let quarantined = (quarantined > 0).then(|| plural(quarantined, "inquiry", "inquiries"));
    let in_review = if ctx.member.can_publish() { posts::in_review(services.db.read()).await? } else { Vec::default() };
    let returned = posts::returned(services.db.read()).await?;
    let scheduled = posts::scheduled(services.db.read()).await?;
    let drafts = posts::drafts(services.db.read()).await?;
    let stale_posts = posts::stale_posts(services.db.read(), &services.checked_posts, now).await?;
    let unmapped_names = draws::count_unmapped(services.db.read()).await?;
    let record_age = draws::record_age(services.db.read(), now).await?;
    let lists_due =
        categories::lists_due_for_review(services.db.read(), now.to_zoned(office_time_zone()).date()).await?;
    let firm = ctx.layout.firm.clone();
    let missing_settings = [
        ("Licence holder", firm.licence_name.is_none()),
        ("Licence number", firm.licence_number.is_none()),
        ("E-mail address", firm.email.is_none()),
        ("Postal address", firm.address.is_none()),
        ("Staff inbox", firm.staff_inbox.is_empty()),
    ];
    let missing_settings =
        missing_settings.into_iter().filter(|(_, missing)| *missing).map(|(label, _)| label).collect();
    let is_licensed = firm.licence().is_some();
    let offers = pages::offers(services.db.read(), &firm).await?;
    let writes_files = services.transport.writes_files();
    let setup = match ctx.member.is_admin() {
        true => Some(onboarding::checklist(&services).await?).filter(|checklist| checklist.next().is_some()),
        false => None,
    };
    let page = DashboardPage {
        ctx,
        unanswered,
        oldest_unanswered,
        inactivity_alert,
        backup_alert,
        quarantined,
        in_review,
        returned,
        scheduled,
        drafts,
        stale_posts,
        unmapped_names,
        record_age,
        lists_due,
        missing_settings,
        is_licensed,
        offers,
        writes_files,
        setup,
    };
    html(StatusCode::OK, &page)
}
