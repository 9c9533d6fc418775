-- Date on which the figures of a draw were last compared with their source, for the draw pages.
ALTER TABLE draws ADD COLUMN checked_on TEXT;
UPDATE draws SET checked_on = CASE source
    WHEN 'the government’s feed, as saved on August 20, 2026' THEN '2026-08-20'
    WHEN 'two public copies of the government’s feed of September 28, 2026' THEN '2026-09-28'
    WHEN 'an incomplete public copy of the government’s feed of October 1, 2026' THEN '2026-10-01'
    ELSE date(recorded_at) END;
