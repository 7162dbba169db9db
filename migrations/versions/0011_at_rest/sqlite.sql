ALTER TABLE person ADD COLUMN birth_sealed BLOB

ALTER TABLE person ADD COLUMN birth_digest BLOB

ALTER TABLE person ADD COLUMN age_group TEXT

ALTER TABLE person ADD COLUMN age_changes_on TEXT
    CONSTRAINT ck_person_age_group CHECK (age_group IN ('0-13', '14-17', '18-59', '60-64', '65-69', '70-79', '80+'))
    CONSTRAINT ck_person_birth CHECK ((birth_sealed IS NULL) = (birth_digest IS NULL))

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
    refusal_facts TEXT,
    pickup_code TEXT,
    pickup_sealed BLOB,
    pickup_digest BLOB,
    hold_until_at INTEGER,
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
    CONSTRAINT ck_claim_ready CHECK (state <> 'ready' OR (held_pieces > 0 AND hold_until_at IS NOT NULL AND (pickup_code IS NOT NULL OR pickup_sealed IS NOT NULL))),
    CONSTRAINT ck_claim_refused CHECK (state <> 'refused' OR refusal_code IS NOT NULL),
    CONSTRAINT ck_claim_issued CHECK ((state = 'issued') = (issued_at IS NOT NULL) AND (issued_at IS NULL) = (issue_decision_id IS NULL)),
    CONSTRAINT ck_claim_cancelled CHECK ((state = 'cancelled') = (end_reason IS NOT NULL)),
    CONSTRAINT ck_claim_end_reason CHECK (end_reason IN ('EXPIRED_ON_SHELF', 'BY_CLAIMANT', 'BY_STAFF')),
    CONSTRAINT ck_claim_reviewed CHECK ((reviewed_by IS NULL) = (review_reason IS NULL)),
    CONSTRAINT ck_claim_pickup CHECK (pickup_sealed IS NULL OR pickup_digest IS NOT NULL)
)
 STRICT

INSERT INTO new_claim (community_id, id, claim_no, household_id, person_id, store_id, channel, asked_by, asked_at, state, asked_pieces, approved_pieces, held_pieces, decision_id, issue_decision_id, refusal_code, refusal_facts, pickup_code, hold_until_at, issued_at, issued_by, ended_at, end_reason, reviewed_by, reviewed_at, review_reason)
SELECT community_id, id, claim_no, household_id, person_id, store_id, channel, asked_by, asked_at, state, asked_pieces, approved_pieces, held_pieces, decision_id, issue_decision_id, refusal_code, refusal_facts, pickup_code, hold_until_at, issued_at, issued_by, ended_at, end_reason, reviewed_by, reviewed_at, review_reason FROM claim

DROP TABLE claim

PRAGMA legacy_alter_table = ON

ALTER TABLE new_claim RENAME TO claim

PRAGMA legacy_alter_table = OFF

CREATE INDEX ix_claim_community_id_household_id ON claim (community_id, household_id)

CREATE INDEX ix_claim_in_review ON claim (community_id, asked_at, id) WHERE state = 'review'

CREATE INDEX ix_claim_open ON claim (community_id, state, hold_until_at) WHERE state IN ('ready', 'review')

CREATE UNIQUE INDEX uq_claim_pickup ON claim (community_id, store_id, pickup_code) WHERE state = 'ready'

CREATE UNIQUE INDEX uq_claim_pickup_digest ON claim (community_id, store_id, pickup_digest) WHERE state = 'ready'

CREATE TABLE new_proof (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    household_id INTEGER NOT NULL,
    person_id INTEGER,
    kind TEXT,
    kind_sealed BLOB,
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
    CONSTRAINT ck_proof_kind CHECK (kind IN ('dibao', 'dibao_marginal', 'tekun', 'rigid_expense', 'disability_card', 'child_in_need', 'veteran_family', 'unemployed', 'housing_applicant', 'special_approval')),
    CONSTRAINT ck_proof_has_kind CHECK (kind IS NOT NULL OR kind_sealed IS NOT NULL),
    CONSTRAINT ck_proof_days CHECK (valid_until_on >= valid_from_on),
    CONSTRAINT fk_proof_seen_by_person FOREIGN KEY(community_id, seen_by_person_id) REFERENCES person (community_id, id),
    CONSTRAINT fk_proof_checked_by_person FOREIGN KEY(community_id, checked_by_person_id) REFERENCES person (community_id, id),
    CONSTRAINT ck_proof_two_people CHECK (seen_by_person_id IS NULL OR checked_by_person_id <> seen_by_person_id),
    CONSTRAINT ck_proof_checked CHECK ((checked_at IS NULL) = (checked_by_person_id IS NULL) AND (checked_at IS NULL) = (check_outcome IS NULL)),
    CONSTRAINT ck_proof_check_outcome CHECK (check_outcome IN ('confirmed', 'refused'))
)
 STRICT

INSERT INTO new_proof (community_id, id, household_id, person_id, kind, document_no_sealed, issuer_sealed, valid_from_on, valid_until_on, seen_by, seen_at, ended_on, seen_by_person_id, is_drawn, checked_at, checked_by_person_id, check_outcome)
SELECT community_id, id, household_id, person_id, kind, document_no_sealed, issuer_sealed, valid_from_on, valid_until_on, seen_by, seen_at, ended_on, seen_by_person_id, is_drawn, checked_at, checked_by_person_id, check_outcome FROM proof

DROP TABLE proof

ALTER TABLE new_proof RENAME TO proof

CREATE INDEX ix_proof_community_id_household_id ON proof (community_id, household_id)

CREATE INDEX ix_proof_to_check ON proof (community_id, seen_at, id) WHERE is_drawn = 1 AND checked_at IS NULL

CREATE INDEX ix_person_age_changes ON person (community_id, age_changes_on) WHERE age_changes_on IS NOT NULL

CREATE INDEX ix_person_community_id_birth_digest ON person (community_id, birth_digest)

DROP TRIGGER deed_no_update

UPDATE deed SET answer = json_set(answer, '$.pickup_code', NULL) WHERE name IN ('claim_goods', 'decide_review') AND refusal_code IS NULL AND answer LIKE '%"pickup_code":"%'

UPDATE deed SET answer = json_set(answer, '$.code', '') WHERE name = 'make_pairing_code' AND refusal_code IS NULL

CREATE TRIGGER deed_no_update BEFORE update ON deed BEGIN SELECT RAISE(ABORT, 'history is never changed: deed'); END

UPDATE kiosk_pairing SET code = hex(randomblob(4))
