CREATE TABLE known_device (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    person_id INTEGER NOT NULL,
    browser_digest BLOB NOT NULL,
    words TEXT NOT NULL,
    known_at INTEGER NOT NULL,
    used_at INTEGER NOT NULL,
    CONSTRAINT pk_known_device PRIMARY KEY (community_id, id),
    CONSTRAINT uq_known_device_browser UNIQUE (community_id, person_id, browser_digest),
    CONSTRAINT fk_known_device_community_id_person_id FOREIGN KEY(community_id, person_id) REFERENCES person (community_id, id)
)
 STRICT

CREATE INDEX ix_known_device_community_id_browser_digest ON known_device (community_id, browser_digest)

CREATE TABLE new_sign_in_try (
    community_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    subject BLOB NOT NULL,
    account BLOB,
    failures INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    closed_until_at INTEGER NOT NULL,
    CONSTRAINT pk_sign_in_try PRIMARY KEY (community_id, kind, subject),
    CONSTRAINT ck_sign_in_try_kind CHECK (kind IN ('pair', 'name', 'card', 'code', 'source', 'device', 'scan')),
    CONSTRAINT ck_sign_in_try_failures CHECK (failures BETWEEN 0 AND 30000),
    CONSTRAINT ck_sign_in_try_pair CHECK (kind <> 'pair' OR account IS NOT NULL)
)
 STRICT

INSERT INTO new_sign_in_try (community_id, kind, subject, failures, last_at, closed_until_at)
SELECT community_id, kind, subject, 0, last_at, closed_until_at FROM sign_in_try

DROP TABLE sign_in_try

PRAGMA legacy_alter_table = ON

ALTER TABLE new_sign_in_try RENAME TO sign_in_try

PRAGMA legacy_alter_table = OFF

CREATE INDEX ix_sign_in_try_account ON sign_in_try (community_id, account) WHERE account IS NOT NULL

CREATE INDEX ix_sign_in_try_last_at ON sign_in_try (last_at)
