//! Upgrades from every schema version: all rows are kept, and the pages work.

use std::collections::BTreeMap;

use immigration_experts::staff::Role;
use sqlx::migrate::Migrator;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, SqliteConnection};
use tempfile::TempDir;

use crate::support::{PUBLIC_PAGES, STAFF_PAGES, Site, lock_sender};

static MIGRATIONS: Migrator = sqlx::migrate!();

/// Tables whose rows a later migration removes (uploads that wait for a confirmation) or changes (the content version,
/// which every change of public content raises).
const CHANGED_TABLES: [&str; 2] = ["wordpress_uploads", "content_version"];

/// Rows for the tables that a migration creates, so that every constraint is covered. They refer only to rows of earlier
/// migrations.
fn samples(version: i64) -> &'static str {
    match version {
        1 => {
            "INSERT INTO site (id, name, tagline, expert_phones, business_phone, contact_time, updated_at)
             VALUES (1, 'Immigration Experts', 'Ours', '042 35911332', '042 35911332', 'Mon–Sat 10.00–18.00', '2026-01-01T00:00:00Z');
             INSERT INTO pages (slug, title, summary, updated_at, body)
             VALUES ('about', 'About us', 'Who we are', '2026-01-01T00:00:00Z', 'Sampleword of a page.'),
                    ('privacy', 'Privacy', 'What we keep', '2026-01-01T00:00:00Z', 'All of it.');
             INSERT INTO page_revisions VALUES ('about', 1, '2026-01-01T00:00:00Z', 'Sheraz', 'About', 'Who', 'Text');"
        }
        2 => {
            "INSERT INTO staff (id, email, name, role, password_hash, active, created_at)
             VALUES (71, 'old@example.com', 'Old Hand', 'admin', NULL, 1, '2026-01-01T00:00:00Z'),
                    (72, 'shut@example.com', 'Shut Out', 'writer', NULL, 0, '2026-01-01T00:00:00Z');
             INSERT INTO staff_invitations VALUES ('aa', 71, '2026-11-21T00:00:00Z', '2026-11-24T00:00:00Z');
             INSERT INTO staff_sessions VALUES ('bb', 71, '2026-11-22T08:00:00Z', '2026-11-22T08:59:00Z', 'Saved.');
             INSERT INTO audit_log (at, actor, action, subject) VALUES ('2026-01-01T00:00:00Z', 'Old Hand', 'did', 'this');"
        }
        3 => {
            "INSERT INTO outbox (message_id, recipient, subject, state, attempts, queued_at, next_attempt_at, expires_at, sent_at,
                                 transport, body_text, body_html)
             VALUES ('1@x', 'old@example.com', 'Hello', 'sent', 1, '2026-11-20T00:00:00Z', '2026-11-20T00:00:00Z',
                     '2026-11-25T00:00:00Z', '2026-11-20T00:00:01Z', 'smtp', 'Hello', '<p>Hello'),
                    ('2@x', 'gone@example.com', 'Hello', 'failed', 9, '2026-11-20T00:00:00Z', '2026-11-20T00:00:00Z',
                     '2026-11-25T00:00:00Z', NULL, NULL, 'Hello', '<p>Hello');
             INSERT INTO mail_outage VALUES (1, '2026-11-20T00:00:00Z', 3, '2026-11-20T00:05:00Z', 'cannot connect: refused');
             INSERT INTO bounced_addresses VALUES ('gone@example.com', '2026-11-20T00:00:00Z', '5.1.1 no');"
        }
        4 => {
            "INSERT INTO occupations VALUES ('31301', 'Sampleword nurses', 'Infirmiers', 1, 3, 'Health', 'Santé');
             INSERT INTO occupation_synonyms (synonym, noc) VALUES ('rn', '31301');
             INSERT INTO noc2016_concordance VALUES ('3012', 'Registered nurses', '31301', 1);
             INSERT INTO categories VALUES ('healthcare', 'Healthcare', 'Santé');
             INSERT INTO category_lists (id, category_key, version, name_en, name_fr, draw_names, effective_from, experience_where,
                                         must_be_continuous, source, confidence, notes)
             VALUES (1, 'healthcare', '2023', 'Healthcare', 'Santé', 'Healthcare', '2023-05-31', '', '', 'x', 'high', '');
             INSERT INTO category_occupations VALUES (1, 1, '31301');"
        }
        5 => {
            "INSERT INTO draws (round, sort_key, date, held_at, held_at_published, name, name_fr, category_key, programs,
                                invitations, invitations_corrected, crs, tie_break, tie_break_published, pool_as_of, pool, source, notes,
                                recorded_at)
             VALUES ('252', 2520, '2023-06-28', '2023-06-28T14:04:34Z', 'June 28, 2023 at 14:04:34 UTC', 'Healthcare', 'Santé',
                     'healthcare', 'FSW', 500, NULL, 476, '2022-11-12T12:47:27Z', 'November 12, 2022', NULL, NULL, 'x', '',
                     '2023-06-29T00:00:00Z');
             INSERT INTO draw_corrections (round, field, before, after, corrected_at, corrected_by, origin, source)
             VALUES ('252', 'crs', '475', '476', '2023-07-01T00:00:00Z', 'Old Hand', 'hand', 'x');
             INSERT INTO draw_acknowledged_warnings VALUES ('252', 'd', 'It is so.', '2023-07-01T00:00:00Z', 'Old Hand');
             INSERT INTO draw_imports (received_at, received_by, file_name, content, applied_at)
             VALUES ('2026-11-22T08:00:00Z', 'Old Hand', 'rounds.json', NULL, '2026-11-22T08:00:00Z');"
        }
        6 => {
            "INSERT INTO posts (id, slug, title, summary, author, state, published_at, created_at, updated_at, body)
             VALUES (1, 'sample', 'A sampleword post', 'Of 500', 'Old Hand', 'published', '2023-07-04T00:00:00Z',
                     '2023-07-04T00:00:00Z', '2023-07-04T00:00:00Z', 'Round {{draw 252 crs}}.'),
                    (2, 'draft', 'A draft', '', 'Old Hand', 'draft', NULL, '2023-07-04T00:00:00Z', '2023-07-04T00:00:00Z', 'x');
             INSERT INTO post_topics VALUES (1, 'express-entry');
             INSERT INTO post_draws VALUES (1, '252');
             INSERT INTO post_occupations VALUES (1, '31301');
             INSERT INTO post_lists VALUES (1, 'healthcare', '2023-06-28');
             INSERT INTO accepted_findings VALUES (1, 'f', 'It is so.', 'Old Hand', '2023-07-04T00:00:00Z');
             INSERT INTO post_revisions VALUES (1, 1, '2023-07-04T00:00:00Z', 'Old Hand', 'A post', 'Of 500', 'Old Hand', '', 'x', '');
             INSERT INTO redirects VALUES ('/old', '/news/sample');"
        }
        7 => {
            "INSERT INTO reference_counters VALUES (2026, 2);
             INSERT INTO consent_texts VALUES ('v1', 'I agree.', '2026-01-01T00:00:00Z');
             INSERT INTO inquiries (id, reference, kind, state, received_at, state_changed_at, receipt_token, form_token, content_hash,
                                    name, email, phone, phone_e164, numbers, message, consent_at, consent_version, owner_id,
                                    crs)
             VALUES (1, 'IE-2026-000001', 'apply', 'new', '2026-11-21T00:00:00Z', '2026-11-21T00:00:00Z',
                     '00112233445566778899aabbccddeeff', 'k1', 'h1', 'Ayesha Khan', 'visitor@example.com', '0300 1234567',
                     '+923001234567', '[\"+923001234567\",\"3001234567\"]', 'Sampleword of an inquiry', '2026-11-21T00:00:00Z', 'v1', 71, 470);
             INSERT INTO inquiries (id, reference, kind, state, received_at, state_changed_at, receipt_token, form_token, content_hash,
                                    name, email, phone, message, merged_into)
             VALUES (2, 'IE-2026-000002', 'contact', 'answered', '2026-11-21T00:00:00Z', '2026-11-21T00:00:00Z',
                     'ffeeddccbbaa99887766554433221100', 'k2', 'h2', 'Ayesha', 'visitor@example.com', '', 'Once more', 1);
             INSERT INTO inquiry_events (inquiry_id, at, actor, kind, note)
             VALUES (1, '2026-11-21T01:00:00Z', 'Old Hand', 'note', 'Called');
             INSERT INTO previous_contacts (inquiry_id, contact) VALUES (1, 'visiter@example.com');
             INSERT INTO answer_templates (title, body, updated_at, updated_by)
             VALUES ('Thanks', 'Thank you.', '2026-01-01T00:00:00Z', 'Old Hand');
             INSERT INTO digest_runs VALUES ('2026-11-22', '2026-11-22T03:00:00Z');
             INSERT INTO erasure_log (at, actor, reason, subject_hash, inquiries, emails)
             VALUES ('2026-11-01T00:00:00Z', 'the clock', 'retention', 'aabb', 1, 2);"
        }
        10 => {
            "INSERT INTO unsaved_forms (token_hash, staff_id, network_hash, page, action, fields, file_names, sent_at)
             VALUES ('cc', 71, '', '/admin/posts/1', '/admin/posts/1', '[[\"title\",\"Half\"]]', '[]', '2026-11-22T08:59:00Z');
             INSERT INTO post_autosaves (post_id, staff_id, base_version, fields, saved_at)
             VALUES (1, 71, 1, '{\"title\":\"Half\"}', '2026-11-22T08:59:00Z');"
        }
        11 => {
            "INSERT INTO media (id, hash, file_name, alt, width, height, bytes, uploaded_at, uploaded_by)
             VALUES (1, '0123456789abcdef', 'a.jpg', 'A chart', 2, 1, 3, '2026-01-01T00:00:00Z', 'Old Hand');
             INSERT INTO media_files VALUES (1, 2, 'jpg', x'ffd8ff');
             INSERT INTO post_media VALUES ('0123456789abcdef', 1);
             INSERT INTO page_media VALUES ('0123456789abcdef', 'about');"
        }
        13 => {
            "INSERT INTO post_reviews (post_id, version, kind, note, staff_id, actor, at)
             VALUES (1, 1, 'submitted', 'Please read it.', 71, 'Old Hand', '2026-11-20T00:00:00Z');
             INSERT INTO post_preview_links (post_id, created_at, created_by, expires_at)
             VALUES (1, '2026-11-20T00:00:00Z', 'Old Hand', '2026-11-27T00:00:00Z');
             INSERT INTO post_staged_changes (post_id, base_version, fields, saved_at, saved_by)
             VALUES (1, 1, '{\"title\":\"A new title\"}', '2026-11-20T00:00:00Z', 'Old Hand');
             INSERT INTO post_corrections (post_id, line, corrected_at, corrected_by)
             VALUES (1, 'It was 500.', '2026-11-20T00:00:00Z', 'Old Hand');"
        }
        14 => {
            "INSERT INTO staff_totp VALUES (71, 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ', '2026-01-01T00:00:00Z', 1);
             INSERT INTO staff_recovery_codes VALUES (71, 'aa', NULL);"
        }
        15 => {
            "INSERT INTO spam_verdicts (inquiry_id, at, actor, verdict)
             VALUES (1, '2026-11-21T01:00:00Z', 'Old Hand', 'not_spam');
             INSERT INTO inquiry_batches (staff_id, at, action, changed)
             VALUES (71, '2026-11-22T08:59:00Z', 'close', '[{\"id\":1,\"version\":2,\"state\":\"new\",\"owner_id\":71}]');
             INSERT INTO correction_notices
             VALUES (1, '2026-11-22T09:05:00Z', '{\"name\":\"A\",\"email\":\"a@b.example\",\"phone\":\"\",\"whatsapp\":\"\"}');"
        }
        16 => {
            "INSERT INTO page_autosaves (page_id, staff_id, base_version, fields, saved_at)
             SELECT id, 71, 1, '{\"title\":\"Half\"}', '2026-11-22T08:59:00Z' FROM pages WHERE slug = 'about';
             INSERT INTO page_accepted_findings
             SELECT id, 'f', 'It is so.', 'Old Hand', '2026-11-22T08:59:00Z' FROM pages WHERE slug = 'about';
             INSERT INTO open_editors VALUES ('posts/1', 71, '2026-11-22T08:59:00Z');
             INSERT INTO setup_confirmations VALUES ('name', 'Old Hand', '2026-11-22T08:59:00Z');"
        }
        17 => {
            "INSERT INTO wordpress_items VALUES ('https://old.example', 12, 1, NULL, '2026-11-22T08:59:00Z');
             INSERT INTO wordpress_uploads (file_name, received_at, received_by, content)
             VALUES ('export.xml', '2026-11-22T08:59:00Z', 'Old Hand', NULL);"
        }
        18 => {
            "INSERT INTO inquiry_replies (event_id, inquiry_id, message_key, message_id, sender, is_other_address, subject, quoted,
                                          attachments)
             VALUES ((SELECT max(id) FROM inquiry_events WHERE inquiry_id = 1), 1, 'a@b', 'a@b', 'visitor@example.com', 0, 'Re', '',
                     '[{\"name\":\"a.pdf\",\"size\":1}]');"
        }
        19 => {
            "INSERT INTO wordpress_imports (file_name, folder, received_at, received_by, state, ended_at)
             VALUES ('export.xml', 'aa', '2026-11-22T08:59:00Z', 'Old Hand', 'imported', '2026-11-22T08:59:30Z');
             INSERT INTO wordpress_pending_pictures SELECT min(id) FROM media;"
        }
        23 => {
            "INSERT INTO share_cards VALUES ('draw-252', 'hash', x'89504e47');
             INSERT INTO indexnow_state VALUES (1, '2026-11-22T08:59:00Z');"
        }
        _ => "",
    }
}

async fn texts(db: &mut SqliteConnection, sql: String) -> Vec<String> {
    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(db).await.unwrap()
}

/// Tables, without the shadow tables of search indexes.
async fn tables(db: &mut SqliteConnection) -> Vec<String> {
    let sql = "SELECT name FROM pragma_table_list WHERE type = 'table' AND schema = 'main' AND name NOT LIKE 'sqlite_%'
               AND name <> '_sqlx_migrations' ORDER BY name";
    texts(db, sql.to_owned()).await
}

/// Rows of every table, by table and columns. Each row is one text.
async fn rows(db: &mut SqliteConnection) -> BTreeMap<(String, String), Vec<String>> {
    let mut found = BTreeMap::new();
    for table in tables(db).await {
        let columns = texts(db, format!("SELECT 'quote(\"' || name || '\")' FROM pragma_table_info('{table}')")).await;
        let columns = columns.join(" || ',' || ");
        let all = texts(db, format!("SELECT {columns} FROM \"{table}\"")).await;
        found.insert((table, columns), all);
    }
    found
}

/// Creates a database of this schema version with rows in every table. Returns the rows.
async fn database_of_version(version: i64, dir: &TempDir) -> BTreeMap<(String, String), Vec<String>> {
    std::fs::create_dir(dir.path().join("data")).unwrap();
    let file = dir.path().join("data/site.db");
    let mut db = SqliteConnectOptions::new().filename(&file).create_if_missing(true).connect().await.unwrap();
    for step in MIGRATIONS.iter().filter(|step| step.version <= version) {
        MIGRATIONS.run_to(step.version, &mut db).await.unwrap();
        sqlx::raw_sql(samples(step.version)).execute(&mut db).await.unwrap();
        for table in tables(&mut db).await {
            let any = texts(&mut db, format!("SELECT CAST(count(*) AS TEXT) FROM \"{table}\"")).await;
            assert_ne!(any, ["0"], "migration {} creates {table}: add a row to samples()", step.version);
        }
    }
    let rows = rows(&mut db).await;
    db.close().await.unwrap();
    rows
}

#[actix_web::test]
async fn data_of_every_version_survives_the_upgrade() {
    for version in MIGRATIONS.iter().map(|step| step.version) {
        let dir = tempfile::tempdir().unwrap();
        let before = database_of_version(version, &dir).await;
        // The sender would end the recorded outage.
        let _lock = lock_sender(&dir.path().join("data"));
        let site = Site::start_in(dir, &["--staff-inbox", "inbox@example.com"]).await;
        for ((table, columns), rows) in before.iter().filter(|((table, _), _)| !CHANGED_TABLES.contains(&&**table)) {
            let sql = format!("SELECT {columns} FROM \"{table}\"");
            let now = texts(&mut site.running.services.db.read().acquire().await.unwrap(), sql).await;
            for row in rows {
                assert!(now.contains(row), "version {version}: {table}: {row}");
            }
        }
        let visitor = site.visitor();
        for path in PUBLIC_PAGES {
            let page = visitor.get(path).await;
            assert!(page.status == 200 || page.status == 404, "version {version}: {path}: {}", page.status);
        }
        for path in ["/", "/about", "/news", "/draws", "/occupations", "/contact", "/apply"] {
            assert_eq!(visitor.get(path).await.status, 200, "version {version}: {path}");
        }
        let admin = site.staff(Role::Admin).await;
        for path in STAFF_PAGES {
            let page = admin.get(path).await;
            assert!(page.status < 500, "version {version}: {path}: {}", page.status);
        }
        let found = visitor.get("/search?q=sampleword").await.text;
        for (since, path) in [(1, "/about"), (4, "/occupations/31301"), (6, "/news/sample")] {
            assert!(version < since || found.contains(path), "version {version}: {path} is found");
        }
        if version >= 6 {
            assert!(visitor.get("/news/sample").await.text.contains("476"));
        }
        if version >= 7 {
            let inbox = admin.get("/admin/inquiries?q=sampleword").await;
            assert!(inbox.text.contains("IE-2026-000001"), "{}", inbox.text);
            assert_eq!(visitor.get("/receipts/00112233445566778899aabbccddeeff").await.status, 200);
        }
        let fields = [("name", "Omar"), ("email", "omar@example.org"), ("message", "Is it still open?")];
        assert_eq!(visitor.post("/contact", &fields).await.status, 303, "version {version}");
        site.stop().await;
    }
}
