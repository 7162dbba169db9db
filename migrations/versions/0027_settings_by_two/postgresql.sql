CREATE TABLE parameter_change (
    community_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    key VARCHAR(60) NOT NULL,
    value TEXT NOT NULL,
    valid_from_on DATE NOT NULL,
    until_at BIGINT NOT NULL,
    source TEXT NOT NULL,
    reason TEXT NOT NULL,
    asked_by_person_id BIGINT NOT NULL,
    asked_at BIGINT NOT NULL,
    confirmed_by_person_id BIGINT,
    confirmed_at BIGINT,
    withdrawn_by_person_id BIGINT,
    withdrawn_at BIGINT,
    CONSTRAINT pk_parameter_change PRIMARY KEY (community_id, id),
    CONSTRAINT fk_parameter_change_asked_by FOREIGN KEY(community_id, asked_by_person_id) REFERENCES person (community_id, id),
    CONSTRAINT fk_parameter_change_confirmed_by FOREIGN KEY(community_id, confirmed_by_person_id) REFERENCES person (community_id, id),
    CONSTRAINT fk_parameter_change_withdrawn_by FOREIGN KEY(community_id, withdrawn_by_person_id) REFERENCES person (community_id, id),
    CONSTRAINT ck_parameter_change_second_person CHECK (confirmed_by_person_id <> asked_by_person_id),
    CONSTRAINT ck_parameter_change_confirmed CHECK ((confirmed_at IS NULL) = (confirmed_by_person_id IS NULL)),
    CONSTRAINT ck_parameter_change_withdrawn CHECK ((withdrawn_at IS NULL) = (withdrawn_by_person_id IS NULL)),
    CONSTRAINT ck_parameter_change_one_end CHECK (confirmed_at IS NULL OR withdrawn_at IS NULL),
    CONSTRAINT ck_parameter_change_in_time CHECK (confirmed_at IS NULL OR confirmed_at < until_at),
    CONSTRAINT ck_parameter_change_told CHECK (source <> '' AND reason <> '')
)

CREATE INDEX ix_parameter_change_waiting ON parameter_change (community_id, until_at) WHERE confirmed_at IS NULL AND withdrawn_at IS NULL

CREATE UNIQUE INDEX uq_parameter_change_day ON parameter_change (community_id, key, valid_from_on) WHERE withdrawn_at IS NULL
