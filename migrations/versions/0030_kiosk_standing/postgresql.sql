ALTER TABLE kiosk_device ADD COLUMN version VARCHAR(20)

ALTER TABLE kiosk_device ADD COLUMN waiting BIGINT
