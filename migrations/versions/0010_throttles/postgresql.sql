ALTER TABLE sign_in_try DROP CONSTRAINT ck_sign_in_try_kind

ALTER TABLE sign_in_try ADD COLUMN account BYTEA

UPDATE sign_in_try SET failures = 0

ALTER TABLE sign_in_try ADD CONSTRAINT ck_sign_in_try_kind CHECK (kind IN ('pair', 'name', 'card', 'code', 'source', 'device', 'scan'))

ALTER TABLE sign_in_try ADD CONSTRAINT ck_sign_in_try_pair CHECK (kind <> 'pair' OR account IS NOT NULL)

CREATE TABLE known_device (
    community_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    browser_digest BYTEA NOT NULL,
    words VARCHAR(40) NOT NULL,
    known_at BIGINT NOT NULL,
    used_at BIGINT NOT NULL,
    CONSTRAINT pk_known_device PRIMARY KEY (community_id, id),
    CONSTRAINT uq_known_device_browser UNIQUE (community_id, person_id, browser_digest),
    CONSTRAINT fk_known_device_community_id_person_id FOREIGN KEY(community_id, person_id) REFERENCES person (community_id, id)
)

CREATE INDEX ix_known_device_community_id_browser_digest ON known_device (community_id, browser_digest)

CREATE INDEX ix_sign_in_try_account ON sign_in_try (community_id, account) WHERE account IS NOT NULL
