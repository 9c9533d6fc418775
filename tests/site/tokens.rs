//! Tokens in posts, which are replaced by values of the draw record, and drafts made from draws.

use immigration_experts::draws::DrawField;
use immigration_experts::staff::Role;

use crate::support::feeds::{import_rounds, new_round};
use crate::support::{FIRST_POST, Page, Site, Visitor, assert_well_formed};

type Fields<'a> = Vec<(&'a str, &'a str)>;

fn post<'a>(others: &[(&'a str, &'a str)]) -> Fields<'a> {
    let usual = [("title", "A post"), ("summary", "A summary."), ("author", "Sheraz"), ("body", "Words.")];
    usual.iter().filter(|(name, _)| !others.iter().any(|(other, _)| other == name)).chain(others).copied().collect()
}

async fn publish(member: &Visitor, others: &[(&str, &str)]) -> Page {
    let page = member.post("/admin/posts/new", &[&post(others)[..], &[("action", "publish")]].concat()).await;
    assert_eq!(page.status, 303, "{:?}", page.all("[role=alert], .findings"));
    page
}

/// Value of a text area.
fn field_text(page: &Page, name: &str) -> String {
    let (_, rest) = page.text.split_once(&format!("<textarea id=\"{name}\"")).unwrap();
    let typed = rest.split_once(">\n").unwrap().1.split_once("</textarea>").unwrap().0;
    [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&#38;", "&")]
        .iter()
        .fold(typed.to_owned(), |text, (written, meant)| text.replace(written, meant))
}

#[actix_web::test]
async fn tokens_are_replaced_in_text_title_summary_and_feed() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let visitor = site.visitor();
    let score = visitor.get("/draws/255").await.all("dl.score dd");
    let invited: i64 = site
        .count("SELECT sum(coalesce(invitations_corrected, invitations)) FROM draws WHERE date BETWEEN '2023-01-01' AND '2023-07-06' AND sort_key <= 2550")
        .await;
    let invited = format!("{},{:03}", invited / 1000, invited % 1000);
    let comparison =
        "Compared with draw 252 of June 28, 2023, the cut-off was 13 points lower and 1,000 more people were invited.";
    let expected = [
        (DrawField::Invitations, "1,500"),
        (DrawField::Crs, "463"),
        (DrawField::CutOff, "a CRS cut-off of 463"),
        (DrawField::TieBreak, "June 19, 2023, 6:41 a.m. UTC"),
        (DrawField::Date, "July 6, 2023"),
        (DrawField::Time, "July 6, 2023, 2:25 p.m. UTC"),
        (DrawField::Name, "Healthcare occupations (Version 1)"),
        (DrawField::Comparison, comparison),
        (DrawField::YearInvitations, &*invited),
        (DrawField::YearDraws, "19 draws"),
    ];
    assert_eq!(expected.len() + 1, DrawField::ALL.len(), "all except the scoreboard");
    let line: String = expected.iter().map(|(part, _)| format!("[{{{{draw 255 {}}}}}] ", part.keyword())).collect();
    let count = "[{{occupations healthcare on 2023-06-28 count}}]";
    let filled: String = expected.iter().map(|(_, value)| format!("[{value}] ")).collect::<String>() + "[35]";
    let line = line + count;
    let title = "{{draw 255 invitations}} at {{ DRAW   255  Crs }}: {{draw 255 date}}";
    let body = format!(
        "## {{{{draw 255 name}}}}\n\n{line}\n\n{{{{draw 255 figures}}}}\n\n- **{{{{draw 255 crs}}}}**\n\n| A | B |\n|---|---|\n\
         | {{{{draw 255 crs}}}} | [{{{{draw 91a crs}}}}](/draws/91a) |\n\n> {{{{draw 255 date}}}}\n\n{{{{occupations healthcare on 2023-06-28}}}}"
    );
    let fields = [
        ("title", title),
        ("slug", "all"),
        ("summary", &*line),
        ("body", &*body),
        ("correction", "Not 462 but {{draw 255 crs}}."),
    ];
    publish(&publisher, &fields).await;
    let page = visitor.get("/news/all").await;
    page.assert_page_layout();
    assert!(!page.text.contains("{{"), "{}", page.first("article"));
    assert_eq!(page.first("h1"), "1,500 at 463: July 6, 2023");
    assert!(page.first("title").starts_with("1,500 at 463: July 6, 2023"));
    assert_eq!(page.first("header .lead"), filled);
    assert_eq!(page.attributes("meta[name=description]", "content"), [&*filled]);
    assert_eq!(page.attributes("meta[property='og:title']", "content"), ["1,500 at 463: July 6, 2023"]);
    assert!(page.all(".prose > p").contains(&filled), "{:?}", page.all(".prose > p"));
    assert_eq!(page.all(".prose dl.score dd"), score);
    assert_eq!(
        (page.first(".prose > h2").trim_end_matches(" #"), page.first("article li strong")),
        ("Healthcare occupations (Version 1)", "463".into())
    );
    assert_eq!(page.attributes(".prose > h2", "id")[0], "healthcare-occupations-version-1");
    assert_eq!(
        (page.all("article td"), page.first("blockquote")),
        (vec!["463".into(), "288".into()], "July 6, 2023".into())
    );
    assert_eq!(page.all("article ol li").len(), 35);
    assert_eq!(page.first("aside.correction p:not(.small)"), "Not 462 but 463.");
    for path in ["/news", "/"] {
        let list = visitor.get(path).await;
        assert!(list.text.contains("1,500 at 463: July 6, 2023") && !list.text.contains("{{"), "{path}");
    }
    let feed = visitor.get("/news/feed.atom").await;
    assert_well_formed(&feed.text);
    assert!(!feed.text.contains("{{"));
    assert_eq!(
        (feed.first("entry title"), feed.first("entry summary")),
        ("1,500 at 463: July 6, 2023".into(), filled.clone())
    );
    assert!(feed.first("entry content").contains(&score[3]));
    assert!(visitor.get("/draws/255").await.all("#posts + ul a").contains(&"1,500 at 463: July 6, 2023".to_owned()));
    let preview = publisher.post("/admin/posts/new", &[&post(&fields)[..], &[("action", "preview")]].concat()).await;
    assert_eq!(preview.first(".preview .post-title"), "1,500 at 463: July 6, 2023");
    assert_eq!(
        preview.field_value("title"),
        title.split_whitespace().collect::<Vec<_>>().join(" ").replace("{{ DRAW 255 Crs }}", "{{ DRAW   255  Crs }}")
    );
}

#[actix_web::test]
async fn unknown_token_error_names_its_line_and_keeps_the_text() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let writer = site.staff(Role::Writer).await;
    for (field, text, words) in [
        (
            "body",
            "One\n\n{{draw 999 crs}} people",
            "Line 3: “{{draw 999 crs}}” is not valid. There is no draw 999 in the record.",
        ),
        (
            "body",
            "{{draw 252 score}}",
            "Line 1: “{{draw 252 score}}” is not valid: “score” is not a field of a draw; use one of: figures, invitations",
        ),
        ("body", "{{draw 91 crs}}", "There is no draw 91 in the record."),
        ("body", "{{draw x crs}}", "“x” is not a draw number."),
        ("body", "{{draw 445 tie-break}}", "The record of draw 445 has no tie-break."),
        ("body", "{{draw 357 time}}", "The record of draw 357 has no time."),
        ("body", "{{draw 1 comparison}}", "The record of draw 1 has no earlier draw in its category."),
        ("body", "{{occupations dogs on 2023-06-28}}", "No list of “dogs” was in effect on 2023-06-28."),
        ("body", "{{occupations healthcare on 2015-06-28}}", "No list of “healthcare” was in effect on 2015-06-28."),
        ("body", "{{occupations french on 2023-08-28}}", "names no occupations."),
        ("body", "{{occupations healthcare on June}}", "write it like 2023-06-28"),
        ("body", "{{price}}", "a token looks like"),
        ("body", "{{}}", "a token looks like"),
        ("body", "a\nb\n{{draw 252 crs", "Line 3: “{{draw 252 crs” is not closed with }}."),
        (
            "body",
            "The {{draw 252 figures}} are",
            "Line 1: “{{draw 252 figures}}” must be in a paragraph of its own in the text.",
        ),
        ("body", "- {{occupations healthcare on 2023-06-28}}", "must be in a paragraph of its own"),
        ("body", "| {{draw 252 figures}} | b |\n|---|---|", "must be in a paragraph of its own"),
        ("title", "{{draw 252 figures}}", "must be in a paragraph of its own in the text"),
        ("title", "{{draw 252}}", "Line 1: “{{draw 252}}” is not valid"),
        ("summary", "{{draw 999 crs}}", "There is no draw 999"),
        ("correction", "Words.\n{{draw 999 crs}}", "Line 2: “{{draw 999 crs}}” is not valid"),
    ] {
        for (member, action) in [(&writer, "save"), (&publisher, "publish")] {
            let fields = [&post(&[(field, text)])[..], &[("action", action)]].concat();
            let page = member.post("/admin/posts/new", &fields).await;
            assert_eq!(page.status, 422, "{text}");
            assert!(
                page.first(&format!("#{field}-error")).contains(words),
                "{text}: {}",
                page.first(&format!("#{field}-error"))
            );
            assert_eq!(page.attributes("[role=alert] a", "href"), [format!("#{field}")]);
            let kept = if ["body", "correction"].contains(&field) {
                field_text(&page, field)
            } else {
                page.field_value(field)
            };
            assert_eq!(kept, text, "entered values are kept");
        }
        let preview =
            writer.post("/admin/posts/new", &[&post(&[(field, text)])[..], &[("action", "preview")]].concat()).await;
        assert_eq!((preview.status, preview.all(&format!("#{field}-error")).len()), (200, 1), "{text}");
    }
    assert_eq!(site.count("SELECT count(*) FROM posts").await, 1);
    let page = publisher
        .post(
            "/admin/posts/1",
            &[&post(&[("body", "{{draw 999 crs}}")])[..], &[("action", "save"), ("version", "1")]].concat(),
        )
        .await;
    assert_eq!(page.status, 422, "nor in the public post");
}

#[actix_web::test]
async fn tokens_in_code_are_not_replaced() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let body = "Write `{{draw 252 crs}}` or `{{draw 0 nothing}}` for {{draw 252 crs}}.\n\n```\n{{draw 252 crs}}\n{{write: x}}\n```\n\n    {{price}}\n";
    publish(&publisher, &[("slug", "code"), ("body", body)]).await;
    let page = site.visitor().get("/news/code").await;
    assert_eq!(
        page.all("article code"),
        ["{{draw 252 crs}}", "{{draw 0 nothing}}", "{{draw 252 crs}} {{write: x}}", "{{price}}"]
    );
    assert_eq!(page.all(".prose > p")[0], "Write {{draw 252 crs}} or {{draw 0 nothing}} for 476.");
}

#[actix_web::test]
async fn post_with_an_open_placeholder_cannot_be_published() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let body = "Words.\n\n{{Write: what it means}}";
    for (field, text, line) in [
        ("body", body, 3),
        ("title", "{{write: a title}}", 1),
        ("summary", "{{write: two sentences}}", 1),
        ("correction", "{{write: what was wrong}}", 1),
    ] {
        let saved =
            publisher.post("/admin/posts/new", &[&post(&[(field, text)])[..], &[("action", "save")]].concat()).await;
        assert_eq!(saved.status, 303, "{field}");
        let path = saved.location().to_owned();
        let refused = publisher.post(&format!("{path}/publication"), &[]).await;
        assert_eq!(refused.status, 422, "{field}");
        let error = refused.first(&format!("#{field}-error"));
        assert!(
            error.contains(&format!("Line {line}: replace {{{{"))
                && error.contains("with your own text before publishing"),
            "{error}"
        );
        let page =
            publisher.post("/admin/posts/new", &[&post(&[(field, text)])[..], &[("action", "publish")]].concat()).await;
        assert_eq!(page.status, 422, "{field}");
    }
    assert_eq!(site.count("SELECT count(*) FROM posts WHERE state = 'published'").await, 1);
    let page = publisher
        .post("/admin/posts/1", &[&post(&[("body", body)])[..], &[("action", "save"), ("version", "1")]].concat())
        .await;
    assert_eq!(page.status, 422, "nor can it be saved in the public post");
}

#[actix_web::test]
async fn editor_lists_every_token() {
    let site = Site::start().await;
    let writer = site.staff(Role::Writer).await;
    for path in ["/admin/posts/new", "/admin/posts/1"] {
        let page = writer.get(path).await;
        let rows = page.all(".help tbody th");
        for (_, word, meaning) in DrawField::ALL {
            assert!(rows.contains(&format!("{{{{draw 252 {word}}}}}")), "{word}: {rows:?}");
            assert!(page.all(".help td").contains(&meaning.to_owned()), "{meaning}");
        }
        for token in [
            "{{occupations healthcare on 2023-06-28}}",
            "{{occupations healthcare on 2023-06-28 count}}",
            "{{write: what this means}}",
        ] {
            assert!(rows.contains(&token.to_owned()), "{token}");
        }
        // Every example in the help is a valid token.
        let body = rows.join("\n\n");
        let fields = [&post(&[("body", &body)])[..], &[("action", "preview")]].concat();
        let preview = writer.post("/admin/posts/new", &fields).await;
        let wrong = preview.all("#body-error");
        assert_eq!(
            wrong,
            [
                "Error: Line 17: “{{draw 252 comparison}}” is not valid. The record of draw 252 has no earlier draw in its category."
            ]
        );
    }
}

#[actix_web::test]
async fn first_post_uses_tokens_for_all_draw_figures() {
    let site = Site::start().await;
    let mut plain = include_str!("../../data/first-post.md").to_owned();
    while let (Some(start), Some(end)) = (plain.find("{{"), plain.find("}}")) {
        plain.replace_range(start..end + 2, "");
    }
    for column in ["crs", "invitations"] {
        for round in [251, 252, 253, 254, 255] {
            let sql = sqlx::AssertSqlSafe(format!("SELECT {column} FROM draws WHERE round = '{round}'"));
            let figure: i64 = sqlx::query_scalar(sql).fetch_one(site.running.services.db.read()).await.unwrap();
            let words: Vec<&str> = plain.split(|c: char| !(c.is_alphanumeric() || c == ',')).collect();
            let grouped =
                if figure >= 1000 { format!("{},{:03}", figure / 1000, figure % 1000) } else { figure.to_string() };
            assert!(
                !words.contains(&figure.to_string().as_str()) && !words.contains(&grouped.as_str()),
                "{figure} of round {round}"
            );
        }
    }
    assert!(!plain.contains("June 28") && !plain.contains("July ") && !plain.contains("November"), "nor a date");
    let page = site.visitor().get(FIRST_POST).await;
    assert!(!page.text.contains("{{"));
    assert_eq!(
        page.all(".prose dl.score dd"),
        ["500", "476", "June 28, 2023, 2:04:34 p.m. UTC", "November 12, 2022, 12:47:27 p.m. UTC"]
    );
    let text = page.first("article");
    for words in [
        "invited 500 people",
        "Cut-off: 476 is the lowest score",
        "before November 12, 2022, 12:47 p.m. UTC",
        "The 35 eligible occupations",
    ] {
        assert!(text.contains(words), "{words}");
    }
    assert_eq!(
        page.all("article table tr:nth-child(3) td"),
        ["July 6, 2023", "255", "healthcare occupations", "1,500", "463"]
    );
}

#[actix_web::test]
async fn draw_name_cannot_break_a_page() {
    let site = Site::start().await;
    let admin = site.staff(Role::Admin).await;
    let name = "<b>x</b> {{draw 1 crs}} *y* [z](javascript:alert(1)) \"q\" | & ' <script>alert(1)</script>";
    import_rounds(&admin, &[new_round("448", &[("drawName", name)])]).await;
    let visitor = site.visitor();
    let fields = [
        ("title", "On {{draw 448 name}}"),
        ("slug", "on-it"),
        ("summary", "{{draw 448 name}}"),
        (
            "body",
            "In {{draw 448 name}}.\n\n{{draw 448 figures}}\n\n| a |\n|---|\n| {{draw 448 name}} |\n\n<p>{{draw 448 name}}</p>\n\n## {{draw 448 name}}",
        ),
        ("correction", "{{draw 448 name}}"),
    ];
    publish(&admin, &fields).await;
    let draft = admin.post("/admin/draws/448/posts", &[]).await;
    assert_eq!(draft.status, 303);
    for path in ["/", "/draws", "/draws/448", "/draws?category=unassigned", "/news", "/news/on-it", FIRST_POST] {
        let page = visitor.get(path).await;
        page.assert_page_layout();
        assert_eq!(page.all("main b, main [href^=javascript], main script"), Vec::<String>::new(), "{path}");
    }
    for path in [
        "/admin",
        "/admin/draws",
        "/admin/draws/448",
        "/admin/draws/new",
        "/admin/posts",
        draft.location(),
        "/admin/audit",
    ] {
        let page = admin.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        page.assert_no_active_content();
        assert_eq!(page.all("main b, main [href^=javascript]"), Vec::<String>::new(), "{path}");
    }
    let post = visitor.get("/news/on-it").await;
    let normalized = name.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(post.first("h1"), format!("On {normalized}"), "printed unchanged and not expanded again");
    assert_eq!(post.all(".prose > p")[0], format!("In {normalized}."));
    assert_eq!((post.all("article td"), post.all("article em, article td b").len()), (vec![normalized.clone()], 0));
    assert_eq!(visitor.get("/draws/448").await.first(".lead"), format!("{normalized}, October 15, 2026"));
    for path in ["/news/feed.atom", "/draws/feed.atom", "/sitemap.xml"] {
        assert_well_formed(&visitor.get(path).await.text);
    }
    let json: serde_json::Value = serde_json::from_str(&visitor.get("/draws.json").await.text).unwrap();
    assert!(json.to_string().contains("{{draw 1 crs}} *y*"));
    let page = admin.post("/admin/draws/names", &[("name", name), ("category", "trades")]).await;
    assert_eq!(page.status, 303, "the draw can be saved");
}

#[actix_web::test]
async fn every_draw_produces_a_draft_with_only_staff_text_missing() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let special =
        ["1", "2", "91a", "91b", "139", "208", "247", "252", "255", "357", "394", "430", "434", "445", "446", "447"];
    let rounds = site.text("SELECT group_concat(round) FROM (SELECT round FROM draws ORDER BY sort_key)").await;
    let rounds: Vec<&str> = rounds
        .split(',')
        .enumerate()
        .filter(|(at, round)| at % 13 == 0 || special.contains(round))
        .map(|(_, round)| round)
        .collect();
    assert!(rounds.len() > 40);
    let mut last_slug = String::new();
    for round in rounds {
        let page = publisher.post(&format!("/admin/draws/{round}/posts"), &[]).await;
        assert_eq!(page.status, 303, "{round}: {}", page.text);
        let path = page.location().to_owned();
        let editor = publisher.get(&path).await;
        assert_eq!(editor.all(".findings li"), Vec::<String>::new(), "{round}");
        let body = field_text(&editor, "body");
        assert_eq!(body.matches("{{write:").count(), 1, "{round}");
        assert!(
            body.contains(&format!("{{{{draw {round} figures}}}}"))
                && body.contains(&format!("{{{{draw {round} date}}}}"))
        );
        assert_ne!(editor.field_value("slug"), last_slug);
        last_slug = editor.field_value("slug");
        let refused = publisher.post(&format!("{path}/publication"), &[]).await;
        assert_eq!(
            (refused.status, refused.attributes("[role=alert] a", "href")),
            (422, vec!["#body".to_owned()]),
            "{round}: {:?}",
            refused.all("[role=alert]")
        );
        assert!(
            refused.first("#body-error").contains("with your own text before publishing")
                && refused.first("#body-error").contains("{{write:"),
            "{round}"
        );
        if !special.contains(&round) {
            continue;
        }
        let place = body.find("{{write:").unwrap();
        let written = format!(
            "{}It means what it says.{}",
            &body[..place],
            &body[place + body[place..].find("}}").unwrap() + 2..]
        );
        let fields: Vec<(&str, String)> = ["title", "slug", "summary", "author", "topics", "version"]
            .iter()
            .map(|name| (*name, editor.field_value(name)))
            .collect();
        let mut fields: Fields = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        fields.extend([("body", &*written), ("action", "publish")]);
        let done = publisher.post(&path, &fields).await;
        assert_eq!(done.status, 303, "{round}: {:?}", done.all("[role=alert]"));
        let shown = site.visitor().get(&format!("/news/{last_slug}")).await;
        shown.assert_page_layout();
        assert!(!shown.text.contains("{{"), "{round}");
        assert!(shown.text.contains("<p>It means what it says.</p>"), "{round}");
        assert_eq!(
            shown.all(".prose dl.score dd"),
            site.visitor().get(&format!("/draws/{round}")).await.all("dl.score dd"),
            "{round}"
        );
    }
    assert_eq!(publisher.post("/admin/draws/999/posts", &[]).await.status, 404);
    assert_eq!(publisher.post("/admin/draws/x/posts", &[]).await.status, 404);
    let writer = site.staff(Role::Writer).await;
    assert_eq!(writer.post("/admin/draws/252/posts", &[]).await.status, 303, "writers can create drafts");
}

#[actix_web::test]
async fn draft_of_a_draw_has_its_title_and_lists_eligibility() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let page = publisher.post_and_follow("/admin/draws/255/posts", &[]).await;
    assert!(page.first(".flash").starts_with("Draft created."), "{}", page.first(".flash"));
    assert_eq!(
        page.field_value("title"),
        "Canada invites {{draw 255 invitations}} healthcare workers in Express Entry draw 255"
    );
    assert_eq!(page.field_value("slug"), "canada-invites-1500-healthcare-workers-in-express-entry-draw-255");
    assert_eq!(
        (page.field_value("author"), page.field_value("topics")),
        ("Test publisher".into(), "express entry, healthcare".into())
    );
    let body = field_text(&page, "body");
    for words in [
        "{{draw 255 comparison}}",
        "## The {{occupations healthcare on 2023-07-06 count}} eligible occupations",
        "{{occupations healthcare on 2023-07-06}}",
    ] {
        assert!(body.contains(words), "{words}: {body}");
    }
    assert!(
        !field_text(&publisher.post_and_follow("/admin/draws/252/posts", &[]).await, "body").contains("comparison"),
        "the first draw of its type"
    );
    let again = publisher.post_and_follow("/admin/draws/255/posts", &[]).await;
    assert!(again.field_value("slug").ends_with("-draw-255-2"), "{}", again.field_value("slug"));
    assert_eq!(
        publisher.get("/admin/draws/255").await.all("main > ul.rows li").len(),
        3,
        "the drafts and the first post"
    );
}
