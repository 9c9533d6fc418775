-- Triage in the inbox: sorting, search by parts of a number, spam verdicts, undo of bulk actions, matched occupations.
ALTER TABLE inquiries ADD COLUMN noc_matched INTEGER NOT NULL DEFAULT 0 CHECK (noc_matched IN (0, 1)); -- noc was matched from the words
ALTER TABLE inquiries ADD COLUMN state_before_spam TEXT; -- state in which staff marked it as spam; NULL if the form did

-- Covering indexes of the other orders of the inbox, with all filter columns.
CREATE INDEX inquiries_by_name
    ON inquiries (name COLLATE NOCASE, id, state, kind, owner_id, merged_into, program, noc, occupation, received_at, trashed_at)
    WHERE trashed_at IS NULL;
CREATE INDEX inquiries_by_score
    ON inquiries (coalesce(crs, 0), id, state, kind, owner_id, merged_into, program, noc, occupation, received_at, trashed_at)
    WHERE trashed_at IS NULL;

-- Words of the inbox index, for searches with a typing error.
CREATE VIRTUAL TABLE inquiries_terms USING fts5vocab (inquiries_fts, 'row');

-- Digits of all phone numbers in sequences of three, so that any part of a number finds it. Updated by triggers. Inquiries
-- in the trash are not indexed.
CREATE VIRTUAL TABLE inquiry_numbers_fts USING fts5 (digits, content = '', tokenize = 'trigram');
-- Removes deleted numbers from the index at once, instead of at the next merge.
INSERT INTO inquiry_numbers_fts (inquiry_numbers_fts, rank) VALUES ('secure-delete', 1);
CREATE VIEW inquiry_numbers_source AS
SELECT id, replace(replace(replace(replace(replace(replace(replace(
           phone, ' ', ''), '-', ''), '(', ''), ')', ''), '.', ''), '/', ''), '+', '') || ' ' || phone_e164 || ' ' ||
           replace(replace(replace(replace(replace(replace(replace(
           whatsapp, ' ', ''), '-', ''), '(', ''), ')', ''), '.', ''), '/', ''), '+', '') || ' ' || whatsapp_e164 || ' ' ||
           numbers AS digits
FROM inquiries WHERE trashed_at IS NULL AND phone || whatsapp || phone_e164 || whatsapp_e164 <> '';
-- A contentless index needs the old values to delete a row, so a trigger before each change reads them from the view.
CREATE TRIGGER inquiry_numbers_insert AFTER INSERT ON inquiries BEGIN
    INSERT INTO inquiry_numbers_fts (rowid, digits) SELECT id, digits FROM inquiry_numbers_source WHERE id = new.id;
END;
CREATE TRIGGER inquiry_numbers_before_update
BEFORE UPDATE OF phone, phone_e164, whatsapp, whatsapp_e164, numbers, trashed_at ON inquiries BEGIN
    INSERT INTO inquiry_numbers_fts (inquiry_numbers_fts, rowid, digits)
    SELECT 'delete', id, digits FROM inquiry_numbers_source WHERE id = old.id;
END;
CREATE TRIGGER inquiry_numbers_update
AFTER UPDATE OF phone, phone_e164, whatsapp, whatsapp_e164, numbers, trashed_at ON inquiries BEGIN
    INSERT INTO inquiry_numbers_fts (rowid, digits) SELECT id, digits FROM inquiry_numbers_source WHERE id = new.id;
END;
CREATE TRIGGER inquiry_numbers_before_delete BEFORE DELETE ON inquiries BEGIN
    INSERT INTO inquiry_numbers_fts (inquiry_numbers_fts, rowid, digits)
    SELECT 'delete', id, digits FROM inquiry_numbers_source WHERE id = old.id;
END;
INSERT INTO inquiry_numbers_fts (rowid, digits) SELECT id, digits FROM inquiry_numbers_source;

-- Decisions of staff on spam, listed in the digest. No filter learns from them.
CREATE TABLE spam_verdicts (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    inquiry_id INTEGER NOT NULL REFERENCES inquiries (id),
    at         TEXT NOT NULL,
    actor      TEXT NOT NULL,
    verdict    TEXT NOT NULL CHECK (verdict IN ('spam', 'not_spam'))
) STRICT;
CREATE INDEX spam_verdicts_by_inquiry ON spam_verdicts (inquiry_id, id);
CREATE INDEX spam_verdicts_by_time ON spam_verdicts (at);
CREATE TRIGGER spam_verdicts_delete BEFORE DELETE ON inquiries BEGIN
    DELETE FROM spam_verdicts WHERE inquiry_id = old.id;
END;

-- Bulk actions that can be undone, without personal data. Deleted after a day.
CREATE TABLE inquiry_batches (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    staff_id INTEGER NOT NULL REFERENCES staff (id),
    at       TEXT NOT NULL,
    action   TEXT NOT NULL CHECK (action IN ('assign', 'close', 'spam', 'trash')),
    changed  TEXT NOT NULL CHECK (json_valid(changed)) -- array of inquiries: version after the action, state and owner before
) STRICT;
CREATE INDEX inquiry_batches_by_time ON inquiry_batches (at);
CREATE INDEX inquiry_batches_by_staff ON inquiry_batches (staff_id);

-- Corrections on the receipt of which staff are not notified yet. One notice covers all within ten minutes.
CREATE TABLE correction_notices (
    inquiry_id INTEGER PRIMARY KEY REFERENCES inquiries (id),
    due_at     TEXT NOT NULL,
    before     TEXT NOT NULL CHECK (json_valid(before)) -- contact details before the first of these corrections
) STRICT;
CREATE INDEX correction_notices_due ON correction_notices (due_at);
CREATE TRIGGER correction_notices_delete BEFORE DELETE ON inquiries BEGIN
    DELETE FROM correction_notices WHERE inquiry_id = old.id;
END;
