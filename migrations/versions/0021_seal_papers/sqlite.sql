ALTER TABLE decision ADD COLUMN facts_sealed BLOB

ALTER TABLE decision ADD COLUMN trace_sealed BLOB

ALTER TABLE decision ADD COLUMN reasons_sealed BLOB

ALTER TABLE decision ADD COLUMN missing_sealed BLOB

ALTER TABLE claim ADD COLUMN refusal_facts_sealed BLOB

ALTER TABLE deed ADD COLUMN answer_sealed BLOB

ALTER TABLE kiosk_inbox ADD COLUMN raw_sealed BLOB

ALTER TABLE kiosk_quarantine ADD COLUMN raw_sealed BLOB

ALTER TABLE kiosk_review ADD COLUMN facts_sealed BLOB

DROP TRIGGER decision_no_update

DROP TRIGGER deed_no_update

DROP TRIGGER kiosk_inbox_no_update

DROP TRIGGER kiosk_quarantine_no_update

DROP TRIGGER kiosk_review_no_update
