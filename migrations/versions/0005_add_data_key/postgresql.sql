CREATE TABLE data_key (
    key_id VARCHAR(8) NOT NULL,
    check_value BYTEA NOT NULL,
    state VARCHAR(8) NOT NULL,
    added_at BIGINT NOT NULL,
    removed_at BIGINT,
    CONSTRAINT pk_data_key PRIMARY KEY (key_id),
    CONSTRAINT ck_data_key_state CHECK (state IN ('current', 'old', 'removed')),
    CONSTRAINT ck_data_key_removed CHECK ((state = 'removed') = (removed_at IS NOT NULL))
)

CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'history is never changed: %', TG_TABLE_NAME; END $$

CREATE UNIQUE INDEX uq_data_key_current ON data_key (state) WHERE state = 'current'

CREATE TRIGGER data_key_fixed BEFORE UPDATE OF key_id, check_value ON data_key FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TABLE health_probe (
    id SMALLINT NOT NULL,
    writes BIGINT NOT NULL,
    CONSTRAINT pk_health_probe PRIMARY KEY (id),
    CONSTRAINT ck_health_probe_one_row CHECK (id = 1)
)
