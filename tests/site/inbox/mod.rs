//! Staff inbox: search, reply, merge, assign and export.

mod actions;
mod batch;
mod export;
mod identity;
mod list;
mod merge;
mod occupation;
mod reply;
mod search;
mod show;
mod spam;
mod templates;
mod triage;

use immigration_experts::staff::Role;

use crate::support::{Page, Site, Visitor};

/// Inserts an inquiry and sets some of its columns. Returns its ID.
async fn insert_inquiry(site: &Site, set: &str) -> i64 {
    site.execute(&format!(
        "INSERT INTO inquiries (reference, kind, received_at, state_changed_at, receipt_token, form_token, content_hash,
                                name, email, phone, message)
         SELECT printf('IE-2026-%06d', coalesce(max(id), 0) + 1), 'contact', '2026-11-22T08:00:00Z',
                '2026-11-22T08:00:00Z', lower(hex(randomblob(16))), '', hex(randomblob(16)), 'Visitor', '', '', 'Hello.'
         FROM inquiries;
         UPDATE inquiries SET {set} WHERE id = (SELECT max(id) FROM inquiries)"
    ))
    .await;
    site.count("SELECT max(id) FROM inquiries").await
}

async fn site_and_writer() -> (Site, Visitor) {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    (site, writer)
}

/// References in a list, without their common prefix.
async fn listed_references(member: &Visitor, query: &str) -> Vec<String> {
    let page = member.get(&format!("/admin/inquiries{query}")).await;
    assert_eq!(page.status, 200, "{query}: {}", page.text);
    references(&page)
}

fn references(page: &Page) -> Vec<String> {
    page.all("tbody .reference")
        .iter()
        .map(|reference| reference.trim_start_matches("IE-2026-0000").to_owned())
        .collect()
}

/// Version fields of a form on the page.
fn version_fields(page: &Page) -> Vec<(&'static str, String)> {
    vec![("version", page.field_value("version")), ("last_event", page.field_value("last_event"))]
}

fn with<'a>(seen: &'a [(&'static str, String)], more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    seen.iter().map(|(name, value)| (*name, value.as_str())).chain(more.iter().copied()).collect()
}
