CREATE TABLE opening_alarm (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    person_id INTEGER NOT NULL,
    on_day TEXT NOT NULL,
    openings_max INTEGER NOT NULL,
    raised_at INTEGER NOT NULL,
    answered_at INTEGER,
    answered_by_person_id INTEGER,
    more_openings INTEGER,
    note TEXT,
    CONSTRAINT pk_opening_alarm PRIMARY KEY (community_id, id),
    CONSTRAINT uq_opening_alarm_budget UNIQUE (community_id, person_id, on_day, openings_max),
    CONSTRAINT fk_opening_alarm_community_id_person_id FOREIGN KEY(community_id, person_id) REFERENCES person (community_id, id),
    CONSTRAINT fk_opening_alarm_answered_by FOREIGN KEY(community_id, answered_by_person_id) REFERENCES person (community_id, id),
    CONSTRAINT ck_opening_alarm_two_people CHECK (answered_by_person_id <> person_id),
    CONSTRAINT ck_opening_alarm_answered CHECK ((answered_at IS NULL) = (answered_by_person_id IS NULL) AND (answered_at IS NULL) = (more_openings IS NULL)),
    CONSTRAINT ck_opening_alarm_counts CHECK (openings_max >= 0 AND more_openings >= 0)
)
 STRICT

CREATE INDEX ix_opening_alarm_open ON opening_alarm (community_id, id) WHERE answered_at IS NULL

CREATE TABLE new_proof (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    household_id INTEGER NOT NULL,
    person_id INTEGER,
    kind TEXT NOT NULL,
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
    CONSTRAINT ck_proof_days CHECK (valid_until_on >= valid_from_on),
    CONSTRAINT fk_proof_seen_by_person FOREIGN KEY(community_id, seen_by_person_id) REFERENCES person (community_id, id),
    CONSTRAINT fk_proof_checked_by_person FOREIGN KEY(community_id, checked_by_person_id) REFERENCES person (community_id, id),
    CONSTRAINT ck_proof_two_people CHECK (seen_by_person_id IS NULL OR checked_by_person_id <> seen_by_person_id),
    CONSTRAINT ck_proof_checked CHECK ((checked_at IS NULL) = (checked_by_person_id IS NULL) AND (checked_at IS NULL) = (check_outcome IS NULL)),
    CONSTRAINT ck_proof_check_outcome CHECK (check_outcome IN ('confirmed', 'refused'))
)
 STRICT

INSERT INTO new_proof (community_id, id, household_id, person_id, kind, document_no_sealed, valid_from_on, valid_until_on, seen_by, seen_at, ended_on)
SELECT community_id, id, household_id, person_id, kind, document_no_sealed, valid_from_on, valid_until_on, seen_by, seen_at, ended_on FROM proof

DROP TABLE proof

PRAGMA legacy_alter_table = ON

ALTER TABLE new_proof RENAME TO proof

PRAGMA legacy_alter_table = OFF

CREATE INDEX ix_proof_community_id_household_id ON proof (community_id, household_id)

CREATE INDEX ix_proof_to_check ON proof (community_id, id) WHERE is_drawn AND checked_at IS NULL
