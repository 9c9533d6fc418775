-- Posts and pages imported from WordPress, so that a second import of the same file adds nothing twice.
CREATE TABLE wordpress_items (
    source       TEXT NOT NULL,             -- address of the old site
    wordpress_id INTEGER NOT NULL,
    post_id      INTEGER REFERENCES posts (id) ON DELETE CASCADE,
    page_id      INTEGER REFERENCES pages (id) ON DELETE CASCADE,
    imported_at  TEXT NOT NULL,
    PRIMARY KEY (source, wordpress_id),
    CHECK ((post_id IS NULL) <> (page_id IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX wordpress_items_by_post ON wordpress_items (post_id);
CREATE INDEX wordpress_items_by_page ON wordpress_items (page_id);

-- Files uploaded in the admin area, until they are imported.
CREATE TABLE wordpress_uploads (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    file_name   TEXT NOT NULL,
    received_at TEXT NOT NULL,
    received_by TEXT NOT NULL,
    content     BLOB                        -- NULL once imported
) STRICT;
