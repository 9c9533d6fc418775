//! A site as it is after years: so many posts, inquiries and letters, written straight into the database.

#![allow(dead_code, reason = "each measurement needs a part of it")]

use std::path::Path;

use clap::Parser;
use immigration_experts::app::{self, Running};
use immigration_experts::clock::Clock;
use immigration_experts::config::Settings;
use immigration_experts::mail::{Mailbag, Transport};

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    settings: Settings,
}

/// Starts the site as `main` does it; with 0 megabytes of ready copies every page is built from the database.
pub async fn start(dir: &Path, ready_copies: &str) -> Running {
    let line = ["site", "--bind", "127.0.0.1:0", "--data-dir", dir.to_str().unwrap(), "--ready-copies", ready_copies];
    let config = Line::parse_from(line).settings.check().unwrap();
    let clock = Clock::standing_at("2026-11-22T09:00:00Z".parse().unwrap());
    app::start(config, clock, Transport::Memory(Mailbag::default())).await.unwrap()
}

/// Fills it with so many posts and inquiries, and with two letters about each.
pub async fn fill(site: &Running, posts: i64, inquiries: i64) {
    let mut tx = site.db.begin_write().await.unwrap();
    sqlx::query(POSTS).bind(posts).execute(&mut *tx).await.unwrap();
    sqlx::query(INQUIRIES).bind(inquiries).execute(&mut *tx).await.unwrap();
    sqlx::query(LETTERS).execute(&mut *tx).await.unwrap();
    sqlx::query(AUDIT).bind(inquiries).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
}

const POSTS: &str = "
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
    INSERT INTO posts (slug, title, summary, author, state, published_at, created_at, updated_at, body)
    SELECT 'post-' || i, 'Express Entry news ' || i, 'What happened in week ' || i || '.', 'Bench', 'published',
           strftime('%Y-%m-%dT%H:%M:%SZ', 1704067200 + i * 3600, 'unixepoch'), '2024-01-01T00:00:00Z', '2024-01-01T00:00:00Z',
           replace(hex(zeroblob(40)), '00', 'Candidates with a nurse or a dentist in the family asked about round ' || i || '. ')
    FROM n;
    INSERT INTO post_topics (post_id, topic)
    SELECT id, CASE id % 3 WHEN 0 THEN 'express-entry' WHEN 1 THEN 'study' ELSE 'work' END FROM posts WHERE author = 'Bench'";

const INQUIRIES: &str = "
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
    INSERT INTO inquiries (reference, kind, state, received_at, state_changed_at, receipt_token, form_key, content_hash,
                           name, email, phone, phone_e164, residence, program, occupation, noc, crs, owner_id, message)
    SELECT printf('IE-2026-%06d', i), iif(i % 3, 'apply', 'contact'),
           CASE WHEN i > ?1 - 500 THEN 'new' WHEN i % 500 = 0 THEN 'quarantined' WHEN i % 7 = 0 THEN 'closed'
                WHEN i % 60 = 0 THEN 'reading' ELSE 'answered' END,
           strftime('%Y-%m-%dT%H:%M:%SZ', 1795300000 - (?1 - i) * 700, 'unixepoch'), '2026-11-22T08:00:00Z',
           lower(hex(randomblob(16))), '', hex(randomblob(16)),
           CASE i % 5 WHEN 0 THEN 'Zaynab' WHEN 1 THEN 'Bilal' WHEN 2 THEN 'Amina' WHEN 3 THEN 'Omar' ELSE 'Hina' END || ' ' ||
           CASE i % 7 WHEN 0 THEN 'Khan' WHEN 1 THEN 'Malik' WHEN 2 THEN 'Butt' WHEN 3 THEN 'Qureshi' ELSE 'Ahmed' END,
           'visitor' || (i % 60000) || '@example.com', '0300 ' || printf('%07d', i % 70000), '+92300' || printf('%07d', i % 70000),
           'Pakistan', iif(i % 3, 'Express Entry', ''), iif(i % 3, 'nurse', ''), iif(i % 3, iif(i % 10, '31301', '21231'), ''),
           iif(i % 3, 300 + i % 300, NULL), NULL,
           'I would like to move to Canada with my family and work as a nurse there. ' ||
           replace(hex(zeroblob(12)), '00', 'How long will it take, and what does it cost to apply now? ')
    FROM n";

const LETTERS: &str = "
    WITH copies (copy) AS (VALUES (1), (2))
    INSERT INTO outbox (message_id, recipient, subject, inquiry_id, state, queued_at, next_attempt_at, give_up_at, sent_at, sent_by,
                        body_text, body_html)
    SELECT lower(hex(randomblob(16))) || '@example.com', iif(copy = 1, 'inbox@example.com', email), 'About ' || reference, id, 'sent',
           received_at, received_at, received_at, received_at, 'smtp', message, '<p>' || message || '</p>'
    FROM inquiries CROSS JOIN copies";

const AUDIT: &str = "
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
    INSERT INTO audit_log (at, actor, action, subject)
    SELECT '2026-11-22T08:00:00Z', 'Bench', 'answered inquiry', 'inquiry ' || i FROM n";
