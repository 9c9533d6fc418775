-- Inquiries and their history.
CREATE TABLE reference_counters (
    year INTEGER PRIMARY KEY,               -- references are numbered per year, without gaps
    last INTEGER NOT NULL
) STRICT;

-- All consent texts ever shown, so that each consent can be shown as it was given.
CREATE TABLE consent_texts (
    version     TEXT PRIMARY KEY,           -- hash of the text
    text        TEXT NOT NULL,
    first_shown TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE inquiries (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    reference        TEXT NOT NULL UNIQUE,  -- IE-2026-000123
    kind             TEXT NOT NULL CHECK (kind IN ('contact', 'apply')),
    state            TEXT NOT NULL DEFAULT 'new'
                     CHECK (state IN ('new', 'reading', 'answered', 'closed', 'withdrawn', 'quarantined')),
    received_at      TEXT NOT NULL,
    state_changed_at TEXT NOT NULL,
    version          INTEGER NOT NULL DEFAULT 1,  -- incremented by every change, for optimistic locking
    receipt_token    TEXT NOT NULL UNIQUE,  -- 128 bits, hexadecimal
    form_token       TEXT NOT NULL,         -- identifies one display of the form
    content_hash     TEXT NOT NULL,         -- SHA-256 of all fields, for deduplication
    name             TEXT NOT NULL,
    email            TEXT NOT NULL,
    phone            TEXT NOT NULL,         -- as entered
    phone_e164       TEXT NOT NULL DEFAULT '',  -- +923001234567; empty if it cannot be parsed
    whatsapp         TEXT NOT NULL DEFAULT '',
    whatsapp_e164    TEXT NOT NULL DEFAULT '',
    numbers          TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(numbers)),  -- search keys of both numbers
    residence        TEXT NOT NULL DEFAULT '',
    citizenship      TEXT NOT NULL DEFAULT '',
    age              INTEGER,               -- whole years, if the answer could be parsed
    age_typed        TEXT NOT NULL DEFAULT '',  -- the answer as entered, if the number does not say all of it
    program          TEXT NOT NULL DEFAULT '',  -- value of the option, or another answer as entered
    occupation       TEXT NOT NULL DEFAULT '',  -- NOC code or job title, as entered
    noc              TEXT NOT NULL DEFAULT '',  -- NOC code of the occupation, if known
    education        TEXT NOT NULL DEFAULT '',
    experience_years INTEGER,               -- completed years, if the answer could be parsed
    experience_typed TEXT NOT NULL DEFAULT '',  -- the answer as entered, if the number does not say all of it
    english_test     TEXT NOT NULL DEFAULT '',
    french_test      TEXT NOT NULL DEFAULT '',
    crs              INTEGER CHECK (crs BETWEEN 1 AND 1200),
    crs_typed        TEXT NOT NULL DEFAULT '',  -- the answer as entered, if the number does not say all of it
    consent_at       TEXT,
    consent_version  TEXT REFERENCES consent_texts (version),
    message          TEXT NOT NULL,
    owner_id         INTEGER REFERENCES staff (id),
    merged_into      INTEGER REFERENCES inquiries (id),  -- the inquiry it was merged into
    spam_score       INTEGER NOT NULL DEFAULT 0,  -- at submission
    spam_reasons     TEXT NOT NULL DEFAULT '',  -- one per line
    message_hash     TEXT NOT NULL DEFAULT '',  -- hash of the message in lower case and single spaces
    network_hash     TEXT NOT NULL DEFAULT '',  -- keyed hash of the client's network; deleted after a day
    on_hold          INTEGER NOT NULL DEFAULT 0 CHECK (on_hold IN (0, 1)),  -- client record: exempt from retention
    trashed_at       TEXT,                  -- deleted 7 days later
    trash_reason     TEXT CHECK (trash_reason IN ('retention', 'withdrawn', 'staff')),
    trusted_at       TEXT,                  -- when it was first seen with a trusted clock: NULL means received_at, empty
                                            -- means not yet
    CHECK ((trashed_at IS NULL) = (trash_reason IS NULL))
) STRICT;
CREATE INDEX inquiries_by_content ON inquiries (content_hash);
-- Covering indexes of the inbox filters, so that 100,000 inquiries are counted without reading the table: by state, and
-- newest first in any state.
CREATE INDEX inquiries_by_state
    ON inquiries (state, merged_into, received_at, id, kind, owner_id, program, noc, occupation, trashed_at)
    WHERE trashed_at IS NULL;
CREATE INDEX inquiries_in_inbox
    ON inquiries (received_at, id, state, kind, owner_id, merged_into, program, noc, occupation, trashed_at)
    WHERE trashed_at IS NULL;
CREATE INDEX inquiries_by_day ON inquiries (received_at);
CREATE INDEX inquiries_by_email ON inquiries (email COLLATE NOCASE) WHERE email <> '';
CREATE INDEX inquiries_by_phone ON inquiries (phone_e164) WHERE phone_e164 <> '';
CREATE INDEX inquiries_by_whatsapp ON inquiries (whatsapp_e164) WHERE whatsapp_e164 <> '';
CREATE INDEX inquiries_by_typed_phone ON inquiries (phone) WHERE phone <> '';
CREATE INDEX inquiries_by_typed_whatsapp ON inquiries (whatsapp) WHERE whatsapp <> '';
CREATE INDEX inquiries_merged ON inquiries (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX inquiries_by_message_hash ON inquiries (message_hash, received_at) WHERE message_hash <> '';
CREATE INDEX inquiries_by_network_hash ON inquiries (network_hash, received_at) WHERE network_hash <> '';
CREATE INDEX inquiries_in_trash ON inquiries (trashed_at) WHERE trashed_at IS NOT NULL;
CREATE INDEX inquiries_untrusted ON inquiries (id) WHERE trusted_at = '';

CREATE TABLE inquiry_events (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    inquiry_id INTEGER NOT NULL REFERENCES inquiries (id),
    at         TEXT NOT NULL,
    actor      TEXT NOT NULL,
    kind       TEXT NOT NULL CHECK (kind IN ('received', 'state', 'note', 'owner', 'answer', 'released', 'corrected',
                                             'withdrawn', 'merged', 'unmerged', 'hold', 'trashed', 'restored',
                                             'sent_again')),
    note       TEXT NOT NULL,
    network_hash TEXT NOT NULL DEFAULT ''   -- keyed hash of the network of a resubmission; deleted after a day
) STRICT;
CREATE INDEX inquiry_events_by_inquiry ON inquiry_events (inquiry_id, id);
CREATE INDEX inquiry_events_by_network_hash ON inquiry_events (network_hash, at) WHERE network_hash <> '';
-- The first event of every history.
CREATE TRIGGER inquiries_received AFTER INSERT ON inquiries BEGIN
    INSERT INTO inquiry_events (inquiry_id, at, actor, kind, note) VALUES (new.id, new.received_at, 'visitor', 'received', '');
END;

-- Previous addresses and numbers of an inquiry, so that personal data requests by one of them find it.
CREATE TABLE previous_contacts (
    inquiry_id INTEGER NOT NULL REFERENCES inquiries (id),
    contact    TEXT NOT NULL COLLATE NOCASE,  -- an e-mail address, or a number as entered
    e164       TEXT NOT NULL DEFAULT '',      -- +923001234567, if it is a number that can be parsed
    PRIMARY KEY (inquiry_id, contact)
) STRICT, WITHOUT ROWID;
CREATE INDEX previous_contacts_by_contact ON previous_contacts (contact COLLATE NOCASE);
CREATE INDEX previous_contacts_by_number ON previous_contacts (e164) WHERE e164 <> '';

-- Search keys of phone numbers: +923001234567 for each reading of the number, and the digits after the country code, as
-- 3001234567 if the country is uncertain (matches numbers of any country) and n3001234567 if it is known. Triggers copy
-- them from inquiries.numbers. The keys of previous numbers stay.
CREATE TABLE contact_numbers (
    inquiry_id INTEGER NOT NULL REFERENCES inquiries (id),
    number     TEXT NOT NULL,
    is_current INTEGER NOT NULL DEFAULT 1 CHECK (is_current IN (0, 1)),
    PRIMARY KEY (inquiry_id, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX contact_numbers_by_number ON contact_numbers (number);
CREATE TRIGGER contact_numbers_insert AFTER INSERT ON inquiries WHEN new.numbers <> '[]' BEGIN
    INSERT INTO contact_numbers (inquiry_id, number) SELECT new.id, value FROM json_each(new.numbers);
END;
CREATE TRIGGER contact_numbers_update AFTER UPDATE OF numbers ON inquiries WHEN new.numbers <> old.numbers BEGIN
    UPDATE contact_numbers SET is_current = 0 WHERE inquiry_id = new.id;
    INSERT INTO contact_numbers (inquiry_id, number) SELECT new.id, value FROM json_each(new.numbers) WHERE true
    ON CONFLICT DO UPDATE SET is_current = 1;
END;
CREATE TRIGGER contact_numbers_delete BEFORE DELETE ON inquiries BEGIN
    DELETE FROM contact_numbers WHERE inquiry_id = old.id;
END;

-- Full-text index of the inbox, updated by triggers. Inquiries in the trash are not indexed. Phone numbers are indexed as
-- entered, without spaces, and in each reading.
CREATE VIRTUAL TABLE inquiries_fts USING fts5 (
    reference, name, email, phone, occupation, program, message, notes,
    content = '', tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
);
-- Removes deleted words from the index at once, instead of at the next merge.
INSERT INTO inquiries_fts (inquiries_fts, rank) VALUES ('secure-delete', 1);
CREATE VIEW inquiries_search_source AS
SELECT i.id, i.reference, i.name, i.email,
       i.phone || ' ' || replace(replace(replace(i.phone, ' ', ''), '-', ''), '+', '') || ' ' || i.phone_e164 || ' ' ||
       i.whatsapp || ' ' || replace(replace(replace(i.whatsapp, ' ', ''), '-', ''), '+', '') || ' ' || i.whatsapp_e164 || ' ' ||
       i.numbers AS phone,
       i.occupation || ' ' || i.noc AS occupation, i.program, i.message,
       coalesce((SELECT group_concat(e.note, ' ') FROM inquiry_events e
                 WHERE e.inquiry_id = i.id AND e.kind IN ('note', 'answer')), '') AS notes
FROM inquiries i WHERE i.trashed_at IS NULL;
-- A contentless index needs the old values to delete a row, so a trigger before each change reads them from the view.
CREATE TRIGGER inquiries_search_insert AFTER INSERT ON inquiries BEGIN
    INSERT INTO inquiries_fts (rowid, reference, name, email, phone, occupation, program, message, notes)
    SELECT id, reference, name, email, phone, occupation, program, message, notes
    FROM inquiries_search_source WHERE id = new.id;
END;
CREATE TRIGGER inquiries_search_before_update
BEFORE UPDATE OF reference, name, email, phone, phone_e164, whatsapp, whatsapp_e164, numbers, occupation, noc, program,
                 message, trashed_at
ON inquiries BEGIN
    INSERT INTO inquiries_fts (inquiries_fts, rowid, reference, name, email, phone, occupation, program, message, notes)
    SELECT 'delete', id, reference, name, email, phone, occupation, program, message, notes
    FROM inquiries_search_source WHERE id = old.id;
END;
CREATE TRIGGER inquiries_search_update
AFTER UPDATE OF reference, name, email, phone, phone_e164, whatsapp, whatsapp_e164, numbers, occupation, noc, program,
                message, trashed_at
ON inquiries BEGIN
    INSERT INTO inquiries_fts (rowid, reference, name, email, phone, occupation, program, message, notes)
    SELECT id, reference, name, email, phone, occupation, program, message, notes
    FROM inquiries_search_source WHERE id = new.id;
END;
CREATE TRIGGER inquiries_search_before_delete BEFORE DELETE ON inquiries BEGIN
    INSERT INTO inquiries_fts (inquiries_fts, rowid, reference, name, email, phone, occupation, program, message, notes)
    SELECT 'delete', id, reference, name, email, phone, occupation, program, message, notes
    FROM inquiries_search_source WHERE id = old.id;
END;
CREATE TRIGGER inquiry_notes_search_before_insert BEFORE INSERT ON inquiry_events
WHEN new.kind IN ('note', 'answer') BEGIN
    INSERT INTO inquiries_fts (inquiries_fts, rowid, reference, name, email, phone, occupation, program, message, notes)
    SELECT 'delete', id, reference, name, email, phone, occupation, program, message, notes
    FROM inquiries_search_source WHERE id = new.inquiry_id;
END;
CREATE TRIGGER inquiry_notes_search_insert AFTER INSERT ON inquiry_events
WHEN new.kind IN ('note', 'answer') BEGIN
    INSERT INTO inquiries_fts (rowid, reference, name, email, phone, occupation, program, message, notes)
    SELECT id, reference, name, email, phone, occupation, program, message, notes
    FROM inquiries_search_source WHERE id = new.inquiry_id;
END;
CREATE TRIGGER inquiry_notes_search_before_update BEFORE UPDATE OF note ON inquiry_events
WHEN old.kind IN ('note', 'answer') BEGIN
    INSERT INTO inquiries_fts (inquiries_fts, rowid, reference, name, email, phone, occupation, program, message, notes)
    SELECT 'delete', id, reference, name, email, phone, occupation, program, message, notes
    FROM inquiries_search_source WHERE id = old.inquiry_id;
END;
CREATE TRIGGER inquiry_notes_search_update AFTER UPDATE OF note ON inquiry_events
WHEN old.kind IN ('note', 'answer') BEGIN
    INSERT INTO inquiries_fts (rowid, reference, name, email, phone, occupation, program, message, notes)
    SELECT id, reference, name, email, phone, occupation, program, message, notes
    FROM inquiries_search_source WHERE id = old.inquiry_id;
END;
CREATE TRIGGER inquiry_notes_search_before_delete BEFORE DELETE ON inquiry_events
WHEN old.kind IN ('note', 'answer') BEGIN
    INSERT INTO inquiries_fts (inquiries_fts, rowid, reference, name, email, phone, occupation, program, message, notes)
    SELECT 'delete', id, reference, name, email, phone, occupation, program, message, notes
    FROM inquiries_search_source WHERE id = old.inquiry_id;
END;
CREATE TRIGGER inquiry_notes_search_delete AFTER DELETE ON inquiry_events
WHEN old.kind IN ('note', 'answer') BEGIN
    INSERT INTO inquiries_fts (rowid, reference, name, email, phone, occupation, program, message, notes)
    SELECT id, reference, name, email, phone, occupation, program, message, notes
    FROM inquiries_search_source WHERE id = old.inquiry_id;
END;

-- Reply templates, with tokens for draw figures.
CREATE TABLE answer_templates (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    title      TEXT NOT NULL,
    body       TEXT NOT NULL,
    archived   INTEGER NOT NULL DEFAULT 0 CHECK (archived IN (0, 1)),
    version    INTEGER NOT NULL DEFAULT 1,
    updated_at TEXT NOT NULL,
    updated_by TEXT NOT NULL
) STRICT;

-- Days whose digest was queued, so that none is sent twice.
CREATE TABLE digest_runs (
    day       TEXT PRIMARY KEY,             -- in the office's time zone
    queued_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Record of erasures, without the erased data.
CREATE TABLE erasure_log (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    at           TEXT NOT NULL,
    actor        TEXT NOT NULL,             -- a member of staff, the visitor, or the retention job
    reason       TEXT NOT NULL CHECK (reason IN ('retention', 'withdrawn', 'staff', 'request')),
    subject_hash TEXT NOT NULL,             -- keyed hash of the reference, address or number
    inquiries    INTEGER NOT NULL,          -- number deleted
    emails       INTEGER NOT NULL           -- number deleted
) STRICT;
CREATE INDEX erasure_log_by_subject ON erasure_log (subject_hash);
