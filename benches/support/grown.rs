//! A site that has grown: 10,000 posts and 100,000 inquiries, written by SQL.

/// Posts that all speak of the same things, each of a round of its own.
pub const POSTS: &str = "
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
    INSERT INTO posts (slug, title, summary, author, state, published_at, created_at, updated_at, body)
    SELECT 'post-' || i, 'Express Entry news ' || i, 'What happened in week ' || i || '.', 'Bench', 'published',
           '2024-01-01T00:00:00Z', '2024-01-01T00:00:00Z', '2024-01-01T00:00:00Z',
           replace(hex(zeroblob(40)), '00', 'Candidates with a nurse or a dentist in the family asked about round ' || i || '. ')
    FROM n";

/// Inquiries of two years, in every state.
pub const INQUIRIES: &str = "
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
    INSERT INTO inquiries (reference, kind, state, received_at, state_changed_at, receipt_token, form_key, content_hash,
                           name, email, phone, phone_e164, residence, program, occupation, noc, crs, owner_id, message)
    SELECT printf('IE-2026-%06d', i), iif(i % 3, 'apply', 'contact'),
           CASE WHEN i > 99500 THEN 'new' WHEN i % 500 = 0 THEN 'quarantined' WHEN i % 7 = 0 THEN 'closed'
                WHEN i % 60 = 0 THEN 'reading' ELSE 'answered' END,
           strftime('%Y-%m-%dT%H:%M:%SZ', 1795300000 - (100000 - i) * 700, 'unixepoch'), '2026-11-22T08:00:00Z',
           lower(hex(randomblob(16))), '', hex(randomblob(16)),
           CASE i % 5 WHEN 0 THEN 'Zaynab' WHEN 1 THEN 'Bilal' WHEN 2 THEN 'Amina' WHEN 3 THEN 'Omar' ELSE 'Hina' END || ' ' ||
           CASE i % 7 WHEN 0 THEN 'Khan' WHEN 1 THEN 'Malik' WHEN 2 THEN 'Butt' WHEN 3 THEN 'Qureshi' ELSE 'Ahmed' END,
           'visitor' || (i % 60000) || '@example.com', '0300 ' || printf('%07d', i % 70000), '+92300' || printf('%07d', i % 70000),
           'Pakistan', iif(i % 3, 'Express Entry', ''), iif(i % 3, 'nurse', ''), iif(i % 3, iif(i % 10, '31301', '21231'), ''),
           iif(i % 3, 300 + i % 300, NULL), iif(i % 4, NULL, 1),
           'I would like to move to Canada with my family and work as a nurse there. ' ||
           replace(hex(zeroblob(12)), '00', 'How long will it take, and what does it cost to apply now? ')
    FROM n";
