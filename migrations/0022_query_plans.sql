-- Views and an index for sites with thousands of posts. CROSS JOIN keeps the order of the tables: SQLite has no statistics
-- and would read all posts to find a few.
CREATE INDEX posts_by_update ON posts (updated_at);

DROP VIEW draw_mentions;
CREATE VIEW draw_mentions AS
SELECT d.round, '/news/' || p.slug AS path, '/admin/posts/' || p.id AS admin_path, p.title,
       p.state = 'published' AS is_public, p.published_at
FROM post_draws d CROSS JOIN posts p ON p.id = d.post_id WHERE p.trashed_at IS NULL;

DROP VIEW media_uses;
CREATE VIEW media_uses AS
SELECT m.hash, '/admin/posts/' || p.id AS admin_path, p.title,
       CASE WHEN p.trashed_at IS NOT NULL THEN 'post in trash' WHEN p.state = 'published' THEN 'post' ELSE 'draft' END AS place
FROM post_media m CROSS JOIN posts p ON p.id = m.post_id
UNION ALL
SELECT m.hash, '/admin/pages/' || p.id, p.title, iif(p.trashed_at IS NULL, 'page', 'page in trash')
FROM page_media m CROSS JOIN pages p ON p.slug = m.slug
UNION ALL
SELECT substr(logo, 8, 16), '/admin/site', name, 'logo' FROM site WHERE logo <> '';
