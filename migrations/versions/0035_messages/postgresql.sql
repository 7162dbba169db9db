CREATE TABLE message (
    community_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    kind VARCHAR(30) NOT NULL,
    about VARCHAR(60) NOT NULL,
    facts_sealed BYTEA,
    written_at BIGINT NOT NULL,
    until_at BIGINT NOT NULL,
    read_at BIGINT,
    emptied_at BIGINT,
    CONSTRAINT pk_message PRIMARY KEY (community_id, id),
    CONSTRAINT uq_message_once UNIQUE (community_id, person_id, kind, about),
    CONSTRAINT fk_message_community_id_person_id FOREIGN KEY(community_id, person_id) REFERENCES person (community_id, id),
    CONSTRAINT ck_message_emptied CHECK ((facts_sealed IS NULL) = (emptied_at IS NOT NULL))
)

CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'history is never changed: %', TG_TABLE_NAME; END $$

CREATE INDEX ix_message_community_id_person_id_written_at_id ON message (community_id, person_id, written_at, id)

CREATE INDEX ix_message_kept ON message (community_id, written_at) WHERE emptied_at IS NULL

CREATE INDEX ix_message_unread ON message (community_id, person_id) WHERE read_at IS NULL AND emptied_at IS NULL

CREATE TRIGGER message_fixed BEFORE UPDATE OF person_id, kind, about, written_at, until_at ON message FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TABLE message_wish (
    community_id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    email_sealed BYTEA,
    by_email BOOLEAN NOT NULL,
    by_sms BOOLEAN NOT NULL,
    by_call BOOLEAN NOT NULL,
    changed_at BIGINT NOT NULL,
    CONSTRAINT pk_message_wish PRIMARY KEY (community_id, person_id),
    CONSTRAINT fk_message_wish_community_id_person_id FOREIGN KEY(community_id, person_id) REFERENCES person (community_id, id),
    CONSTRAINT ck_message_wish_email CHECK (NOT by_email OR email_sealed IS NOT NULL)
)

CREATE TABLE message_sending (
    community_id BIGINT NOT NULL,
    message_id BIGINT NOT NULL,
    channel VARCHAR(8) NOT NULL,
    state VARCHAR(10) NOT NULL,
    tries SMALLINT NOT NULL,
    next_at BIGINT,
    changed_at BIGINT NOT NULL,
    CONSTRAINT pk_message_sending PRIMARY KEY (community_id, message_id, channel),
    CONSTRAINT fk_message_sending_community_id_message_id FOREIGN KEY(community_id, message_id) REFERENCES message (community_id, id),
    CONSTRAINT ck_message_sending_channel CHECK (channel IN ('email', 'sms', 'call')),
    CONSTRAINT ck_message_sending_state CHECK (state IN ('due', 'sending', 'done', 'unclear', 'failed', 'dropped')),
    CONSTRAINT ck_message_sending_next CHECK ((state = 'due') = (next_at IS NOT NULL)),
    CONSTRAINT ck_message_sending_tries CHECK (tries >= 0)
)

CREATE INDEX ix_message_sending_open ON message_sending (community_id, state, next_at) WHERE state IN ('due', 'sending', 'unclear')

CREATE TABLE message_attempt (
    community_id BIGINT NOT NULL,
    message_id BIGINT NOT NULL,
    channel VARCHAR(8) NOT NULL,
    number SMALLINT NOT NULL,
    begun_at BIGINT NOT NULL,
    begun_by VARCHAR(80) NOT NULL,
    ended_at BIGINT,
    outcome VARCHAR(14),
    why VARCHAR(40),
    CONSTRAINT pk_message_attempt PRIMARY KEY (community_id, message_id, channel, number),
    CONSTRAINT fk_message_attempt_community_id_message_id_channel FOREIGN KEY(community_id, message_id, channel) REFERENCES message_sending (community_id, message_id, channel),
    CONSTRAINT ck_message_attempt_ended CHECK ((ended_at IS NULL) = (outcome IS NULL)),
    CONSTRAINT ck_message_attempt_outcome CHECK (outcome IN ('sent', 'failed', 'unclear', 'reached', 'away', 'wrong_number', 'slip'))
)

CREATE TRIGGER message_attempt_fixed BEFORE UPDATE OF begun_at, begun_by ON message_attempt FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER message_attempt_closed BEFORE UPDATE ON message_attempt FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL) EXECUTE FUNCTION refuse_change()
