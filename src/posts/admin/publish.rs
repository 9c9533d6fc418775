//! What becomes of a post as a whole: publish, withdraw, bin and bring back.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::Deserialize;

use crate::clock::Clock;
use crate::db::Database;
use crate::draws::{self, Facts};
use crate::posts::admin::edit::{EditPage, conflict, facts_of, find};
use crate::posts::post::PostForm;
use crate::posts::{Post, store};
use crate::staff::{self, Desk, Role};
use crate::web::{Form, PageError, PageResult, see_other};

/// Which text the member of staff had before their eyes.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct ReadText {
    version: String,
}

/// `POST /admin/posts/{id}/publication`
pub async fn publish(
    desk: Desk,
    id: Path<i64>,
    read: Form<ReadText>,
    db: Data<Database>,
    clock: Data<Clock>,
) -> PageResult {
    let post = find(&db, *id).await?;
    let form = PostForm::of(&post);
    let (now, version) = (clock.now(), post.version);
    let is_read = read.0.version.is_empty() || read.0.version == form.version;
    let facts = facts_of(&db, &form).await?;
    let mut page = EditPage::new(desk, Some(post), form, now);
    if !is_read {
        // Readers must not see a text that nobody has looked at.
        return conflict(page, *id, &db).await;
    }
    page.check(&db).await?;
    page.errors = page.form.errors(&facts, true);
    if !page.errors.is_empty() || !page.may_go_out() {
        return page.answer(StatusCode::UNPROCESSABLE_ENTITY, &db).await;
    }
    let mut tx = db.begin_write().await?;
    if draws::record_version(&mut *tx).await? != page.record_version {
        tx.rollback().await?;
        return page.checked_again(&db).await;
    }
    if !store::publish_version(&mut tx, *id, version, now).await? {
        tx.rollback().await?;
        return conflict(page, *id, &db).await;
    }
    let title = facts.line(&page.form.title);
    staff::audit(&mut tx, now, &page.desk.member.name, "published a post", &title).await?;
    page.desk.say(&mut tx, "Published. Readers see it now.").await?;
    tx.commit().await?;
    Ok(see_other(&format!("/admin/posts/{id}")))
}

/// `POST /admin/posts/{id}/withdrawal`
pub async fn withdraw(desk: Desk, id: Path<i64>, db: Data<Database>, clock: Data<Clock>) -> PageResult {
    let post = find(&db, *id).await?;
    let title = shown_title(&db, &post).await?;
    let mut tx = db.begin_write().await?;
    store::withdraw(&mut tx, post.id).await?;
    staff::audit(&mut tx, clock.now(), &desk.member.name, "withdrew a post", &title).await?;
    desk.say(&mut tx, "Withdrawn. It is a draft again, and only staff see it.").await?;
    tx.commit().await?;
    Ok(see_other(&format!("/admin/posts/{id}")))
}

/// `POST /admin/posts/{id}/bin`
pub async fn bin(desk: Desk, id: Path<i64>, db: Data<Database>, clock: Data<Clock>) -> PageResult {
    let title = shown_title(&db, &find(&db, *id).await?).await?;
    let mut tx = db.begin_write().await?;
    let post = store::find(&mut *tx, *id).await?.ok_or(PageError::NotFound)?;
    if post.is_public() {
        desk.member.must_be(Role::Publisher)?;
    }
    store::bin(&mut tx, post.id, clock.now()).await?;
    staff::audit(&mut tx, clock.now(), &desk.member.name, "put a post into the bin", &title).await?;
    desk.say(&mut tx, &format!("“{}” is in the bin, at the end of this page. It can be brought back.", title)).await?;
    tx.commit().await?;
    Ok(see_other("/admin/posts"))
}

/// `POST /admin/posts/{id}/restoration`
pub async fn restore(desk: Desk, id: Path<i64>, db: Data<Database>, clock: Data<Clock>) -> PageResult {
    let post = find(&db, *id).await?;
    let title = shown_title(&db, &post).await?;
    let mut tx = db.begin_write().await?;
    store::restore(&mut tx, post.id).await?;
    staff::audit(&mut tx, clock.now(), &desk.member.name, "took a post out of the bin", &title).await?;
    desk.say(&mut tx, "Brought back as a draft.").await?;
    tx.commit().await?;
    Ok(see_other(&format!("/admin/posts/{id}")))
}

/// Its title with the figures of the record.
async fn shown_title(db: &Database, post: &Post) -> sqlx::Result<String> {
    Ok(Facts::of(db.read(), &[&post.title]).await?.line(&post.title))
}
