CREATE TABLE import_batch (
    community_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    kind VARCHAR(20) NOT NULL,
    rows_digest BYTEA NOT NULL,
    staged_sealed BYTEA,
    report_sealed BYTEA,
    row_count BIGINT NOT NULL,
    fault_count BIGINT,
    totals TEXT NOT NULL,
    until_at BIGINT NOT NULL,
    staged_at BIGINT NOT NULL,
    staged_by_person_id BIGINT NOT NULL,
    booked_at BIGINT,
    booked_by_person_id BIGINT,
    withdrawn_at BIGINT,
    withdrawn_by_person_id BIGINT,
    undo_asked_at BIGINT,
    undo_asked_by_person_id BIGINT,
    undone_at BIGINT,
    undone_by_person_id BIGINT,
    forgotten_at BIGINT,
    undo_reason TEXT,
    CONSTRAINT pk_import_batch PRIMARY KEY (community_id, id),
    CONSTRAINT fk_import_batch_staged_by FOREIGN KEY(community_id, staged_by_person_id) REFERENCES person (community_id, id),
    CONSTRAINT fk_import_batch_booked_by FOREIGN KEY(community_id, booked_by_person_id) REFERENCES person (community_id, id),
    CONSTRAINT fk_import_batch_withdrawn_by FOREIGN KEY(community_id, withdrawn_by_person_id) REFERENCES person (community_id, id),
    CONSTRAINT fk_import_batch_undo_asked_by FOREIGN KEY(community_id, undo_asked_by_person_id) REFERENCES person (community_id, id),
    CONSTRAINT fk_import_batch_undone_by FOREIGN KEY(community_id, undone_by_person_id) REFERENCES person (community_id, id),
    CONSTRAINT ck_import_batch_second_person CHECK (booked_by_person_id <> staged_by_person_id),
    CONSTRAINT ck_import_batch_undone_by_two CHECK (undone_by_person_id <> undo_asked_by_person_id),
    CONSTRAINT ck_import_batch_booked CHECK ((booked_at IS NULL) = (booked_by_person_id IS NULL)),
    CONSTRAINT ck_import_batch_withdrawn CHECK ((withdrawn_at IS NULL) = (withdrawn_by_person_id IS NULL)),
    CONSTRAINT ck_import_batch_undo_asked CHECK ((undo_asked_at IS NULL) = (undo_asked_by_person_id IS NULL)),
    CONSTRAINT ck_import_batch_undone CHECK ((undone_at IS NULL) = (undone_by_person_id IS NULL)),
    CONSTRAINT ck_import_batch_one_end CHECK ((CASE WHEN booked_at IS NULL THEN 0 ELSE 1 END) + (CASE WHEN withdrawn_at IS NULL THEN 0 ELSE 1 END) + (CASE WHEN forgotten_at IS NULL THEN 0 ELSE 1 END) <= 1),
    CONSTRAINT ck_import_batch_wiped CHECK ((booked_at IS NULL AND withdrawn_at IS NULL AND forgotten_at IS NULL) = (staged_sealed IS NOT NULL) AND (report_sealed IS NULL OR staged_sealed IS NOT NULL)),
    CONSTRAINT ck_import_batch_without_faults CHECK (booked_at IS NULL OR fault_count = 0),
    CONSTRAINT ck_import_batch_asked_first CHECK (undone_at IS NULL OR undo_asked_at IS NOT NULL),
    CONSTRAINT ck_import_batch_undo_asked_why CHECK (undo_asked_at IS NULL OR (booked_at IS NOT NULL AND undo_reason IS NOT NULL)),
    CONSTRAINT ck_import_batch_digest CHECK (length(rows_digest) = 32)
)

CREATE INDEX ix_import_batch_community_id_staged_at ON import_batch (community_id, staged_at)

CREATE UNIQUE INDEX uq_import_batch_rows ON import_batch (community_id, kind, rows_digest) WHERE withdrawn_at IS NULL AND forgotten_at IS NULL AND undone_at IS NULL

CREATE TABLE import_entry (
    community_id BIGINT NOT NULL,
    batch_id BIGINT NOT NULL,
    kind VARCHAR(20) NOT NULL,
    made_id BIGINT NOT NULL,
    row_no INTEGER NOT NULL,
    outside_no VARCHAR(40) NOT NULL,
    CONSTRAINT pk_import_entry PRIMARY KEY (community_id, batch_id, kind, made_id),
    CONSTRAINT fk_import_entry_community_id_batch_id FOREIGN KEY(community_id, batch_id) REFERENCES import_batch (community_id, id),
    CONSTRAINT ck_import_entry_row_no CHECK (row_no >= 0)
)

CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'history is never changed: %', TG_TABLE_NAME; END $$

CREATE INDEX ix_import_entry_outside ON import_entry (community_id, kind, outside_no) WHERE outside_no <> ''

CREATE TRIGGER import_entry_no_change BEFORE UPDATE OR DELETE ON import_entry FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER import_entry_no_truncate BEFORE TRUNCATE ON import_entry EXECUTE FUNCTION refuse_change()
