CREATE TABLE password_reset (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    person_id INTEGER NOT NULL,
    asked_by_person_id INTEGER NOT NULL,
    asked_at INTEGER NOT NULL,
    until_at INTEGER NOT NULL,
    set_by_person_id INTEGER,
    set_at INTEGER,
    read_at INTEGER,
    CONSTRAINT pk_password_reset PRIMARY KEY (community_id, id),
    CONSTRAINT fk_password_reset_community_id_user_id FOREIGN KEY(community_id, user_id) REFERENCES app_user (community_id, id),
    CONSTRAINT fk_password_reset_community_id_person_id FOREIGN KEY(community_id, person_id) REFERENCES person (community_id, id),
    CONSTRAINT fk_password_reset_asked_by FOREIGN KEY(community_id, asked_by_person_id) REFERENCES person (community_id, id),
    CONSTRAINT fk_password_reset_set_by FOREIGN KEY(community_id, set_by_person_id) REFERENCES person (community_id, id),
    CONSTRAINT ck_password_reset_two_of_staff CHECK (asked_by_person_id <> person_id AND (set_by_person_id IS NULL OR (set_by_person_id <> person_id AND set_by_person_id <> asked_by_person_id))),
    CONSTRAINT ck_password_reset_set CHECK ((set_at IS NULL) = (set_by_person_id IS NULL) AND (set_at IS NULL OR set_at < until_at)),
    CONSTRAINT ck_password_reset_read CHECK (read_at IS NULL OR set_at IS NOT NULL)
)
 STRICT

CREATE INDEX ix_password_reset_community_id_person_id ON password_reset (community_id, person_id)

CREATE INDEX ix_password_reset_waiting ON password_reset (community_id, until_at) WHERE set_at IS NULL
