-- Rounds of invitations of Express Entry, as published, and what we know to be otherwise.
CREATE TABLE draws (
    round             TEXT PRIMARY KEY,     -- '252', '91a': text, since 91 exists only as 91a and 91b
    sort_key          INTEGER NOT NULL UNIQUE,  -- 10 × number + 0, 1 (a), 2 (b)
    date              TEXT NOT NULL,        -- the day it was held
    date_published    TEXT,                 -- the published day, where it is known to be wrong
    held_at           TEXT,                 -- the instant, UTC; NULL where the published one cannot be
    held_at_published TEXT NOT NULL,        -- the instant as typed by the publisher
    name              TEXT NOT NULL,
    name_fr           TEXT NOT NULL,
    category_key      TEXT,                 -- 'general', 'pnp', 'healthcare', …; NULL while nobody has said which
    programs          TEXT NOT NULL,
    invitations       INTEGER NOT NULL CHECK (invitations > 0),   -- as published
    invitations_corrected  INTEGER CHECK (invitations_corrected > 0),       -- where the published figure is known to be wrong
    crs               INTEGER NOT NULL CHECK (crs BETWEEN 1 AND 1200),
    tie_break         TEXT,
    tie_break_published TEXT NOT NULL,
    pool_as_of        TEXT,
    pool              TEXT,                 -- JSON object: score band -> profiles, as published
    source            TEXT NOT NULL,
    notes             TEXT NOT NULL,
    recorded_at       TEXT NOT NULL,        -- when the round first came into the record
    CHECK ((pool IS NULL) = (pool_as_of IS NULL))
) STRICT;
CREATE INDEX draws_by_date ON draws (date);
CREATE INDEX draws_by_category ON draws (category_key, sort_key);

-- Every change of a published field after the round was first recorded.
CREATE TABLE draw_corrections (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    round        TEXT NOT NULL REFERENCES draws (round),
    field        TEXT NOT NULL,
    before       TEXT NOT NULL,             -- empty where nothing stood there
    after        TEXT NOT NULL,
    corrected_at TEXT NOT NULL,
    corrected_by TEXT NOT NULL,
    origin       TEXT NOT NULL CHECK (origin IN ('reference', 'hand', 'import')),
    source       TEXT NOT NULL
) STRICT;
CREATE INDEX draw_corrections_by_round ON draw_corrections (round);
CREATE INDEX draw_corrections_by_time ON draw_corrections (corrected_at);

-- Doubts about a round that somebody looked into and found to be as published.
CREATE TABLE draw_acknowledged_warnings (
    round        TEXT NOT NULL REFERENCES draws (round),
    warning_key  TEXT NOT NULL,             -- the rule, and a hash of the message
    reason       TEXT NOT NULL,
    acknowledged_at TEXT NOT NULL,
    acknowledged_by TEXT NOT NULL,
    PRIMARY KEY (round, warning_key)
) STRICT, WITHOUT ROWID;

-- Files of the feed that were handed in: previewed first, then applied.
CREATE TABLE draw_imports (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    received_at TEXT NOT NULL,
    received_by TEXT NOT NULL,
    file_name   TEXT NOT NULL,              -- empty where it was pasted
    content     BLOB,                       -- as received; NULL once applied
    applied_at  TEXT
) STRICT;

-- What the occupations know of the rounds: each that was held for a category, with the list that held on its day.
CREATE VIEW category_draws AS
SELECT d.round, d.sort_key, d.date, d.category_key, d.crs, coalesce(d.invitations_corrected, d.invitations) AS invitations,
       (SELECT l.id FROM category_lists l
        WHERE l.category_key = d.category_key AND l.effective_from <= d.date
          AND (l.effective_to IS NULL OR l.effective_to >= d.date)
        ORDER BY l.effective_from DESC, l.id DESC LIMIT 1) AS list_id
FROM draws d JOIN categories c ON c.key = d.category_key;

-- Draws as the occupation pages see them: the program of each draw that was held for no category. `general` is a draw
-- that was open to every program, `unassigned` one without a type; `program` is NULL for draws of a category.
CREATE VIEW program_draws AS
SELECT round, sort_key, date,
       CASE WHEN category_key IS NULL THEN 'unassigned'
            WHEN category_key IN ('general', 'cec', 'pnp', 'fst', 'fsw') THEN category_key END AS program
FROM draws;
