//! Records open editors, and names the other people who have the same one open.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::db::Database;
use crate::editing::store;
use crate::http::{PageError, PageResult};
use crate::services::Services;
use crate::staff::StaffContext;

/// An editor counts as open for this time after its last report. Without scripts, only opening and saving are reports.
pub const OPEN_FOR: SignedDuration = SignedDuration::from_mins(10);

/// Kinds of documents with an editor.
const KINDS: [&str; 2] = ["posts", "pages"];

/// An open editor, as its page shows it.
#[derive(Clone, Debug, Default)]
pub struct OpenEditor {
    /// Address for the reports of the script; empty for a new document.
    pub address: String,
    /// Sentence that names the others; empty if there are none.
    pub others: String,
}

/// Records that this member has the editor open, and names the others. `kind` is a path segment such as `posts`.
pub async fn open_editor(
    db: &Database,
    kind: &str,
    id: i64,
    ctx: &StaffContext,
    now: Timestamp,
) -> sqlx::Result<OpenEditor> {
    let (document, staff_id) = (format!("{kind}/{id}"), ctx.member.id);
    // On a full disk, the editor stays usable.
    let touch = async |tx: &mut sqlx::SqliteConnection| store::touch(tx, &document, staff_id, now).await;
    db.write_best_effort("cannot record an open editor", touch).await;
    let others = others(&store::others(db.read(), &document, staff_id, now - OPEN_FOR).await?);
    Ok(OpenEditor { address: format!("/admin/editors/{document}"), others })
}

/// `POST /admin/editors/{kind}/{id}`: sent every half minute by the script of an open editor.
pub async fn report(ctx: StaffContext, path: Path<(String, i64)>, services: Data<Services>) -> PageResult {
    let (kind, id) = known(path)?;
    let open = open_editor(&services.db, &kind, id, &ctx, services.clock.now()).await?;
    Ok(HttpResponse::Ok().content_type("application/json").body(json!({ "others": open.others }).to_string()))
}

/// `POST /admin/editors/{kind}/{id}/closing`: sent by the script when the page is left.
pub async fn close(ctx: StaffContext, path: Path<(String, i64)>, services: Data<Services>) -> PageResult {
    let (kind, id) = known(path)?;
    let mut tx = services.db.begin_write().await?;
    store::close(&mut tx, &format!("{kind}/{id}"), ctx.member.id).await?;
    tx.commit().await?;
    Ok(HttpResponse::NoContent().finish())
}

fn known(path: Path<(String, i64)>) -> Result<(String, i64), PageError> {
    let (kind, id) = path.into_inner();
    if KINDS.contains(&kind.as_str()) { Ok((kind, id)) } else { Err(PageError::NotFound) }
}

/// A sentence such as "Hina and Omar also have this editor open."
fn others(names: &[String]) -> String {
    let (names, verb) = match names {
        [] => return String::new(),
        [only] => (only.clone(), "has"),
        [first @ .., last] => (format!("{} and {last}", first.join(", ")), "have"),
    };
    format!("{names} also {verb} this editor open. If you both save, the second sees both texts and can merge them.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_names_everybody() {
        let names = |names: &[&str]| others(&names.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(names(&[]), "");
        assert!(names(&["Hina"]).starts_with("Hina also has this editor open."));
        assert!(names(&["Ali", "Hina", "Omar"]).starts_with("Ali, Hina and Omar also have this editor open."));
    }
}
