ALTER TABLE claim DROP CONSTRAINT ck_claim_ready

ALTER TABLE claim ADD COLUMN pickup_digest BYTEA

ALTER TABLE claim ADD COLUMN pickup_sealed BYTEA

ALTER TABLE person ADD COLUMN age_changes_on DATE

ALTER TABLE person ADD COLUMN age_group VARCHAR(8)

ALTER TABLE person ADD COLUMN birth_digest BYTEA

ALTER TABLE person ADD COLUMN birth_sealed BYTEA

ALTER TABLE proof ALTER COLUMN kind DROP NOT NULL

ALTER TABLE proof ADD COLUMN kind_sealed BYTEA

ALTER TABLE claim ADD CONSTRAINT ck_claim_pickup CHECK (pickup_sealed IS NULL OR pickup_digest IS NOT NULL)

ALTER TABLE claim ADD CONSTRAINT ck_claim_ready CHECK (state <> 'ready' OR (held_pieces > 0 AND hold_until_at IS NOT NULL AND (pickup_code IS NOT NULL OR pickup_sealed IS NOT NULL)))

ALTER TABLE person ADD CONSTRAINT ck_person_age_group CHECK (age_group IN ('0-13', '14-17', '18-59', '60-64', '65-69', '70-79', '80+'))

ALTER TABLE person ADD CONSTRAINT ck_person_birth CHECK ((birth_sealed IS NULL) = (birth_digest IS NULL))

ALTER TABLE proof ADD CONSTRAINT ck_proof_has_kind CHECK (kind IS NOT NULL OR kind_sealed IS NOT NULL)

CREATE UNIQUE INDEX uq_claim_pickup_digest ON claim (community_id, store_id, pickup_digest) WHERE state = 'ready'

CREATE INDEX ix_person_age_changes ON person (community_id, age_changes_on) WHERE age_changes_on IS NOT NULL

CREATE INDEX ix_person_community_id_birth_digest ON person (community_id, birth_digest)

ALTER TABLE deed DISABLE TRIGGER deed_no_change

UPDATE deed SET answer = jsonb_set(answer::jsonb, '{pickup_code}', 'null')::text WHERE name IN ('claim_goods', 'decide_review') AND refusal_code IS NULL AND answer LIKE '%"pickup_code":"%'

UPDATE deed SET answer = jsonb_set(answer::jsonb, '{code}', '""')::text WHERE name = 'make_pairing_code' AND refusal_code IS NULL

ALTER TABLE deed ENABLE TRIGGER deed_no_change

UPDATE kiosk_pairing SET code = upper(substr(md5(random()::text || code), 1, 8))
