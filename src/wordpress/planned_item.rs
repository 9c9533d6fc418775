//! A post or page as it will be imported.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::posts::{ImportedState, PostForm};
use crate::web::{office_time_zone, slug};
use crate::wordpress::content::{first_paragraph, plain_line, short_text};
use crate::wordpress::converted_text::ConvertedText;
use crate::wordpress::index::Index;
use crate::wordpress::old_address::old_path;
use crate::wordpress::wxr::Item;

/// Maximum length of a summary that is made from the text, and of all topics together, in characters.
const MAX_SUMMARY_LEN: usize = 300;
const MAX_TOPICS_LEN: usize = 200;

/// Stored in a temporary file until the import is confirmed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PlannedItem {
    pub id: i64,
    pub is_page: bool,
    pub state: ImportedState,
    /// Time of the text on the old site.
    pub written_at: Timestamp,
    pub form: PostForm,
    /// Old paths.
    pub old_paths: Vec<String>,
    /// Old paths of its categories and tags, with the topics.
    pub topic_paths: Vec<(String, String)>,
    /// Keys of the errors that the fact check found.
    pub errors: Vec<String>,
}

/// Slug on the old site, decoded, if it cannot be used here.
pub fn unusable_slug(item: &Item) -> Option<String> {
    let decoded = percent_encoding::percent_decode_str(&item.slug).decode_utf8_lossy();
    (!item.slug.is_empty() && !is_valid_slug(&item.slug)).then(|| decoded.chars().take(100).collect())
}

impl PlannedItem {
    /// Plans an item, and names what would be lost. `now` decides whether a scheduled time is in the future.
    pub fn new(item: &Item, text: &ConvertedText, excerpt: &str, index: &Index, now: Timestamp) -> (Self, Vec<String>) {
        let mut lost = vec![];
        let is_page = item.kind == "page";
        let published_at = time_of(item);
        let written_at = published_at.filter(|at| *at <= now).unwrap_or(now);
        let title = plain_line(&item.title, 200);
        let title = if title.is_empty() { format!("Untitled {} {}", item.kind, item.id) } else { title };
        let excerpt = short_text(excerpt, 400);
        let summary = match excerpt.is_empty() {
            true => short_text(first_paragraph(&text.markdown), MAX_SUMMARY_LEN),
            false => excerpt,
        };
        // A post without text needs a summary as well.
        let summary = if summary.is_empty() { title.clone() } else { summary };
        let (topics, topic_paths) = if is_page { Default::default() } else { topics(item, index, &mut lost) };
        let form = PostForm {
            slug: slug_of(item, &title),
            author: index.author_name(&item.author),
            search_title: search_text(&item.search_title, 100),
            search_description: search_text(&item.search_description, 300),
            body: text.markdown.clone(),
            topics,
            summary,
            title,
            ..PostForm::default()
        };
        let mut state = match item.status.as_str() {
            "publish" => published_at.map_or(ImportedState::Draft, |at| ImportedState::Published(at.min(now))),
            "pending" if !is_page => ImportedState::InReview,
            "future" if !is_page => match published_at.filter(|at| *at > now) {
                Some(at) => ImportedState::Scheduled(at),
                None => {
                    lost.push("its scheduled time has passed, so it becomes a draft".to_owned());
                    ImportedState::Draft
                }
            },
            "draft" => ImportedState::Draft,
            other => {
                lost.push(format!("its status was “{other}”, so it becomes a draft"));
                ImportedState::Draft
            }
        };
        if item.is_protected {
            lost.push("it was protected with a password, so it becomes a draft".to_owned());
            state = ImportedState::Draft;
        }
        if item.other_fields > 0 {
            lost.push(format!("{} custom fields", item.other_fields));
        }
        if item.is_sticky {
            lost.push("it was pinned to the top of the list: it is listed by its date".to_owned());
        }
        if is_page && item.parent != 0 {
            let above = index.page_title(item.parent).filter(|title| !title.is_empty());
            let above = above.map_or(String::new(), |title| format!(" “{}”", plain_line(title, 100)));
            lost.push(format!("it was below the page{above}: pages here are not below each other"));
        }
        let parameter = if is_page { "page_id" } else { "p" };
        let own = old_path(&item.link).into_iter().chain([format!("/?{parameter}={}", item.id)]);
        // Pages that showed one picture of the text.
        let attachments = index.attachments().filter(|(_, attachment)| attachment.parent == item.id);
        let attachments = attachments.flat_map(|(id, attachment)| {
            old_path(&attachment.page).into_iter().chain([format!("/?attachment_id={id}")])
        });
        let old_paths = own.chain(attachments).collect();
        (Self { id: item.id, is_page, state, written_at, form, old_paths, topic_paths, errors: vec![] }, lost)
    }

    pub fn is_public(&self) -> bool {
        matches!(self.state, ImportedState::Published(_))
    }

    /// Whether visitors will see the text without another decision by staff.
    pub fn will_be_public(&self) -> bool {
        matches!(self.state, ImportedState::Published(_) | ImportedState::Scheduled(_))
    }
}

/// Time of publication. The time of the old site is read as that of the office if the time in UTC is missing.
fn time_of(item: &Item) -> Option<Timestamp> {
    let parse = |text: &str, zone: TimeZone| {
        text.parse::<DateTime>().ok().and_then(|time| Some(time.to_zoned(zone).ok()?.timestamp()))
    };
    parse(&item.date_gmt, TimeZone::UTC).or_else(|| parse(&item.date, office_time_zone()))
}

/// Slug of the old site if it is a valid one, or else one from the title.
fn slug_of(item: &Item, title: &str) -> String {
    if is_valid_slug(&item.slug) { item.slug.clone() } else { slug(title) }
}

fn is_valid_slug(slug: &str) -> bool {
    (1..=90).contains(&slug.len())
        && !slug.starts_with('-')
        && slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// Search text without the variables of plugins, such as `%%title%% %%sep%%`.
fn search_text(text: &str, max: usize) -> String {
    if text.contains('%') && text.matches('%').count() > 1 { String::new() } else { plain_line(text, max) }
}

/// Topics separated by commas, and the old paths of their lists.
fn topics(item: &Item, index: &Index, lost: &mut Vec<String>) -> (String, Vec<(String, String)>) {
    let (mut topics, mut paths) = (String::new(), vec![]);
    for topic in &item.topics {
        let name = topic.name.replace(',', " ").to_lowercase();
        let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
        if name.is_empty() || topic.slug == "uncategorized" {
            continue;
        }
        let is_known = topics.split(", ").any(|known| known == name);
        if !is_known && topics.chars().count() + name.chars().count() + 2 > MAX_TOPICS_LEN {
            lost.push(format!("topic “{name}”, because the topics are longer than {MAX_TOPICS_LEN} characters"));
            continue;
        }
        if !is_known {
            topics = if topics.is_empty() { name.clone() } else { format!("{topics}, {name}") };
        }
        if topic.is_tag {
            paths.push((format!("/tag/{}", topic.slug), name));
        } else {
            paths.push((format!("/category/{}", topic.slug), name.clone()));
            paths.push((index.category_path(&topic.slug), name.clone()));
            paths.extend(index.category_id(&topic.slug).map(|id| (format!("/?cat={id}"), name)));
        }
    }
    (topics, paths)
}
