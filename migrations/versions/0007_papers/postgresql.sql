ALTER TABLE proof ADD COLUMN check_outcome VARCHAR(10)

ALTER TABLE proof ADD COLUMN checked_at BIGINT

ALTER TABLE proof ADD COLUMN checked_by_person_id BIGINT

ALTER TABLE proof ADD COLUMN is_drawn BOOLEAN DEFAULT false NOT NULL

ALTER TABLE proof ADD COLUMN issuer_sealed BYTEA

ALTER TABLE proof ADD COLUMN seen_by_person_id BIGINT

ALTER TABLE proof ADD CONSTRAINT ck_proof_check_outcome CHECK (check_outcome IN ('confirmed', 'refused'))

ALTER TABLE proof ADD CONSTRAINT ck_proof_checked CHECK ((checked_at IS NULL) = (checked_by_person_id IS NULL) AND (checked_at IS NULL) = (check_outcome IS NULL))

ALTER TABLE proof ADD CONSTRAINT ck_proof_two_people CHECK (seen_by_person_id IS NULL OR checked_by_person_id <> seen_by_person_id)

CREATE TABLE opening_alarm (
    community_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    on_day DATE NOT NULL,
    openings_max SMALLINT NOT NULL,
    raised_at BIGINT NOT NULL,
    answered_at BIGINT,
    answered_by_person_id BIGINT,
    more_openings SMALLINT,
    note VARCHAR(200),
    CONSTRAINT pk_opening_alarm PRIMARY KEY (community_id, id),
    CONSTRAINT uq_opening_alarm_budget UNIQUE (community_id, person_id, on_day, openings_max),
    CONSTRAINT fk_opening_alarm_community_id_person_id FOREIGN KEY(community_id, person_id) REFERENCES person (community_id, id),
    CONSTRAINT fk_opening_alarm_answered_by FOREIGN KEY(community_id, answered_by_person_id) REFERENCES person (community_id, id),
    CONSTRAINT ck_opening_alarm_two_people CHECK (answered_by_person_id <> person_id),
    CONSTRAINT ck_opening_alarm_answered CHECK ((answered_at IS NULL) = (answered_by_person_id IS NULL) AND (answered_at IS NULL) = (more_openings IS NULL)),
    CONSTRAINT ck_opening_alarm_counts CHECK (openings_max >= 0 AND more_openings >= 0)
)

CREATE INDEX ix_opening_alarm_open ON opening_alarm (community_id, id) WHERE answered_at IS NULL

ALTER TABLE proof ADD CONSTRAINT fk_proof_checked_by_person FOREIGN KEY(community_id, checked_by_person_id) REFERENCES person (community_id, id)

ALTER TABLE proof ADD CONSTRAINT fk_proof_seen_by_person FOREIGN KEY(community_id, seen_by_person_id) REFERENCES person (community_id, id)

CREATE INDEX ix_proof_to_check ON proof (community_id, id) WHERE is_drawn AND checked_at IS NULL
