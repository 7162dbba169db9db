ALTER TABLE decision ADD COLUMN facts_sealed BYTEA

ALTER TABLE decision ADD COLUMN trace_sealed BYTEA

ALTER TABLE decision ADD COLUMN reasons_sealed BYTEA

ALTER TABLE decision ADD COLUMN missing_sealed BYTEA

ALTER TABLE claim ADD COLUMN refusal_facts_sealed BYTEA

ALTER TABLE deed ADD COLUMN answer_sealed BYTEA

ALTER TABLE kiosk_inbox ADD COLUMN raw_sealed BYTEA

ALTER TABLE kiosk_quarantine ADD COLUMN raw_sealed BYTEA

ALTER TABLE kiosk_review ADD COLUMN facts_sealed BYTEA

DROP TRIGGER decision_no_change ON decision

DROP TRIGGER deed_no_change ON deed

DROP TRIGGER kiosk_inbox_no_change ON kiosk_inbox

DROP TRIGGER kiosk_quarantine_no_change ON kiosk_quarantine

DROP TRIGGER kiosk_review_no_change ON kiosk_review
