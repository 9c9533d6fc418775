//! The desk's pages about posts: write, preview, publish, withdraw, bin and bring back.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use serde::Deserialize;

use crate::clock::Clock;
use crate::db::Database;
use crate::posts::post::{PostForm, Revision, RevisionLine};
use crate::posts::{Headline, Post, store};
use crate::staff::{self, Desk, Role};
use crate::web::{
    FieldErrors, Form, PageError, PageResult, Paging, Query, html, render_markdown, render_note, see_other,
};

#[derive(Template)]
#[template(path = "posts/admin_list.html")]
struct ListPage {
    desk: Desk,
    drafts: Vec<Headline>,
    published: Vec<Headline>,
    binned: Vec<Headline>,
    paging: Paging,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct ListQuery {
    page: String,
}

/// `GET /admin/posts`
pub async fn list(desk: Desk, query: Query<ListQuery>, db: Data<Database>) -> PageResult {
    let total = store::count_public(db.read(), "").await?;
    let paging = Paging::new(&query.0.page, total, 50, "/admin/posts".into())?;
    let drafts = store::drafts(db.read()).await?;
    let published = store::newest(db.read(), "", paging.per_page, paging.offset()).await?;
    let binned = store::binned(db.read()).await?;
    html(StatusCode::OK, &ListPage { desk, drafts, published, binned, paging })
}

#[derive(Template)]
#[template(path = "posts/admin_edit.html")]
struct EditPage {
    desk: Desk,
    /// `None` while the post is new.
    post: Option<Post>,
    form: PostForm,
    errors: FieldErrors,
    preview: Option<Preview>,
    conflict: Option<Revision>,
    refused: bool,
    revisions: Vec<RevisionLine>,
}

struct Preview {
    body: String,
    correction: String,
}

impl EditPage {
    fn new(desk: Desk, post: Option<Post>, form: PostForm) -> Self {
        Self {
            desk,
            post,
            form,
            errors: FieldErrors::default(),
            preview: None,
            conflict: None,
            refused: false,
            revisions: vec![],
        }
    }

    async fn answer(mut self, status: StatusCode, db: &Database) -> PageResult {
        if let Some(post) = &self.post {
            self.revisions = store::revisions(db.read(), post.id).await?;
        }
        html(status, &self)
    }

    /// Whether the member of staff may save: a writer may not change what readers see.
    fn may_save(&self) -> bool {
        self.desk.member.publishes() || !self.post.as_ref().is_some_and(Post::is_public)
    }
}

/// `GET /admin/posts/new`
pub async fn new(desk: Desk, db: Data<Database>) -> PageResult {
    let form = PostForm { author: desk.member.name.clone(), ..PostForm::default() };
    EditPage::new(desk, None, form).answer(StatusCode::OK, &db).await
}

/// `POST /admin/posts/new`
pub async fn create(desk: Desk, form: Form<PostForm>, db: Data<Database>, clock: Data<Clock>) -> PageResult {
    write(desk, None, form.0, &db, &clock).await
}

/// `GET /admin/posts/{id}`
pub async fn edit(desk: Desk, id: Path<i64>, db: Data<Database>) -> PageResult {
    let post = find(&db, *id).await?;
    let form = PostForm::of(&post);
    EditPage::new(desk, Some(post), form).answer(StatusCode::OK, &db).await
}

/// `POST /admin/posts/{id}`
pub async fn save(
    desk: Desk,
    id: Path<i64>,
    form: Form<PostForm>,
    db: Data<Database>,
    clock: Data<Clock>,
) -> PageResult {
    let post = find(&db, *id).await?;
    write(desk, Some(post), form.0, &db, &clock).await
}

async fn find(db: &Database, id: i64) -> Result<Post, PageError> {
    store::find(db.read(), id).await?.ok_or(PageError::NotFound)
}

/// Does what the pressed button says: shows a preview, saves, or saves and publishes.
async fn write(desk: Desk, post: Option<Post>, form: PostForm, db: &Database, clock: &Clock) -> PageResult {
    let publishes = form.action == "publish";
    let is_public = post.as_ref().is_some_and(Post::is_public);
    let mut page = EditPage::new(desk, post, form);
    if page.form.action == "preview" {
        page.preview =
            Some(Preview { body: render_markdown(&page.form.body), correction: render_note(&page.form.correction) });
        return page.answer(StatusCode::OK, db).await;
    }
    if (publishes || is_public) && !page.desk.member.publishes() {
        // It may have been published while they wrote: they keep their text, to hand it to a publisher.
        page.refused = true;
        return page.answer(StatusCode::FORBIDDEN, db).await;
    }
    page.errors = page.form.errors(publishes || is_public);
    if !page.errors.is_empty() {
        return page.answer(StatusCode::UNPROCESSABLE_ENTITY, db).await;
    }
    let now = clock.now();
    let by = page.desk.member.name.clone();
    let mut tx = db.begin_write().await?;
    let own = page.post.as_ref().map_or(0, |post| post.id);
    let slug = match free_slug(&mut tx, &page.form, own).await? {
        Some(slug) => slug,
        None => {
            tx.rollback().await?;
            page.errors.add("slug", "Another post has this address already. Choose another, or leave it empty.");
            return page.answer(StatusCode::UNPROCESSABLE_ENTITY, db).await;
        }
    };
    let id = match &page.post {
        None => store::create(&mut tx, &page.form, &slug, &by, now).await?,
        Some(post) => {
            if !store::replace(&mut tx, post, &page.form, &slug, &by, now).await? {
                tx.rollback().await?;
                return conflict(page, own, db).await;
            }
            post.id
        }
    };
    let (deed, sentence) = match (publishes, is_public) {
        (true, _) => ("published a post", "Published. Readers see it now."),
        (false, true) => ("changed a published post", "Saved. Readers see the change now."),
        (false, false) => ("saved a draft", "Saved as a draft. Only staff see it."),
    };
    if publishes {
        store::publish(&mut tx, id, now).await?;
    }
    staff::audit(&mut tx, now, &by, deed, &page.form.title).await?;
    page.desk.say(&mut tx, sentence).await?;
    tx.commit().await?;
    Ok(see_other(&format!("/admin/posts/{id}")))
}

/// The address to save under: as typed, if no other post has it; else made from the title, with a number if need be.
async fn free_slug(tx: &mut sqlx::SqliteConnection, form: &PostForm, own: i64) -> Result<Option<String>, PageError> {
    let wanted = form.wanted_slug();
    if !store::is_taken(&mut *tx, &wanted, own).await? {
        return Ok(Some(wanted));
    }
    if !form.slug.is_empty() {
        return Ok(None);
    }
    for number in 2..1000 {
        let numbered = format!("{wanted}-{number}");
        if !store::is_taken(&mut *tx, &numbered, own).await? {
            return Ok(Some(numbered));
        }
    }
    Ok(None)
}

/// Somebody else saved or published in between: both texts are shown, and the next save replaces theirs knowingly.
async fn conflict(mut page: EditPage, id: i64, db: &Database) -> PageResult {
    let post = find(db, id).await?;
    page.form.version = post.version.to_string();
    page.conflict = store::revision(db.read(), id, post.version).await?;
    page.post = Some(post);
    page.answer(StatusCode::CONFLICT, db).await
}

/// `GET /admin/posts/{id}/revisions/{version}`: an earlier text in the editor; saving brings it back.
pub async fn revision(desk: Desk, path: Path<(i64, i64)>, db: Data<Database>) -> PageResult {
    let (id, version) = path.into_inner();
    let post = find(&db, id).await?;
    let old = store::revision(db.read(), id, version).await?.ok_or(PageError::NotFound)?;
    let form = PostForm {
        title: old.line.title,
        summary: old.summary,
        author: old.author,
        topics: old.topics,
        body: old.body,
        correction: old.correction,
        ..PostForm::of(&post)
    };
    let preview = Preview { body: render_markdown(&form.body), correction: render_note(&form.correction) };
    let mut page = EditPage::new(desk, Some(post), form);
    page.preview = Some(preview);
    page.answer(StatusCode::OK, &db).await
}

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
    desk.member.must_be(Role::Publisher)?;
    let mut tx = db.begin_write().await?;
    let post = store::find(&mut *tx, *id).await?.ok_or(PageError::NotFound)?;
    let form = PostForm::of(&post);
    let errors = form.errors(true);
    let is_read = read.0.version.is_empty() || read.0.version == form.version;
    if !errors.is_empty() || !is_read {
        tx.rollback().await?;
        let mut page = EditPage::new(desk, Some(post), form);
        if !is_read {
            // Readers must not see a text that nobody has looked at.
            return conflict(page, *id, &db).await;
        }
        page.errors = errors;
        return page.answer(StatusCode::UNPROCESSABLE_ENTITY, &db).await;
    }
    store::publish(&mut tx, post.id, clock.now()).await?;
    staff::audit(&mut tx, clock.now(), &desk.member.name, "published a post", &post.title).await?;
    desk.say(&mut tx, "Published. Readers see it now.").await?;
    tx.commit().await?;
    Ok(see_other(&format!("/admin/posts/{id}")))
}

/// `POST /admin/posts/{id}/withdrawal`
pub async fn withdraw(desk: Desk, id: Path<i64>, db: Data<Database>, clock: Data<Clock>) -> PageResult {
    desk.member.must_be(Role::Publisher)?;
    let post = find(&db, *id).await?;
    let mut tx = db.begin_write().await?;
    store::withdraw(&mut tx, post.id).await?;
    staff::audit(&mut tx, clock.now(), &desk.member.name, "withdrew a post", &post.title).await?;
    desk.say(&mut tx, "Withdrawn. It is a draft again, and only staff see it.").await?;
    tx.commit().await?;
    Ok(see_other(&format!("/admin/posts/{id}")))
}

/// `POST /admin/posts/{id}/bin`
pub async fn bin(desk: Desk, id: Path<i64>, db: Data<Database>, clock: Data<Clock>) -> PageResult {
    let mut tx = db.begin_write().await?;
    let post = store::find(&mut *tx, *id).await?.ok_or(PageError::NotFound)?;
    if post.is_public() {
        desk.member.must_be(Role::Publisher)?;
    }
    store::bin(&mut tx, post.id, clock.now()).await?;
    staff::audit(&mut tx, clock.now(), &desk.member.name, "put a post into the bin", &post.title).await?;
    desk.say(&mut tx, &format!("“{}” is in the bin, at the end of this page. It can be brought back.", post.title))
        .await?;
    tx.commit().await?;
    Ok(see_other("/admin/posts"))
}

/// `POST /admin/posts/{id}/restoration`
pub async fn restore(desk: Desk, id: Path<i64>, db: Data<Database>, clock: Data<Clock>) -> PageResult {
    let post = find(&db, *id).await?;
    let mut tx = db.begin_write().await?;
    store::restore(&mut tx, post.id).await?;
    staff::audit(&mut tx, clock.now(), &desk.member.name, "took a post out of the bin", &post.title).await?;
    desk.say(&mut tx, "Brought back as a draft.").await?;
    tx.commit().await?;
    Ok(see_other(&format!("/admin/posts/{id}")))
}
