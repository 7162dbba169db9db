CREATE TABLE message (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    person_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    about TEXT NOT NULL,
    facts_sealed BLOB,
    written_at INTEGER NOT NULL,
    until_at INTEGER NOT NULL,
    read_at INTEGER,
    emptied_at INTEGER,
    CONSTRAINT pk_message PRIMARY KEY (community_id, id),
    CONSTRAINT uq_message_once UNIQUE (community_id, person_id, kind, about),
    CONSTRAINT fk_message_community_id_person_id FOREIGN KEY(community_id, person_id) REFERENCES person (community_id, id),
    CONSTRAINT ck_message_emptied CHECK ((facts_sealed IS NULL) = (emptied_at IS NOT NULL))
)
 STRICT

CREATE INDEX ix_message_community_id_person_id_written_at_id ON message (community_id, person_id, written_at, id)

CREATE INDEX ix_message_kept ON message (community_id, written_at) WHERE emptied_at IS NULL

CREATE INDEX ix_message_unread ON message (community_id, person_id) WHERE read_at IS NULL AND emptied_at IS NULL

CREATE TRIGGER message_fixed BEFORE UPDATE OF person_id, kind, about, written_at, until_at ON message BEGIN SELECT RAISE(ABORT, 'history is never changed: message'); END

CREATE TABLE message_wish (
    community_id INTEGER NOT NULL,
    person_id INTEGER NOT NULL,
    email_sealed BLOB,
    by_email INTEGER NOT NULL,
    by_sms INTEGER NOT NULL,
    by_call INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    CONSTRAINT pk_message_wish PRIMARY KEY (community_id, person_id),
    CONSTRAINT fk_message_wish_community_id_person_id FOREIGN KEY(community_id, person_id) REFERENCES person (community_id, id),
    CONSTRAINT ck_message_wish_email CHECK (NOT by_email OR email_sealed IS NOT NULL)
)
 STRICT

CREATE TABLE message_sending (
    community_id INTEGER NOT NULL,
    message_id INTEGER NOT NULL,
    channel TEXT NOT NULL,
    state TEXT NOT NULL,
    tries INTEGER NOT NULL,
    next_at INTEGER,
    changed_at INTEGER NOT NULL,
    CONSTRAINT pk_message_sending PRIMARY KEY (community_id, message_id, channel),
    CONSTRAINT fk_message_sending_community_id_message_id FOREIGN KEY(community_id, message_id) REFERENCES message (community_id, id),
    CONSTRAINT ck_message_sending_channel CHECK (channel IN ('email', 'sms', 'call')),
    CONSTRAINT ck_message_sending_state CHECK (state IN ('due', 'sending', 'done', 'unclear', 'failed', 'dropped')),
    CONSTRAINT ck_message_sending_next CHECK ((state = 'due') = (next_at IS NOT NULL)),
    CONSTRAINT ck_message_sending_tries CHECK (tries >= 0)
)
 STRICT

CREATE INDEX ix_message_sending_open ON message_sending (community_id, state, next_at) WHERE state IN ('due', 'sending', 'unclear')

CREATE TABLE message_attempt (
    community_id INTEGER NOT NULL,
    message_id INTEGER NOT NULL,
    channel TEXT NOT NULL,
    number INTEGER NOT NULL,
    begun_at INTEGER NOT NULL,
    begun_by TEXT NOT NULL,
    ended_at INTEGER,
    outcome TEXT,
    why TEXT,
    CONSTRAINT pk_message_attempt PRIMARY KEY (community_id, message_id, channel, number),
    CONSTRAINT fk_message_attempt_community_id_message_id_channel FOREIGN KEY(community_id, message_id, channel) REFERENCES message_sending (community_id, message_id, channel),
    CONSTRAINT ck_message_attempt_ended CHECK ((ended_at IS NULL) = (outcome IS NULL)),
    CONSTRAINT ck_message_attempt_outcome CHECK (outcome IN ('sent', 'failed', 'unclear', 'reached', 'away', 'wrong_number', 'slip'))
)
 STRICT

CREATE TRIGGER message_attempt_fixed BEFORE UPDATE OF begun_at, begun_by ON message_attempt BEGIN SELECT RAISE(ABORT, 'history is never changed: message_attempt'); END

CREATE TRIGGER message_attempt_closed BEFORE UPDATE ON message_attempt WHEN OLD.ended_at IS NOT NULL BEGIN SELECT RAISE(ABORT, 'history is never changed: message_attempt'); END
