ALTER TABLE kiosk_device ADD COLUMN version TEXT

ALTER TABLE kiosk_device ADD COLUMN waiting INTEGER
