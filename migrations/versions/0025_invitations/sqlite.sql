CREATE TABLE invitation (
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
    CONSTRAINT pk_invitation PRIMARY KEY (community_id, id),
    CONSTRAINT uq_invitation_code UNIQUE (community_id, code_digest),
    CONSTRAINT fk_invitation_community_id_person_id FOREIGN KEY(community_id, person_id) REFERENCES person (community_id, id),
    CONSTRAINT fk_invitation_asked_by FOREIGN KEY(community_id, asked_by_person_id) REFERENCES person (community_id, id),
    CONSTRAINT fk_invitation_confirmed_by FOREIGN KEY(community_id, confirmed_by_person_id) REFERENCES person (community_id, id),
    CONSTRAINT ck_invitation_two_of_staff CHECK (asked_by_person_id <> person_id AND (confirmed_by_person_id IS NULL OR (confirmed_by_person_id <> person_id AND confirmed_by_person_id <> asked_by_person_id))),
    CONSTRAINT ck_invitation_confirmed CHECK ((confirmed_at IS NULL) = (confirmed_by_person_id IS NULL)),
    CONSTRAINT ck_invitation_one_end CHECK (withdrawn_at IS NULL OR used_at IS NULL),
    CONSTRAINT ck_invitation_used CHECK (used_at IS NULL OR used_at < until_at)
)
 STRICT

CREATE INDEX ix_invitation_community_id_person_id ON invitation (community_id, person_id)

CREATE INDEX ix_invitation_open ON invitation (community_id, until_at) WHERE used_at IS NULL AND withdrawn_at IS NULL

CREATE TABLE invited_role (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    invitation_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    place_id INTEGER,
    until_at INTEGER,
    CONSTRAINT pk_invited_role PRIMARY KEY (community_id, id),
    CONSTRAINT fk_invited_role_community_id_invitation_id FOREIGN KEY(community_id, invitation_id) REFERENCES invitation (community_id, id),
    CONSTRAINT fk_invited_role_community_id_place_id FOREIGN KEY(community_id, place_id) REFERENCES place (community_id, id),
    CONSTRAINT ck_invited_role_name CHECK (name IN ('accountant', 'approver', 'auditor', 'cashier', 'coordinator', 'grid_worker', 'hotline', 'keeper', 'social_worker'))
)
 STRICT

CREATE INDEX ix_invited_role_community_id_invitation_id ON invited_role (community_id, invitation_id)

ALTER TABLE staff_role ADD COLUMN until_at INTEGER
