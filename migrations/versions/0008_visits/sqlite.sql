CREATE TABLE second_factor (
    community_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    secret_sealed BLOB NOT NULL,
    drawn_at INTEGER NOT NULL,
    confirmed_at INTEGER,
    last_step INTEGER NOT NULL,
    CONSTRAINT pk_second_factor PRIMARY KEY (community_id, user_id),
    CONSTRAINT fk_second_factor_community_id_user_id FOREIGN KEY(community_id, user_id) REFERENCES app_user (community_id, id),
    CONSTRAINT ck_second_factor_last_step CHECK (last_step >= 0)
)
 STRICT

CREATE TABLE visit (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    token_digest BLOB NOT NULL,
    kind TEXT NOT NULL,
    person_id INTEGER NOT NULL,
    user_id INTEGER,
    card_id INTEGER,
    device TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    proven_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    lacks TEXT,
    ended_at INTEGER,
    ended_why TEXT,
    CONSTRAINT pk_visit PRIMARY KEY (community_id, id),
    CONSTRAINT uq_visit_community_id_token_digest UNIQUE (community_id, token_digest),
    CONSTRAINT fk_visit_community_id_person_id FOREIGN KEY(community_id, person_id) REFERENCES person (community_id, id),
    CONSTRAINT fk_visit_community_id_user_id FOREIGN KEY(community_id, user_id) REFERENCES app_user (community_id, id),
    CONSTRAINT fk_visit_community_id_card_id FOREIGN KEY(community_id, card_id) REFERENCES card (community_id, id),
    CONSTRAINT ck_visit_kind CHECK (kind IN ('web', 'api')),
    CONSTRAINT ck_visit_holder CHECK ((user_id IS NULL) <> (card_id IS NULL)),
    CONSTRAINT ck_visit_lacks CHECK (lacks IN ('code', 'set_up')),
    CONSTRAINT ck_visit_ended_why CHECK (ended_why IN ('asked', 'idle', 'other_visit', 'password', 'pin', 'role', 'card', 'closed', 'second_factor')),
    CONSTRAINT ck_visit_ended CHECK ((ended_at IS NULL) = (ended_why IS NULL))
)
 STRICT

CREATE INDEX ix_visit_ends_at ON visit (ends_at)

CREATE INDEX ix_visit_open ON visit (community_id, person_id) WHERE ended_at IS NULL

CREATE TRIGGER visit_fixed BEFORE UPDATE OF token_digest, kind, person_id, user_id, card_id, opened_at, ends_at ON visit BEGIN SELECT RAISE(ABORT, 'history is never changed: visit'); END

CREATE TRIGGER visit_closed BEFORE UPDATE ON visit WHEN OLD.ended_at IS NOT NULL BEGIN SELECT RAISE(ABORT, 'history is never changed: visit'); END

CREATE TABLE recovery_code (
    community_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    code_digest BLOB NOT NULL,
    used_at INTEGER,
    CONSTRAINT pk_recovery_code PRIMARY KEY (community_id, user_id, code_digest),
    CONSTRAINT fk_recovery_code_community_id_user_id FOREIGN KEY(community_id, user_id) REFERENCES second_factor (community_id, user_id)
)
 STRICT
