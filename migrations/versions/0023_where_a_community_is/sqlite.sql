ALTER TABLE community ADD COLUMN street TEXT

ALTER TABLE community ADD COLUMN division_code TEXT

ALTER TABLE community ADD COLUMN contact_name TEXT

ALTER TABLE community ADD COLUMN contact_phone TEXT

ALTER TABLE place ADD COLUMN address TEXT

ALTER TABLE place ADD COLUMN phone TEXT
