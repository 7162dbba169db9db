CREATE TABLE second_factor (
    community_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    secret_sealed BYTEA NOT NULL,
    drawn_at BIGINT NOT NULL,
    confirmed_at BIGINT,
    last_step BIGINT NOT NULL,
    CONSTRAINT pk_second_factor PRIMARY KEY (community_id, user_id),
    CONSTRAINT fk_second_factor_community_id_user_id FOREIGN KEY(community_id, user_id) REFERENCES app_user (community_id, id),
    CONSTRAINT ck_second_factor_last_step CHECK (last_step >= 0)
)

CREATE TABLE visit (
    community_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    token_digest BYTEA NOT NULL,
    kind VARCHAR(10) NOT NULL,
    person_id BIGINT NOT NULL,
    user_id BIGINT,
    card_id BIGINT,
    device VARCHAR(40) NOT NULL,
    opened_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    proven_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    lacks VARCHAR(10),
    ended_at BIGINT,
    ended_why VARCHAR(20),
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

CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'history is never changed: %', TG_TABLE_NAME; END $$

CREATE INDEX ix_visit_ends_at ON visit (ends_at)

CREATE INDEX ix_visit_open ON visit (community_id, person_id) WHERE ended_at IS NULL

CREATE TRIGGER visit_fixed BEFORE UPDATE OF token_digest, kind, person_id, user_id, card_id, opened_at, ends_at ON visit FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER visit_closed BEFORE UPDATE ON visit FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL) EXECUTE FUNCTION refuse_change()

CREATE TABLE recovery_code (
    community_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    code_digest BYTEA NOT NULL,
    used_at BIGINT,
    CONSTRAINT pk_recovery_code PRIMARY KEY (community_id, user_id, code_digest),
    CONSTRAINT fk_recovery_code_community_id_user_id FOREIGN KEY(community_id, user_id) REFERENCES second_factor (community_id, user_id)
)
