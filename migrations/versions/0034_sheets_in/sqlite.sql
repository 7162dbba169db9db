CREATE TABLE import_batch (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    rows_digest BLOB NOT NULL,
    staged_sealed BLOB,
    report_sealed BLOB,
    row_count INTEGER NOT NULL,
    fault_count INTEGER,
    totals TEXT NOT NULL,
    until_at INTEGER NOT NULL,
    staged_at INTEGER NOT NULL,
    staged_by_person_id INTEGER NOT NULL,
    booked_at INTEGER,
    booked_by_person_id INTEGER,
    withdrawn_at INTEGER,
    withdrawn_by_person_id INTEGER,
    undo_asked_at INTEGER,
    undo_asked_by_person_id INTEGER,
    undone_at INTEGER,
    undone_by_person_id INTEGER,
    forgotten_at INTEGER,
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
 STRICT

CREATE INDEX ix_import_batch_community_id_staged_at ON import_batch (community_id, staged_at)

CREATE UNIQUE INDEX uq_import_batch_rows ON import_batch (community_id, kind, rows_digest) WHERE withdrawn_at IS NULL AND forgotten_at IS NULL AND undone_at IS NULL

CREATE TABLE import_entry (
    community_id INTEGER NOT NULL,
    batch_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    made_id INTEGER NOT NULL,
    row_no INTEGER NOT NULL,
    outside_no TEXT NOT NULL,
    CONSTRAINT pk_import_entry PRIMARY KEY (community_id, batch_id, kind, made_id),
    CONSTRAINT fk_import_entry_community_id_batch_id FOREIGN KEY(community_id, batch_id) REFERENCES import_batch (community_id, id),
    CONSTRAINT ck_import_entry_row_no CHECK (row_no >= 0)
)
 STRICT

CREATE INDEX ix_import_entry_outside ON import_entry (community_id, kind, outside_no) WHERE outside_no <> ''

CREATE TRIGGER import_entry_no_update BEFORE update ON import_entry BEGIN SELECT RAISE(ABORT, 'history is never changed: import_entry'); END

CREATE TRIGGER import_entry_no_delete BEFORE delete ON import_entry BEGIN SELECT RAISE(ABORT, 'history is never changed: import_entry'); END
