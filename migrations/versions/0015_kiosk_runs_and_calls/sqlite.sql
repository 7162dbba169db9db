CREATE TABLE kiosk_call (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    device_id INTEGER NOT NULL,
    store_id INTEGER NOT NULL,
    asked_at INTEGER NOT NULL,
    page TEXT NOT NULL,
    CONSTRAINT pk_kiosk_call PRIMARY KEY (community_id, id),
    CONSTRAINT fk_kiosk_call_community_id_store_id FOREIGN KEY(community_id, store_id) REFERENCES store (community_id, id),
    CONSTRAINT fk_kiosk_call_community_id_device_id FOREIGN KEY(community_id, device_id) REFERENCES kiosk_device (community_id, id)
)
 STRICT

CREATE INDEX ix_kiosk_call_community_id_store_id_asked_at ON kiosk_call (community_id, store_id, asked_at)

CREATE TRIGGER kiosk_call_no_update BEFORE update ON kiosk_call BEGIN SELECT RAISE(ABORT, 'history is never changed: kiosk_call'); END

CREATE TRIGGER kiosk_call_no_delete BEFORE delete ON kiosk_call BEGIN SELECT RAISE(ABORT, 'history is never changed: kiosk_call'); END

CREATE TABLE kiosk_run (
    community_id INTEGER NOT NULL,
    device_id INTEGER NOT NULL,
    boot_id TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    known_ms INTEGER NOT NULL,
    CONSTRAINT pk_kiosk_run PRIMARY KEY (community_id, device_id, boot_id),
    CONSTRAINT ck_kiosk_run_known_ms CHECK (known_ms >= 0),
    CONSTRAINT fk_kiosk_run_community_id_device_id FOREIGN KEY(community_id, device_id) REFERENCES kiosk_device (community_id, id)
)
 STRICT

CREATE TABLE kiosk_call_answer (
    community_id INTEGER NOT NULL,
    call_id INTEGER NOT NULL,
    answered_by INTEGER,
    answered_at INTEGER NOT NULL,
    CONSTRAINT pk_kiosk_call_answer PRIMARY KEY (community_id, call_id),
    CONSTRAINT fk_kiosk_call_answer_community_id_call_id FOREIGN KEY(community_id, call_id) REFERENCES kiosk_call (community_id, id)
)
 STRICT

CREATE TRIGGER kiosk_call_answer_no_update BEFORE update ON kiosk_call_answer BEGIN SELECT RAISE(ABORT, 'history is never changed: kiosk_call_answer'); END

CREATE TRIGGER kiosk_call_answer_no_delete BEFORE delete ON kiosk_call_answer BEGIN SELECT RAISE(ABORT, 'history is never changed: kiosk_call_answer'); END

ALTER TABLE kiosk_device ADD COLUMN last_deed_boot_id TEXT

ALTER TABLE kiosk_device ADD COLUMN last_deed_ms INTEGER
