//! Creates a draft post from a draw, with tokens for all figures and a placeholder for staff text.

use actix_web::web::{Data, Path};
use jiff::civil::Date;
use sqlx::SqlitePool;

use crate::categories;
use crate::draws::{self, Draw, DrawNumber, TokenValues};
use crate::http::{PageError, PageResult, see_other};
use crate::posts::post_form::PostForm;
use crate::posts::store;
use crate::services::Services;
use crate::staff::{self, StaffContext};

/// Address of the government's page about a draw, followed by the draw number.
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
    staff::audit(&mut tx, now, &by, "created a draft from a draw", &format!("draw {round}")).await?;
    ctx.set_flash(&mut tx, "Draft created. Its figures come from the record. Replace {{write: …}} with your own text.")
        .await?;
    tx.commit().await?;
    Ok(see_other(&format!("/admin/posts/{id}")))
}

async fn draft(db: &SqlitePool, draw: &Draw, author: &str) -> sqlx::Result<PostForm> {
    let round = &draw.round;
    let category = draw.category.as_deref().unwrap_or_default();
    let mut body = format!(
        "On {{{{draw {round} date}}}}, Canada held Express Entry [draw {round}](/draws/{round}) ({}) and invited \
         {{{{draw {round} invitations}}}} people to apply for permanent residence.\n\n\
         ## Draw results\n\n{{{{draw {round} figures}}}}\n\n",
        token(round, "name")
    );
    if draws::previous_of_category(db, draw).await?.is_some() {
        body += &format!("{{{{draw {round} comparison}}}}\n\n");
    }
    body += &format!(
        "Including this draw, {{{{draw {round} year-invitations}}}} people have been invited in {}, in \
         {{{{draw {round} year-draws}}}}.\n\n",
        draw.date.year()
    );
    body += &eligibility_section(db, category, draw.date).await?;
    body += &format!(
        "## What it means\n\n{{{{write: two or three sentences about what these results show}}}}\n\n\
         ## Sources\n\nImmigration, Refugees and Citizenship Canada publishes the number, date, cut-off and tie-break of every \
         draw: [draw {round}]({GOVERNMENT_DRAW_URL}{round}). All figures in this post come from \
         [our record](/draws/{round}).\n"
    );
    let topic = if category.is_empty() || category == "general" { "" } else { category };
    Ok(PostForm {
        title: format!(
            "Canada invites {{{{draw {round} invitations}}}} {} in Express Entry draw {round}",
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

/// Section about the category list in effect on the day of the draw, or empty if there was none.
async fn eligibility_section(db: &SqlitePool, category: &str, day: Date) -> sqlx::Result<String> {
    let Some(list) = categories::list_on(db, category, day).await? else {
        return Ok(String::new());
    };
    let rule = list.experience_rule();
    if categories::occupations_of(db, list.id).await?.is_empty() {
        return Ok(format!("## Who was eligible\n\n{}\n\n", if rule.is_empty() { &list.notes } else { &rule }));
    }
    Ok(format!(
        "## The {{{{occupations {category} on {day} count}}}} eligible occupations\n\n{rule}\n\n\
         These occupations were eligible on the day of the draw:\n\n{{{{occupations {category} on {day}}}}}\n\n"
    ))
}

/// Group of people invited in a draw of this category, for the title.
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
