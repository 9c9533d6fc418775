//! A draft made from a round: the announcement's pattern, with every figure as a token and a place for what staff know.

use actix_web::web::{Data, Path};
use jiff::civil::Date;
use sqlx::SqlitePool;

use crate::clock::Clock;
use crate::db::Database;
use crate::draws::{self, Draw, Facts, Round};
use crate::occupations;
use crate::posts::post::PostForm;
use crate::posts::store;
use crate::staff::{self, Desk};
use crate::web::{PageError, PageResult, see_other};

/// Where the government publishes a round; its number follows.
const OFFICIAL: &str = "https://www.canada.ca/en/immigration-refugees-citizenship/corporate/mandate/policies-operational-instructions-agreements/ministerial-instructions/express-entry-rounds/invitations.html?q=";

/// `POST /admin/draws/{round}/posts`
pub async fn draft_from_draw(desk: Desk, round: Path<String>, db: Data<Database>, clock: Data<Clock>) -> PageResult {
    let round = round.parse::<Round>().map_err(|_| PageError::NotFound)?;
    let draw = draws::find(db.read(), &round).await?.ok_or(PageError::NotFound)?;
    let form = draft(db.read(), &draw, &desk.member.name).await?;
    let facts = Facts::of(db.read(), &[&form.title]).await?;
    let (now, by) = (clock.now(), desk.member.name.clone());
    let mut tx = db.begin_write().await?;
    let slug = store::free_slug(&mut tx, &form.wanted_slug(&facts), 0).await?;
    let id = store::create(&mut tx, &form, &slug, &by, now).await?;
    staff::audit(&mut tx, now, &by, "made a draft from a round", &format!("round {round}")).await?;
    desk.say(&mut tx, "A draft. Its figures come from the record; what is left to write is marked {{write: …}}.")
        .await?;
    tx.commit().await?;
    Ok(see_other(&format!("/admin/posts/{id}")))
}

/// The post that a round gives by itself.
async fn draft(db: &SqlitePool, draw: &Draw, author: &str) -> sqlx::Result<PostForm> {
    let round = &draw.round;
    let category = draw.category.as_deref().unwrap_or_default();
    let mut body = format!(
        "On {{{{draw {round} date}}}} Canada held [round {round}](/draws/{round}) of Express Entry ({}) and invited \
         {{{{draw {round} invitations}}}} people to apply for permanent residence.\n\n\
         ## The figures of the round\n\n{{{{draw {round} figures}}}}\n\n",
        token(round, "name")
    );
    if draws::previous_of_category(db, draw).await?.is_some() {
        body += &format!("{{{{draw {round} comparison}}}}\n\n");
    }
    body += &format!(
        "With it, {{{{draw {round} year-invitations}}}} people have been invited in {}, in {{{{draw {round} year-rounds}}}}.\n\n",
        draw.date.year()
    );
    body += &who_could_be_invited(db, category, draw.date).await?;
    body += &format!(
        "## What it means\n\n{{{{write: in two or three sentences, what the figures of this draw show}}}}\n\n\
         ## Sources\n\nImmigration, Refugees and Citizenship Canada publishes every round with its number, date, score and \
         tie-break: [round {round}]({OFFICIAL}{round}). Every figure here is taken from [our record](/draws/{round}).\n"
    );
    let topic = if category.is_empty() || category == "general" { "" } else { category };
    Ok(PostForm {
        title: format!(
            "Canada invites {{{{draw {round} invitations}}}} {} in Express Entry round {round}",
            people(category)
        ),
        summary: format!(
            "{}, {}: {} invitations and {}.",
            token(round, "name"),
            token(round, "date"),
            token(round, "invitations"),
            token(round, "cut-off")
        ),
        author: author.to_owned(),
        topics: format!("express entry, {}", topic.replace('_', " ")).trim_end_matches(", ").to_owned(),
        body,
        ..PostForm::default()
    })
}

fn token(round: &Round, part: &str) -> String {
    format!("{{{{draw {round} {part}}}}}")
}

/// The section on the category's list as it stood on the day of the round; nothing for rounds without one.
async fn who_could_be_invited(db: &SqlitePool, category: &str, day: Date) -> sqlx::Result<String> {
    let Some(list) = occupations::list_on(db, category, day).await? else {
        return Ok(String::new());
    };
    let rule = list.experience_rule();
    if occupations::occupations_of(db, list.id).await?.is_empty() {
        return Ok(format!("## Who could be invited\n\n{}\n\n", if rule.is_empty() { &list.notes } else { &rule }));
    }
    Ok(format!(
        "## The {{{{occupations {category} on {day} count}}}} eligible occupations\n\n{rule}\n\n\
         This is the list as it stood on the day of the round:\n\n{{{{occupations {category} on {day}}}}}\n\n"
    ))
}

/// Who was invited, for the title.
fn people(category: &str) -> &'static str {
    match category {
        "pnp" => "provincial nominees",
        "cec" => "people with Canadian experience",
        "fst" => "skilled tradespeople",
        "fsw" => "skilled workers",
        "french" => "French speakers",
        "healthcare" => "healthcare workers",
        "stem" => "STEM workers",
        "trades" => "tradespeople",
        "transport" => "transport workers",
        "agriculture" => "agriculture and agri-food workers",
        "education" => "education workers",
        "physicians" => "physicians",
        "senior_managers" => "senior managers",
        "military" => "skilled military recruits",
        _ => "people",
    }
}
