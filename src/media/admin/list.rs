//! Library and trash of pictures, with the upload form.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::db::Database;
use crate::http::{PageResult, html};
use crate::media::format::{MAX_PIXELS, MAX_SIDE};
use crate::media::jobs::TRASH_DAYS;
use crate::media::store::{self, LibraryFilter, MediaItem};
use crate::services::Services;
use crate::staff::StaffContext;
use crate::web::{DisplayDate, Pagination, PictureMarkup, Query, UploadedFiles, plural, single_line, with_thousands};

/// Fills the grid in all widths.
const PAGE_SIZE: i64 = 24;

#[derive(Template)]
#[template(path = "media/admin_list.html")]
struct ListPage {
    ctx: StaffContext,
    tab: Tab,
    q: String,
    rows: Vec<Row>,
    paging: Pagination,
    trash_count: i64,
    /// What became of an upload that was not accepted completely.
    upload: UploadReport,
}

/// Result of an upload, as sentences.
#[derive(Default)]
pub struct UploadReport {
    pub added: Option<String>,
    /// One sentence for each file that was refused.
    pub refused: Vec<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Tab {
    #[default]
    All,
    Unused,
    Trash,
}

struct Row {
    item: MediaItem,
    details: String,
    uploaded: DisplayDate,
    /// Number of uses, or the day of deletion for a picture in the trash.
    state: String,
}

impl Row {
    fn new(item: MediaItem) -> Self {
        let state = match deletion_day(&item) {
            Some(day) => format!("Will be deleted on {}", day.text),
            None if item.uses == 0 => "Not used".to_owned(),
            None => format!("Used in {}", plural(item.uses, "place", "places")),
        };
        Self { details: details(&item), uploaded: DisplayDate::in_office(item.uploaded_at), state, item }
    }

    /// Decorative, because the file name beside it is the name of the link.
    fn thumbnail(&self) -> PictureMarkup<'_> {
        self.item.picture.thumbnail("")
    }
}

impl ListPage {
    /// Whether each tab is the current one, its URL and its label.
    fn tabs(&self) -> [(bool, &'static str, String); 3] {
        let trash = format!("Trash ({})", with_thousands(self.trash_count));
        [
            (self.tab == Tab::All, "/admin/media", "All".to_owned()),
            (self.is_unused(), "/admin/media?show=unused", "Not used".to_owned()),
            (self.is_trash(), "/admin/media?show=trash", trash),
        ]
    }

    fn is_trash(&self) -> bool {
        self.tab == Tab::Trash
    }

    fn is_unused(&self) -> bool {
        self.tab == Tab::Unused
    }

    fn limits(&self) -> String {
        format!(
            "JPEG, PNG, WebP, GIF or AVIF. At most {} MB, {} megapixels and {} pixels per side each.",
            UploadedFiles::MAX_FILE_BYTES / 1024 / 1024,
            MAX_PIXELS / 1_000_000,
            with_thousands(i64::from(MAX_SIDE))
        )
    }
}

/// Size of the largest file in pixels, and of all files in bytes.
pub(super) fn details(item: &MediaItem) -> String {
    let kilobytes = with_thousands((item.bytes + 999) / 1000);
    format!("{} × {} pixels, {kilobytes}\u{a0}kB", item.picture.width, item.picture.height)
}

/// Day on which a picture in the trash is deleted.
pub(super) fn deletion_day(item: &MediaItem) -> Option<DisplayDate> {
    let trashed_at: Timestamp = item.trashed_at.as_ref()?.parse().ok()?;
    Some(DisplayDate::in_office(trashed_at + SignedDuration::from_hours(24 * TRASH_DAYS)))
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct ListQuery {
    show: String,
    q: String,
    page: String,
}

/// `GET /admin/media?show=&q=&page=`
pub async fn list(ctx: StaffContext, query: Query<ListQuery>, services: Data<Services>) -> PageResult {
    respond(StatusCode::OK, ctx, query.0, UploadReport::default(), &services.db).await
}

pub(super) async fn respond(
    status: StatusCode,
    ctx: StaffContext,
    query: ListQuery,
    upload: UploadReport,
    db: &Database,
) -> PageResult {
    let tab = match query.show.as_str() {
        "unused" => Tab::Unused,
        "trash" => Tab::Trash,
        _ => Tab::All,
    };
    let q = single_line(&query.q);
    let trash_count = store::count_trashed(db.read()).await?;
    let (paging, items) = if tab == Tab::Trash {
        let paging = Pagination::new(&query.page, trash_count, PAGE_SIZE, "/admin/media?show=trash".into())?;
        let items = store::trashed(db.read(), paging.per_page, paging.offset()).await?;
        (paging, items)
    } else {
        let filter = LibraryFilter { words: q.to_ascii_lowercase(), only_unused: tab == Tab::Unused };
        let total = store::count_library(db.read(), &filter).await?;
        let paging = Pagination::new(&query.page, total, PAGE_SIZE, base_path(tab, &q))?;
        let items = store::library(db.read(), &filter, paging.per_page, paging.offset()).await?;
        (paging, items)
    };
    let rows = items.into_iter().map(Row::new).collect();
    html(status, &ListPage { ctx, tab, q, rows, paging, trash_count, upload })
}

fn base_path(tab: Tab, q: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    if tab == Tab::Unused {
        query.append_pair("show", "unused");
    }
    if !q.is_empty() {
        query.append_pair("q", q);
    }
    let query = query.finish();
    if query.is_empty() { "/admin/media".to_owned() } else { format!("/admin/media?{query}") }
}
