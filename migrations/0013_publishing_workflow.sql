-- Publishing workflow: review, scheduling, preview links, publish date, and texts for search engines.

-- More states. ALTER TABLE cannot change a CHECK. The documented way for a change that affects no stored row is to edit
-- the definition: https://www.sqlite.org/lang_altertable.html#otheralter
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(replace(sql,
    'state IN (''draft'', ''published'')', 'state IN (''draft'', ''in_review'', ''scheduled'', ''published'', ''unpublished'')'),
    'state = ''draft'' OR published_at IS NOT NULL', 'state NOT IN (''published'', ''unpublished'') OR published_at IS NOT NULL')
WHERE type = 'table' AND name = 'posts';
PRAGMA writable_schema = RESET;

ALTER TABLE posts ADD COLUMN scheduled_for TEXT CHECK ((scheduled_for IS NOT NULL) = (state = 'scheduled')); -- UTC
ALTER TABLE posts ADD COLUMN publish_date TEXT NOT NULL DEFAULT '';       -- chosen by staff, in the office time zone
ALTER TABLE posts ADD COLUMN search_title TEXT NOT NULL DEFAULT '';       -- instead of the title in search results
ALTER TABLE posts ADD COLUMN search_description TEXT NOT NULL DEFAULT ''; -- instead of the summary in search results
ALTER TABLE post_revisions ADD COLUMN publish_date TEXT NOT NULL DEFAULT '';
ALTER TABLE post_revisions ADD COLUMN search_title TEXT NOT NULL DEFAULT '';
ALTER TABLE post_revisions ADD COLUMN search_description TEXT NOT NULL DEFAULT '';

UPDATE posts SET state = 'unpublished' WHERE state = 'draft' AND published_at IS NOT NULL AND trashed_at IS NULL;

CREATE INDEX posts_in_review ON posts (id) WHERE state = 'in_review' AND trashed_at IS NULL;
CREATE INDEX posts_scheduled ON posts (scheduled_for) WHERE state = 'scheduled' AND trashed_at IS NULL;
CREATE INDEX posts_unpublished ON posts (updated_at DESC, id DESC) WHERE state = 'unpublished' AND trashed_at IS NULL;

-- What happened in the review of a post, with the note that was sent.
CREATE TABLE post_reviews (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    post_id  INTEGER NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    version  INTEGER NOT NULL,               -- version of the post
    kind     TEXT NOT NULL CHECK (kind IN ('submitted', 'returned', 'held')),
    note     TEXT NOT NULL,
    staff_id INTEGER REFERENCES staff (id),  -- NULL if the site held the post back
    actor    TEXT NOT NULL,
    at       TEXT NOT NULL
) STRICT;
CREATE INDEX post_reviews_by_post ON post_reviews (post_id, id);
CREATE INDEX post_reviews_returned ON post_reviews (post_id, id) WHERE kind = 'returned';

-- Links that show an unpublished post without an account. The secret part is derived from the ID and the key of the site.
CREATE TABLE post_preview_links (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    post_id    INTEGER NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    created_at TEXT NOT NULL,
    created_by TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    revoked_at TEXT
) STRICT;
CREATE INDEX post_preview_links_by_post ON post_preview_links (post_id);

-- Only published posts are on the site.
DROP VIEW media_uses;
CREATE VIEW media_uses AS
SELECT m.hash, '/admin/posts/' || p.id AS admin_path, p.title,
       CASE WHEN p.trashed_at IS NOT NULL THEN 'post in trash' WHEN p.state = 'published' THEN 'post' ELSE 'draft' END AS place
FROM post_media m JOIN posts p ON p.id = m.post_id
UNION ALL
SELECT m.hash, '/admin/site/pages/' || p.slug, p.title, 'page' FROM page_media m JOIN pages p ON p.slug = m.slug;

-- Changes to a published post that are not published yet.
CREATE TABLE post_staged_changes (
    post_id      INTEGER PRIMARY KEY REFERENCES posts (id) ON DELETE CASCADE,
    base_version INTEGER NOT NULL,          -- version that the changes are based on
    save_number  INTEGER NOT NULL DEFAULT 1, -- raised with every save; detects concurrent edits
    fields       TEXT NOT NULL CHECK (json_valid(fields)),
    saved_at     TEXT NOT NULL,
    saved_by     TEXT NOT NULL
) STRICT;

-- Lines that say what was corrected in a published post.
CREATE TABLE post_corrections (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    post_id      INTEGER NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    line         TEXT NOT NULL,
    corrected_at TEXT NOT NULL,
    corrected_by TEXT NOT NULL
) STRICT;
CREATE INDEX post_corrections_by_post ON post_corrections (post_id, id);
CREATE TRIGGER content_post_corrections_insert AFTER INSERT ON post_corrections BEGIN UPDATE content_version SET version = version + 1; END;
CREATE TRIGGER content_post_corrections_update AFTER UPDATE ON post_corrections BEGIN UPDATE content_version SET version = version + 1; END;
CREATE TRIGGER content_post_corrections_delete AFTER DELETE ON post_corrections BEGIN UPDATE content_version SET version = version + 1; END;
