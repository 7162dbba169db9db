ALTER TABLE community ADD COLUMN contact_name VARCHAR(40)

ALTER TABLE community ADD COLUMN contact_phone VARCHAR(20)

ALTER TABLE community ADD COLUMN division_code VARCHAR(6)

ALTER TABLE community ADD COLUMN street VARCHAR(80)

ALTER TABLE place ADD COLUMN address VARCHAR(120)

ALTER TABLE place ADD COLUMN phone VARCHAR(20)

CREATE TABLE set_up_code (
    id BIGINT NOT NULL,
    code_digest BYTEA NOT NULL,
    made_at BIGINT NOT NULL,
    ended_at BIGINT,
    CONSTRAINT pk_set_up_code PRIMARY KEY (id),
    CONSTRAINT uq_set_up_code_code_digest UNIQUE (code_digest),
    CONSTRAINT ck_set_up_code_digest CHECK (length(code_digest) = 32)
)

CREATE TABLE set_up_try (
    source_digest BYTEA NOT NULL,
    failures SMALLINT NOT NULL,
    last_at BIGINT NOT NULL,
    closed_until_at BIGINT NOT NULL,
    CONSTRAINT pk_set_up_try PRIMARY KEY (source_digest),
    CONSTRAINT ck_set_up_try_failures CHECK (failures BETWEEN 0 AND 30000)
)

CREATE TABLE set_up_draft (
    id SMALLINT NOT NULL,
    tables TEXT NOT NULL,
    saved_at BIGINT NOT NULL,
    community_id BIGINT,
    CONSTRAINT pk_set_up_draft PRIMARY KEY (id),
    CONSTRAINT fk_set_up_draft_community_id FOREIGN KEY(community_id) REFERENCES community (id),
    CONSTRAINT ck_set_up_draft_one_row CHECK (id = 1)
)

CREATE TABLE first_slip (
    community_id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    roles VARCHAR(200) NOT NULL,
    made_at BIGINT NOT NULL,
    ended_at BIGINT,
    CONSTRAINT pk_first_slip PRIMARY KEY (community_id, person_id),
    CONSTRAINT fk_first_slip_community_id_person_id FOREIGN KEY(community_id, person_id) REFERENCES person (community_id, id),
    CONSTRAINT ck_first_slip_roles CHECK (roles <> '')
)
