//! A draft made from a round: the announcement's pattern, with every figure as a token and a place for what staff know.

use actix_web::web::{Data, Path};
use jiff::civil::Date;
use sqlx::SqlitePool;

use crate::categories;
use crate::draws::{self, Draw, DrawNumber, TokenValues};
use crate::http::{PageError, PageResult, see_other};
use crate::posts::post::PostForm;
use crate::posts::store;
use crate::services::Services;
use crate::staff::{self, StaffContext};

/// Where the government publishes a round; its number follows.
const GOVERNMENT_DRAW_URL: &str = "https://www.canada.ca/en/immigration-refugees-citizenship/corporate/mandate/policies-operational-instructions-agreements/ministerial-instructions/express-entry-rounds/invitations.html?q=";

/// `POST /admin/draws/{number}/posts`
pub async fn draft_from_draw(ctx: StaffContext, round: Path<String>, services: Data<Services>) -> PageResult {
    let round = round.parse::<DrawNumber>().map_err(|_| PageError::NotFound)?;
    let draw = draws::find(services.db.read(), &round).await?.ok_or(PageError::NotFound)?;
    let form = draft(services.db.read(), &draw, &ctx.member.name).await?;
    let token_values = TokenValues::for_texts(services.db.read(), &[&form.title]).await?;
    let (now, by) = (services.clock.now(), ctx.member.name.clone());
    let mut tx = services.db.begin_write().await?;
    let slug = store::unique_slug(&mut tx, &form.slug_candidate(&token_values), 0).await?;
    let id = store::create(&mut tx, &form, &slug, &by, now).await?;
    staff::audit(&mut tx, now, &by, "made a draft from a round", &format!("round {round}")).await?;
    ctx.set_flash(&mut tx, "A draft. Its figures come from the record; what is left to write is marked {{write: …}}.")
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
        "With it, {{{{draw {round} year-invitations}}}} people have been invited in {}, in {{{{draw {round} year-draws}}}}.\n\n",
        draw.date.year()
    );
    body += &eligibility_section(db, category, draw.date).await?;
    body += &format!(
        "## What it means\n\n{{{{write: in two or three sentences, what the figures of this draw show}}}}\n\n\
         ## Sources\n\nImmigration, Refugees and Citizenship Canada publishes every round with its number, date, score and \
         tie-break: [round {round}]({GOVERNMENT_DRAW_URL}{round}). Every figure here is taken from [our record](/draws/{round}).\n"
    );
    let topic = if category.is_empty() || category == "general" { "" } else { category };
    Ok(PostForm {
        title: format!(
            "Canada invites {{{{draw {round} invitations}}}} {} in Express Entry round {round}",
            invitees(category)
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

fn token(round: &DrawNumber, part: &str) -> String {
    format!("{{{{draw {round} {part}}}}}")
}

/// The section on the category's list as it stood on the day of the round; nothing for rounds without one.
async fn eligibility_section(db: &SqlitePool, category: &str, day: Date) -> sqlx::Result<String> {
    let Some(list) = categories::list_on(db, category, day).await? else {
        return Ok(String::new());
    };
    let rule = list.experience_rule();
    if categories::occupations_of(db, list.id).await?.is_empty() {
        return Ok(format!("## Who could be invited\n\n{}\n\n", if rule.is_empty() { &list.notes } else { &rule }));
    }
    Ok(format!(
        "## The {{{{occupations {category} on {day} count}}}} eligible occupations\n\n{rule}\n\n\
         This is the list as it stood on the day of the round:\n\n{{{{occupations {category} on {day}}}}}\n\n"
    ))
}

/// Who was invited, for the title.
fn invitees(category: &str) -> &'static str {
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
