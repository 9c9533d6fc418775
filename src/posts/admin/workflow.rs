//! Workflow in the editor: what the buttons do after saving, and the actions for schedules and preview links.

use actix_web::web::{Data, Path};
use anyhow::Result;
use jiff::Timestamp;
use serde::Deserialize;
use sqlx::SqliteConnection;

use crate::draws::TokenValues;
use crate::http::{PageError, PageResult, see_other};
use crate::posts::admin::edit::{EditPage, find};
use crate::posts::post::{Post, PostState};
use crate::posts::preview_links::{self, LINK_DAYS};
use crate::posts::schedule::{ScheduledTime, parse_schedule};
use crate::posts::store;
use crate::posts::workflow::{self, ReviewEvent, ReviewKind};
use crate::services::Services;
use crate::staff::{self, AuditChanges, StaffContext};
use crate::web::{Form, office_time_zone, plural};

/// What a button of the editor does, apart from saving the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaveAction {
    Save,
    /// Keeps changes of a published post without publishing them.
    Stage,
    /// Submits the post for review.
    Submit,
    /// Sends the post back to its writer.
    Return,
    Schedule,
    Publish,
}

impl SaveAction {
    pub fn of(button: &str) -> Self {
        match button {
            "stage" => Self::Stage,
            "submit" => Self::Submit,
            "return" => Self::Return,
            "schedule" => Self::Schedule,
            "publish" => Self::Publish,
            _ => Self::Save,
        }
    }

    pub fn state_after(self, before: PostState) -> PostState {
        match self {
            Self::Save | Self::Stage => before,
            Self::Submit => PostState::InReview,
            Self::Return => PostState::Draft,
            Self::Schedule => PostState::Scheduled,
            Self::Publish => PostState::Published,
        }
    }

    /// Whether the text must follow the rules of publication.
    pub fn approves(self) -> bool {
        matches!(self, Self::Schedule | Self::Publish)
    }

    /// Whether only publishers may do it.
    pub fn needs_publisher(self) -> bool {
        self.approves() || self == Self::Return
    }

    /// Whether the post moves to another state, so that an unchanged text needs no new version.
    pub fn only_moves(self) -> bool {
        matches!(self, Self::Submit | Self::Return | Self::Schedule)
    }
}

impl EditPage {
    /// Checks what a button needs besides the text, and adds an error for what is missing. Returns the scheduled time.
    pub(super) fn check_action(&mut self, action: SaveAction) -> Option<Timestamp> {
        let state = self.post.as_ref().map_or(PostState::Draft, |post| post.state);
        let is_trashed = self.post.as_ref().is_some_and(|post| post.trashed);
        match action {
            SaveAction::Submit | SaveAction::Return | SaveAction::Schedule if is_trashed => {
                self.errors.add("title", "This post is in the trash. Restore it first.");
            }
            SaveAction::Submit if matches!(state, PostState::Published | PostState::Scheduled) => {
                let state = state.label();
                self.errors.add("review_note", format!("This post is {state} already, so it needs no review."));
            }
            SaveAction::Return if state != PostState::InReview => {
                self.errors.add("review_note", "This post is not in review any more.");
            }
            SaveAction::Return if self.form.review_note.trim().is_empty() => {
                self.errors.add("review_note", "Enter a note that says what should be changed.");
            }
            SaveAction::Schedule if state == PostState::Published => {
                self.errors.add("schedule_date", "This post is published already.");
            }
            SaveAction::Schedule => {
                match parse_schedule(&self.form.schedule_date, &self.form.schedule_time, self.now) {
                    Ok(scheduled) => return Some(scheduled.at),
                    Err((field, sentence)) => self.errors.add(field, sentence),
                }
            }
            _ => {}
        }
        None
    }

    /// Moves a saved post to its next state, queues e-mails, and returns the audit action and the flash message.
    pub(super) async fn apply_action(
        &self,
        tx: &mut SqliteConnection,
        action: SaveAction,
        (id, title): (i64, &str),
        scheduled_for: Option<Timestamp>,
        services: &Services,
    ) -> Result<(&'static str, String)> {
        let site = &services.http.base_url;
        let event = |kind| ReviewEvent {
            kind,
            note: self.form.review_note.trim().to_owned(),
            actor: self.ctx.member.name.clone(),
            at: self.now,
        };
        let member_id = self.ctx.member.id;
        Ok(match (action, scheduled_for) {
            (SaveAction::Publish, _) => {
                let current = self.post.as_ref().and_then(Post::first_published);
                store::publish(tx, id, None, self.form.published_at(current, self.now)).await?;
                ("published a post", "Published. The post is now on the site.".to_owned())
            }
            (SaveAction::Submit, _) => {
                let event = event(ReviewKind::Submitted);
                workflow::store::set_state(tx, id, PostState::InReview, None).await?;
                workflow::store::insert_review(tx, id, Some(member_id), &event).await?;
                workflow::queue_for_publishers(tx, (id, title), &event, Some(member_id), site).await?;
                let flash = match services.transport.writes_files() {
                    true => "Submitted for review. No mail server is set, so tell the publishers yourself.",
                    false => "Submitted for review. The publishers get an e-mail.",
                };
                ("submitted a post for review", flash.to_owned())
            }
            (SaveAction::Return, _) => {
                let event = event(ReviewKind::Returned);
                workflow::store::set_state(tx, id, PostState::Draft, None).await?;
                let writer = workflow::store::last_submitter(tx, id).await?;
                workflow::store::insert_review(tx, id, Some(member_id), &event).await?;
                if let Some(writer) = writer {
                    workflow::queue_for_writer(tx, (id, title), &event, writer, site).await?;
                }
                ("sent a post back", "Sent back with your note. The post is a draft again.".to_owned())
            }
            (SaveAction::Schedule, Some(at)) => {
                workflow::store::set_state(tx, id, PostState::Scheduled, Some(at)).await?;
                ("scheduled a post", format!("Scheduled for {}.", ScheduledTime::new(at).text()))
            }
            _ => match self.state() {
                Some(PostState::Published) => {
                    ("updated a published post", "Updated. The changes are now on the site.".to_owned())
                }
                Some(PostState::Scheduled) => {
                    ("updated a scheduled post", "Saved. The post is still scheduled.".to_owned())
                }
                Some(PostState::InReview) => {
                    ("saved a post in review", "Saved. The post is still in review.".to_owned())
                }
                _ => ("saved a draft", "Draft saved. Only staff can see it.".to_owned()),
            },
        })
    }

    /// Last step of a review that is not finished, or of one that ended with a note to the writer.
    pub(super) fn open_review(&self) -> Option<&ReviewEvent> {
        self.workflow.reviews.first().filter(|last| match self.state() {
            Some(PostState::InReview) => true,
            // Cancelling a schedule and the trash also lead back to a draft, after a review that nobody continues.
            Some(PostState::Draft) => last.kind == ReviewKind::Returned,
            _ => false,
        })
    }

    pub(super) fn save_label(&self) -> &'static str {
        match self.state() {
            Some(PostState::Published) => "Save changes",
            Some(PostState::InReview | PostState::Scheduled) => "Save",
            _ => "Save draft",
        }
    }

    /// Value of the button that saves. Changes of a published post are not shown to readers until they are published.
    pub(super) fn save_action(&self) -> &'static str {
        if self.state() == Some(PostState::Published) { "stage" } else { "save" }
    }

    /// Whether the editor offers review and scheduling.
    pub(super) fn shows_workflow(&self) -> bool {
        let is_trashed = self.post.as_ref().is_some_and(|post| post.trashed);
        self.can_save() && !is_trashed && self.state() != Some(PostState::Published)
    }

    pub(super) fn is_in_review(&self) -> bool {
        self.state() == Some(PostState::InReview)
    }

    pub(super) fn is_scheduled(&self) -> bool {
        self.state() == Some(PostState::Scheduled)
    }

    /// State of the post, unless it is new or in the trash.
    fn state(&self) -> Option<PostState> {
        self.post.as_ref().filter(|post| !post.trashed).map(|post| post.state)
    }

    /// Time zone of the scheduling fields, such as "Asia/Karachi (PKT)".
    pub(super) fn time_zone(&self) -> String {
        let local = self.now.to_zoned(office_time_zone());
        let name = office_time_zone().iana_name().unwrap_or("UTC").to_owned();
        format!("{name} ({})", local.strftime("%Z"))
    }

    /// Label of a period after which a preview link expires.
    pub(super) fn link_periods(&self) -> [(i64, String); 3] {
        LINK_DAYS.map(|days| (days, plural(days, "day", "days")))
    }
}

/// `POST /admin/posts/{id}/schedule/removal`
pub async fn cancel_schedule(ctx: StaffContext, id: Path<i64>, services: Data<Services>) -> PageResult {
    let post = find(&services.db, *id).await?;
    let title = TokenValues::for_texts(services.db.read(), &[&post.title]).await?.expand_line(&post.title);
    let mut tx = services.db.begin_write().await?;
    if workflow::store::cancel_schedule(&mut tx, post.id).await? {
        let (now, by) = (services.clock.now(), &ctx.member.name);
        let at = post.scheduled_for.map(|at| at.to_jiff().to_string()).unwrap_or_default();
        let changes = AuditChanges::default().field("scheduled_for", at, "");
        staff::audit_change(&mut tx, now, by, "cancelled a scheduled publication", &title, &changes).await?;
        ctx.set_flash(&mut tx, "Schedule cancelled. Only staff can see the post.").await?;
    } else {
        ctx.set_flash(&mut tx, "This post was not scheduled any more. Its state is shown below.").await?;
    }
    tx.commit().await?;
    Ok(see_other(&format!("/admin/posts/{id}")))
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct LinkForm {
    /// Number of days from [`LINK_DAYS`].
    days: String,
}

/// `POST /admin/posts/{id}/preview-links`
pub async fn create_link(
    ctx: StaffContext,
    id: Path<i64>,
    form: Form<LinkForm>,
    services: Data<Services>,
) -> PageResult {
    let post = find(&services.db, *id).await?;
    let days = form.0.days.parse().ok().filter(|days| LINK_DAYS.contains(days)).unwrap_or(LINK_DAYS[0]);
    let title = TokenValues::for_texts(services.db.read(), &[&post.title]).await?.expand_line(&post.title);
    let (now, by) = (services.clock.now(), &ctx.member.name);
    let mut tx = services.db.begin_write().await?;
    preview_links::create(&mut tx, post.id, by, days, now).await?;
    staff::audit(&mut tx, now, by, "created a preview link", &title).await?;
    ctx.set_flash(&mut tx, "Preview link created. Copy it from the list below.").await?;
    tx.commit().await?;
    Ok(see_other(&format!("/admin/posts/{id}#preview_links")))
}

/// `POST /admin/posts/preview-links/{id}/removal`
pub async fn revoke_link(ctx: StaffContext, id: Path<i64>, services: Data<Services>) -> PageResult {
    let now = services.clock.now();
    let mut tx = services.db.begin_write().await?;
    let post_id = preview_links::revoke(&mut tx, *id, now).await?.ok_or(PageError::NotFound)?;
    let subject = format!("/admin/posts/{post_id}");
    staff::audit(&mut tx, now, &ctx.member.name, "revoked a preview link", &subject).await?;
    ctx.set_flash(&mut tx, "Preview link revoked. It no longer works.").await?;
    tx.commit().await?;
    Ok(see_other(&format!("/admin/posts/{post_id}#preview_links")))
}
