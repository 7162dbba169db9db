CREATE TABLE data_key (
    key_id TEXT NOT NULL,
    check_value BLOB NOT NULL,
    state TEXT NOT NULL,
    added_at INTEGER NOT NULL,
    removed_at INTEGER,
    CONSTRAINT pk_data_key PRIMARY KEY (key_id),
    CONSTRAINT ck_data_key_state CHECK (state IN ('current', 'old', 'removed')),
    CONSTRAINT ck_data_key_removed CHECK ((state = 'removed') = (removed_at IS NOT NULL))
)
 STRICT

CREATE UNIQUE INDEX uq_data_key_current ON data_key (state) WHERE state = 'current'

CREATE TRIGGER data_key_fixed BEFORE UPDATE OF key_id, check_value ON data_key BEGIN SELECT RAISE(ABORT, 'history is never changed: data_key'); END

CREATE TABLE health_probe (
    id INTEGER NOT NULL,
    writes INTEGER NOT NULL,
    CONSTRAINT pk_health_probe PRIMARY KEY (id),
    CONSTRAINT ck_health_probe_one_row CHECK (id = 1)
)
 STRICT
