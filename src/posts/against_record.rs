//! A post held against the record: what the checks find in it, and which public posts the record now contradicts.

use jiff::Timestamp;
use sqlx::SqlitePool;

use crate::draws::{self, Draw, Facts};
use crate::occupations::{self, Occupation};
use crate::posts::check::{self, Finding, Record};
use crate::posts::post::PostForm;
use crate::posts::{Headline, Post, reading, store};
use crate::web::firm_zone;

/// The whole record, to hold several texts against.
pub struct WholeRecord {
    draws: Vec<Draw>,
    occupations: Vec<Occupation>,
    /// Stands for the record as it was read.
    pub version: String,
}

impl WholeRecord {
    /// Reads it.
    pub async fn read(db: &SqlitePool) -> sqlx::Result<Self> {
        // The version first: what changes while the rest is read makes it an older one.
        let version = draws::record_version(db).await?;
        Ok(Self { version, draws: draws::all(db).await?, occupations: occupations::all(db).await? })
    }

    /// What the checks find in a text. A date without a year is taken for one of the year of `post`, or of `now`.
    pub fn findings(&self, form: &PostForm, post: Option<&Post>, now: Timestamp) -> Vec<Finding> {
        let record = Record { draws: &self.draws, occupations: &self.occupations };
        let published = post.and_then(|post| post.published_at.as_deref()?.parse::<Timestamp>().ok());
        let day = published.unwrap_or(now).to_zoned(firm_zone()).date();
        check::findings(&form.texts(), &record, day)
    }
}

/// Posts that readers see and that say what the record says no longer: a round they speak of was recorded or corrected
/// after they were last written, and a token lost its value or the checks find something that nobody let stand.
pub async fn contradicted(db: &SqlitePool, now: Timestamp) -> sqlx::Result<Vec<Headline>> {
    let posts = reading::public_before_corrections(db).await?;
    if posts.is_empty() {
        return Ok(vec![]);
    }
    let record = WholeRecord::read(db).await?;
    let mut contradicted = vec![];
    for post in posts {
        let form = PostForm::of(&post);
        let accepted = store::accepted(db, post.id).await?;
        let found = record.findings(&form, Some(&post), now);
        let facts = Facts::of(db, &form.texts().map(|(_, text)| text)).await?;
        let lacks_a_fact = !form.errors(&facts, false).is_empty();
        if lacks_a_fact || found.iter().any(|finding| !accepted.contains(&finding.key())) {
            contradicted.push(Headline::of(post));
        }
    }
    reading::filled(db, contradicted).await
}
