-- Rounds of invitations of Express Entry, as published, and what we know to be otherwise.
CREATE TABLE draws (
    round             TEXT PRIMARY KEY,     -- '252', '91a': text, since 91 exists only as 91a and 91b
    sort_key          INTEGER NOT NULL UNIQUE,  -- 10 × number + 0, 1 (a), 2 (b)
    date              TEXT NOT NULL,        -- the day as published
    held_at           TEXT,                 -- the instant, UTC; NULL where the published one cannot be
    held_at_published TEXT NOT NULL,        -- the instant as typed by the publisher
    name              TEXT NOT NULL,
    name_fr           TEXT NOT NULL,
    kind              TEXT NOT NULL CHECK (kind IN ('general', 'program', 'category')),
    category_key      TEXT NOT NULL,
    programs          TEXT NOT NULL,
    invitations       INTEGER NOT NULL CHECK (invitations > 0),   -- as published
    invitations_true  INTEGER CHECK (invitations_true > 0),       -- where the published figure is known to be wrong
    crs               INTEGER NOT NULL CHECK (crs BETWEEN 1 AND 1200),
    tie_break         TEXT,
    tie_break_published TEXT NOT NULL,
    pool_as_of        TEXT,
    pool              TEXT,                 -- JSON object: score band -> profiles, as published
    source            TEXT NOT NULL,
    notes             TEXT NOT NULL
) STRICT;
CREATE INDEX draws_by_date ON draws (date);
CREATE INDEX draws_by_category ON draws (category_key, sort_key);

CREATE TABLE draw_corrections (
    id           INTEGER PRIMARY KEY,
    round        TEXT NOT NULL REFERENCES draws (round),
    field        TEXT NOT NULL,
    before       TEXT NOT NULL,
    after        TEXT NOT NULL,
    corrected_at TEXT NOT NULL,
    corrected_by TEXT NOT NULL,
    source       TEXT NOT NULL
) STRICT;
CREATE INDEX draw_corrections_by_round ON draw_corrections (round);
