ALTER TABLE lot ALTER COLUMN deposit_id TYPE BIGINT, ALTER COLUMN deposit_id DROP NOT NULL, ALTER COLUMN deposit_id DROP DEFAULT

ALTER TABLE lot ADD COLUMN found_at BIGINT

ALTER TABLE lot ALTER COLUMN line TYPE SMALLINT, ALTER COLUMN line DROP NOT NULL, ALTER COLUMN line DROP DEFAULT

ALTER TABLE lot ADD CONSTRAINT ck_lot_origin CHECK ((deposit_id IS NULL) = (line IS NULL) AND (deposit_id IS NULL) = (found_at IS NOT NULL))

CREATE TABLE found_count (
    community_id BIGINT NOT NULL,
    round_id BIGINT NOT NULL,
    item_id BIGINT NOT NULL,
    counted INTEGER NOT NULL,
    condition VARCHAR(12) NOT NULL,
    best_before_on DATE,
    reason VARCHAR(12) NOT NULL,
    note VARCHAR(200) NOT NULL,
    CONSTRAINT pk_found_count PRIMARY KEY (community_id, round_id, item_id),
    CONSTRAINT fk_found_count_community_id_round_id FOREIGN KEY(community_id, round_id) REFERENCES count_round (community_id, id),
    CONSTRAINT fk_found_count_community_id_item_id FOREIGN KEY(community_id, item_id) REFERENCES item (community_id, id),
    CONSTRAINT ck_found_count_counted CHECK (counted > 0),
    CONSTRAINT ck_found_count_reason CHECK (reason IN ('found', 'miscounted', 'other')),
    CONSTRAINT ck_found_count_reason_told CHECK (reason <> 'other' OR note <> '')
)

CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'history is never changed: %', TG_TABLE_NAME; END $$

CREATE TRIGGER found_count_no_change BEFORE UPDATE OR DELETE ON found_count FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER found_count_no_truncate BEFORE TRUNCATE ON found_count EXECUTE FUNCTION refuse_change()
