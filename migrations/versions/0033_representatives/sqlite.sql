CREATE TABLE representative (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    organisation_id INTEGER NOT NULL,
    person_id INTEGER NOT NULL,
    named_at INTEGER NOT NULL,
    ended_at INTEGER,
    CONSTRAINT pk_representative PRIMARY KEY (community_id, id),
    CONSTRAINT fk_representative_community_id_organisation_id FOREIGN KEY(community_id, organisation_id) REFERENCES organisation (community_id, id),
    CONSTRAINT fk_representative_community_id_person_id FOREIGN KEY(community_id, person_id) REFERENCES person (community_id, id),
    CONSTRAINT ck_representative_ended CHECK (ended_at IS NULL OR ended_at >= named_at)
)
 STRICT

CREATE UNIQUE INDEX uq_representative_living ON representative (community_id, person_id, organisation_id) WHERE ended_at IS NULL

CREATE TABLE new_invitation (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    person_id INTEGER NOT NULL,
    asked_by_person_id INTEGER,
    asked_at INTEGER NOT NULL,
    until_at INTEGER NOT NULL,
    confirmed_by_person_id INTEGER,
    confirmed_at INTEGER,
    code_digest BLOB,
    withdrawn_at INTEGER,
    used_at INTEGER,
    organisation_id INTEGER,
    CONSTRAINT pk_invitation PRIMARY KEY (community_id, id),
    CONSTRAINT uq_invitation_code UNIQUE (community_id, code_digest),
    CONSTRAINT fk_invitation_community_id_person_id FOREIGN KEY(community_id, person_id) REFERENCES person (community_id, id),
    CONSTRAINT fk_invitation_asked_by FOREIGN KEY(community_id, asked_by_person_id) REFERENCES person (community_id, id),
    CONSTRAINT fk_invitation_confirmed_by FOREIGN KEY(community_id, confirmed_by_person_id) REFERENCES person (community_id, id),
    CONSTRAINT fk_invitation_community_id_organisation_id FOREIGN KEY(community_id, organisation_id) REFERENCES organisation (community_id, id),
    CONSTRAINT ck_invitation_two_of_staff CHECK (asked_by_person_id <> person_id AND (confirmed_by_person_id IS NULL OR (confirmed_by_person_id <> person_id AND confirmed_by_person_id <> asked_by_person_id))),
    CONSTRAINT ck_invitation_confirmed CHECK ((confirmed_at IS NULL) = (confirmed_by_person_id IS NULL)),
    CONSTRAINT ck_invitation_one_end CHECK (withdrawn_at IS NULL OR used_at IS NULL),
    CONSTRAINT ck_invitation_used CHECK (used_at IS NULL OR used_at < until_at)
)
 STRICT

INSERT INTO new_invitation (community_id, id, person_id, asked_by_person_id, asked_at, until_at, confirmed_by_person_id, confirmed_at, code_digest, withdrawn_at, used_at)
SELECT community_id, id, person_id, asked_by_person_id, asked_at, until_at, confirmed_by_person_id, confirmed_at, code_digest, withdrawn_at, used_at FROM invitation

DROP TABLE invitation

PRAGMA legacy_alter_table = ON

ALTER TABLE new_invitation RENAME TO invitation

PRAGMA legacy_alter_table = OFF

CREATE INDEX ix_invitation_community_id_person_id ON invitation (community_id, person_id)

CREATE INDEX ix_invitation_open ON invitation (community_id, until_at) WHERE used_at IS NULL AND withdrawn_at IS NULL
