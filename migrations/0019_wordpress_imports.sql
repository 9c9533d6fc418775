-- Imports of WordPress exports in the admin area. Their files are in DATA_DIR/wordpress until the import has ended.
CREATE TABLE wordpress_imports (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    file_name     TEXT NOT NULL,
    folder        TEXT NOT NULL,            -- below DATA_DIR/wordpress
    received_at   TEXT NOT NULL,
    received_by   TEXT NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('reading', 'ready', 'importing', 'imported', 'failed', 'cancelled')),
    is_started    INTEGER NOT NULL DEFAULT 0 CHECK (is_started IN (0, 1)), -- a process has begun to read or import it
    interruptions INTEGER NOT NULL DEFAULT 0, -- how often the site ended while it read the file
    notice        TEXT NOT NULL DEFAULT '', -- sentence about what happened last
    decision      TEXT NOT NULL DEFAULT '' CHECK (decision IN ('', 'keep', 'drafts')), -- for texts with possible errors
    reason        TEXT NOT NULL DEFAULT '',
    confirmed_by  TEXT NOT NULL DEFAULT '',
    ended_at      TEXT
) STRICT;
-- One import at a time.
CREATE UNIQUE INDEX wordpress_imports_open ON wordpress_imports ((1)) WHERE state IN ('reading', 'ready', 'importing');

-- Pictures that an import has added before its posts. Empty once it has ended.
CREATE TABLE wordpress_pending_pictures (
    media_id INTEGER PRIMARY KEY REFERENCES media (id) ON DELETE CASCADE
) STRICT;

DROP TABLE wordpress_uploads;
