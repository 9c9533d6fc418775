-- Company details for readers: who is responsible, who answers, where and when.
ALTER TABLE site ADD COLUMN registered_name TEXT NOT NULL DEFAULT '';  -- name in the register of companies
ALTER TABLE site ADD COLUMN map_link        TEXT NOT NULL DEFAULT '';  -- HTTPS URL
ALTER TABLE site ADD COLUMN message_reader  TEXT NOT NULL DEFAULT '';  -- who reads the messages
ALTER TABLE site ADD COLUMN response_time   TEXT NOT NULL DEFAULT '';  -- such as "within two working days"

-- Hours in the office time zone, such as "10.00–13.00, 14.00–18.00"; empty on a closed day.
ALTER TABLE site ADD COLUMN hours_monday    TEXT NOT NULL DEFAULT '';
ALTER TABLE site ADD COLUMN hours_tuesday   TEXT NOT NULL DEFAULT '';
ALTER TABLE site ADD COLUMN hours_wednesday TEXT NOT NULL DEFAULT '';
ALTER TABLE site ADD COLUMN hours_thursday  TEXT NOT NULL DEFAULT '';
ALTER TABLE site ADD COLUMN hours_friday    TEXT NOT NULL DEFAULT '';
ALTER TABLE site ADD COLUMN hours_saturday  TEXT NOT NULL DEFAULT '';
ALTER TABLE site ADD COLUMN hours_sunday    TEXT NOT NULL DEFAULT '';
ALTER TABLE site ADD COLUMN closed_dates    TEXT NOT NULL DEFAULT '';  -- one date per line

-- Sites that kept the hours of a new site get them per weekday.
UPDATE site SET hours_monday = '10.00–18.00', hours_tuesday = '10.00–18.00', hours_wednesday = '10.00–18.00',
                hours_thursday = '10.00–18.00', hours_friday = '10.00–18.00', hours_saturday = '10.00–18.00'
WHERE contact_time = 'Mon–Sat 10.00–18.00';
