CREATE TABLE new_deed (
    community_id INTEGER NOT NULL,
    client TEXT NOT NULL,
    request_id TEXT NOT NULL,
    name TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    refusal_code TEXT,
    answer TEXT NOT NULL,
    answer_sealed BLOB,
    done_at INTEGER NOT NULL,
    CONSTRAINT pk_deed PRIMARY KEY (community_id, client, request_id),
    CONSTRAINT ck_deed_answer CHECK ((answer = '') = (answer_sealed IS NOT NULL))
)
 STRICT

INSERT INTO new_deed (community_id, client, request_id, name, fingerprint, refusal_code, answer, answer_sealed, done_at)
SELECT community_id, client, request_id, name, fingerprint, refusal_code, answer, answer_sealed, done_at FROM deed

DROP TABLE deed

PRAGMA legacy_alter_table = ON

ALTER TABLE new_deed RENAME TO deed

PRAGMA legacy_alter_table = OFF

CREATE INDEX ix_deed_refused ON deed (community_id, client, refusal_code, done_at) WHERE refusal_code IS NOT NULL

CREATE TRIGGER deed_no_update BEFORE update OF community_id, client, request_id, name, fingerprint, refusal_code, answer, done_at ON deed BEGIN SELECT RAISE(ABORT, 'history is never changed: deed'); END

CREATE TRIGGER deed_no_delete BEFORE delete ON deed BEGIN SELECT RAISE(ABORT, 'history is never changed: deed'); END

CREATE TRIGGER deed_answer_sealed_kept BEFORE UPDATE OF answer_sealed ON deed FOR EACH ROW WHEN (NEW.answer_sealed IS NOT OLD.answer_sealed AND (OLD.answer_sealed IS NULL OR NEW.answer_sealed IS NULL OR substr(NEW.answer_sealed, 1, 5) = substr(OLD.answer_sealed, 1, 5))) BEGIN SELECT RAISE(ABORT, 'history is never changed: deed'); END

CREATE TABLE new_decision (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    programme TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id INTEGER NOT NULL,
    rule_version_id INTEGER NOT NULL,
    rule_hash TEXT NOT NULL,
    engine_version INTEGER NOT NULL,
    asked_pieces INTEGER NOT NULL,
    as_of_on TEXT NOT NULL,
    recorded_at INTEGER NOT NULL,
    recorded_by TEXT NOT NULL,
    channel TEXT NOT NULL,
    facts_sealed BLOB NOT NULL,
    parameters TEXT NOT NULL,
    trace_sealed BLOB NOT NULL,
    answer TEXT NOT NULL,
    reasons_sealed BLOB NOT NULL,
    missing_sealed BLOB NOT NULL,
    remaining_pieces INTEGER,
    next_on TEXT,
    CONSTRAINT pk_decision PRIMARY KEY (community_id, id),
    CONSTRAINT fk_decision_community_id_rule_version_id FOREIGN KEY(community_id, rule_version_id) REFERENCES rule_version (community_id, id),
    CONSTRAINT ck_decision_subject_kind CHECK (subject_kind IN ('household', 'person')),
    CONSTRAINT ck_decision_answer CHECK (answer IN ('eligible', 'not_eligible', 'needs_information', 'needs_review')),
    CONSTRAINT ck_decision_reasons CHECK (answer = 'eligible' OR length(reasons_sealed) > 35),
    CONSTRAINT ck_decision_asked CHECK (asked_pieces > 0)
)
 STRICT

INSERT INTO new_decision (community_id, id, programme, subject_kind, subject_id, rule_version_id, rule_hash, engine_version, asked_pieces, as_of_on, recorded_at, recorded_by, channel, facts_sealed, parameters, trace_sealed, answer, reasons_sealed, missing_sealed, remaining_pieces, next_on)
SELECT community_id, id, programme, subject_kind, subject_id, rule_version_id, rule_hash, engine_version, asked_pieces, as_of_on, recorded_at, recorded_by, channel, facts_sealed, parameters, trace_sealed, answer, reasons_sealed, missing_sealed, remaining_pieces, next_on FROM decision

DROP TABLE decision

ALTER TABLE new_decision RENAME TO decision

CREATE INDEX ix_decision_programme ON decision (community_id, programme, as_of_on)

CREATE INDEX ix_decision_subject ON decision (community_id, subject_kind, subject_id, id)

CREATE TRIGGER decision_no_update BEFORE update OF community_id, id, programme, subject_kind, subject_id, rule_version_id, rule_hash, engine_version, asked_pieces, as_of_on, recorded_at, recorded_by, channel, parameters, answer, remaining_pieces, next_on ON decision BEGIN SELECT RAISE(ABORT, 'history is never changed: decision'); END

CREATE TRIGGER decision_no_delete BEFORE delete ON decision BEGIN SELECT RAISE(ABORT, 'history is never changed: decision'); END

CREATE TRIGGER decision_facts_sealed_kept BEFORE UPDATE OF facts_sealed ON decision FOR EACH ROW WHEN (NEW.facts_sealed IS NOT OLD.facts_sealed AND (OLD.facts_sealed IS NULL OR NEW.facts_sealed IS NULL OR substr(NEW.facts_sealed, 1, 5) = substr(OLD.facts_sealed, 1, 5))) BEGIN SELECT RAISE(ABORT, 'history is never changed: decision'); END

CREATE TRIGGER decision_trace_sealed_kept BEFORE UPDATE OF trace_sealed ON decision FOR EACH ROW WHEN (NEW.trace_sealed IS NOT OLD.trace_sealed AND (OLD.trace_sealed IS NULL OR NEW.trace_sealed IS NULL OR substr(NEW.trace_sealed, 1, 5) = substr(OLD.trace_sealed, 1, 5))) BEGIN SELECT RAISE(ABORT, 'history is never changed: decision'); END

CREATE TRIGGER decision_reasons_sealed_kept BEFORE UPDATE OF reasons_sealed ON decision FOR EACH ROW WHEN (NEW.reasons_sealed IS NOT OLD.reasons_sealed AND (OLD.reasons_sealed IS NULL OR NEW.reasons_sealed IS NULL OR substr(NEW.reasons_sealed, 1, 5) = substr(OLD.reasons_sealed, 1, 5))) BEGIN SELECT RAISE(ABORT, 'history is never changed: decision'); END

CREATE TRIGGER decision_missing_sealed_kept BEFORE UPDATE OF missing_sealed ON decision FOR EACH ROW WHEN (NEW.missing_sealed IS NOT OLD.missing_sealed AND (OLD.missing_sealed IS NULL OR NEW.missing_sealed IS NULL OR substr(NEW.missing_sealed, 1, 5) = substr(OLD.missing_sealed, 1, 5))) BEGIN SELECT RAISE(ABORT, 'history is never changed: decision'); END

CREATE TABLE new_person (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    household_id INTEGER,
    name TEXT NOT NULL,
    initials TEXT NOT NULL,
    latin_name TEXT,
    sex TEXT,
    birth_sealed BLOB,
    birth_digest BLOB,
    age_group TEXT,
    age_changes_on TEXT,
    id_no_sealed BLOB,
    id_no_digest BLOB,
    phone_sealed BLOB,
    phone_digest BLOB,
    contacts_sealed BLOB,
    notes_sealed BLOB,
    registered_elsewhere INTEGER NOT NULL,
    enrolled_at INTEGER NOT NULL,
    CONSTRAINT pk_person PRIMARY KEY (community_id, id),
    CONSTRAINT uq_person_id_no UNIQUE (community_id, id_no_digest),
    CONSTRAINT fk_person_community_id FOREIGN KEY(community_id) REFERENCES community (id),
    CONSTRAINT fk_person_community_id_household_id FOREIGN KEY(community_id, household_id) REFERENCES household (community_id, id),
    CONSTRAINT ck_person_sex CHECK (sex IN ('m', 'f')),
    CONSTRAINT ck_person_birth CHECK ((birth_sealed IS NULL) = (birth_digest IS NULL)),
    CONSTRAINT ck_person_age_group CHECK (age_group IN ('0-13', '14-17', '18-59', '60-64', '65-69', '70-79', '80+')),
    CONSTRAINT ck_person_id_no CHECK ((id_no_sealed IS NULL) = (id_no_digest IS NULL)),
    CONSTRAINT ck_person_phone CHECK ((phone_sealed IS NULL) = (phone_digest IS NULL))
)
 STRICT

INSERT INTO new_person (community_id, id, household_id, name, initials, latin_name, sex, birth_sealed, birth_digest, age_group, age_changes_on, id_no_sealed, id_no_digest, phone_sealed, phone_digest, contacts_sealed, notes_sealed, registered_elsewhere, enrolled_at)
SELECT community_id, id, household_id, name, initials, latin_name, sex, birth_sealed, birth_digest, age_group, age_changes_on, id_no_sealed, id_no_digest, phone_sealed, phone_digest, contacts_sealed, notes_sealed, registered_elsewhere, enrolled_at FROM person

DROP TABLE person

ALTER TABLE new_person RENAME TO person

CREATE INDEX ix_person_age_changes ON person (community_id, age_changes_on) WHERE age_changes_on IS NOT NULL

CREATE INDEX ix_person_community_id_birth_digest ON person (community_id, birth_digest)

CREATE INDEX ix_person_community_id_household_id ON person (community_id, household_id)

CREATE INDEX ix_person_community_id_initials ON person (community_id, initials)

CREATE INDEX ix_person_community_id_phone_digest ON person (community_id, phone_digest)

CREATE INDEX ix_person_first_character ON person (community_id, substr(name, 1, 1))

CREATE INDEX ix_person_latin_name ON person (community_id, latin_name) WHERE latin_name IS NOT NULL

CREATE TABLE new_claim (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    claim_no TEXT NOT NULL,
    household_id INTEGER NOT NULL,
    person_id INTEGER NOT NULL,
    store_id INTEGER NOT NULL,
    channel TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    asked_at INTEGER NOT NULL,
    state TEXT NOT NULL,
    asked_pieces INTEGER NOT NULL,
    approved_pieces INTEGER NOT NULL,
    held_pieces INTEGER NOT NULL,
    decision_id INTEGER NOT NULL,
    issue_decision_id INTEGER,
    refusal_code TEXT,
    refusal_facts_sealed BLOB,
    pickup_sealed BLOB,
    pickup_digest BLOB,
    hold_until_at INTEGER,
    full_until_at INTEGER,
    issued_at INTEGER,
    issued_by TEXT,
    ended_at INTEGER,
    end_reason TEXT,
    reviewed_by TEXT,
    reviewed_at INTEGER,
    review_reason TEXT,
    CONSTRAINT pk_claim PRIMARY KEY (community_id, id),
    CONSTRAINT uq_claim_community_id_claim_no UNIQUE (community_id, claim_no),
    CONSTRAINT uq_claim_household UNIQUE (community_id, id, household_id),
    CONSTRAINT fk_claim_community_id_household_id FOREIGN KEY(community_id, household_id) REFERENCES household_aid (community_id, household_id),
    CONSTRAINT fk_claim_community_id_person_id FOREIGN KEY(community_id, person_id) REFERENCES person (community_id, id),
    CONSTRAINT fk_claim_community_id_store_id FOREIGN KEY(community_id, store_id) REFERENCES store (community_id, id),
    CONSTRAINT fk_claim_community_id_decision_id FOREIGN KEY(community_id, decision_id) REFERENCES decision (community_id, id),
    CONSTRAINT fk_claim_issue_decision FOREIGN KEY(community_id, issue_decision_id) REFERENCES decision (community_id, id),
    CONSTRAINT ck_claim_state CHECK (state IN ('review', 'refused', 'ready', 'issued', 'lapsed', 'cancelled')),
    CONSTRAINT ck_claim_pieces CHECK (asked_pieces > 0 AND approved_pieces BETWEEN 0 AND asked_pieces AND held_pieces BETWEEN 0 AND approved_pieces),
    CONSTRAINT ck_claim_ready CHECK (state <> 'ready' OR (held_pieces > 0 AND hold_until_at IS NOT NULL AND pickup_sealed IS NOT NULL)),
    CONSTRAINT ck_claim_refused CHECK (state <> 'refused' OR refusal_code IS NOT NULL),
    CONSTRAINT ck_claim_issued CHECK ((state = 'issued') = (issued_at IS NOT NULL) AND (issued_at IS NULL) = (issue_decision_id IS NULL)),
    CONSTRAINT ck_claim_cancelled CHECK ((state = 'cancelled') = (end_reason IS NOT NULL)),
    CONSTRAINT ck_claim_end_reason CHECK (end_reason IN ('EXPIRED_ON_SHELF', 'BY_CLAIMANT', 'BY_STAFF')),
    CONSTRAINT ck_claim_reviewed CHECK ((reviewed_by IS NULL) = (review_reason IS NULL)),
    CONSTRAINT ck_claim_pickup CHECK (pickup_sealed IS NULL OR pickup_digest IS NOT NULL)
)
 STRICT

INSERT INTO new_claim (community_id, id, claim_no, household_id, person_id, store_id, channel, asked_by, asked_at, state, asked_pieces, approved_pieces, held_pieces, decision_id, issue_decision_id, refusal_code, refusal_facts_sealed, pickup_sealed, pickup_digest, hold_until_at, full_until_at, issued_at, issued_by, ended_at, end_reason, reviewed_by, reviewed_at, review_reason)
SELECT community_id, id, claim_no, household_id, person_id, store_id, channel, asked_by, asked_at, state, asked_pieces, approved_pieces, held_pieces, decision_id, issue_decision_id, refusal_code, refusal_facts_sealed, pickup_sealed, pickup_digest, hold_until_at, full_until_at, issued_at, issued_by, ended_at, end_reason, reviewed_by, reviewed_at, review_reason FROM claim

DROP TABLE claim

ALTER TABLE new_claim RENAME TO claim

CREATE INDEX ix_claim_community_id_household_id ON claim (community_id, household_id)

CREATE INDEX ix_claim_in_review ON claim (community_id, asked_at, id) WHERE state = 'review'

CREATE INDEX ix_claim_issued_code ON claim (community_id, store_id, pickup_digest) WHERE state = 'issued'

CREATE INDEX ix_claim_open ON claim (community_id, state, hold_until_at) WHERE state IN ('ready', 'review')

CREATE UNIQUE INDEX uq_claim_pickup_digest ON claim (community_id, store_id, pickup_digest) WHERE state = 'ready'

CREATE TABLE new_kiosk_inbox (
    community_id INTEGER NOT NULL,
    device_id INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    raw BLOB NOT NULL,
    raw_sealed BLOB,
    signature BLOB NOT NULL,
    digest TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    ahead_us INTEGER NOT NULL,
    CONSTRAINT pk_kiosk_inbox PRIMARY KEY (community_id, device_id, epoch, seq),
    CONSTRAINT fk_kiosk_inbox_community_id_device_id FOREIGN KEY(community_id, device_id) REFERENCES kiosk_device (community_id, id),
    CONSTRAINT ck_kiosk_inbox_raw CHECK (raw_sealed IS NULL OR length(raw) = 0)
)
 STRICT

INSERT INTO new_kiosk_inbox (community_id, device_id, epoch, seq, raw, raw_sealed, signature, digest, received_at, ahead_us)
SELECT community_id, device_id, epoch, seq, raw, raw_sealed, signature, digest, received_at, ahead_us FROM kiosk_inbox

DROP TABLE kiosk_inbox

ALTER TABLE new_kiosk_inbox RENAME TO kiosk_inbox

CREATE TRIGGER kiosk_inbox_no_update BEFORE update OF community_id, device_id, epoch, seq, raw, signature, digest, received_at, ahead_us ON kiosk_inbox BEGIN SELECT RAISE(ABORT, 'history is never changed: kiosk_inbox'); END

CREATE TRIGGER kiosk_inbox_no_delete BEFORE delete ON kiosk_inbox BEGIN SELECT RAISE(ABORT, 'history is never changed: kiosk_inbox'); END

CREATE TRIGGER kiosk_inbox_raw_sealed_kept BEFORE UPDATE OF raw_sealed ON kiosk_inbox FOR EACH ROW WHEN (NEW.raw_sealed IS NOT OLD.raw_sealed AND (OLD.raw_sealed IS NULL OR NEW.raw_sealed IS NULL OR substr(NEW.raw_sealed, 1, 5) = substr(OLD.raw_sealed, 1, 5))) BEGIN SELECT RAISE(ABORT, 'history is never changed: kiosk_inbox'); END

CREATE TABLE new_kiosk_quarantine (
    community_id INTEGER NOT NULL,
    device_id INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    digest TEXT NOT NULL,
    kind TEXT NOT NULL,
    raw BLOB NOT NULL,
    raw_sealed BLOB,
    signature BLOB NOT NULL,
    received_at INTEGER NOT NULL,
    CONSTRAINT pk_kiosk_quarantine PRIMARY KEY (community_id, device_id, epoch, seq, digest),
    CONSTRAINT fk_kiosk_quarantine_community_id_device_id FOREIGN KEY(community_id, device_id) REFERENCES kiosk_device (community_id, id),
    CONSTRAINT ck_kiosk_quarantine_kind CHECK (kind IN ('fork', 'damaged')),
    CONSTRAINT ck_kiosk_quarantine_raw CHECK (raw_sealed IS NULL OR length(raw) = 0)
)
 STRICT

INSERT INTO new_kiosk_quarantine (community_id, device_id, epoch, seq, digest, kind, raw, raw_sealed, signature, received_at)
SELECT community_id, device_id, epoch, seq, digest, kind, raw, raw_sealed, signature, received_at FROM kiosk_quarantine

DROP TABLE kiosk_quarantine

ALTER TABLE new_kiosk_quarantine RENAME TO kiosk_quarantine

CREATE TRIGGER kiosk_quarantine_no_update BEFORE update OF community_id, device_id, epoch, seq, digest, kind, raw, signature, received_at ON kiosk_quarantine BEGIN SELECT RAISE(ABORT, 'history is never changed: kiosk_quarantine'); END

CREATE TRIGGER kiosk_quarantine_no_delete BEFORE delete ON kiosk_quarantine BEGIN SELECT RAISE(ABORT, 'history is never changed: kiosk_quarantine'); END

CREATE TRIGGER kiosk_quarantine_raw_sealed_kept BEFORE UPDATE OF raw_sealed ON kiosk_quarantine FOR EACH ROW WHEN (NEW.raw_sealed IS NOT OLD.raw_sealed AND (OLD.raw_sealed IS NULL OR NEW.raw_sealed IS NULL OR substr(NEW.raw_sealed, 1, 5) = substr(OLD.raw_sealed, 1, 5))) BEGIN SELECT RAISE(ABORT, 'history is never changed: kiosk_quarantine'); END

CREATE TABLE new_kiosk_review (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    device_id INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    digest TEXT NOT NULL,
    store_id INTEGER NOT NULL,
    reason TEXT NOT NULL,
    facts_sealed BLOB NOT NULL,
    opened_at INTEGER NOT NULL,
    CONSTRAINT pk_kiosk_review PRIMARY KEY (community_id, id),
    CONSTRAINT uq_kiosk_review_community_id_device_id_epoch_seq_digest UNIQUE (community_id, device_id, epoch, seq, digest),
    CONSTRAINT fk_kiosk_review_community_id_store_id FOREIGN KEY(community_id, store_id) REFERENCES store (community_id, id),
    CONSTRAINT fk_kiosk_review_community_id_device_id FOREIGN KEY(community_id, device_id) REFERENCES kiosk_device (community_id, id)
)
 STRICT

INSERT INTO new_kiosk_review (community_id, id, device_id, epoch, seq, digest, store_id, reason, facts_sealed, opened_at)
SELECT community_id, id, device_id, epoch, seq, digest, store_id, reason, facts_sealed, opened_at FROM kiosk_review

DROP TABLE kiosk_review

ALTER TABLE new_kiosk_review RENAME TO kiosk_review

CREATE TRIGGER kiosk_review_no_update BEFORE update OF community_id, id, device_id, epoch, seq, digest, store_id, reason, opened_at ON kiosk_review BEGIN SELECT RAISE(ABORT, 'history is never changed: kiosk_review'); END

CREATE TRIGGER kiosk_review_no_delete BEFORE delete ON kiosk_review BEGIN SELECT RAISE(ABORT, 'history is never changed: kiosk_review'); END

CREATE TRIGGER kiosk_review_facts_sealed_kept BEFORE UPDATE OF facts_sealed ON kiosk_review FOR EACH ROW WHEN (NEW.facts_sealed IS NOT OLD.facts_sealed AND (OLD.facts_sealed IS NULL OR NEW.facts_sealed IS NULL OR substr(NEW.facts_sealed, 1, 5) = substr(OLD.facts_sealed, 1, 5))) BEGIN SELECT RAISE(ABORT, 'history is never changed: kiosk_review'); END

CREATE TABLE new_proof (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    household_id INTEGER NOT NULL,
    person_id INTEGER,
    kind_sealed BLOB NOT NULL,
    document_no_sealed BLOB,
    issuer_sealed BLOB,
    valid_from_on TEXT NOT NULL,
    valid_until_on TEXT NOT NULL,
    seen_by INTEGER,
    seen_at INTEGER NOT NULL,
    ended_on TEXT,
    seen_by_person_id INTEGER,
    is_drawn INTEGER DEFAULT 0 NOT NULL,
    checked_at INTEGER,
    checked_by_person_id INTEGER,
    check_outcome TEXT,
    CONSTRAINT pk_proof PRIMARY KEY (community_id, id),
    CONSTRAINT fk_proof_community_id_household_id FOREIGN KEY(community_id, household_id) REFERENCES household (community_id, id),
    CONSTRAINT fk_proof_community_id_person_id FOREIGN KEY(community_id, person_id) REFERENCES person (community_id, id),
    CONSTRAINT fk_proof_community_id_seen_by FOREIGN KEY(community_id, seen_by) REFERENCES app_user (community_id, id),
    CONSTRAINT ck_proof_days CHECK (valid_until_on >= valid_from_on),
    CONSTRAINT fk_proof_seen_by_person FOREIGN KEY(community_id, seen_by_person_id) REFERENCES person (community_id, id),
    CONSTRAINT fk_proof_checked_by_person FOREIGN KEY(community_id, checked_by_person_id) REFERENCES person (community_id, id),
    CONSTRAINT ck_proof_two_people CHECK (seen_by_person_id IS NULL OR checked_by_person_id <> seen_by_person_id),
    CONSTRAINT ck_proof_checked CHECK ((checked_at IS NULL) = (checked_by_person_id IS NULL) AND (checked_at IS NULL) = (check_outcome IS NULL)),
    CONSTRAINT ck_proof_check_outcome CHECK (check_outcome IN ('confirmed', 'refused'))
)
 STRICT

INSERT INTO new_proof (community_id, id, household_id, person_id, kind_sealed, document_no_sealed, issuer_sealed, valid_from_on, valid_until_on, seen_by, seen_at, ended_on, seen_by_person_id, is_drawn, checked_at, checked_by_person_id, check_outcome)
SELECT community_id, id, household_id, person_id, kind_sealed, document_no_sealed, issuer_sealed, valid_from_on, valid_until_on, seen_by, seen_at, ended_on, seen_by_person_id, is_drawn, checked_at, checked_by_person_id, check_outcome FROM proof

DROP TABLE proof

ALTER TABLE new_proof RENAME TO proof

CREATE INDEX ix_proof_community_id_household_id ON proof (community_id, household_id)

CREATE INDEX ix_proof_to_check ON proof (community_id, seen_at, id) WHERE is_drawn = 1 AND checked_at IS NULL
