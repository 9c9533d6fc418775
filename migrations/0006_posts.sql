-- News posts with their revisions, topics and redirects.
CREATE TABLE posts (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    slug         TEXT NOT NULL UNIQUE,
    title        TEXT NOT NULL,
    summary      TEXT NOT NULL,
    author       TEXT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('draft', 'published')),
    trashed_at    TEXT,                      -- NULL unless the post is in the trash
    published_at TEXT,                      -- first publication; unpublishing keeps it
    created_at   TEXT NOT NULL,
    updated_at   TEXT NOT NULL,
    version      INTEGER NOT NULL DEFAULT 1,
    body         TEXT NOT NULL,             -- Markdown
    correction   TEXT NOT NULL DEFAULT '',  -- Markdown: errors in earlier versions
    CHECK (state = 'draft' OR published_at IS NOT NULL)
) STRICT;
-- Includes the state and the trash so that posts are counted without reading their texts.
CREATE INDEX posts_public ON posts (published_at DESC, id DESC, state, trashed_at) WHERE state = 'published' AND trashed_at IS NULL;
CREATE INDEX posts_drafts ON posts (updated_at DESC, id DESC) WHERE state = 'draft' AND trashed_at IS NULL;
CREATE INDEX posts_trashed ON posts (updated_at DESC, id DESC) WHERE trashed_at IS NOT NULL;

CREATE TABLE post_topics (
    post_id INTEGER NOT NULL REFERENCES posts (id),
    topic   TEXT NOT NULL,
    PRIMARY KEY (topic, post_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX post_topics_by_post ON post_topics (post_id);

-- Draws mentioned in a post by token, link or number.
CREATE TABLE post_draws (
    post_id INTEGER NOT NULL REFERENCES posts (id),
    round   TEXT NOT NULL,
    PRIMARY KEY (round, post_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX post_draws_by_post ON post_draws (post_id);

-- Posts that mention a draw, for the draw pages.
CREATE VIEW draw_mentions AS
SELECT d.round, '/news/' || p.slug AS path, '/admin/posts/' || p.id AS admin_path, p.title,
       p.state = 'published' AS is_public, p.published_at
FROM post_draws d JOIN posts p ON p.id = d.post_id WHERE p.trashed_at IS NULL;

-- Occupations mentioned in a post by code or link.
CREATE TABLE post_occupations (
    post_id INTEGER NOT NULL REFERENCES posts (id),
    noc     TEXT NOT NULL,
    PRIMARY KEY (noc, post_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX post_occupations_by_post ON post_occupations (post_id);

-- Category lists included in a post, with the date they are included for.
CREATE TABLE post_lists (
    post_id      INTEGER NOT NULL REFERENCES posts (id),
    category_key TEXT NOT NULL,
    day          TEXT NOT NULL,
    PRIMARY KEY (post_id, category_key, day)
) STRICT, WITHOUT ROWID;

-- Public posts that mention an occupation, for the occupation pages.
CREATE VIEW occupation_mentions AS
WITH named (noc, post_id) AS (
    SELECT noc, post_id FROM post_occupations
    UNION
    SELECT o.noc, t.post_id
    FROM post_lists t
    JOIN category_lists l ON l.category_key = t.category_key AND l.effective_from <= t.day
                         AND (l.effective_to IS NULL OR l.effective_to >= t.day)
    JOIN category_occupations o ON o.list_id = l.id
)
SELECT n.noc, '/news/' || p.slug AS path, p.title, p.published_at
FROM named n JOIN posts p ON p.id = n.post_id WHERE p.state = 'published' AND p.trashed_at IS NULL;

-- Fact check findings that a publisher decided to keep, with the reason.
CREATE TABLE accepted_findings (
    post_id     INTEGER NOT NULL REFERENCES posts (id),
    finding     TEXT NOT NULL,              -- hash of rule, field, sentence and reason
    reason      TEXT NOT NULL,
    accepted_by TEXT NOT NULL,
    accepted_at TEXT NOT NULL,
    PRIMARY KEY (post_id, finding)
) STRICT, WITHOUT ROWID;

CREATE TABLE post_revisions (
    post_id    INTEGER NOT NULL REFERENCES posts (id),
    version    INTEGER NOT NULL,
    saved_at   TEXT NOT NULL,
    saved_by   TEXT NOT NULL,
    title      TEXT NOT NULL,
    summary    TEXT NOT NULL,
    author     TEXT NOT NULL,
    topics     TEXT NOT NULL,
    body       TEXT NOT NULL,
    correction TEXT NOT NULL,
    PRIMARY KEY (post_id, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE redirects (
    from_path TEXT PRIMARY KEY,
    to_path   TEXT NOT NULL
) STRICT, WITHOUT ROWID;
