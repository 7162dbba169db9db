CREATE TABLE new_deposit (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    store_id INTEGER NOT NULL,
    donor_person_id INTEGER,
    donor_organisation_id INTEGER,
    thanks TEXT NOT NULL,
    channel TEXT NOT NULL,
    device_id INTEGER,
    state TEXT NOT NULL,
    announced_at INTEGER,
    code TEXT,
    bring_on TEXT,
    valid_until_on TEXT,
    received_at INTEGER,
    received_by TEXT,
    receipt_year INTEGER,
    receipt_number INTEGER,
    receipt_no TEXT,
    receipt_token TEXT,
    txn_id INTEGER,
    accepted_pieces INTEGER NOT NULL,
    refused_pieces INTEGER NOT NULL,
    value_yuan INTEGER NOT NULL,
    CONSTRAINT pk_deposit PRIMARY KEY (community_id, id),
    CONSTRAINT uq_deposit_number UNIQUE (community_id, store_id, receipt_year, receipt_number),
    CONSTRAINT uq_deposit_receipt UNIQUE (community_id, receipt_no),
    CONSTRAINT uq_deposit_token UNIQUE (community_id, receipt_token),
    CONSTRAINT fk_deposit_community_id_txn_id FOREIGN KEY(community_id, txn_id) REFERENCES txn (community_id, id),
    CONSTRAINT fk_deposit_community_id_store_id FOREIGN KEY(community_id, store_id) REFERENCES store (community_id, id),
    CONSTRAINT fk_deposit_community_id_donor_person_id FOREIGN KEY(community_id, donor_person_id) REFERENCES person (community_id, id),
    CONSTRAINT fk_deposit_community_id_donor_organisation_id FOREIGN KEY(community_id, donor_organisation_id) REFERENCES organisation (community_id, id),
    CONSTRAINT ck_deposit_state CHECK (state IN ('announced', 'brought', 'received', 'declined', 'lapsed')),
    CONSTRAINT ck_deposit_thanks CHECK (thanks IN ('receipt', 'points')),
    CONSTRAINT ck_deposit_device CHECK (device_id IS NULL OR channel = 'kiosk'),
    CONSTRAINT ck_deposit_donor CHECK (donor_person_id IS NULL OR donor_organisation_id IS NULL),
    CONSTRAINT ck_deposit_receipt CHECK ((receipt_no IS NULL OR state = 'received') AND (state <> 'received' OR accepted_pieces > 0) AND (state <> 'received' OR receipt_no IS NOT NULL OR thanks = 'points') AND (receipt_no IS NULL) = (receipt_number IS NULL) AND (receipt_no IS NULL) = (receipt_year IS NULL) AND (receipt_no IS NULL) = (receipt_token IS NULL)),
    CONSTRAINT ck_deposit_announced CHECK (state <> 'announced' OR (code IS NOT NULL AND valid_until_on IS NOT NULL)),
    CONSTRAINT ck_deposit_pieces CHECK (accepted_pieces >= 0 AND refused_pieces >= 0 AND value_yuan >= 0)
)
 STRICT

INSERT INTO new_deposit (community_id, id, store_id, donor_person_id, donor_organisation_id, thanks, channel, device_id, state, announced_at, code, bring_on, valid_until_on, received_at, received_by, receipt_year, receipt_number, receipt_no, receipt_token, txn_id, accepted_pieces, refused_pieces, value_yuan)
SELECT community_id, id, store_id, donor_person_id, donor_organisation_id, thanks, channel, device_id, state, announced_at, code, bring_on, valid_until_on, received_at, received_by, receipt_year, receipt_number, receipt_no, receipt_token, txn_id, accepted_pieces, refused_pieces, value_yuan FROM deposit

DROP TABLE deposit

PRAGMA legacy_alter_table = ON

ALTER TABLE new_deposit RENAME TO deposit

PRAGMA legacy_alter_table = OFF

CREATE INDEX ix_deposit_donor_organisation_id ON deposit (community_id, donor_organisation_id, id) WHERE donor_organisation_id IS NOT NULL

CREATE INDEX ix_deposit_donor_person_id ON deposit (community_id, donor_person_id, id) WHERE donor_person_id IS NOT NULL

CREATE INDEX ix_deposit_open ON deposit (community_id, state, announced_at) WHERE state IN ('announced', 'brought')

CREATE UNIQUE INDEX uq_deposit_code ON deposit (community_id, code) WHERE state IN ('announced', 'brought')

CREATE TRIGGER accepted_total_deposit_insert AFTER INSERT ON deposit FOR EACH ROW BEGIN
INSERT INTO accepted_total (community_id, received_day_no, deposits, pieces)
SELECT NEW.community_id AS community_id, (NEW.received_at + 28800000000) / 86400000000 AS received_day_no, 1 AS deposits, NEW.accepted_pieces AS pieces
WHERE NEW.received_at IS NOT NULL AND NEW.accepted_pieces > 0
ON CONFLICT (community_id, received_day_no) DO UPDATE SET deposits = accepted_total.deposits + excluded.deposits, pieces = accepted_total.pieces + excluded.pieces;
END

CREATE TRIGGER accepted_total_deposit_update AFTER UPDATE OF community_id, received_at, accepted_pieces ON deposit FOR EACH ROW BEGIN
INSERT INTO accepted_total (community_id, received_day_no, deposits, pieces)
SELECT NEW.community_id AS community_id, (NEW.received_at + 28800000000) / 86400000000 AS received_day_no, 1 AS deposits, NEW.accepted_pieces AS pieces
WHERE NEW.received_at IS NOT NULL AND NEW.accepted_pieces > 0
ON CONFLICT (community_id, received_day_no) DO UPDATE SET deposits = accepted_total.deposits + excluded.deposits, pieces = accepted_total.pieces + excluded.pieces;
UPDATE accepted_total SET deposits = accepted_total.deposits - gone.deposits, pieces = accepted_total.pieces - gone.pieces
FROM (
SELECT OLD.community_id AS community_id, (OLD.received_at + 28800000000) / 86400000000 AS received_day_no, 1 AS deposits, OLD.accepted_pieces AS pieces
WHERE OLD.received_at IS NOT NULL AND OLD.accepted_pieces > 0
) AS gone
WHERE accepted_total.community_id = gone.community_id AND accepted_total.received_day_no = gone.received_day_no;
END

CREATE TRIGGER accepted_total_deposit_delete AFTER DELETE ON deposit FOR EACH ROW BEGIN
UPDATE accepted_total SET deposits = accepted_total.deposits - gone.deposits, pieces = accepted_total.pieces - gone.pieces
FROM (
SELECT OLD.community_id AS community_id, (OLD.received_at + 28800000000) / 86400000000 AS received_day_no, 1 AS deposits, OLD.accepted_pieces AS pieces
WHERE OLD.received_at IS NOT NULL AND OLD.accepted_pieces > 0
) AS gone
WHERE accepted_total.community_id = gone.community_id AND accepted_total.received_day_no = gone.received_day_no;
END
