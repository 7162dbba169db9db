CREATE TABLE commodity (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    code TEXT NOT NULL,
    CONSTRAINT pk_commodity PRIMARY KEY (community_id, id),
    CONSTRAINT uq_commodity_community_id_code UNIQUE (community_id, code)
)
 STRICT

CREATE TRIGGER commodity_no_update BEFORE update ON commodity BEGIN SELECT RAISE(ABORT, 'history is never changed: commodity'); END

CREATE TRIGGER commodity_no_delete BEFORE delete ON commodity BEGIN SELECT RAISE(ABORT, 'history is never changed: commodity'); END

CREATE TABLE community (
    id INTEGER NOT NULL,
    code TEXT NOT NULL,
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    CONSTRAINT pk_community PRIMARY KEY (id),
    CONSTRAINT uq_community_code UNIQUE (code)
)
 STRICT

CREATE TABLE deed (
    community_id INTEGER NOT NULL,
    client TEXT NOT NULL,
    request_id TEXT NOT NULL,
    name TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    refused INTEGER NOT NULL,
    answer TEXT NOT NULL,
    done_at INTEGER NOT NULL,
    CONSTRAINT pk_deed PRIMARY KEY (community_id, client, request_id)
)
 STRICT

CREATE TRIGGER deed_no_update BEFORE update ON deed BEGIN SELECT RAISE(ABORT, 'history is never changed: deed'); END

CREATE TRIGGER deed_no_delete BEFORE delete ON deed BEGIN SELECT RAISE(ABORT, 'history is never changed: deed'); END

CREATE TABLE txn (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    status INTEGER NOT NULL,
    reason TEXT,
    client TEXT NOT NULL,
    request_key TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    effective_us INTEGER NOT NULL,
    posted_us INTEGER NOT NULL,
    reverses_id INTEGER,
    relates_id INTEGER,
    CONSTRAINT pk_txn PRIMARY KEY (community_id, id),
    CONSTRAINT uq_txn_request UNIQUE (community_id, client, request_key),
    CONSTRAINT ck_txn_status CHECK (status IN (1, 2)),
    CONSTRAINT ck_txn_reason CHECK ((status = 2) = (reason IS NOT NULL)),
    CONSTRAINT fk_txn_community_id_reverses_id FOREIGN KEY(community_id, reverses_id) REFERENCES txn (community_id, id),
    CONSTRAINT fk_txn_community_id_relates_id FOREIGN KEY(community_id, relates_id) REFERENCES txn (community_id, id)
)
 STRICT

CREATE UNIQUE INDEX uq_txn_reversal ON txn (community_id, reverses_id) WHERE status = 1 AND reverses_id IS NOT NULL

CREATE TRIGGER txn_no_update BEFORE update ON txn BEGIN SELECT RAISE(ABORT, 'history is never changed: txn'); END

CREATE TRIGGER txn_no_delete BEFORE delete ON txn BEGIN SELECT RAISE(ABORT, 'history is never changed: txn'); END

CREATE TABLE account (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    commodity_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    owner_id INTEGER NOT NULL,
    CONSTRAINT pk_account PRIMARY KEY (community_id, id),
    CONSTRAINT uq_account_community_id_id_commodity_id UNIQUE (community_id, id, commodity_id),
    CONSTRAINT uq_account_community_id_kind_owner_id_commodity_id UNIQUE (community_id, kind, owner_id, commodity_id),
    CONSTRAINT fk_account_community_id_commodity_id FOREIGN KEY(community_id, commodity_id) REFERENCES commodity (community_id, id)
)
 STRICT

CREATE TRIGGER account_no_update BEFORE update ON account BEGIN SELECT RAISE(ABORT, 'history is never changed: account'); END

CREATE TRIGGER account_no_delete BEFORE delete ON account BEGIN SELECT RAISE(ABORT, 'history is never changed: account'); END

CREATE TABLE hold (
    community_id INTEGER NOT NULL,
    txn_id INTEGER NOT NULL,
    line INTEGER NOT NULL,
    source_account_id INTEGER NOT NULL,
    destination_account_id INTEGER NOT NULL,
    commodity_id INTEGER NOT NULL,
    quantity INTEGER NOT NULL,
    expires_us INTEGER NOT NULL,
    CONSTRAINT pk_hold PRIMARY KEY (community_id, txn_id, line),
    CONSTRAINT uq_hold_whole UNIQUE (community_id, txn_id, line, source_account_id, destination_account_id, quantity),
    CONSTRAINT fk_hold_community_id_txn_id FOREIGN KEY(community_id, txn_id) REFERENCES txn (community_id, id),
    CONSTRAINT ck_hold_quantity CHECK (quantity > 0)
)
 STRICT

CREATE TRIGGER hold_no_update BEFORE update ON hold BEGIN SELECT RAISE(ABORT, 'history is never changed: hold'); END

CREATE TRIGGER hold_no_delete BEFORE delete ON hold BEGIN SELECT RAISE(ABORT, 'history is never changed: hold'); END

CREATE TABLE balance (
    community_id INTEGER NOT NULL,
    account_id INTEGER NOT NULL,
    commodity_id INTEGER NOT NULL,
    posted_in INTEGER NOT NULL,
    posted_out INTEGER NOT NULL,
    pending_in INTEGER NOT NULL,
    pending_out INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    last_us INTEGER NOT NULL,
    floor INTEGER,
    ceiling INTEGER,
    closed INTEGER NOT NULL,
    CONSTRAINT pk_balance PRIMARY KEY (community_id, account_id),
    CONSTRAINT fk_balance_community_id_account_id_commodity_id FOREIGN KEY(community_id, account_id, commodity_id) REFERENCES account (community_id, id, commodity_id),
    CONSTRAINT ck_balance_counters CHECK (posted_in >= 0 AND posted_out >= 0 AND pending_in >= 0 AND pending_out >= 0),
    CONSTRAINT ck_balance_floor CHECK (floor IS NULL OR posted_in - posted_out - pending_out >= floor),
    CONSTRAINT ck_balance_ceiling CHECK (ceiling IS NULL OR posted_in - posted_out + pending_in <= ceiling)
)
 STRICT

CREATE TABLE posting (
    community_id INTEGER NOT NULL,
    txn_id INTEGER NOT NULL,
    line INTEGER NOT NULL,
    phase INTEGER NOT NULL,
    commodity_id INTEGER NOT NULL,
    source_account_id INTEGER NOT NULL,
    destination_account_id INTEGER NOT NULL,
    quantity INTEGER NOT NULL,
    released INTEGER NOT NULL,
    hold_txn_id INTEGER,
    hold_line INTEGER,
    source_seq INTEGER NOT NULL,
    destination_seq INTEGER NOT NULL,
    source_after INTEGER NOT NULL,
    destination_after INTEGER NOT NULL,
    CONSTRAINT pk_posting PRIMARY KEY (community_id, txn_id, line),
    CONSTRAINT ck_posting_sides CHECK (source_account_id <> destination_account_id),
    CONSTRAINT ck_posting_quantity CHECK (quantity BETWEEN 0 AND 9007199254740991),
    CONSTRAINT ck_posting_phase CHECK ((phase IN (0, 1) AND quantity > 0 AND released = 0 AND hold_txn_id IS NULL) OR (phase = 2 AND released > 0 AND quantity <= released AND hold_txn_id IS NOT NULL AND hold_line IS NOT NULL)),
    CONSTRAINT fk_posting_community_id_txn_id FOREIGN KEY(community_id, txn_id) REFERENCES txn (community_id, id),
    CONSTRAINT fk_posting_source FOREIGN KEY(community_id, source_account_id, commodity_id) REFERENCES account (community_id, id, commodity_id),
    CONSTRAINT fk_posting_destination FOREIGN KEY(community_id, destination_account_id, commodity_id) REFERENCES account (community_id, id, commodity_id),
    CONSTRAINT fk_posting_hold FOREIGN KEY(community_id, hold_txn_id, hold_line, source_account_id, destination_account_id, released) REFERENCES hold (community_id, txn_id, line, source_account_id, destination_account_id, quantity),
    CONSTRAINT uq_posting_source_seq UNIQUE (community_id, source_account_id, source_seq),
    CONSTRAINT uq_posting_destination_seq UNIQUE (community_id, destination_account_id, destination_seq)
)
 STRICT

CREATE UNIQUE INDEX uq_posting_hold ON posting (community_id, hold_txn_id, hold_line) WHERE hold_txn_id IS NOT NULL

CREATE TRIGGER posting_no_update BEFORE update ON posting BEGIN SELECT RAISE(ABORT, 'history is never changed: posting'); END

CREATE TRIGGER posting_no_delete BEFORE delete ON posting BEGIN SELECT RAISE(ABORT, 'history is never changed: posting'); END
