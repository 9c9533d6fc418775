-- The National Occupational Classification 2021 and the dated category lists of Express Entry.
CREATE TABLE occupations (
    noc               TEXT PRIMARY KEY CHECK (noc GLOB '[0-9][0-9][0-9][0-9][0-9]'),
    title_en          TEXT NOT NULL,
    title_fr          TEXT NOT NULL,
    teer              INTEGER NOT NULL CHECK (teer BETWEEN 0 AND 5),
    broad_category    INTEGER NOT NULL CHECK (broad_category BETWEEN 0 AND 9),
    broad_category_en TEXT NOT NULL,
    broad_category_fr TEXT NOT NULL
) STRICT;

-- Words of both titles, accents folded, so that "infirmier" and "dietetiste" find theirs.
CREATE VIRTUAL TABLE occupations_fts USING fts5 (
    noc UNINDEXED, title_en, title_fr,
    tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
);
CREATE TRIGGER occupations_after_insert AFTER INSERT ON occupations BEGIN
    INSERT INTO occupations_fts (noc, title_en, title_fr) VALUES (new.noc, new.title_en, new.title_fr);
END;

CREATE TABLE categories (
    key      TEXT PRIMARY KEY,
    name_en  TEXT NOT NULL,                 -- as in its newest list
    name_fr  TEXT NOT NULL
) STRICT;

CREATE TABLE category_lists (
    id                    INTEGER PRIMARY KEY,
    category_key          TEXT NOT NULL REFERENCES categories (key),
    version               TEXT NOT NULL,
    name_en               TEXT NOT NULL,    -- what the category was called while this list held
    name_fr               TEXT NOT NULL,
    draw_names            TEXT NOT NULL,
    effective_from        TEXT NOT NULL,
    effective_to          TEXT,             -- last day it held; NULL while in force
    min_experience_months INTEGER,
    experience_where      TEXT NOT NULL,
    must_be_continuous    TEXT NOT NULL,
    confidence            TEXT NOT NULL,
    notes                 TEXT NOT NULL,
    UNIQUE (category_key, version)
) STRICT;

CREATE TABLE category_occupations (
    list_id  INTEGER NOT NULL REFERENCES category_lists (id),
    position INTEGER NOT NULL,              -- the order of the published list
    noc      TEXT NOT NULL REFERENCES occupations (noc),
    PRIMARY KEY (list_id, position),
    UNIQUE (list_id, noc)
) STRICT, WITHOUT ROWID;
CREATE INDEX category_occupations_by_noc ON category_occupations (noc);
