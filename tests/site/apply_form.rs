//! Application form: options in several spellings, numbers in any script, e-mail address or phone number.

use immigration_experts::staff::Role;

use crate::support::{Page, Site, Visitor};

type Fields<'a> = Vec<(&'a str, &'a str)>;

const APPLY: [(&str, &str); 7] = [
    ("name", "Ayesha Khan"),
    ("email", "ayesha@example.com"),
    ("phone", "0300 1234567"),
    ("residence", "Pakistan"),
    ("program", "work_permit"),
    ("message", "Soon."),
    ("consent", "yes"),
];

fn with<'a>(fields: &[(&'a str, &'a str)], more: &[(&'a str, &'a str)]) -> Fields<'a> {
    let is_kept = |name: &str| more.iter().all(|(other, _)| *other != name);
    fields.iter().filter(|(name, _)| is_kept(name)).chain(more).copied().collect()
}

/// Submits a form that must be accepted. Returns the receipt.
async fn sent(visitor: &Visitor, fields: &[(&str, &str)]) -> Page {
    visitor.post_and_follow("/apply", fields).await
}

#[actix_web::test]
async fn every_option_of_a_public_or_staff_form_has_a_stable_value() {
    let site = Site::start().await;
    let visitor = site.visitor();
    sent(&visitor, &APPLY).await;
    let admin = site.staff(Role::Admin).await;
    for path in ["/apply", "/draws", "/occupations"] {
        let page = visitor.get(path).await;
        assert_eq!(page.all("option").len(), page.attributes("option", "value").len(), "{path}");
    }
    for path in ["/admin/inquiries", "/admin/inquiries?program=Odd", "/admin/inquiries/1", "/admin/staff"] {
        let page = admin.get(path).await;
        assert_eq!(page.all("option").len(), page.attributes("option", "value").len(), "{path}");
    }
    let values = visitor.get("/apply").await.attributes("#program option", "value");
    assert_eq!(values[..3], ["", "express_entry", "provincial_nominee_program"]);
}

#[actix_web::test]
async fn choices_are_shown_by_their_label_everywhere() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let receipt = sent(&visitor, &with(&APPLY, &[("education", "masters_or_professional")])).await;
    assert!(receipt.first("article").contains("Work permit"), "{}", receipt.text);
    let admin = site.staff(Role::Admin).await;
    let pages = [
        receipt.text.clone(),
        site.body("body_text", "inbox@example.com").await,
        site.body("body_html", "inbox@example.com").await,
        admin.get("/admin/inquiries/1").await.text,
        admin.get("/admin/inquiries").await.text,
        admin.get("/admin/inquiries.csv").await.text,
        admin.get("/admin/inquiries/1.json").await.text,
        admin.post("/admin/inquiries/people/export", &[("q", "ayesha@example.com"), ("inquiry-1", "on")]).await.text,
    ];
    for text in pages {
        assert!(text.contains("Work permit"), "{text}");
        // Links to the calculator have the values of its parameters.
        assert!(!text.replace("education=masters_or_professional", "").contains("masters_or_professional"), "{text}");
    }
    let access_token =
        visitor.post(&format!("{}/confirmation", receipt.path), &[("address", "ayesha@example.com")]).await;
    let access_token = visitor.get(access_token.location()).await.field_value("access_token");
    let copy = visitor.get(&format!("{}.json?access_token={access_token}", receipt.path)).await.text;
    assert!(copy.contains("Work permit") && copy.contains("Master’s or professional degree"), "{copy}");
}

#[actix_web::test]
async fn translated_choice_is_stored_and_shown_unchanged() {
    let site = Site::start().await;
    let visitor = site.visitor();
    for program in ["Work permit", "Permis de travail", "ورک پرمٹ"] {
        let fields = with(&APPLY, &[("program", program), ("message", program)]);
        let page = visitor.post("/apply", &with(&fields, &[("name", "")])).await;
        assert_eq!((page.status, page.field_value("program").as_str()), (422, program));
        assert_eq!(page.all("#program option[selected]"), [program]);
        let receipt = sent(&visitor, &fields).await;
        assert!(receipt.all("dl.submitted dd").contains(&program.to_owned()), "{program}");
    }
    let kept = site.text("SELECT group_concat(program, ', ') FROM inquiries").await;
    assert_eq!(kept, "Work permit, Permis de travail, ورک پرمٹ");
}

#[actix_web::test]
async fn inbox_filter_matches_old_and_new_choice_values() {
    let site = Site::start().await;
    let visitor = site.visitor();
    for (program, message) in [("work_permit", "a"), ("Work permit", "b"), ("study_permit", "c")] {
        sent(&visitor, &with(&APPLY, &[("program", program), ("message", message)])).await;
    }
    let writer = site.staff(Role::Writer).await;
    for query in ["program=work_permit", "program=Work+permit", "q=work+permit", "program=work_permit&q=ayesha"] {
        let page = writer.get(&format!("/admin/inquiries?{query}")).await;
        assert_eq!(page.all("tbody .reference"), ["IE-2026-000002", "IE-2026-000001"], "{query}");
    }
    let page = writer.get("/admin/inquiries?program=Work+permit").await;
    assert_eq!(page.field_value("program"), "work_permit", "the option is selected");
    assert_eq!(page.all("#program option[selected]"), ["Work permit"]);
}

#[actix_web::test]
async fn other_choice_spelling_counts_as_the_same_submission() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let first = sent(&visitor, &APPLY).await;
    let second = sent(&visitor, &with(&APPLY, &[("program", "Work permit")])).await;
    assert_eq!(first.path, second.path);
}

#[actix_web::test]
async fn numbers_are_accepted_in_common_notations() {
    let site = Site::start().await;
    let visitor = site.visitor();
    for (name, typed, kept) in [
        ("age", "29 years", 29),
        ("age", "۲۹", 29),
        ("age", "२९ साल", 29),
        ("age", "２９", 29),
        ("age", "14", 14),
        ("experience_years", "3 years", 3),
        ("experience_years", "0", 0),
        ("experience_years", "70", 70),
        ("crs", "470 points", 470),
        ("crs", "470+", 470),
        ("crs", "٤٧١", 471),
        ("crs", "1200", 1200),
    ] {
        let receipt = sent(&visitor, &with(&APPLY, &[(name, typed), ("message", typed)])).await;
        assert!(receipt.all("dl.submitted dd").contains(&kept.to_string()), "{typed}: {}", receipt.text);
        let sql = format!("SELECT {name} FROM inquiries ORDER BY id DESC LIMIT 1");
        assert_eq!(site.count(Box::leak(sql.into_boxed_str())).await, kept, "{typed}");
    }
}

#[actix_web::test]
async fn unreadable_number_is_stored_as_entered_and_shown_to_staff() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let admin = site.staff(Role::Admin).await;
    for (id, (name, typed)) in [
        ("experience_years", "3.5"),
        ("experience_years", "18 months"),
        ("experience_years", "2 years 6 months"),
        ("age", "33 or 34"),
        ("age", "born 1995"),
        ("crs", "not yet"),
        ("crs", "470-480"),
        ("crs", "I do not know"),
    ]
    .into_iter()
    .enumerate()
    {
        let id = id + 1;
        let receipt = sent(&visitor, &with(&APPLY, &[(name, typed)])).await;
        assert!(receipt.all("dl.submitted dd").contains(&typed.to_owned()), "{typed}: {}", receipt.text);
        let page = admin.get(&format!("/admin/inquiries/{id}")).await;
        assert!(page.all("dl.submitted dd").contains(&typed.to_owned()), "{typed}");
        assert!(admin.get("/admin/inquiries.csv").await.text.contains(typed), "{typed}");
        assert!(site.body("body_text", "inbox@example.com").await.contains(typed), "{typed}");
    }
    assert_eq!(site.count("SELECT experience_years FROM inquiries WHERE id = 1").await, 3, "completed years");
    assert_eq!(site.count("SELECT count(*) FROM inquiries WHERE age IS NULL AND crs IS NULL").await, 8);
}

#[actix_web::test]
async fn answer_without_a_plausible_number_gets_a_message_and_is_kept() {
    let site = Site::start().await;
    let visitor = site.visitor();
    for (name, typed, message) in [
        ("age", "abc", "Enter your age in years as a number, such as 34, or leave it empty."),
        ("age", "13", "Enter your age in years as a number, such as 34, or leave it empty."),
        ("age", "-34", "Enter your age in years as a number, such as 34, or leave it empty."),
        ("crs", "1300", "Enter your CRS score as a number from 0 to 1200, or leave it empty."),
        ("crs", "high", "Enter your CRS score as a number from 0 to 1200, or leave it empty."),
        (
            "experience_years",
            "many",
            "Enter your years of work experience as a number from 0 to 70, such as 3.5, or leave it empty.",
        ),
    ] {
        let page = visitor.post("/apply", &with(&APPLY, &[(name, typed)])).await;
        assert_eq!((page.status, page.field_value(name).as_str()), (422, typed), "{name} {typed}");
        assert_eq!(page.first(&format!("#{name}-error")), format!("Error: {message}"));
        assert_eq!(page.field_value("message"), "Soon.", "everything else is kept");
    }
    assert_eq!(site.count("SELECT count(*) FROM inquiries").await, 0);
    sent(&visitor, &with(&APPLY, &[("age", "34 years"), ("crs", "0"), ("experience_years", "")])).await;
    assert_eq!(site.count("SELECT age FROM inquiries").await, 34);
}

#[actix_web::test]
async fn email_or_phone_is_enough_to_apply() {
    let site = Site::start().await;
    let visitor = site.visitor();
    sent(&visitor, &with(&APPLY, &[("email", "")])).await;
    sent(&visitor, &with(&APPLY, &[("phone", "")])).await;
    let page = visitor.post("/apply", &with(&APPLY, &[("email", ""), ("phone", "")])).await;
    assert_eq!(page.status, 422);
    assert_eq!(page.attributes("[role=alert] a", "href"), ["#email"]);
    assert!(page.first("#email-error").contains("an e-mail address or a phone number"));
    let page = visitor.post("/apply", &with(&APPLY, &[("email", "ayesha"), ("phone", "")])).await;
    assert_eq!(page.attributes("[role=alert] a", "href"), ["#email"], "an invalid address is reported");
}

#[actix_web::test]
async fn french_test_is_shown_wherever_the_english_test_is() {
    let site = Site::start().await;
    let visitor = site.visitor();
    let fields = with(&APPLY, &[("english_test", "IELTS 7"), ("french_test", "TEF Canada B2")]);
    let receipt = sent(&visitor, &fields).await;
    let admin = site.staff(Role::Admin).await;
    for text in [
        receipt.text,
        site.body("body_text", "inbox@example.com").await,
        site.body("body_html", "inbox@example.com").await,
        admin.get("/admin/inquiries/1").await.text,
        admin.get("/admin/inquiries.csv").await.text,
        admin.get("/admin/inquiries/1.json").await.text,
        admin.post("/admin/inquiries/people/export", &[("q", "ayesha@example.com"), ("inquiry-1", "on")]).await.text,
    ] {
        assert!(text.contains("IELTS 7") && text.contains("TEF Canada B2"), "{text}");
    }
    assert_eq!(site.text("SELECT french_test FROM inquiries").await, "TEF Canada B2");
}
