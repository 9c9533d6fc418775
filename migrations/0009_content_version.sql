-- Content version: raised by triggers in every transaction that changes what public pages show. Cached pages of another
-- version are out of date.
CREATE TABLE content_version (
    id       INTEGER PRIMARY KEY CHECK (id = 1),
    version  INTEGER NOT NULL
) STRICT;
INSERT INTO content_version (id, version) VALUES (1, 1);

CREATE TRIGGER content_site_insert AFTER INSERT ON site BEGIN UPDATE content_version SET version = version + 1; END;
CREATE TRIGGER content_site_update AFTER UPDATE ON site BEGIN UPDATE content_version SET version = version + 1; END;
CREATE TRIGGER content_site_delete AFTER DELETE ON site BEGIN UPDATE content_version SET version = version + 1; END;
CREATE TRIGGER content_pages_insert AFTER INSERT ON pages BEGIN UPDATE content_version SET version = version + 1; END;
CREATE TRIGGER content_pages_update AFTER UPDATE ON pages BEGIN UPDATE content_version SET version = version + 1; END;
CREATE TRIGGER content_pages_delete AFTER DELETE ON pages BEGIN UPDATE content_version SET version = version + 1; END;
CREATE TRIGGER content_occupations_insert AFTER INSERT ON occupations BEGIN UPDATE content_version SET version = version + 1; END;
CREATE TRIGGER content_occupations_update AFTER UPDATE ON occupations BEGIN UPDATE content_version SET version = version + 1; END;
CREATE TRIGGER content_occupations_delete AFTER DELETE ON occupations BEGIN UPDATE content_version SET version = version + 1; END;
CREATE TRIGGER content_occupation_synonyms_insert AFTER INSERT ON occupation_synonyms BEGIN UPDATE content_version SET version = version + 1; END;
CREATE TRIGGER content_occupation_synonyms_update AFTER UPDATE ON occupation_synonyms BEGIN UPDATE content_version SET version = version + 1; END;
CREATE TRIGGER content_occupation_synonyms_delete AFTER DELETE ON occupation_synonyms BEGIN UPDATE content_version SET version = version + 1; END;
CREATE TRIGGER content_noc2016_concordance_insert AFTER INSERT ON noc2016_concordance BEGIN UPDATE content_version SET version = version + 1; END;
CREATE TRIGGER content_noc2016_concordance_update AFTER UPDATE ON noc2016_concordance BEGIN UPDATE content_version SET version = version + 1; END;
CREATE TRIGGER content_noc2016_concordance_delete AFTER DELETE ON noc2016_concordance BEGIN UPDATE content_version SET version = version + 1; END;
CREATE TRIGGER content_categories_insert AFTER INSERT ON categories BEGIN UPDATE content_version SET version = version + 1; END;
CREATE TRIGGER content_categories_update AFTER UPDATE ON categories BEGIN UPDATE content_version SET version = version + 1; END;
CREATE TRIGGER content_categories_delete AFTER DELETE ON categories BEGIN UPDATE content_version SET version = version + 1; END;
CREATE TRIGGER content_category_lists_insert AFTER INSERT ON category_lists BEGIN UPDATE content_version SET version = version + 1; END;
CREATE TRIGGER content_category_lists_update AFTER UPDATE ON category_lists BEGIN UPDATE content_version SET version = version + 1; END;
CREATE TRIGGER content_category_lists_delete AFTER DELETE ON category_lists BEGIN UPDATE content_version SET version = version + 1; END;
CREATE TRIGGER content_category_occupations_insert AFTER INSERT ON category_occupations BEGIN UPDATE content_version SET version = version + 1; END;
CREATE TRIGGER content_category_occupations_update AFTER UPDATE ON category_occupations BEGIN UPDATE content_version SET version = version + 1; END;
CREATE TRIGGER content_category_occupations_delete AFTER DELETE ON category_occupations BEGIN UPDATE content_version SET version = version + 1; END;
CREATE TRIGGER content_draws_insert AFTER INSERT ON draws BEGIN UPDATE content_version SET version = version + 1; END;
CREATE TRIGGER content_draws_update AFTER UPDATE ON draws BEGIN UPDATE content_version SET version = version + 1; END;
CREATE TRIGGER content_draws_delete AFTER DELETE ON draws BEGIN UPDATE content_version SET version = version + 1; END;
CREATE TRIGGER content_draw_corrections_insert AFTER INSERT ON draw_corrections BEGIN UPDATE content_version SET version = version + 1; END;
CREATE TRIGGER content_draw_corrections_update AFTER UPDATE ON draw_corrections BEGIN UPDATE content_version SET version = version + 1; END;
CREATE TRIGGER content_draw_corrections_delete AFTER DELETE ON draw_corrections BEGIN UPDATE content_version SET version = version + 1; END;
CREATE TRIGGER content_draw_acknowledged_warnings_insert AFTER INSERT ON draw_acknowledged_warnings BEGIN UPDATE content_version SET version = version + 1; END;
CREATE TRIGGER content_draw_acknowledged_warnings_update AFTER UPDATE ON draw_acknowledged_warnings BEGIN UPDATE content_version SET version = version + 1; END;
CREATE TRIGGER content_draw_acknowledged_warnings_delete AFTER DELETE ON draw_acknowledged_warnings BEGIN UPDATE content_version SET version = version + 1; END;
CREATE TRIGGER content_posts_insert AFTER INSERT ON posts BEGIN UPDATE content_version SET version = version + 1; END;
CREATE TRIGGER content_posts_update AFTER UPDATE ON posts BEGIN UPDATE content_version SET version = version + 1; END;
CREATE TRIGGER content_posts_delete AFTER DELETE ON posts BEGIN UPDATE content_version SET version = version + 1; END;
CREATE TRIGGER content_post_topics_insert AFTER INSERT ON post_topics BEGIN UPDATE content_version SET version = version + 1; END;
CREATE TRIGGER content_post_topics_update AFTER UPDATE ON post_topics BEGIN UPDATE content_version SET version = version + 1; END;
CREATE TRIGGER content_post_topics_delete AFTER DELETE ON post_topics BEGIN UPDATE content_version SET version = version + 1; END;
CREATE TRIGGER content_post_draws_insert AFTER INSERT ON post_draws BEGIN UPDATE content_version SET version = version + 1; END;
CREATE TRIGGER content_post_draws_update AFTER UPDATE ON post_draws BEGIN UPDATE content_version SET version = version + 1; END;
CREATE TRIGGER content_post_draws_delete AFTER DELETE ON post_draws BEGIN UPDATE content_version SET version = version + 1; END;
CREATE TRIGGER content_post_occupations_insert AFTER INSERT ON post_occupations BEGIN UPDATE content_version SET version = version + 1; END;
CREATE TRIGGER content_post_occupations_update AFTER UPDATE ON post_occupations BEGIN UPDATE content_version SET version = version + 1; END;
CREATE TRIGGER content_post_occupations_delete AFTER DELETE ON post_occupations BEGIN UPDATE content_version SET version = version + 1; END;
CREATE TRIGGER content_post_lists_insert AFTER INSERT ON post_lists BEGIN UPDATE content_version SET version = version + 1; END;
CREATE TRIGGER content_post_lists_update AFTER UPDATE ON post_lists BEGIN UPDATE content_version SET version = version + 1; END;
CREATE TRIGGER content_post_lists_delete AFTER DELETE ON post_lists BEGIN UPDATE content_version SET version = version + 1; END;
CREATE TRIGGER content_redirects_insert AFTER INSERT ON redirects BEGIN UPDATE content_version SET version = version + 1; END;
CREATE TRIGGER content_redirects_update AFTER UPDATE ON redirects BEGIN UPDATE content_version SET version = version + 1; END;
CREATE TRIGGER content_redirects_delete AFTER DELETE ON redirects BEGIN UPDATE content_version SET version = version + 1; END;

-- Row written by the readiness check. It is as large as an inquiry, so that a full disk is detected in time.
CREATE TABLE write_check (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    content BLOB NOT NULL
) STRICT;
INSERT INTO write_check (id, content) VALUES (1, x'');
