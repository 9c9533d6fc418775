-- Express Entry draws as published, with known corrections.
CREATE TABLE draws (
    round             TEXT PRIMARY KEY,     -- '252', '91a': text, since 91 exists only as 91a and 91b
    sort_key          INTEGER NOT NULL UNIQUE,  -- 10 × number + 0, 1 (a), 2 (b)
    date              TEXT NOT NULL,        -- date of the draw
    date_published    TEXT,                 -- published date, if it is known to be wrong
    held_at           TEXT,                 -- time in UTC; NULL if the published time is impossible
    held_at_published TEXT NOT NULL,        -- time as published
    name              TEXT NOT NULL,
    name_fr           TEXT NOT NULL,
    category_key      TEXT,                 -- 'general', 'pnp', 'healthcare', …; NULL until assigned
    programs          TEXT NOT NULL,
    invitations       INTEGER NOT NULL CHECK (invitations > 0),   -- as published
    invitations_corrected  INTEGER CHECK (invitations_corrected > 0),       -- if the published figure is known to be wrong
    crs               INTEGER NOT NULL CHECK (crs BETWEEN 1 AND 1200),
    tie_break         TEXT,
    tie_break_published TEXT NOT NULL,
    pool_as_of        TEXT,
    pool              TEXT,                 -- JSON object: score band -> profiles, as published
    source            TEXT NOT NULL,
    notes             TEXT NOT NULL,
    recorded_at       TEXT NOT NULL,        -- time of the first import
    CHECK ((pool IS NULL) = (pool_as_of IS NULL))
) STRICT;
CREATE INDEX draws_by_date ON draws (date);
CREATE INDEX draws_by_category ON draws (category_key, sort_key);

-- Changes of published fields after the first import.
CREATE TABLE draw_corrections (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    round        TEXT NOT NULL REFERENCES draws (round),
    field        TEXT NOT NULL,
    before       TEXT NOT NULL,             -- empty if there was no value
    after        TEXT NOT NULL,
    corrected_at TEXT NOT NULL,
    corrected_by TEXT NOT NULL,
    origin       TEXT NOT NULL CHECK (origin IN ('reference', 'hand', 'import')),
    source       TEXT NOT NULL
) STRICT;
CREATE INDEX draw_corrections_by_round ON draw_corrections (round);
CREATE INDEX draw_corrections_by_time ON draw_corrections (corrected_at);

-- Warnings about a draw that staff checked and acknowledged.
CREATE TABLE draw_acknowledged_warnings (
    round        TEXT NOT NULL REFERENCES draws (round),
    warning_key  TEXT NOT NULL,             -- the rule, and a hash of the message
    reason       TEXT NOT NULL,
    acknowledged_at TEXT NOT NULL,
    acknowledged_by TEXT NOT NULL,
    PRIMARY KEY (round, warning_key)
) STRICT, WITHOUT ROWID;

-- Uploaded feeds: previewed, then applied.
CREATE TABLE draw_imports (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    received_at TEXT NOT NULL,
    received_by TEXT NOT NULL,
    file_name   TEXT NOT NULL,              -- empty if pasted
    content     BLOB,                       -- as received; NULL once applied
    applied_at  TEXT
) STRICT;

-- Draws of a category with the list in force on their date, for occupation pages.
CREATE VIEW category_draws AS
SELECT d.round, d.sort_key, d.date, d.category_key, d.crs, coalesce(d.invitations_corrected, d.invitations) AS invitations,
       (SELECT l.id FROM category_lists l
        WHERE l.category_key = d.category_key AND l.effective_from <= d.date
          AND (l.effective_to IS NULL OR l.effective_to >= d.date)
        ORDER BY l.effective_from DESC, l.id DESC LIMIT 1) AS list_id
FROM draws d JOIN categories c ON c.key = d.category_key;

-- Program of each draw, for occupation pages: `general` for a draw open to all programs, `unassigned` for a draw without a
-- type, NULL for draws of a category.
CREATE VIEW program_draws AS
SELECT round, sort_key, date,
       CASE WHEN category_key IS NULL THEN 'unassigned'
            WHEN category_key IN ('general', 'cec', 'pnp', 'fst', 'fsw') THEN category_key END AS program
FROM draws;
