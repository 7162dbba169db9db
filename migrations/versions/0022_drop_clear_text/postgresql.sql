DROP INDEX uq_claim_pickup

ALTER TABLE claim DROP CONSTRAINT ck_claim_ready

ALTER TABLE decision DROP CONSTRAINT ck_decision_reasons

ALTER TABLE proof DROP CONSTRAINT ck_proof_has_kind

ALTER TABLE proof DROP CONSTRAINT ck_proof_kind

ALTER TABLE decision ALTER COLUMN facts_sealed TYPE BYTEA, ALTER COLUMN facts_sealed SET NOT NULL, ALTER COLUMN facts_sealed DROP DEFAULT

ALTER TABLE decision ALTER COLUMN missing_sealed TYPE BYTEA, ALTER COLUMN missing_sealed SET NOT NULL, ALTER COLUMN missing_sealed DROP DEFAULT

ALTER TABLE decision ALTER COLUMN reasons_sealed TYPE BYTEA, ALTER COLUMN reasons_sealed SET NOT NULL, ALTER COLUMN reasons_sealed DROP DEFAULT

ALTER TABLE decision ALTER COLUMN trace_sealed TYPE BYTEA, ALTER COLUMN trace_sealed SET NOT NULL, ALTER COLUMN trace_sealed DROP DEFAULT

ALTER TABLE kiosk_review ALTER COLUMN facts_sealed TYPE BYTEA, ALTER COLUMN facts_sealed SET NOT NULL, ALTER COLUMN facts_sealed DROP DEFAULT

ALTER TABLE proof ALTER COLUMN kind_sealed TYPE BYTEA, ALTER COLUMN kind_sealed SET NOT NULL, ALTER COLUMN kind_sealed DROP DEFAULT

ALTER TABLE claim ADD CONSTRAINT ck_claim_ready CHECK (state <> 'ready' OR (held_pieces > 0 AND hold_until_at IS NOT NULL AND pickup_sealed IS NOT NULL))

ALTER TABLE decision ADD CONSTRAINT ck_decision_reasons CHECK (answer = 'eligible' OR length(reasons_sealed) > 35)

ALTER TABLE deed ADD CONSTRAINT ck_deed_answer CHECK ((answer = '') = (answer_sealed IS NOT NULL))

ALTER TABLE kiosk_inbox ADD CONSTRAINT ck_kiosk_inbox_raw CHECK (raw_sealed IS NULL OR length(raw) = 0)

ALTER TABLE kiosk_quarantine ADD CONSTRAINT ck_kiosk_quarantine_raw CHECK (raw_sealed IS NULL OR length(raw) = 0)

ALTER TABLE claim DROP COLUMN pickup_code

ALTER TABLE claim DROP COLUMN refusal_facts

ALTER TABLE decision DROP COLUMN facts

ALTER TABLE decision DROP COLUMN missing

ALTER TABLE decision DROP COLUMN reasons

ALTER TABLE decision DROP COLUMN trace

ALTER TABLE kiosk_review DROP COLUMN facts

ALTER TABLE person DROP COLUMN birth_on

ALTER TABLE proof DROP COLUMN kind

CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'history is never changed: %', TG_TABLE_NAME; END $$

CREATE TRIGGER decision_facts_sealed_kept BEFORE UPDATE OF facts_sealed ON decision FOR EACH ROW WHEN (NEW.facts_sealed IS DISTINCT FROM OLD.facts_sealed AND (OLD.facts_sealed IS NULL OR NEW.facts_sealed IS NULL OR substr(NEW.facts_sealed, 1, 5) = substr(OLD.facts_sealed, 1, 5))) EXECUTE FUNCTION refuse_change()

CREATE TRIGGER decision_missing_sealed_kept BEFORE UPDATE OF missing_sealed ON decision FOR EACH ROW WHEN (NEW.missing_sealed IS DISTINCT FROM OLD.missing_sealed AND (OLD.missing_sealed IS NULL OR NEW.missing_sealed IS NULL OR substr(NEW.missing_sealed, 1, 5) = substr(OLD.missing_sealed, 1, 5))) EXECUTE FUNCTION refuse_change()

CREATE TRIGGER decision_no_change BEFORE UPDATE OF community_id, id, programme, subject_kind, subject_id, rule_version_id, rule_hash, engine_version, asked_pieces, as_of_on, recorded_at, recorded_by, channel, parameters, answer, remaining_pieces, next_on OR DELETE ON decision FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER decision_reasons_sealed_kept BEFORE UPDATE OF reasons_sealed ON decision FOR EACH ROW WHEN (NEW.reasons_sealed IS DISTINCT FROM OLD.reasons_sealed AND (OLD.reasons_sealed IS NULL OR NEW.reasons_sealed IS NULL OR substr(NEW.reasons_sealed, 1, 5) = substr(OLD.reasons_sealed, 1, 5))) EXECUTE FUNCTION refuse_change()

CREATE TRIGGER decision_trace_sealed_kept BEFORE UPDATE OF trace_sealed ON decision FOR EACH ROW WHEN (NEW.trace_sealed IS DISTINCT FROM OLD.trace_sealed AND (OLD.trace_sealed IS NULL OR NEW.trace_sealed IS NULL OR substr(NEW.trace_sealed, 1, 5) = substr(OLD.trace_sealed, 1, 5))) EXECUTE FUNCTION refuse_change()

CREATE TRIGGER deed_answer_sealed_kept BEFORE UPDATE OF answer_sealed ON deed FOR EACH ROW WHEN (NEW.answer_sealed IS DISTINCT FROM OLD.answer_sealed AND (OLD.answer_sealed IS NULL OR NEW.answer_sealed IS NULL OR substr(NEW.answer_sealed, 1, 5) = substr(OLD.answer_sealed, 1, 5))) EXECUTE FUNCTION refuse_change()

CREATE TRIGGER deed_no_change BEFORE UPDATE OF community_id, client, request_id, name, fingerprint, refusal_code, answer, done_at OR DELETE ON deed FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER kiosk_inbox_no_change BEFORE UPDATE OF community_id, device_id, epoch, seq, raw, signature, digest, received_at, ahead_us OR DELETE ON kiosk_inbox FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER kiosk_inbox_raw_sealed_kept BEFORE UPDATE OF raw_sealed ON kiosk_inbox FOR EACH ROW WHEN (NEW.raw_sealed IS DISTINCT FROM OLD.raw_sealed AND (OLD.raw_sealed IS NULL OR NEW.raw_sealed IS NULL OR substr(NEW.raw_sealed, 1, 5) = substr(OLD.raw_sealed, 1, 5))) EXECUTE FUNCTION refuse_change()

CREATE TRIGGER kiosk_quarantine_no_change BEFORE UPDATE OF community_id, device_id, epoch, seq, digest, kind, raw, signature, received_at OR DELETE ON kiosk_quarantine FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER kiosk_quarantine_raw_sealed_kept BEFORE UPDATE OF raw_sealed ON kiosk_quarantine FOR EACH ROW WHEN (NEW.raw_sealed IS DISTINCT FROM OLD.raw_sealed AND (OLD.raw_sealed IS NULL OR NEW.raw_sealed IS NULL OR substr(NEW.raw_sealed, 1, 5) = substr(OLD.raw_sealed, 1, 5))) EXECUTE FUNCTION refuse_change()

CREATE TRIGGER kiosk_review_facts_sealed_kept BEFORE UPDATE OF facts_sealed ON kiosk_review FOR EACH ROW WHEN (NEW.facts_sealed IS DISTINCT FROM OLD.facts_sealed AND (OLD.facts_sealed IS NULL OR NEW.facts_sealed IS NULL OR substr(NEW.facts_sealed, 1, 5) = substr(OLD.facts_sealed, 1, 5))) EXECUTE FUNCTION refuse_change()

CREATE TRIGGER kiosk_review_no_change BEFORE UPDATE OF community_id, id, device_id, epoch, seq, digest, store_id, reason, opened_at OR DELETE ON kiosk_review FOR EACH ROW EXECUTE FUNCTION refuse_change()
