CREATE TABLE commodity (
    community_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    code VARCHAR(60) NOT NULL,
    CONSTRAINT pk_commodity PRIMARY KEY (community_id, id),
    CONSTRAINT uq_commodity_community_id_code UNIQUE (community_id, code)
)

CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'history is never changed: %', TG_TABLE_NAME; END $$

CREATE TRIGGER commodity_no_change BEFORE UPDATE OR DELETE ON commodity FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER commodity_no_truncate BEFORE TRUNCATE ON commodity EXECUTE FUNCTION refuse_change()

CREATE TABLE community (
    id BIGINT NOT NULL,
    code VARCHAR(40) NOT NULL,
    name_zh VARCHAR(80) NOT NULL,
    name_en VARCHAR(80) NOT NULL,
    CONSTRAINT pk_community PRIMARY KEY (id),
    CONSTRAINT uq_community_code UNIQUE (code)
)

CREATE TABLE deed (
    community_id BIGINT NOT NULL,
    client VARCHAR(80) NOT NULL,
    request_id VARCHAR(80) NOT NULL,
    name VARCHAR(60) NOT NULL,
    fingerprint BYTEA NOT NULL,
    refused BOOLEAN NOT NULL,
    answer TEXT NOT NULL,
    done_at BIGINT NOT NULL,
    CONSTRAINT pk_deed PRIMARY KEY (community_id, client, request_id)
)

CREATE TRIGGER deed_no_change BEFORE UPDATE OR DELETE ON deed FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER deed_no_truncate BEFORE TRUNCATE ON deed EXECUTE FUNCTION refuse_change()

CREATE TABLE txn (
    community_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    kind VARCHAR(40) NOT NULL,
    status SMALLINT NOT NULL,
    reason TEXT,
    client VARCHAR(80) NOT NULL,
    request_key VARCHAR(120) NOT NULL,
    fingerprint BYTEA NOT NULL,
    effective_us BIGINT NOT NULL,
    posted_us BIGINT NOT NULL,
    reverses_id BIGINT,
    relates_id BIGINT,
    CONSTRAINT pk_txn PRIMARY KEY (community_id, id),
    CONSTRAINT uq_txn_request UNIQUE (community_id, client, request_key),
    CONSTRAINT ck_txn_status CHECK (status IN (1, 2)),
    CONSTRAINT ck_txn_reason CHECK ((status = 2) = (reason IS NOT NULL)),
    CONSTRAINT fk_txn_community_id_reverses_id FOREIGN KEY(community_id, reverses_id) REFERENCES txn (community_id, id),
    CONSTRAINT fk_txn_community_id_relates_id FOREIGN KEY(community_id, relates_id) REFERENCES txn (community_id, id)
)

CREATE UNIQUE INDEX uq_txn_reversal ON txn (community_id, reverses_id) WHERE status = 1 AND reverses_id IS NOT NULL

CREATE TRIGGER txn_no_change BEFORE UPDATE OR DELETE ON txn FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER txn_no_truncate BEFORE TRUNCATE ON txn EXECUTE FUNCTION refuse_change()

CREATE TABLE account (
    community_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    commodity_id BIGINT NOT NULL,
    kind VARCHAR(20) NOT NULL,
    owner_id BIGINT NOT NULL,
    CONSTRAINT pk_account PRIMARY KEY (community_id, id),
    CONSTRAINT uq_account_community_id_id_commodity_id UNIQUE (community_id, id, commodity_id),
    CONSTRAINT uq_account_community_id_kind_owner_id_commodity_id UNIQUE (community_id, kind, owner_id, commodity_id),
    CONSTRAINT fk_account_community_id_commodity_id FOREIGN KEY(community_id, commodity_id) REFERENCES commodity (community_id, id)
)

CREATE TRIGGER account_no_change BEFORE UPDATE OR DELETE ON account FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER account_no_truncate BEFORE TRUNCATE ON account EXECUTE FUNCTION refuse_change()

CREATE TABLE hold (
    community_id BIGINT NOT NULL,
    txn_id BIGINT NOT NULL,
    line SMALLINT NOT NULL,
    source_account_id BIGINT NOT NULL,
    destination_account_id BIGINT NOT NULL,
    commodity_id BIGINT NOT NULL,
    quantity BIGINT NOT NULL,
    expires_us BIGINT NOT NULL,
    CONSTRAINT pk_hold PRIMARY KEY (community_id, txn_id, line),
    CONSTRAINT uq_hold_whole UNIQUE (community_id, txn_id, line, source_account_id, destination_account_id, quantity),
    CONSTRAINT fk_hold_community_id_txn_id FOREIGN KEY(community_id, txn_id) REFERENCES txn (community_id, id),
    CONSTRAINT ck_hold_quantity CHECK (quantity > 0)
)

CREATE TRIGGER hold_no_change BEFORE UPDATE OR DELETE ON hold FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER hold_no_truncate BEFORE TRUNCATE ON hold EXECUTE FUNCTION refuse_change()

CREATE TABLE balance (
    community_id BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    commodity_id BIGINT NOT NULL,
    posted_in BIGINT NOT NULL,
    posted_out BIGINT NOT NULL,
    pending_in BIGINT NOT NULL,
    pending_out BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    last_us BIGINT NOT NULL,
    floor BIGINT,
    ceiling BIGINT,
    closed BOOLEAN NOT NULL,
    CONSTRAINT pk_balance PRIMARY KEY (community_id, account_id),
    CONSTRAINT fk_balance_community_id_account_id_commodity_id FOREIGN KEY(community_id, account_id, commodity_id) REFERENCES account (community_id, id, commodity_id),
    CONSTRAINT ck_balance_counters CHECK (posted_in >= 0 AND posted_out >= 0 AND pending_in >= 0 AND pending_out >= 0),
    CONSTRAINT ck_balance_floor CHECK (floor IS NULL OR posted_in - posted_out - pending_out >= floor),
    CONSTRAINT ck_balance_ceiling CHECK (ceiling IS NULL OR posted_in - posted_out + pending_in <= ceiling)
)
 WITH (fillfactor = 70)

CREATE TABLE posting (
    community_id BIGINT NOT NULL,
    txn_id BIGINT NOT NULL,
    line SMALLINT NOT NULL,
    phase SMALLINT NOT NULL,
    commodity_id BIGINT NOT NULL,
    source_account_id BIGINT NOT NULL,
    destination_account_id BIGINT NOT NULL,
    quantity BIGINT NOT NULL,
    released BIGINT NOT NULL,
    hold_txn_id BIGINT,
    hold_line SMALLINT,
    source_seq BIGINT NOT NULL,
    destination_seq BIGINT NOT NULL,
    source_after BIGINT NOT NULL,
    destination_after BIGINT NOT NULL,
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

CREATE UNIQUE INDEX uq_posting_hold ON posting (community_id, hold_txn_id, hold_line) WHERE hold_txn_id IS NOT NULL

CREATE TRIGGER posting_no_change BEFORE UPDATE OR DELETE ON posting FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER posting_no_truncate BEFORE TRUNCATE ON posting EXECUTE FUNCTION refuse_change()
