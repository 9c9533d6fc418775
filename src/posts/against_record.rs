//! A post held against the record: what the checks find in it, and which public posts the record now contradicts.

use jiff::Timestamp;
use sqlx::SqlitePool;

use crate::draws::{self, Facts};
use crate::occupations;
use crate::posts::check::{self, Finding, Record};
use crate::posts::post::PostForm;
use crate::posts::{Headline, Post, reading, store};
use crate::web::firm_zone;

/// What the checks find in a text. A date without a year is taken for one of the year of `post`, or of `now`.
pub async fn findings(
    db: &SqlitePool,
    form: &PostForm,
    post: Option<&Post>,
    now: Timestamp,
) -> sqlx::Result<Vec<Finding>> {
    let draws = draws::all(db).await?;
    let occupations = occupations::all(db).await?;
    let record = Record { draws: &draws, occupations: &occupations };
    let published = post.and_then(|post| post.published_at.as_deref()?.parse::<Timestamp>().ok());
    let day = published.unwrap_or(now).to_zoned(firm_zone()).date();
    Ok(check::findings(&form.texts(), &record, day))
}

/// Posts that readers see and that say what the record says no longer: a round they speak of was corrected after they
/// were last written, and a token of theirs names nothing any more, or the checks find something that nobody let stand.
pub async fn contradicted(db: &SqlitePool, now: Timestamp) -> sqlx::Result<Vec<Headline>> {
    let mut contradicted = vec![];
    for post in store::public_before_corrections(db, 50).await? {
        let accepted = store::accepted(db, post.id).await?;
        let form = PostForm::of(&post);
        let found = findings(db, &form, Some(&post), now).await?;
        let facts = Facts::of(db, &form.texts().map(|(_, text)| text)).await?;
        let lacks_a_fact = !form.errors(&facts, false).is_empty();
        if lacks_a_fact || found.iter().any(|finding| !accepted.contains(&finding.key())) {
            contradicted.push(Headline::of(post));
        }
    }
    reading::filled(db, contradicted).await
}
