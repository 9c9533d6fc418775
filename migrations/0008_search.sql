-- Full-text index of all public content. The row ID is 4 × record ID + type: 0 post, 1 draw, 2 occupation, 3 page.
-- The index stores no texts. Triggers update it in the transaction that changes a record.
CREATE VIRTUAL TABLE search_fts USING fts5 (
    title, body, figures,
    content = '', contentless_delete = 1,
    tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
);

-- All indexed terms, for spelling corrections.
CREATE VIRTUAL TABLE search_terms USING fts5vocab (search_fts, 'row');

-- Searchable text of a draw: number, name, figures and date in words.
CREATE VIEW draw_days AS
SELECT round, CASE substr(date, 6, 2)
           WHEN '01' THEN 'January' WHEN '02' THEN 'February' WHEN '03' THEN 'March' WHEN '04' THEN 'April'
           WHEN '05' THEN 'May' WHEN '06' THEN 'June' WHEN '07' THEN 'July' WHEN '08' THEN 'August'
           WHEN '09' THEN 'September' WHEN '10' THEN 'October' WHEN '11' THEN 'November' ELSE 'December'
       END || ' ' || CAST(substr(date, 9, 2) AS INTEGER) || ', ' || substr(date, 1, 4) AS day
FROM draws;
CREATE VIEW search_draws AS
SELECT 4 * d.sort_key + 1 AS entry, d.round, d.sort_key,
       'Express Entry round draw ' || d.round || ' ' || d.name || ' ' || d.name_fr AS title,
       d.date || ' ' || w.day || ' ' || d.programs || ' ' || coalesce(d.category_key, '') AS body,
       d.crs || ' ' || coalesce(d.invitations_corrected, d.invitations) || ' invitations CRS' AS figures
FROM draws d JOIN draw_days w ON w.round = d.round;

-- Posts are also found by the figures of the draws they mention, which are tokens in their text.
CREATE VIEW search_posts AS
SELECT 4 * p.id AS entry, p.id, p.title,
       p.summary || ' ' || p.body || ' ' || p.correction AS body,
       coalesce((SELECT group_concat(d.body || ' ' || d.figures, ' ')
                 FROM post_draws m JOIN search_draws d ON d.round = m.round WHERE m.post_id = p.id), '') AS figures
FROM posts p WHERE p.state = 'published' AND p.trashed_at IS NULL;

CREATE VIEW search_occupations AS
SELECT 4 * CAST(o.noc AS INTEGER) + 2 AS entry, o.noc, o.title_en AS title,
       o.title_fr || ' ' || coalesce((SELECT group_concat(synonym, ' ') FROM occupation_synonyms w WHERE w.noc = o.noc), '') AS body,
       'NOC ' || o.noc || ' TEER ' || o.teer AS figures
FROM occupations o;

CREATE TRIGGER search_post_insert AFTER INSERT ON posts BEGIN
    INSERT INTO search_fts (rowid, title, body, figures)
    SELECT entry, title, body, figures FROM search_posts WHERE id = new.id;
END;
CREATE TRIGGER search_post_update AFTER UPDATE ON posts BEGIN
    DELETE FROM search_fts WHERE rowid = 4 * new.id;
    INSERT INTO search_fts (rowid, title, body, figures)
    SELECT entry, title, body, figures FROM search_posts WHERE id = new.id;
END;
CREATE TRIGGER search_post_delete AFTER DELETE ON posts BEGIN
    DELETE FROM search_fts WHERE rowid = 4 * old.id;
END;
CREATE TRIGGER search_post_draws_insert AFTER INSERT ON post_draws BEGIN
    DELETE FROM search_fts WHERE rowid = 4 * new.post_id;
    INSERT INTO search_fts (rowid, title, body, figures)
    SELECT entry, title, body, figures FROM search_posts WHERE id = new.post_id;
END;
CREATE TRIGGER search_post_draws_delete AFTER DELETE ON post_draws BEGIN
    DELETE FROM search_fts WHERE rowid = 4 * old.post_id;
    INSERT INTO search_fts (rowid, title, body, figures)
    SELECT entry, title, body, figures FROM search_posts WHERE id = old.post_id;
END;

CREATE TRIGGER search_draw_insert AFTER INSERT ON draws BEGIN
    INSERT INTO search_fts (rowid, title, body, figures)
    SELECT entry, title, body, figures FROM search_draws WHERE round = new.round;
    DELETE FROM search_fts WHERE rowid IN (SELECT 4 * post_id FROM post_draws WHERE round = new.round);
    INSERT INTO search_fts (rowid, title, body, figures)
    SELECT entry, title, body, figures FROM search_posts
    WHERE id IN (SELECT post_id FROM post_draws WHERE round = new.round);
END;
CREATE TRIGGER search_draw_update AFTER UPDATE ON draws BEGIN
    DELETE FROM search_fts WHERE rowid = 4 * new.sort_key + 1;
    INSERT INTO search_fts (rowid, title, body, figures)
    SELECT entry, title, body, figures FROM search_draws WHERE round = new.round;
    DELETE FROM search_fts WHERE rowid IN (SELECT 4 * post_id FROM post_draws WHERE round = new.round);
    INSERT INTO search_fts (rowid, title, body, figures)
    SELECT entry, title, body, figures FROM search_posts
    WHERE id IN (SELECT post_id FROM post_draws WHERE round = new.round);
END;

CREATE TRIGGER search_occupation_insert AFTER INSERT ON occupations BEGIN
    INSERT INTO search_fts (rowid, title, body, figures)
    SELECT entry, title, body, figures FROM search_occupations WHERE noc = new.noc;
END;
CREATE TRIGGER search_occupation_synonyms_insert AFTER INSERT ON occupation_synonyms BEGIN
    DELETE FROM search_fts WHERE rowid = 4 * CAST(new.noc AS INTEGER) + 2;
    INSERT INTO search_fts (rowid, title, body, figures)
    SELECT entry, title, body, figures FROM search_occupations WHERE noc = new.noc;
END;
CREATE TRIGGER search_occupation_synonyms_delete AFTER DELETE ON occupation_synonyms BEGIN
    DELETE FROM search_fts WHERE rowid = 4 * CAST(old.noc AS INTEGER) + 2;
    INSERT INTO search_fts (rowid, title, body, figures)
    SELECT entry, title, body, figures FROM search_occupations WHERE noc = old.noc;
END;

CREATE TRIGGER search_page_insert AFTER INSERT ON pages BEGIN
    INSERT INTO search_fts (rowid, title, body, figures)
    VALUES (4 * new.id + 3, new.title, new.summary || ' ' || new.body, '');
END;
CREATE TRIGGER search_page_update AFTER UPDATE ON pages BEGIN
    DELETE FROM search_fts WHERE rowid = 4 * new.id + 3;
    INSERT INTO search_fts (rowid, title, body, figures)
    VALUES (4 * new.id + 3, new.title, new.summary || ' ' || new.body, '');
END;
CREATE TRIGGER search_page_delete AFTER DELETE ON pages BEGIN
    DELETE FROM search_fts WHERE rowid = 4 * old.id + 3;
END;

-- Existing records.
INSERT INTO search_fts (rowid, title, body, figures) SELECT entry, title, body, figures FROM search_posts;
INSERT INTO search_fts (rowid, title, body, figures) SELECT entry, title, body, figures FROM search_draws;
INSERT INTO search_fts (rowid, title, body, figures) SELECT entry, title, body, figures FROM search_occupations;
INSERT INTO search_fts (rowid, title, body, figures)
SELECT 4 * id + 3, title, summary || ' ' || body, '' FROM pages;
