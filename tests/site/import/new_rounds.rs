use immigration_experts::staff::Role;

use crate::support::feeds::{CORRECTED, apply, changes, file, import_rounds, new_round, preview, published};
use crate::support::{Site, assert_well_formed};

const LATER: [(&str, &str); 6] = [
    ("drawDate", "2026-10-22"),
    ("drawDateFull", "October 22, 2026"),
    ("drawDateTime", "October 22nd, 2026 at 9:08:20 UTC"),
    ("drawCutOff", "October 20 2026 at14:55:49 UTC "),
    ("drawName", "Healthcare and Social Services Occupations, 2026-Version 3"),
    ("drawSize", "2,750"),
];

#[actix_web::test]
async fn new_draws_are_previewed_and_imported_on_confirmation() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let text = file(&[new_round("449", &LATER), new_round("448", &[]), published("437")]);
    let page = preview(&publisher, &text).await;
    assert_eq!(page.first(".lead"), "2 new draws (448, 449), 0 changed draws, 1 unchanged.");
    assert_eq!(
        page.all("section[aria-labelledby=new] tbody tr:nth-child(1) > *"),
        [
            "448",
            "October 15, 2026",
            "Canadian Experience ClassCanadian Experience Class",
            "1,500",
            "515",
            "October 11, 2026, 2:55:49 p.m. UTC"
        ]
    );
    assert_eq!(page.all("section[aria-labelledby=new] tbody th"), ["448", "449"], "oldest first");
    assert_eq!(changes(&page), Vec::<String>::new());
    assert_eq!(site.count("SELECT count(*) FROM draws").await, 448, "a preview changes nothing");
    assert_eq!(site.visitor().get("/draws/448").await.status, 404);

    let done = apply(&publisher, &page, "").await;
    assert_eq!((done.status, done.location()), (303, "/admin/draws"), "{}", done.text);
    let list = publisher.get("/admin/draws").await;
    assert_eq!(list.first(".flash"), "Imported: 2 new draws (448, 449), 0 changed draws, 1 unchanged.");
    assert_eq!(list.all("section[aria-labelledby=all] tbody th")[..3], ["449", "448", "447"]);
    let round = site.visitor().get("/draws/449").await;
    round.assert_page_layout();
    assert_eq!(
        round.all("dl.score dd"),
        ["2,750", "515", "October 22, 2026, 9:08:20 a.m. UTC", "October 20, 2026, 2:55:49 p.m. UTC"]
    );
    assert!(round.first("article").contains("Healthcare"));
    assert_eq!(round.all("aside.correction"), Vec::<String>::new(), "new draws have no corrections");
    assert!(
        round.first("#record ~ p").contains("Source: The government’s file of draws, imported on November 22, 2026.")
    );
    let visitor = site.visitor();
    assert_eq!(visitor.get("/draws").await.all(".draws tbody th")[..2], ["449", "448"]);
    assert!(visitor.get("/").await.text.contains("/draws/449"), "the front page shows it immediately");
    assert!(visitor.get("/draws/feed.atom").await.first("entry title").starts_with("Draw 449: Healthcare"));
    assert!(visitor.get("/draws.csv").await.text.contains("\n449,2026-10-22,"));
    assert_eq!(
        site.text("SELECT actor || ': ' || action || ': ' || subject FROM audit_log ORDER BY id DESC LIMIT 1").await,
        "Test publisher: imported draws: 2 new draws (448, 449), 0 changed draws, 1 unchanged"
    );
    assert_eq!(site.count(CORRECTED).await, 0);
    assert_eq!(
        site.count("SELECT count(*) FROM draw_imports WHERE content IS NOT NULL").await,
        0,
        "the upload is deleted"
    );

    let again = preview(&publisher, &text).await;
    assert_eq!(again.first(".lead"), "0 new draws, 0 changed draws, 3 unchanged.");
    assert_eq!(again.all("main form"), Vec::<String>::new());
}

#[actix_web::test]
async fn double_submit_imports_the_file_once() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let page = preview(&publisher, &file(&[new_round("448", &[])])).await;
    let (first, second) = tokio::join!(apply(&publisher, &page, ""), apply(&publisher, &page, ""));
    assert_eq!((first.status, second.status), (303, 303));
    assert_eq!(apply(&publisher, &page, "").await.location(), "/admin/draws");
    assert_eq!(site.count("SELECT count(*) FROM audit_log WHERE action = 'imported draws'").await, 1);
    assert_eq!(site.count("SELECT count(*) FROM draws").await, 449);
    let deleted = publisher.get(&page.path).await;
    assert_eq!((deleted.status, deleted.location()), (303, "/admin/draws"));
    let flash = publisher.get("/admin/draws").await.first(".flash");
    assert_eq!(flash, "This file has already been imported. Each draw’s page shows what changed.");
    for none in ["/admin/draws/import/99", "/admin/draws/import/x"] {
        assert_eq!(publisher.get(none).await.status, 404, "{none}");
        assert_eq!(publisher.post(none, &[]).await.status, 404, "{none}");
    }
}

#[actix_web::test]
async fn stale_import_preview_is_shown_again_before_applying() {
    let site = Site::start().await;
    let (one, two) = (site.staff(Role::Publisher).await, site.staff(Role::Admin).await);
    let mine = preview(&one, &file(&[new_round("448", &[]), new_round("449", &LATER)])).await;
    import_rounds(&two, &[new_round("448", &[("drawCRS", "514")])]).await;
    let page = apply(&one, &mine, "").await;
    assert_eq!(page.status, 409);
    assert!(page.first("[role=alert]").starts_with("The record changed in the meantime."));
    assert_eq!(page.first(".lead"), "1 new draw (449), 1 changed draw (448), 0 unchanged.");
    assert_eq!(changes(&page), ["448CRS cut-off514515changes"]);
    assert_eq!(site.count("SELECT crs FROM draws WHERE round = '448'").await, 514);
    assert_eq!(site.visitor().get("/draws/449").await.status, 404, "nothing was applied");
    assert_ne!(page.field_value("fingerprint"), mine.field_value("fingerprint"));
    for fingerprint in ["", "0000000000000000"] {
        assert_eq!(one.post(&mine.path, &[("fingerprint", fingerprint)]).await.status, 409);
    }
    assert_eq!(apply(&one, &page, "").await.status, 303);
    assert_eq!(site.count("SELECT crs FROM draws WHERE round = '448'").await, 515);
    assert_eq!(site.visitor().get("/draws/449").await.status, 200);
}

#[actix_web::test]
async fn unknown_draw_name_is_kept_until_assigned_to_a_category() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let name = "Dog handlers, 2026-Version 1";
    let page = preview(&publisher, &file(&[new_round("448", &[("drawName", name)])])).await;
    assert_eq!(page.first("section[aria-labelledby=new] .state"), "not yet assigned");
    assert_eq!(page.all("section[aria-labelledby=unmapped] li"), [format!("{name}: 448")]);
    assert_eq!(apply(&publisher, &page, "").await.status, 303);

    let visitor = site.visitor();
    let table = visitor.get("/draws").await;
    assert_eq!(table.first(".draws tbody td:last-child"), format!("{name} (not yet assigned)"));
    let round = visitor.get("/draws/448").await;
    round.assert_page_layout();
    assert!(round.first("main").contains("Draw type: not yet assigned"));
    assert_eq!(visitor.get("/draws?category=unassigned").await.all(".draws tbody th"), ["448"]);
    let dashboard = publisher.get("/admin").await;
    assert!(dashboard.text.contains("1 draw name has no category yet."));
    let list = publisher.get("/admin/draws").await;
    assert!(list.first("section[aria-labelledby=unmapped] li").starts_with(&format!("{name} 1 draw")));

    for category in ["", "dogs", "unassigned"] {
        let refused = publisher.post("/admin/draws/names", &[("name", name), ("category", category)]).await;
        assert_eq!((refused.status, refused.location()), (303, "/admin/draws"), "{category}");
        let flash = publisher.get("/admin/draws").await.first(".flash");
        assert_eq!(flash, format!("Choose a category for “{name}”. Nothing was changed."));
    }
    let unknown = publisher.post("/admin/draws/names", &[("name", "Nothing"), ("category", "trades")]).await;
    assert_eq!(unknown.status, 404);
    let fields = [("name", name), ("category", "agriculture")];
    let page = publisher.post_and_follow("/admin/draws/names", &fields).await;
    let expected = format!(
        "“{name}” assigned to Agriculture and agri-food occupations (1 draw). Future imports will use this category."
    );
    assert_eq!(page.first(".flash"), expected);
    assert_eq!(page.all("section[aria-labelledby=unmapped]"), Vec::<String>::new());
    assert_eq!(visitor.get("/draws?category=agriculture").await.all(".draws tbody th")[0], "448");
    let action = "SELECT action FROM audit_log ORDER BY id DESC LIMIT 1";
    assert_eq!(site.text(action).await, "assigned a category");

    let next = new_round("449", &[&LATER[..4], &[("drawName", "DOG HANDLERS (Version 2)")]].concat());
    let page = preview(&publisher, &file(&[next])).await;
    assert_eq!(page.all(".state, section[aria-labelledby=unmapped]"), Vec::<String>::new());
    assert!(
        page.first("section[aria-labelledby=new] tbody td:nth-child(3)")
            .ends_with("Agriculture and agri-food occupations")
    );
}

#[actix_web::test]
async fn similar_draw_name_is_not_assigned_automatically() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let names = ["Physicians with Work Experience", "Canadian Experience", "Care occupations (Version 1)"];
    let rounds: Vec<_> = names
        .iter()
        .zip(["448", "449", "450"])
        .map(|(name, number)| new_round(number, &[("drawName", name)]))
        .collect();
    let page = preview(&publisher, &file(&rounds)).await;
    assert_eq!(page.all("section[aria-labelledby=unmapped] li").len(), 3);
    assert_eq!(page.all("section[aria-labelledby=new] .state").len(), 3);
}

#[actix_web::test]
async fn invalid_xml_characters_are_removed_from_names() {
    let site = Site::start().await;
    let publisher = site.staff(Role::Publisher).await;
    let unusual = "Dog\u{1} handlers\u{202e} and\u{fffe} \u{7}cats";
    let written = [
        ("drawName", unusual),
        ("drawText2", unusual),
        ("drawDateTime", "\u{202e}October 15, 2026\u{1} at 10:08:20 UTC"),
    ];
    let page = preview(&publisher, &file(&[new_round("448", &written)])).await;
    assert_eq!(apply(&publisher, &page, "As published.").await.status, 303);
    let typed = [
        ("round", "449"),
        ("date", "2026-10-16"),
        ("name", unusual),
        ("invitations", "1,600"),
        ("crs", "500"),
        ("source", unusual),
        ("notes", unusual),
        ("programs", unusual),
    ];
    assert_eq!(publisher.post("/admin/draws/new", &typed).await.status, 303);
    for path in ["/draws/feed.atom", "/news/feed.atom", "/sitemap.xml"] {
        assert_well_formed(&site.visitor().get(path).await.text);
    }
    for path in ["/draws", "/draws/448", "/draws/449", "/draws.csv", "/draws.json"] {
        let text = site.visitor().get(path).await.text;
        assert!(!text.contains(['\u{1}', '\u{202e}', '\u{fffe}', '\u{7}']) && !text.contains("\\u0001"), "{path}");
    }
}
