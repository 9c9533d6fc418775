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

-- Other names of occupations: job titles, spellings, abbreviations.
CREATE TABLE occupation_synonyms (
    synonym    TEXT NOT NULL,                 -- lower case
    noc      TEXT NOT NULL REFERENCES occupations (noc) DEFERRABLE INITIALLY DEFERRED,
    position INTEGER NOT NULL DEFAULT 1,    -- rank among several occupations; 1 is the usual meaning
    PRIMARY KEY (synonym, noc)
) STRICT, WITHOUT ROWID;
CREATE INDEX occupation_synonyms_by_noc ON occupation_synonyms (noc);

-- Concordance of NOC 2016 unit groups with NOC 2021.
CREATE TABLE noc2016_concordance (
    noc_2016   TEXT NOT NULL CHECK (noc_2016 GLOB '[0-9][0-9][0-9][0-9]'),
    title_2016 TEXT NOT NULL,
    noc        TEXT NOT NULL REFERENCES occupations (noc),
    position   INTEGER NOT NULL,            -- rank among several occupations; 1 covers most of the work
    PRIMARY KEY (noc_2016, noc)
) STRICT, WITHOUT ROWID;

-- Full-text index of titles and synonyms without accents, so that "dietetiste" finds "diététiste". The row ID is the
-- code. Triggers keep it up to date.
CREATE VIRTUAL TABLE occupations_fts USING fts5 (
    title_en, title_fr, synonyms,
    tokenize = 'unicode61 remove_diacritics 2', prefix = '1 2 3'
);
CREATE VIRTUAL TABLE occupations_terms USING fts5vocab (occupations_fts, 'row');
CREATE TRIGGER occupations_after_insert AFTER INSERT ON occupations BEGIN
    INSERT INTO occupations_fts (rowid, title_en, title_fr, synonyms)
    VALUES (CAST(new.noc AS INTEGER), new.title_en, new.title_fr,
            (SELECT coalesce(group_concat(synonym, ' | '), '') FROM occupation_synonyms WHERE noc = new.noc));
END;
CREATE TRIGGER occupation_synonyms_after_insert AFTER INSERT ON occupation_synonyms BEGIN
    UPDATE occupations_fts
    SET synonyms = (SELECT group_concat(synonym, ' | ') FROM occupation_synonyms WHERE noc = new.noc)
    WHERE rowid = CAST(new.noc AS INTEGER);
END;
CREATE TRIGGER occupation_synonyms_after_delete AFTER DELETE ON occupation_synonyms BEGIN
    UPDATE occupations_fts
    SET synonyms = (SELECT coalesce(group_concat(synonym, ' | '), '') FROM occupation_synonyms WHERE noc = old.noc)
    WHERE rowid = CAST(old.noc AS INTEGER);
END;

CREATE TABLE categories (
    key      TEXT PRIMARY KEY,
    name_en  TEXT NOT NULL,                 -- as in the newest list
    name_fr  TEXT NOT NULL
) STRICT;

CREATE TABLE category_lists (
    id                    INTEGER PRIMARY KEY AUTOINCREMENT,
    category_key          TEXT NOT NULL REFERENCES categories (key),
    version               TEXT NOT NULL,
    name_en               TEXT NOT NULL,    -- name of the category in this list
    name_fr               TEXT NOT NULL,
    draw_names            TEXT NOT NULL,
    effective_from        TEXT NOT NULL,
    effective_to          TEXT,             -- last day in force; NULL if it has no end
    min_experience_months INTEGER,
    experience_where      TEXT NOT NULL,
    must_be_continuous    TEXT NOT NULL,
    source                TEXT NOT NULL,    -- source of the list
    verified_on            TEXT,             -- date of the last check against the source; NULL if never
    confidence            TEXT NOT NULL,
    notes                 TEXT NOT NULL,
    UNIQUE (category_key, version)
) STRICT;

CREATE TABLE category_occupations (
    list_id  INTEGER NOT NULL REFERENCES category_lists (id),
    position INTEGER NOT NULL,              -- order in the published list
    noc      TEXT NOT NULL REFERENCES occupations (noc),
    PRIMARY KEY (list_id, position),
    UNIQUE (list_id, noc)
) STRICT, WITHOUT ROWID;
CREATE INDEX category_occupations_by_noc ON category_occupations (noc);
