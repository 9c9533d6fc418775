-- Pictures: one row for each picture, and its files in several widths and formats.
CREATE TABLE media (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    hash        TEXT NOT NULL UNIQUE CHECK (length(hash) = 16), -- of all files; part of their addresses
    file_name   TEXT NOT NULL,              -- as uploaded
    alt         TEXT NOT NULL DEFAULT '',   -- suggested alternative text; each use has its own
    width       INTEGER NOT NULL,           -- of the largest file, in pixels
    height      INTEGER NOT NULL,
    bytes       INTEGER NOT NULL,           -- of all files together
    uploaded_at TEXT NOT NULL,
    uploaded_by TEXT NOT NULL,
    trashed_at  TEXT                        -- NULL unless the picture is in the trash
) STRICT;
CREATE INDEX media_library ON media (id DESC) WHERE trashed_at IS NULL;
CREATE INDEX media_trashed ON media (trashed_at) WHERE trashed_at IS NOT NULL;

CREATE TABLE media_files (
    media_id INTEGER NOT NULL REFERENCES media (id) ON DELETE CASCADE,
    width    INTEGER NOT NULL,
    format   TEXT NOT NULL CHECK (format IN ('webp', 'jpg')),
    content  BLOB NOT NULL,
    PRIMARY KEY (media_id, width, format)
) STRICT;

-- Pictures in the text, the correction note or the cover of a post.
CREATE TABLE post_media (
    hash    TEXT NOT NULL,
    post_id INTEGER NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    PRIMARY KEY (hash, post_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX post_media_by_post ON post_media (post_id);

-- Pictures in the text of a page.
CREATE TABLE page_media (
    hash TEXT NOT NULL,
    slug TEXT NOT NULL REFERENCES pages (slug) ON DELETE CASCADE ON UPDATE CASCADE,
    PRIMARY KEY (hash, slug)
) STRICT, WITHOUT ROWID;
CREATE INDEX page_media_by_page ON page_media (slug);

-- Where each picture is used. Posts in the trash count, because they can be restored.
CREATE VIEW media_uses AS
SELECT m.hash, '/admin/posts/' || p.id AS admin_path, p.title,
       CASE WHEN p.trashed_at IS NOT NULL THEN 'post in trash' WHEN p.state = 'draft' THEN 'draft' ELSE 'post' END AS place
FROM post_media m JOIN posts p ON p.id = m.post_id
UNION ALL
SELECT m.hash, '/admin/site/pages/' || p.slug, p.title, 'page' FROM page_media m JOIN pages p ON p.slug = m.slug;

CREATE TRIGGER content_media_insert AFTER INSERT ON media BEGIN UPDATE content_version SET version = version + 1; END;
CREATE TRIGGER content_media_update AFTER UPDATE ON media BEGIN UPDATE content_version SET version = version + 1; END;
CREATE TRIGGER content_media_delete AFTER DELETE ON media BEGIN UPDATE content_version SET version = version + 1; END;

-- Cover picture: the address of its largest JPEG, or empty.
ALTER TABLE posts ADD COLUMN cover TEXT NOT NULL DEFAULT '';
ALTER TABLE posts ADD COLUMN cover_alt TEXT NOT NULL DEFAULT '';
ALTER TABLE post_revisions ADD COLUMN cover TEXT NOT NULL DEFAULT '';
ALTER TABLE post_revisions ADD COLUMN cover_alt TEXT NOT NULL DEFAULT '';
