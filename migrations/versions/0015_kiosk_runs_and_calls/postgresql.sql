ALTER TABLE kiosk_device ADD COLUMN last_deed_boot_id VARCHAR(64)

ALTER TABLE kiosk_device ADD COLUMN last_deed_ms BIGINT

CREATE TABLE kiosk_call (
    community_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    device_id BIGINT NOT NULL,
    store_id BIGINT NOT NULL,
    asked_at BIGINT NOT NULL,
    page VARCHAR(20) NOT NULL,
    CONSTRAINT pk_kiosk_call PRIMARY KEY (community_id, id),
    CONSTRAINT fk_kiosk_call_community_id_store_id FOREIGN KEY(community_id, store_id) REFERENCES store (community_id, id),
    CONSTRAINT fk_kiosk_call_community_id_device_id FOREIGN KEY(community_id, device_id) REFERENCES kiosk_device (community_id, id)
)

CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'history is never changed: %', TG_TABLE_NAME; END $$

CREATE INDEX ix_kiosk_call_community_id_store_id_asked_at ON kiosk_call (community_id, store_id, asked_at)

CREATE TRIGGER kiosk_call_no_change BEFORE UPDATE OR DELETE ON kiosk_call FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER kiosk_call_no_truncate BEFORE TRUNCATE ON kiosk_call EXECUTE FUNCTION refuse_change()

CREATE TABLE kiosk_run (
    community_id BIGINT NOT NULL,
    device_id BIGINT NOT NULL,
    boot_id VARCHAR(64) NOT NULL,
    started_at BIGINT NOT NULL,
    known_ms BIGINT NOT NULL,
    CONSTRAINT pk_kiosk_run PRIMARY KEY (community_id, device_id, boot_id),
    CONSTRAINT ck_kiosk_run_known_ms CHECK (known_ms >= 0),
    CONSTRAINT fk_kiosk_run_community_id_device_id FOREIGN KEY(community_id, device_id) REFERENCES kiosk_device (community_id, id)
)

CREATE TABLE kiosk_call_answer (
    community_id BIGINT NOT NULL,
    call_id BIGINT NOT NULL,
    answered_by BIGINT,
    answered_at BIGINT NOT NULL,
    CONSTRAINT pk_kiosk_call_answer PRIMARY KEY (community_id, call_id),
    CONSTRAINT fk_kiosk_call_answer_community_id_call_id FOREIGN KEY(community_id, call_id) REFERENCES kiosk_call (community_id, id)
)

CREATE TRIGGER kiosk_call_answer_no_change BEFORE UPDATE OR DELETE ON kiosk_call_answer FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER kiosk_call_answer_no_truncate BEFORE TRUNCATE ON kiosk_call_answer EXECUTE FUNCTION refuse_change()
