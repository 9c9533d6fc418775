-- Pages that staff add, order and delete; their version history; more company settings; the set-up checklist.
ALTER TABLE pages ADD COLUMN state TEXT NOT NULL DEFAULT 'published' CHECK (state IN ('draft', 'published'));
ALTER TABLE pages ADD COLUMN published_at TEXT;         -- first publication; unpublishing keeps it
ALTER TABLE pages ADD COLUMN trashed_at TEXT;           -- NULL unless the page is in the trash
ALTER TABLE pages ADD COLUMN menu_label TEXT NOT NULL DEFAULT ''; -- empty: the title
ALTER TABLE pages ADD COLUMN placement TEXT NOT NULL DEFAULT 'none'
    CHECK (placement IN ('none', 'menu', 'footer', 'menu_and_footer'));
ALTER TABLE pages ADD COLUMN list_order INTEGER NOT NULL DEFAULT 0; -- in the menu, in the footer and in the admin area
-- What visitors see does not change, so the content version stays.
DROP TRIGGER content_pages_update;
DROP TRIGGER content_site_update;
UPDATE pages SET published_at = updated_at, list_order = id;
UPDATE pages SET placement = 'menu_and_footer', menu_label = 'About' WHERE slug = 'about';
UPDATE pages SET placement = 'footer' WHERE slug = 'privacy';

-- Revisions by the ID of the page, because its slug can change.
CREATE TABLE new_page_revisions (
    page_id       INTEGER NOT NULL REFERENCES pages (id) ON DELETE CASCADE,
    version       INTEGER NOT NULL,
    saved_at      TEXT NOT NULL,
    saved_by      TEXT NOT NULL,
    restored_from INTEGER,                  -- version that this one restored
    title         TEXT NOT NULL,
    slug          TEXT NOT NULL,
    menu_label    TEXT NOT NULL,
    summary       TEXT NOT NULL,
    body          TEXT NOT NULL,
    PRIMARY KEY (page_id, version)
) STRICT, WITHOUT ROWID;
INSERT INTO new_page_revisions
SELECT p.id, r.version, r.saved_at, r.saved_by, NULL, r.title, r.slug, p.menu_label, r.summary, r.body
FROM page_revisions r JOIN pages p ON p.slug = r.slug;
DROP TABLE page_revisions;
ALTER TABLE new_page_revisions RENAME TO page_revisions;

-- Text of an open page editor, like post_autosaves.
CREATE TABLE page_autosaves (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    page_id      INTEGER REFERENCES pages (id) ON DELETE CASCADE, -- NULL for a new page
    staff_id     INTEGER NOT NULL REFERENCES staff (id),
    base_version INTEGER NOT NULL,          -- version that the editor was opened with; 0 for a new page
    fields       TEXT NOT NULL CHECK (json_valid(fields)),
    saved_at     TEXT NOT NULL
) STRICT;
CREATE INDEX page_autosaves_by_staff ON page_autosaves (staff_id, page_id, saved_at);
CREATE INDEX page_autosaves_by_page ON page_autosaves (page_id);
CREATE INDEX page_autosaves_by_time ON page_autosaves (saved_at);

-- Fact check findings that a publisher decided to keep, with the reason, like accepted_findings.
CREATE TABLE page_accepted_findings (
    page_id     INTEGER NOT NULL REFERENCES pages (id) ON DELETE CASCADE,
    finding     TEXT NOT NULL,
    reason      TEXT NOT NULL,
    accepted_by TEXT NOT NULL,
    accepted_at TEXT NOT NULL,
    PRIMARY KEY (page_id, finding)
) STRICT, WITHOUT ROWID;

-- The search finds public pages only.
CREATE VIEW search_pages AS
SELECT 4 * id + 3 AS entry, id, title, summary || ' ' || body AS body, '' AS figures
FROM pages WHERE state = 'published' AND trashed_at IS NULL;
DROP TRIGGER search_page_insert;
DROP TRIGGER search_page_update;
CREATE TRIGGER search_page_insert AFTER INSERT ON pages BEGIN
    INSERT INTO search_fts (rowid, title, body, figures)
    SELECT entry, title, body, figures FROM search_pages WHERE id = new.id;
END;
CREATE TRIGGER search_page_update AFTER UPDATE ON pages BEGIN
    DELETE FROM search_fts WHERE rowid = 4 * new.id + 3;
    INSERT INTO search_fts (rowid, title, body, figures)
    SELECT entry, title, body, figures FROM search_pages WHERE id = new.id;
END;

ALTER TABLE site ADD COLUMN whatsapp TEXT NOT NULL DEFAULT '';      -- numbers, one per line
ALTER TABLE site ADD COLUMN social_links TEXT NOT NULL DEFAULT '';  -- URLs, one per line
ALTER TABLE site ADD COLUMN logo TEXT NOT NULL DEFAULT '';          -- address of a picture, or empty
ALTER TABLE site ADD COLUMN logo_has_name INTEGER NOT NULL DEFAULT 0 CHECK (logo_has_name IN (0, 1));
ALTER TABLE site ADD COLUMN front_heading TEXT NOT NULL DEFAULT ''; -- empty: "Welcome to" and the name
ALTER TABLE site ADD COLUMN front_text TEXT NOT NULL DEFAULT '';    -- paragraphs, separated by empty lines
UPDATE site SET front_text = 'Express Entry is the system that Canada uses to invite skilled workers to apply to live in Canada. We publish the official figures of its draws and explain what they mean.';

CREATE TRIGGER content_pages_update AFTER UPDATE ON pages BEGIN UPDATE content_version SET version = version + 1; END;
CREATE TRIGGER content_site_update AFTER UPDATE ON site BEGIN UPDATE content_version SET version = version + 1; END;

-- Where each picture is used. Posts and pages in the trash count, because they can be restored.
DROP VIEW media_uses;
CREATE VIEW media_uses AS
SELECT m.hash, '/admin/posts/' || p.id AS admin_path, p.title,
       CASE WHEN p.trashed_at IS NOT NULL THEN 'post in trash' WHEN p.state = 'published' THEN 'post' ELSE 'draft' END AS place
FROM post_media m JOIN posts p ON p.id = m.post_id
UNION ALL
SELECT m.hash, '/admin/pages/' || p.id, p.title, iif(p.trashed_at IS NULL, 'page', 'page in trash')
FROM page_media m JOIN pages p ON p.slug = m.slug
UNION ALL
-- The hash follows "/media/" in the address.
SELECT substr(logo, 8, 16), '/admin/site', name, 'logo' FROM site WHERE logo <> '';

-- Editors that are open, by document, such as posts/1. Entries of the last minutes count.
CREATE TABLE open_editors (
    document TEXT NOT NULL,
    staff_id INTEGER NOT NULL REFERENCES staff (id),
    seen_at  TEXT NOT NULL,
    PRIMARY KEY (document, staff_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX open_editors_by_time ON open_editors (seen_at);

-- Steps of the set-up checklist that an admin has confirmed.
CREATE TABLE setup_confirmations (
    step         TEXT PRIMARY KEY,
    confirmed_by TEXT NOT NULL,
    confirmed_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
