CREATE TABLE audit_line (
    community_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    client VARCHAR(80) NOT NULL,
    channel VARCHAR(20) NOT NULL,
    user_id BIGINT,
    person_id BIGINT,
    name VARCHAR(60) NOT NULL,
    subject_kind VARCHAR(40) NOT NULL,
    subject_id BIGINT,
    facts TEXT NOT NULL,
    CONSTRAINT pk_audit_line PRIMARY KEY (community_id, id)
)

CREATE INDEX ix_audit_line_community_id_at ON audit_line (community_id, at)

CREATE INDEX ix_audit_line_community_id_subject_kind_subject_id ON audit_line (community_id, subject_kind, subject_id)

CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'history is never changed: %', TG_TABLE_NAME; END $$

CREATE TRIGGER audit_line_no_change BEFORE UPDATE OR DELETE ON audit_line FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER audit_line_no_truncate BEFORE TRUNCATE ON audit_line EXECUTE FUNCTION refuse_change()

CREATE TABLE checkpoint (
    community_id BIGINT NOT NULL,
    size BIGINT NOT NULL,
    root BYTEA NOT NULL,
    note TEXT NOT NULL,
    signed_us BIGINT NOT NULL,
    CONSTRAINT pk_checkpoint PRIMARY KEY (community_id, size)
)

CREATE TRIGGER checkpoint_no_change BEFORE UPDATE OR DELETE ON checkpoint FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER checkpoint_no_truncate BEFORE TRUNCATE ON checkpoint EXECUTE FUNCTION refuse_change()

CREATE TABLE commodity (
    community_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    code VARCHAR(60) NOT NULL,
    CONSTRAINT pk_commodity PRIMARY KEY (community_id, id),
    CONSTRAINT uq_commodity_community_id_code UNIQUE (community_id, code)
)

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
    refusal_code VARCHAR(40),
    answer TEXT NOT NULL,
    done_at BIGINT NOT NULL,
    CONSTRAINT pk_deed PRIMARY KEY (community_id, client, request_id)
)

CREATE INDEX ix_deed_refused ON deed (community_id, client, refusal_code, done_at) WHERE refusal_code IS NOT NULL

CREATE TRIGGER deed_no_change BEFORE UPDATE OR DELETE ON deed FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER deed_no_truncate BEFORE TRUNCATE ON deed EXECUTE FUNCTION refuse_change()

CREATE TABLE log_head (
    community_id BIGINT NOT NULL,
    size BIGINT NOT NULL,
    frontier BYTEA NOT NULL,
    CONSTRAINT pk_log_head PRIMARY KEY (community_id),
    CONSTRAINT ck_log_head_size CHECK (size >= 0)
)

CREATE TABLE log_leaf (
    community_id BIGINT NOT NULL,
    idx BIGINT NOT NULL,
    entry SMALLINT NOT NULL,
    entry_id BIGINT NOT NULL,
    leaf_hash BYTEA NOT NULL,
    CONSTRAINT pk_log_leaf PRIMARY KEY (community_id, idx),
    CONSTRAINT uq_log_leaf_entry UNIQUE (community_id, entry, entry_id),
    CONSTRAINT ck_log_leaf_entry CHECK (entry IN (1, 2)),
    CONSTRAINT ck_log_leaf_idx CHECK (idx >= 0)
)

CREATE TRIGGER log_leaf_no_change BEFORE UPDATE OR DELETE ON log_leaf FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER log_leaf_no_truncate BEFORE TRUNCATE ON log_leaf EXECUTE FUNCTION refuse_change()

CREATE TABLE log_tile (
    community_id BIGINT NOT NULL,
    idx BIGINT NOT NULL,
    root BYTEA NOT NULL,
    at_us BIGINT NOT NULL,
    behind_us BIGINT,
    CONSTRAINT pk_log_tile PRIMARY KEY (community_id, idx),
    CONSTRAINT ck_log_tile_behind CHECK (behind_us IS NULL OR behind_us < at_us)
)

CREATE INDEX ix_log_tile_at ON log_tile (community_id, at_us, idx)

CREATE INDEX ix_log_tile_behind ON log_tile (community_id, idx) WHERE behind_us IS NOT NULL

CREATE TRIGGER log_tile_no_change BEFORE UPDATE OR DELETE ON log_tile FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER log_tile_no_truncate BEFORE TRUNCATE ON log_tile EXECUTE FUNCTION refuse_change()

CREATE TABLE parameter (
    community_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    key VARCHAR(60) NOT NULL,
    value TEXT NOT NULL,
    unit VARCHAR(20) NOT NULL,
    valid_from_on DATE NOT NULL,
    source TEXT NOT NULL,
    note TEXT NOT NULL,
    recorded_by VARCHAR(80) NOT NULL,
    recorded_at BIGINT NOT NULL,
    CONSTRAINT pk_parameter PRIMARY KEY (community_id, id),
    CONSTRAINT uq_parameter_community_id_key_valid_from_on UNIQUE (community_id, key, valid_from_on),
    CONSTRAINT ck_parameter_source CHECK (source <> '')
)

CREATE TRIGGER parameter_no_change BEFORE UPDATE OR DELETE ON parameter FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER parameter_no_truncate BEFORE TRUNCATE ON parameter EXECUTE FUNCTION refuse_change()

CREATE TABLE rule_version (
    community_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    programme VARCHAR(40) NOT NULL,
    version_no SMALLINT NOT NULL,
    tree TEXT NOT NULL,
    hash VARCHAR(64) NOT NULL,
    state VARCHAR(12) NOT NULL,
    active_from_on DATE,
    active_until_on DATE,
    drafted_by VARCHAR(80) NOT NULL,
    drafted_at BIGINT NOT NULL,
    rehearsed_at BIGINT,
    rehearsed_cases SMALLINT,
    approved_by VARCHAR(80),
    approved_at BIGINT,
    CONSTRAINT pk_rule_version PRIMARY KEY (community_id, id),
    CONSTRAINT uq_rule_version_community_id_programme_version_no UNIQUE (community_id, programme, version_no),
    CONSTRAINT ck_rule_version_state CHECK (state IN ('draft', 'rehearsed', 'approved', 'scheduled', 'active', 'retired')),
    CONSTRAINT ck_rule_version_second_person CHECK (approved_by IS NULL OR approved_by <> drafted_by),
    CONSTRAINT ck_rule_version_approved CHECK ((state IN ('draft', 'rehearsed')) = (approved_by IS NULL) AND (approved_by IS NULL) = (approved_at IS NULL)),
    CONSTRAINT ck_rule_version_rehearsed CHECK (state = 'draft' OR rehearsed_at IS NOT NULL),
    CONSTRAINT ck_rule_version_has_range CHECK (state NOT IN ('scheduled', 'active') OR active_from_on IS NOT NULL),
    CONSTRAINT ck_rule_version_no_range CHECK (state NOT IN ('draft', 'rehearsed', 'approved') OR active_from_on IS NULL),
    CONSTRAINT ck_rule_version_range CHECK (active_until_on IS NULL OR (active_from_on IS NOT NULL AND active_from_on <= active_until_on))
)

CREATE EXTENSION IF NOT EXISTS btree_gist

CREATE OR REPLACE FUNCTION rule_version_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
IF TG_OP IN ('DELETE', 'TRUNCATE') THEN
  RAISE EXCEPTION 'a rule version is never removed';
END IF;
IF TG_OP = 'INSERT' THEN
  IF NEW.state <> 'draft' THEN RAISE EXCEPTION 'a rule starts as a draft'; END IF;
  RETURN NEW;
END IF;
IF NEW.community_id IS DISTINCT FROM OLD.community_id OR NEW.id IS DISTINCT FROM OLD.id OR NEW.programme IS DISTINCT FROM OLD.programme OR NEW.version_no IS DISTINCT FROM OLD.version_no OR NEW.drafted_by IS DISTINCT FROM OLD.drafted_by OR NEW.drafted_at IS DISTINCT FROM OLD.drafted_at THEN RAISE EXCEPTION 'a rule version keeps its name'; END IF;
IF OLD.state NOT IN ('draft', 'rehearsed') AND (NEW.tree IS DISTINCT FROM OLD.tree OR NEW.hash IS DISTINCT FROM OLD.hash OR NEW.rehearsed_at IS DISTINCT FROM OLD.rehearsed_at OR NEW.rehearsed_cases IS DISTINCT FROM OLD.rehearsed_cases OR NEW.approved_by IS DISTINCT FROM OLD.approved_by OR NEW.approved_at IS DISTINCT FROM OLD.approved_at) THEN RAISE EXCEPTION 'an approved rule is never changed'; END IF;
IF OLD.state IN ('scheduled', 'active', 'retired') AND NEW.state <> 'approved' AND (NEW.active_from_on IS DISTINCT FROM OLD.active_from_on) THEN RAISE EXCEPTION 'the range of a rule in force is never moved'; END IF;
IF OLD.state = 'retired' AND (NEW.active_until_on IS DISTINCT FROM OLD.active_until_on) THEN RAISE EXCEPTION 'a retired rule is never changed'; END IF;
IF NEW.state <> OLD.state AND NOT ((OLD.state = 'draft' AND NEW.state = 'rehearsed') OR (OLD.state = 'rehearsed' AND NEW.state = 'draft') OR (OLD.state = 'rehearsed' AND NEW.state = 'approved') OR (OLD.state = 'approved' AND NEW.state = 'scheduled') OR (OLD.state = 'approved' AND NEW.state = 'retired') OR (OLD.state = 'scheduled' AND NEW.state = 'approved') OR (OLD.state = 'scheduled' AND NEW.state = 'active') OR (OLD.state = 'active' AND NEW.state = 'retired')) THEN RAISE EXCEPTION 'a rule goes one step at a time'; END IF;
RETURN NEW;
END
$$

CREATE TRIGGER rule_version_guard BEFORE INSERT OR UPDATE OR DELETE ON rule_version FOR EACH ROW EXECUTE FUNCTION rule_version_guard()

CREATE TRIGGER rule_version_no_truncate BEFORE TRUNCATE ON rule_version EXECUTE FUNCTION rule_version_guard()

ALTER TABLE rule_version ADD CONSTRAINT ex_rule_version_overlap EXCLUDE USING gist (community_id WITH =, programme WITH =, daterange(active_from_on, active_until_on, '[]') WITH &&) WHERE (state IN ('scheduled', 'active', 'retired') AND active_from_on IS NOT NULL)

CREATE TABLE seal_queue (
    community_id BIGINT NOT NULL,
    entry SMALLINT NOT NULL,
    entry_id BIGINT NOT NULL,
    CONSTRAINT pk_seal_queue PRIMARY KEY (community_id, entry, entry_id),
    CONSTRAINT ck_seal_queue_entry CHECK (entry IN (1, 2))
)

CREATE TABLE service (
    community_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    code VARCHAR(40) NOT NULL,
    category VARCHAR(20) NOT NULL,
    name_zh VARCHAR(40) NOT NULL,
    name_en VARCHAR(60) NOT NULL,
    CONSTRAINT pk_service PRIMARY KEY (community_id, id),
    CONSTRAINT uq_service_community_id_code UNIQUE (community_id, code),
    CONSTRAINT ck_service_category CHECK (category IN ('elders', 'families', 'youth', 'convenience', 'employment', 'culture', 'volunteering'))
)

CREATE TABLE sign_in_try (
    community_id BIGINT NOT NULL,
    kind VARCHAR(10) NOT NULL,
    subject BYTEA NOT NULL,
    failures SMALLINT NOT NULL,
    last_at BIGINT NOT NULL,
    closed_until_at BIGINT NOT NULL,
    CONSTRAINT pk_sign_in_try PRIMARY KEY (community_id, kind, subject),
    CONSTRAINT ck_sign_in_try_kind CHECK (kind IN ('name', 'card', 'source')),
    CONSTRAINT ck_sign_in_try_failures CHECK (failures BETWEEN 0 AND 30000)
)

CREATE INDEX ix_sign_in_try_last_at ON sign_in_try (last_at)

CREATE TABLE account (
    community_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    commodity_id BIGINT NOT NULL,
    kind VARCHAR(20) NOT NULL,
    owner_id BIGINT NOT NULL,
    CONSTRAINT pk_account PRIMARY KEY (community_id, id),
    CONSTRAINT uq_account_community_id_id_commodity_id UNIQUE (community_id, id, commodity_id),
    CONSTRAINT uq_account_named UNIQUE (community_id, kind, owner_id, commodity_id),
    CONSTRAINT fk_account_community_id_commodity_id FOREIGN KEY(community_id, commodity_id) REFERENCES commodity (community_id, id)
)

CREATE TRIGGER account_no_change BEFORE UPDATE OR DELETE ON account FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER account_no_truncate BEFORE TRUNCATE ON account EXECUTE FUNCTION refuse_change()

CREATE TABLE decision (
    community_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    programme VARCHAR(40) NOT NULL,
    subject_kind VARCHAR(10) NOT NULL,
    subject_id BIGINT NOT NULL,
    rule_version_id BIGINT NOT NULL,
    rule_hash VARCHAR(64) NOT NULL,
    engine_version SMALLINT NOT NULL,
    asked_pieces BIGINT NOT NULL,
    as_of_on DATE NOT NULL,
    recorded_at BIGINT NOT NULL,
    recorded_by VARCHAR(80) NOT NULL,
    channel VARCHAR(10) NOT NULL,
    facts TEXT NOT NULL,
    parameters TEXT NOT NULL,
    trace TEXT NOT NULL,
    answer VARCHAR(20) NOT NULL,
    reasons TEXT NOT NULL,
    missing TEXT NOT NULL,
    remaining_pieces BIGINT,
    next_on DATE,
    CONSTRAINT pk_decision PRIMARY KEY (community_id, id),
    CONSTRAINT fk_decision_community_id_rule_version_id FOREIGN KEY(community_id, rule_version_id) REFERENCES rule_version (community_id, id),
    CONSTRAINT ck_decision_subject_kind CHECK (subject_kind IN ('household', 'person')),
    CONSTRAINT ck_decision_answer CHECK (answer IN ('eligible', 'not_eligible', 'needs_information', 'needs_review')),
    CONSTRAINT ck_decision_reasons CHECK (answer = 'eligible' OR reasons <> '[]'),
    CONSTRAINT ck_decision_asked CHECK (asked_pieces > 0)
)

CREATE INDEX ix_decision_programme ON decision (community_id, programme, as_of_on)

CREATE INDEX ix_decision_subject ON decision (community_id, subject_kind, subject_id, id)

CREATE TRIGGER decision_no_change BEFORE UPDATE OR DELETE ON decision FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER decision_no_truncate BEFORE TRUNCATE ON decision EXECUTE FUNCTION refuse_change()

CREATE TABLE organisation (
    community_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    name VARCHAR(80) NOT NULL,
    kind VARCHAR(20) NOT NULL,
    trade VARCHAR(40) NOT NULL,
    contacts_sealed BYTEA,
    CONSTRAINT pk_organisation PRIMARY KEY (community_id, id),
    CONSTRAINT uq_organisation_community_id_name UNIQUE (community_id, name),
    CONSTRAINT fk_organisation_community_id FOREIGN KEY(community_id) REFERENCES community (id),
    CONSTRAINT ck_organisation_kind CHECK (kind IN ('firm', 'group', 'office'))
)

CREATE TABLE place (
    community_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    kind VARCHAR(20) NOT NULL,
    number SMALLINT NOT NULL,
    name_zh VARCHAR(80) NOT NULL,
    name_en VARCHAR(80) NOT NULL,
    parent_id BIGINT,
    CONSTRAINT pk_place PRIMARY KEY (community_id, id),
    CONSTRAINT uq_place_community_id_kind_number UNIQUE (community_id, kind, number),
    CONSTRAINT fk_place_community_id FOREIGN KEY(community_id) REFERENCES community (id),
    CONSTRAINT fk_place_community_id_parent_id FOREIGN KEY(community_id, parent_id) REFERENCES place (community_id, id),
    CONSTRAINT ck_place_kind CHECK (kind IN ('grid', 'building', 'store')),
    CONSTRAINT ck_place_in_grid CHECK (kind <> 'building' OR parent_id IS NOT NULL)
)

CREATE TABLE tile_total (
    community_id BIGINT NOT NULL,
    commodity_id BIGINT NOT NULL,
    kind VARCHAR(20) NOT NULL,
    idx BIGINT NOT NULL,
    is_first BOOLEAN NOT NULL,
    accounts BIGINT NOT NULL,
    posted_in BIGINT NOT NULL,
    posted_out BIGINT NOT NULL,
    pending_in BIGINT NOT NULL,
    pending_out BIGINT NOT NULL,
    CONSTRAINT pk_tile_total PRIMARY KEY (community_id, commodity_id, kind, idx),
    CONSTRAINT fk_tile_total_community_id_idx FOREIGN KEY(community_id, idx) REFERENCES log_tile (community_id, idx),
    CONSTRAINT fk_tile_total_community_id_commodity_id FOREIGN KEY(community_id, commodity_id) REFERENCES commodity (community_id, id)
)

CREATE UNIQUE INDEX uq_tile_total_first ON tile_total (community_id, commodity_id, kind) WHERE is_first

CREATE TRIGGER tile_total_no_change BEFORE UPDATE OR DELETE ON tile_total FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER tile_total_no_truncate BEFORE TRUNCATE ON tile_total EXECUTE FUNCTION refuse_change()

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

CREATE TRIGGER balance_fixed BEFORE UPDATE OF floor, ceiling ON balance FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TABLE balance_snapshot (
    community_id BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    log_size BIGINT NOT NULL,
    posted_in BIGINT NOT NULL,
    posted_out BIGINT NOT NULL,
    pending_in BIGINT NOT NULL,
    pending_out BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    at_us BIGINT NOT NULL,
    CONSTRAINT pk_balance_snapshot PRIMARY KEY (community_id, account_id, log_size),
    CONSTRAINT uq_balance_snapshot_at UNIQUE (community_id, account_id, at_us),
    CONSTRAINT fk_balance_snapshot_community_id_account_id FOREIGN KEY(community_id, account_id) REFERENCES account (community_id, id),
    CONSTRAINT ck_balance_snapshot_counters CHECK (posted_in >= 0 AND posted_out >= 0 AND pending_in >= 0 AND pending_out >= 0),
    CONSTRAINT ck_balance_snapshot_seq CHECK (seq > 0)
)

CREATE TRIGGER balance_snapshot_no_change BEFORE UPDATE OR DELETE ON balance_snapshot FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER balance_snapshot_no_truncate BEFORE TRUNCATE ON balance_snapshot EXECUTE FUNCTION refuse_change()

CREATE TABLE household (
    community_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    household_no VARCHAR(12) NOT NULL,
    building_id BIGINT NOT NULL,
    door_sealed BYTEA NOT NULL,
    enrolled_at BIGINT NOT NULL,
    CONSTRAINT pk_household PRIMARY KEY (community_id, id),
    CONSTRAINT uq_household_community_id_household_no UNIQUE (community_id, household_no),
    CONSTRAINT fk_household_community_id_building_id FOREIGN KEY(community_id, building_id) REFERENCES place (community_id, id)
)

CREATE INDEX ix_household_community_id_building_id ON household (community_id, building_id)

CREATE TABLE item (
    community_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    name_zh VARCHAR(60) NOT NULL,
    name_en VARCHAR(80) NOT NULL,
    unit_zh VARCHAR(10) NOT NULL,
    unit_en VARCHAR(20) NOT NULL,
    kind VARCHAR(20) NOT NULL,
    barcode VARCHAR(13) NOT NULL,
    reference_fen BIGINT NOT NULL,
    shelf_life_days INTEGER,
    needs_cleaning BOOLEAN NOT NULL,
    is_loan BOOLEAN NOT NULL,
    commodity_id BIGINT NOT NULL,
    donated_account_id BIGINT NOT NULL,
    issued_account_id BIGINT NOT NULL,
    disposed_account_id BIGINT NOT NULL,
    CONSTRAINT pk_item PRIMARY KEY (community_id, id),
    CONSTRAINT uq_item_community_id_barcode UNIQUE (community_id, barcode),
    CONSTRAINT fk_item_community_id FOREIGN KEY(community_id) REFERENCES community (id),
    CONSTRAINT fk_item_donated FOREIGN KEY(community_id, donated_account_id, commodity_id) REFERENCES account (community_id, id, commodity_id),
    CONSTRAINT fk_item_issued FOREIGN KEY(community_id, issued_account_id, commodity_id) REFERENCES account (community_id, id, commodity_id),
    CONSTRAINT fk_item_disposed FOREIGN KEY(community_id, disposed_account_id, commodity_id) REFERENCES account (community_id, id, commodity_id),
    CONSTRAINT ck_item_kind CHECK (kind IN ('food', 'household', 'clothes', 'bedding', 'toys', 'books', 'electrical', 'mobility', 'other')),
    CONSTRAINT ck_item_reference CHECK (reference_fen >= 0),
    CONSTRAINT ck_item_shelf_life CHECK ((kind = 'food') = (shelf_life_days IS NOT NULL) AND (shelf_life_days IS NULL OR shelf_life_days > 0))
)

CREATE TABLE store (
    community_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    place_id BIGINT NOT NULL,
    kind VARCHAR(20) NOT NULL,
    code VARCHAR(8) NOT NULL,
    CONSTRAINT pk_store PRIMARY KEY (community_id, id),
    CONSTRAINT uq_store_community_id_code UNIQUE (community_id, code),
    CONSTRAINT uq_store_place UNIQUE (community_id, place_id),
    CONSTRAINT fk_store_community_id_place_id FOREIGN KEY(community_id, place_id) REFERENCES place (community_id, id),
    CONSTRAINT ck_store_kind CHECK (kind IN ('store', 'donation_point'))
)

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
    closes_id BIGINT,
    mode SMALLINT NOT NULL,
    note_hash BYTEA,
    leaf_hash BYTEA NOT NULL,
    CONSTRAINT pk_txn PRIMARY KEY (community_id, id),
    CONSTRAINT uq_txn_request UNIQUE (community_id, client, request_key),
    CONSTRAINT ck_txn_status CHECK (status IN (1, 2)),
    CONSTRAINT ck_txn_mode CHECK (mode IN (1, 2)),
    CONSTRAINT ck_txn_reason CHECK ((status = 2) = (reason IS NOT NULL)),
    CONSTRAINT fk_txn_community_id_reverses_id FOREIGN KEY(community_id, reverses_id) REFERENCES txn (community_id, id),
    CONSTRAINT fk_txn_community_id_relates_id FOREIGN KEY(community_id, relates_id) REFERENCES txn (community_id, id),
    CONSTRAINT fk_txn_community_id_closes_id FOREIGN KEY(community_id, closes_id) REFERENCES account (community_id, id)
)

CREATE INDEX ix_txn_late ON txn (community_id, effective_us) WHERE effective_us < posted_us

CREATE INDEX ix_txn_relates ON txn (community_id, relates_id) WHERE relates_id IS NOT NULL

CREATE UNIQUE INDEX uq_txn_closing ON txn (community_id, closes_id) WHERE status = 1 AND closes_id IS NOT NULL

CREATE UNIQUE INDEX uq_txn_reversal ON txn (community_id, reverses_id) WHERE status = 1 AND reverses_id IS NOT NULL

CREATE TRIGGER txn_no_change BEFORE UPDATE OR DELETE ON txn FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER txn_no_truncate BEFORE TRUNCATE ON txn EXECUTE FUNCTION refuse_change()

CREATE TABLE day_cut (
    community_id BIGINT NOT NULL,
    store_id BIGINT NOT NULL,
    no INTEGER NOT NULL,
    account_id BIGINT NOT NULL,
    lot_id BIGINT,
    posted_in BIGINT NOT NULL,
    posted_out BIGINT NOT NULL,
    CONSTRAINT pk_day_cut PRIMARY KEY (community_id, store_id, no, account_id),
    CONSTRAINT fk_day_cut_community_id_store_id FOREIGN KEY(community_id, store_id) REFERENCES store (community_id, id),
    CONSTRAINT fk_day_cut_community_id_account_id FOREIGN KEY(community_id, account_id) REFERENCES account (community_id, id),
    CONSTRAINT ck_day_cut_counters CHECK (no >= 0 AND posted_in >= 0 AND posted_out >= 0)
)

CREATE TRIGGER day_cut_no_change BEFORE UPDATE OR DELETE ON day_cut FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER day_cut_no_truncate BEFORE TRUNCATE ON day_cut EXECUTE FUNCTION refuse_change()

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

CREATE INDEX ix_hold_source ON hold (community_id, source_account_id, expires_us)

CREATE TRIGGER hold_no_change BEFORE UPDATE OR DELETE ON hold FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER hold_no_truncate BEFORE TRUNCATE ON hold EXECUTE FUNCTION refuse_change()

CREATE TABLE household_aid (
    community_id BIGINT NOT NULL,
    household_id BIGINT NOT NULL,
    booking_closed_until_on DATE,
    CONSTRAINT pk_household_aid PRIMARY KEY (community_id, household_id),
    CONSTRAINT fk_household_aid_community_id_household_id FOREIGN KEY(community_id, household_id) REFERENCES household (community_id, id)
)

CREATE TABLE kiosk_device (
    community_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    store_id BIGINT NOT NULL,
    epoch BIGINT NOT NULL,
    public_key BYTEA NOT NULL,
    fingerprint VARCHAR(12) NOT NULL,
    card_key BYTEA NOT NULL,
    state VARCHAR(8) NOT NULL,
    head_seq BIGINT NOT NULL,
    head_digest VARCHAR(64) NOT NULL,
    paired_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    CONSTRAINT pk_kiosk_device PRIMARY KEY (community_id, id),
    CONSTRAINT uq_kiosk_device_community_id_store_id_epoch UNIQUE (community_id, store_id, epoch),
    CONSTRAINT ck_kiosk_device_state CHECK (state IN ('active', 'frozen', 'revoked')),
    CONSTRAINT ck_kiosk_device_head_seq CHECK (head_seq >= 0),
    CONSTRAINT fk_kiosk_device_community_id_store_id FOREIGN KEY(community_id, store_id) REFERENCES store (community_id, id)
)

CREATE TABLE kiosk_pairing (
    community_id BIGINT NOT NULL,
    code VARCHAR(8) NOT NULL,
    store_id BIGINT NOT NULL,
    made_by BIGINT,
    made_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    device_id BIGINT,
    CONSTRAINT pk_kiosk_pairing PRIMARY KEY (community_id, code),
    CONSTRAINT fk_kiosk_pairing_community_id_store_id FOREIGN KEY(community_id, store_id) REFERENCES store (community_id, id)
)

CREATE TABLE person (
    community_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    household_id BIGINT,
    name VARCHAR(40) NOT NULL,
    initials VARCHAR(40) COLLATE "C" NOT NULL,
    latin_name VARCHAR(40) COLLATE "C",
    sex VARCHAR(1),
    birth_on DATE,
    id_no_sealed BYTEA,
    id_no_digest BYTEA,
    phone_sealed BYTEA,
    phone_digest BYTEA,
    contacts_sealed BYTEA,
    notes_sealed BYTEA,
    registered_elsewhere BOOLEAN NOT NULL,
    enrolled_at BIGINT NOT NULL,
    CONSTRAINT pk_person PRIMARY KEY (community_id, id),
    CONSTRAINT uq_person_id_no UNIQUE (community_id, id_no_digest),
    CONSTRAINT fk_person_community_id FOREIGN KEY(community_id) REFERENCES community (id),
    CONSTRAINT fk_person_community_id_household_id FOREIGN KEY(community_id, household_id) REFERENCES household (community_id, id),
    CONSTRAINT ck_person_sex CHECK (sex IN ('m', 'f')),
    CONSTRAINT ck_person_id_no CHECK ((id_no_sealed IS NULL) = (id_no_digest IS NULL)),
    CONSTRAINT ck_person_phone CHECK ((phone_sealed IS NULL) = (phone_digest IS NULL))
)

CREATE INDEX ix_person_community_id_household_id ON person (community_id, household_id)

CREATE INDEX ix_person_community_id_initials ON person (community_id, initials)

CREATE INDEX ix_person_community_id_phone_digest ON person (community_id, phone_digest)

CREATE INDEX ix_person_latin_name ON person (community_id, latin_name) WHERE latin_name IS NOT NULL

CREATE TABLE receipt_counter (
    community_id BIGINT NOT NULL,
    store_id BIGINT NOT NULL,
    series VARCHAR(20) NOT NULL,
    year SMALLINT NOT NULL,
    last_number BIGINT NOT NULL,
    CONSTRAINT pk_receipt_counter PRIMARY KEY (community_id, store_id, series, year),
    CONSTRAINT ck_receipt_counter_series CHECK (length(series) > 0),
    CONSTRAINT ck_receipt_counter_last_number CHECK (last_number >= 0),
    CONSTRAINT fk_receipt_counter_community_id_store_id FOREIGN KEY(community_id, store_id) REFERENCES store (community_id, id)
)

CREATE TABLE shortfall (
    community_id BIGINT NOT NULL,
    txn_id BIGINT NOT NULL,
    line SMALLINT NOT NULL,
    account_id BIGINT NOT NULL,
    side SMALLINT NOT NULL,
    quantity BIGINT NOT NULL,
    found_us BIGINT NOT NULL,
    CONSTRAINT pk_shortfall PRIMARY KEY (community_id, txn_id, line),
    CONSTRAINT ck_shortfall_side CHECK (side IN (1, 2)),
    CONSTRAINT ck_shortfall_quantity CHECK (quantity > 0),
    CONSTRAINT fk_shortfall_community_id_txn_id FOREIGN KEY(community_id, txn_id) REFERENCES txn (community_id, id),
    CONSTRAINT fk_shortfall_community_id_account_id FOREIGN KEY(community_id, account_id) REFERENCES account (community_id, id)
)

CREATE TRIGGER shortfall_no_change BEFORE UPDATE OR DELETE ON shortfall FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER shortfall_no_truncate BEFORE TRUNCATE ON shortfall EXECUTE FUNCTION refuse_change()

CREATE TABLE txn_note (
    community_id BIGINT NOT NULL,
    txn_id BIGINT NOT NULL,
    salt BYTEA NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT pk_txn_note PRIMARY KEY (community_id, txn_id),
    CONSTRAINT fk_txn_note_community_id_txn_id FOREIGN KEY(community_id, txn_id) REFERENCES txn (community_id, id)
)

CREATE TABLE app_user (
    community_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    login_name VARCHAR(40) NOT NULL,
    password_hash VARCHAR(200) NOT NULL,
    closed_at BIGINT,
    CONSTRAINT pk_app_user PRIMARY KEY (community_id, id),
    CONSTRAINT uq_app_user_login UNIQUE (community_id, login_name),
    CONSTRAINT uq_app_user_person UNIQUE (community_id, person_id),
    CONSTRAINT fk_app_user_community_id_person_id FOREIGN KEY(community_id, person_id) REFERENCES person (community_id, id)
)

CREATE TABLE card (
    community_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    card_no VARCHAR(9) NOT NULL,
    token_sealed BYTEA NOT NULL,
    token_digest BYTEA NOT NULL,
    pin_hash VARCHAR(200),
    language VARCHAR(5) NOT NULL,
    large_text BOOLEAN NOT NULL,
    issued_at BIGINT NOT NULL,
    revoked_at BIGINT,
    revoked_why VARCHAR(20),
    CONSTRAINT pk_card PRIMARY KEY (community_id, id),
    CONSTRAINT uq_card_community_id_card_no UNIQUE (community_id, card_no),
    CONSTRAINT uq_card_community_id_token_digest UNIQUE (community_id, token_digest),
    CONSTRAINT fk_card_community_id_person_id FOREIGN KEY(community_id, person_id) REFERENCES person (community_id, id),
    CONSTRAINT ck_card_language CHECK (language IN ('zh', 'en')),
    CONSTRAINT ck_card_revoked CHECK ((revoked_at IS NULL) = (revoked_why IS NULL))
)

CREATE UNIQUE INDEX uq_card_living ON card (community_id, person_id) WHERE revoked_at IS NULL

CREATE TABLE claim (
    community_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    claim_no VARCHAR(24) NOT NULL,
    household_id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    store_id BIGINT NOT NULL,
    channel VARCHAR(10) NOT NULL,
    asked_by VARCHAR(80) NOT NULL,
    asked_at BIGINT NOT NULL,
    state VARCHAR(12) NOT NULL,
    asked_pieces INTEGER NOT NULL,
    approved_pieces INTEGER NOT NULL,
    held_pieces INTEGER NOT NULL,
    decision_id BIGINT NOT NULL,
    issue_decision_id BIGINT,
    refusal_code VARCHAR(40),
    refusal_facts TEXT,
    pickup_code VARCHAR(6),
    hold_until_at BIGINT,
    issued_at BIGINT,
    issued_by VARCHAR(80),
    ended_at BIGINT,
    end_reason VARCHAR(24),
    reviewed_by VARCHAR(80),
    reviewed_at BIGINT,
    review_reason VARCHAR(400),
    CONSTRAINT pk_claim PRIMARY KEY (community_id, id),
    CONSTRAINT uq_claim_community_id_claim_no UNIQUE (community_id, claim_no),
    CONSTRAINT uq_claim_household UNIQUE (community_id, id, household_id),
    CONSTRAINT fk_claim_community_id_household_id FOREIGN KEY(community_id, household_id) REFERENCES household_aid (community_id, household_id),
    CONSTRAINT fk_claim_community_id_person_id FOREIGN KEY(community_id, person_id) REFERENCES person (community_id, id),
    CONSTRAINT fk_claim_community_id_store_id FOREIGN KEY(community_id, store_id) REFERENCES store (community_id, id),
    CONSTRAINT fk_claim_community_id_decision_id FOREIGN KEY(community_id, decision_id) REFERENCES decision (community_id, id),
    CONSTRAINT fk_claim_issue_decision FOREIGN KEY(community_id, issue_decision_id) REFERENCES decision (community_id, id),
    CONSTRAINT ck_claim_state CHECK (state IN ('review', 'refused', 'ready', 'issued', 'lapsed', 'cancelled')),
    CONSTRAINT ck_claim_pieces CHECK (asked_pieces > 0 AND approved_pieces BETWEEN 0 AND asked_pieces AND held_pieces BETWEEN 0 AND approved_pieces),
    CONSTRAINT ck_claim_ready CHECK (state <> 'ready' OR (held_pieces > 0 AND pickup_code IS NOT NULL AND hold_until_at IS NOT NULL)),
    CONSTRAINT ck_claim_refused CHECK (state <> 'refused' OR refusal_code IS NOT NULL),
    CONSTRAINT ck_claim_issued CHECK ((state = 'issued') = (issued_at IS NOT NULL) AND (issued_at IS NULL) = (issue_decision_id IS NULL)),
    CONSTRAINT ck_claim_cancelled CHECK ((state = 'cancelled') = (end_reason IS NOT NULL)),
    CONSTRAINT ck_claim_end_reason CHECK (end_reason IN ('EXPIRED_ON_SHELF', 'BY_CLAIMANT', 'BY_STAFF')),
    CONSTRAINT ck_claim_reviewed CHECK ((reviewed_by IS NULL) = (review_reason IS NULL))
)

CREATE INDEX ix_claim_community_id_household_id ON claim (community_id, household_id)

CREATE INDEX ix_claim_open ON claim (community_id, state, hold_until_at) WHERE state IN ('ready', 'review')

CREATE UNIQUE INDEX uq_claim_pickup ON claim (community_id, store_id, pickup_code) WHERE state = 'ready'

CREATE TABLE day_opening (
    community_id BIGINT NOT NULL,
    store_id BIGINT NOT NULL,
    no INTEGER NOT NULL,
    day DATE NOT NULL,
    opened_by VARCHAR(80) NOT NULL,
    opened_person_id BIGINT,
    opened_at BIGINT NOT NULL,
    CONSTRAINT pk_day_opening PRIMARY KEY (community_id, store_id, no),
    CONSTRAINT uq_day_opening_day UNIQUE (community_id, store_id, day),
    CONSTRAINT fk_day_opening_community_id_store_id FOREIGN KEY(community_id, store_id) REFERENCES store (community_id, id),
    CONSTRAINT fk_day_opening_community_id_opened_person_id FOREIGN KEY(community_id, opened_person_id) REFERENCES person (community_id, id),
    CONSTRAINT ck_day_opening_no CHECK (no > 0)
)

CREATE TRIGGER day_opening_no_change BEFORE UPDATE OR DELETE ON day_opening FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER day_opening_no_truncate BEFORE TRUNCATE ON day_opening EXECUTE FUNCTION refuse_change()

CREATE TABLE deposit (
    community_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    store_id BIGINT NOT NULL,
    donor_person_id BIGINT,
    donor_organisation_id BIGINT,
    thanks VARCHAR(10) NOT NULL,
    channel VARCHAR(10) NOT NULL,
    device_id BIGINT,
    state VARCHAR(12) NOT NULL,
    announced_at BIGINT,
    code VARCHAR(6),
    bring_on DATE,
    valid_until_on DATE,
    received_at BIGINT,
    received_by VARCHAR(80),
    receipt_year SMALLINT,
    receipt_number BIGINT,
    receipt_no VARCHAR(24),
    receipt_token VARCHAR(40),
    txn_id BIGINT,
    accepted_pieces INTEGER NOT NULL,
    refused_pieces INTEGER NOT NULL,
    value_yuan BIGINT NOT NULL,
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
    CONSTRAINT ck_deposit_receipt CHECK ((state = 'received') = (receipt_no IS NOT NULL AND accepted_pieces > 0) AND (receipt_no IS NULL) = (receipt_number IS NULL) AND (receipt_no IS NULL) = (receipt_year IS NULL) AND (receipt_no IS NULL) = (receipt_token IS NULL)),
    CONSTRAINT ck_deposit_announced CHECK (state <> 'announced' OR (code IS NOT NULL AND valid_until_on IS NOT NULL)),
    CONSTRAINT ck_deposit_pieces CHECK (accepted_pieces >= 0 AND refused_pieces >= 0 AND value_yuan >= 0)
)

CREATE INDEX ix_deposit_community_id_donor_organisation_id ON deposit (community_id, donor_organisation_id)

CREATE INDEX ix_deposit_community_id_donor_person_id ON deposit (community_id, donor_person_id)

CREATE INDEX ix_deposit_day ON deposit (community_id, received_at, accepted_pieces)

CREATE INDEX ix_deposit_open ON deposit (community_id, state, announced_at) WHERE state IN ('announced', 'brought')

CREATE UNIQUE INDEX uq_deposit_code ON deposit (community_id, code) WHERE state IN ('announced', 'brought')

CREATE TABLE hours_opening (
    community_id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    minutes BIGINT NOT NULL,
    served_minutes BIGINT NOT NULL,
    note TEXT NOT NULL,
    txn_id BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    recorded_by VARCHAR(80) NOT NULL,
    CONSTRAINT pk_hours_opening PRIMARY KEY (community_id, person_id),
    CONSTRAINT fk_hours_opening_community_id_person_id FOREIGN KEY(community_id, person_id) REFERENCES person (community_id, id),
    CONSTRAINT fk_hours_opening_community_id_txn_id FOREIGN KEY(community_id, txn_id) REFERENCES txn (community_id, id),
    CONSTRAINT ck_hours_opening_minutes CHECK (minutes >= 0 AND served_minutes >= 0 AND minutes + served_minutes > 0)
)

CREATE TRIGGER hours_opening_no_change BEFORE UPDATE OR DELETE ON hours_opening FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER hours_opening_no_truncate BEFORE TRUNCATE ON hours_opening EXECUTE FUNCTION refuse_change()

CREATE TABLE kiosk_inbox (
    community_id BIGINT NOT NULL,
    device_id BIGINT NOT NULL,
    epoch BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    raw BYTEA NOT NULL,
    signature BYTEA NOT NULL,
    digest VARCHAR(64) NOT NULL,
    received_at BIGINT NOT NULL,
    ahead_us BIGINT NOT NULL,
    CONSTRAINT pk_kiosk_inbox PRIMARY KEY (community_id, device_id, epoch, seq),
    CONSTRAINT fk_kiosk_inbox_community_id_device_id FOREIGN KEY(community_id, device_id) REFERENCES kiosk_device (community_id, id)
)

CREATE TRIGGER kiosk_inbox_no_change BEFORE UPDATE OR DELETE ON kiosk_inbox FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER kiosk_inbox_no_truncate BEFORE TRUNCATE ON kiosk_inbox EXECUTE FUNCTION refuse_change()

CREATE TABLE kiosk_nonce (
    community_id BIGINT NOT NULL,
    device_id BIGINT NOT NULL,
    nonce VARCHAR(32) NOT NULL,
    expires_at BIGINT NOT NULL,
    CONSTRAINT pk_kiosk_nonce PRIMARY KEY (community_id, device_id, nonce),
    CONSTRAINT fk_kiosk_nonce_community_id_device_id FOREIGN KEY(community_id, device_id) REFERENCES kiosk_device (community_id, id)
)

CREATE TABLE kiosk_quarantine (
    community_id BIGINT NOT NULL,
    device_id BIGINT NOT NULL,
    epoch BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    digest VARCHAR(64) NOT NULL,
    kind VARCHAR(8) NOT NULL,
    raw BYTEA NOT NULL,
    signature BYTEA NOT NULL,
    received_at BIGINT NOT NULL,
    CONSTRAINT pk_kiosk_quarantine PRIMARY KEY (community_id, device_id, epoch, seq, digest),
    CONSTRAINT fk_kiosk_quarantine_community_id_device_id FOREIGN KEY(community_id, device_id) REFERENCES kiosk_device (community_id, id),
    CONSTRAINT ck_kiosk_quarantine_kind CHECK (kind IN ('fork', 'damaged'))
)

CREATE TRIGGER kiosk_quarantine_no_change BEFORE UPDATE OR DELETE ON kiosk_quarantine FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER kiosk_quarantine_no_truncate BEFORE TRUNCATE ON kiosk_quarantine EXECUTE FUNCTION refuse_change()

CREATE TABLE kiosk_review (
    community_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    device_id BIGINT NOT NULL,
    epoch BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    digest VARCHAR(64) NOT NULL,
    store_id BIGINT NOT NULL,
    reason VARCHAR(40) NOT NULL,
    facts TEXT NOT NULL,
    opened_at BIGINT NOT NULL,
    CONSTRAINT pk_kiosk_review PRIMARY KEY (community_id, id),
    CONSTRAINT uq_kiosk_review_community_id_device_id_epoch_seq_digest UNIQUE (community_id, device_id, epoch, seq, digest),
    CONSTRAINT fk_kiosk_review_community_id_store_id FOREIGN KEY(community_id, store_id) REFERENCES store (community_id, id),
    CONSTRAINT fk_kiosk_review_community_id_device_id FOREIGN KEY(community_id, device_id) REFERENCES kiosk_device (community_id, id)
)

CREATE TRIGGER kiosk_review_no_change BEFORE UPDATE OR DELETE ON kiosk_review FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER kiosk_review_no_truncate BEFORE TRUNCATE ON kiosk_review EXECUTE FUNCTION refuse_change()

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

CREATE TABLE shortfall_settled (
    community_id BIGINT NOT NULL,
    txn_id BIGINT NOT NULL,
    line SMALLINT NOT NULL,
    settling_txn_id BIGINT NOT NULL,
    settled_us BIGINT NOT NULL,
    CONSTRAINT pk_shortfall_settled PRIMARY KEY (community_id, txn_id, line),
    CONSTRAINT fk_shortfall_settled_community_id_txn_id_line FOREIGN KEY(community_id, txn_id, line) REFERENCES shortfall (community_id, txn_id, line),
    CONSTRAINT fk_shortfall_settled_community_id_settling_txn_id FOREIGN KEY(community_id, settling_txn_id) REFERENCES txn (community_id, id)
)

CREATE TRIGGER shortfall_settled_no_change BEFORE UPDATE OR DELETE ON shortfall_settled FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER shortfall_settled_no_truncate BEFORE TRUNCATE ON shortfall_settled EXECUTE FUNCTION refuse_change()

CREATE TABLE volunteer (
    community_id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    number SMALLINT NOT NULL,
    volunteer_no VARCHAR(12) NOT NULL,
    team VARCHAR(40) NOT NULL,
    since_on DATE NOT NULL,
    CONSTRAINT pk_volunteer PRIMARY KEY (community_id, person_id),
    CONSTRAINT uq_volunteer_community_id_number UNIQUE (community_id, number),
    CONSTRAINT uq_volunteer_community_id_volunteer_no UNIQUE (community_id, volunteer_no),
    CONSTRAINT fk_volunteer_community_id_person_id FOREIGN KEY(community_id, person_id) REFERENCES person (community_id, id)
)

CREATE TABLE announced_line (
    community_id BIGINT NOT NULL,
    deposit_id BIGINT NOT NULL,
    line SMALLINT NOT NULL,
    item_id BIGINT,
    described VARCHAR(80) NOT NULL,
    pieces INTEGER NOT NULL,
    condition VARCHAR(12) NOT NULL,
    best_before_on DATE,
    CONSTRAINT pk_announced_line PRIMARY KEY (community_id, deposit_id, line),
    CONSTRAINT fk_announced_line_community_id_deposit_id FOREIGN KEY(community_id, deposit_id) REFERENCES deposit (community_id, id),
    CONSTRAINT fk_announced_line_community_id_item_id FOREIGN KEY(community_id, item_id) REFERENCES item (community_id, id),
    CONSTRAINT ck_announced_line_pieces CHECK (pieces > 0),
    CONSTRAINT ck_announced_line_condition CHECK (condition IN ('new', 'nine_tenths', 'eight_tenths', 'worse')),
    CONSTRAINT ck_announced_line_told CHECK (item_id IS NOT NULL OR described <> '')
)

CREATE TRIGGER announced_line_no_change BEFORE UPDATE OR DELETE ON announced_line FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER announced_line_no_truncate BEFORE TRUNCATE ON announced_line EXECUTE FUNCTION refuse_change()

CREATE TABLE claim_line (
    community_id BIGINT NOT NULL,
    claim_id BIGINT NOT NULL,
    line SMALLINT NOT NULL,
    item_id BIGINT NOT NULL,
    asked_pieces INTEGER NOT NULL,
    approved_pieces INTEGER NOT NULL,
    cut_code VARCHAR(20),
    CONSTRAINT pk_claim_line PRIMARY KEY (community_id, claim_id, line),
    CONSTRAINT uq_claim_line_item UNIQUE (community_id, claim_id, item_id),
    CONSTRAINT fk_claim_line_community_id_claim_id FOREIGN KEY(community_id, claim_id) REFERENCES claim (community_id, id),
    CONSTRAINT fk_claim_line_community_id_item_id FOREIGN KEY(community_id, item_id) REFERENCES item (community_id, id),
    CONSTRAINT ck_claim_line_pieces CHECK (asked_pieces > 0 AND approved_pieces BETWEEN 0 AND asked_pieces),
    CONSTRAINT ck_claim_line_cut CHECK ((approved_pieces < asked_pieces) = (cut_code IS NOT NULL)),
    CONSTRAINT ck_claim_line_cut_code CHECK (cut_code IN ('HOUSEHOLD_CAP', 'OUT_OF_STOCK', 'NOT_DECIDED'))
)

CREATE TABLE claim_notice (
    community_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    household_id BIGINT NOT NULL,
    claim_id BIGINT NOT NULL,
    code VARCHAR(40) NOT NULL,
    facts TEXT NOT NULL,
    told_at BIGINT NOT NULL,
    CONSTRAINT pk_claim_notice PRIMARY KEY (community_id, id),
    CONSTRAINT fk_claim_notice_community_id_claim_id_household_id FOREIGN KEY(community_id, claim_id, household_id) REFERENCES claim (community_id, id, household_id)
)

CREATE INDEX ix_claim_notice_community_id_household_id ON claim_notice (community_id, household_id)

CREATE TRIGGER claim_notice_no_change BEFORE UPDATE OR DELETE ON claim_notice FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER claim_notice_no_truncate BEFORE TRUNCATE ON claim_notice EXECUTE FUNCTION refuse_change()

CREATE TABLE count_round (
    community_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    store_id BIGINT NOT NULL,
    no INTEGER NOT NULL,
    round SMALLINT NOT NULL,
    counted_by VARCHAR(80) NOT NULL,
    counted_person_id BIGINT,
    counted_at BIGINT NOT NULL,
    CONSTRAINT pk_count_round PRIMARY KEY (community_id, id),
    CONSTRAINT uq_count_round UNIQUE (community_id, store_id, no, round),
    CONSTRAINT uq_count_round_whole UNIQUE (community_id, store_id, no, id, counted_by),
    CONSTRAINT fk_count_round_community_id_store_id_no FOREIGN KEY(community_id, store_id, no) REFERENCES day_opening (community_id, store_id, no),
    CONSTRAINT fk_count_round_community_id_counted_person_id FOREIGN KEY(community_id, counted_person_id) REFERENCES person (community_id, id),
    CONSTRAINT ck_count_round_round CHECK (round > 0)
)

CREATE TRIGGER count_round_no_change BEFORE UPDATE OR DELETE ON count_round FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER count_round_no_truncate BEFORE TRUNCATE ON count_round EXECUTE FUNCTION refuse_change()

CREATE TABLE kiosk_card_ref (
    community_id BIGINT NOT NULL,
    device_id BIGINT NOT NULL,
    ref VARCHAR(32) NOT NULL,
    card_id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    CONSTRAINT pk_kiosk_card_ref PRIMARY KEY (community_id, device_id, ref),
    CONSTRAINT fk_kiosk_card_ref_community_id_card_id FOREIGN KEY(community_id, card_id) REFERENCES card (community_id, id),
    CONSTRAINT fk_kiosk_card_ref_community_id_device_id FOREIGN KEY(community_id, device_id) REFERENCES kiosk_device (community_id, id)
)

CREATE TRIGGER kiosk_card_ref_no_change BEFORE UPDATE OR DELETE ON kiosk_card_ref FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER kiosk_card_ref_no_truncate BEFORE TRUNCATE ON kiosk_card_ref EXECUTE FUNCTION refuse_change()

CREATE TABLE kiosk_outcome (
    community_id BIGINT NOT NULL,
    device_id BIGINT NOT NULL,
    epoch BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    outcome VARCHAR(8) NOT NULL,
    reason VARCHAR(40),
    event_id VARCHAR(36),
    answer TEXT,
    applied_at BIGINT NOT NULL,
    CONSTRAINT pk_kiosk_outcome PRIMARY KEY (community_id, device_id, epoch, seq),
    CONSTRAINT fk_kiosk_outcome_community_id_device_id_epoch_seq FOREIGN KEY(community_id, device_id, epoch, seq) REFERENCES kiosk_inbox (community_id, device_id, epoch, seq),
    CONSTRAINT ck_kiosk_outcome_outcome CHECK (outcome IN ('posted', 'review')),
    CONSTRAINT ck_kiosk_outcome_reason CHECK ((outcome = 'review') = (reason IS NOT NULL))
)

CREATE TRIGGER kiosk_outcome_no_change BEFORE UPDATE OR DELETE ON kiosk_outcome FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER kiosk_outcome_no_truncate BEFORE TRUNCATE ON kiosk_outcome EXECUTE FUNCTION refuse_change()

CREATE TABLE kiosk_settlement (
    community_id BIGINT NOT NULL,
    review_id BIGINT NOT NULL,
    how VARCHAR(12) NOT NULL,
    note TEXT NOT NULL,
    settled_by BIGINT,
    settled_at BIGINT NOT NULL,
    CONSTRAINT pk_kiosk_settlement PRIMARY KEY (community_id, review_id),
    CONSTRAINT fk_kiosk_settlement_community_id_review_id FOREIGN KEY(community_id, review_id) REFERENCES kiosk_review (community_id, id),
    CONSTRAINT ck_kiosk_settlement_how CHECK (how IN ('post', 'keep'))
)

CREATE TRIGGER kiosk_settlement_no_change BEFORE UPDATE OR DELETE ON kiosk_settlement FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER kiosk_settlement_no_truncate BEFORE TRUNCATE ON kiosk_settlement EXECUTE FUNCTION refuse_change()

CREATE TABLE no_show (
    community_id BIGINT NOT NULL,
    claim_id BIGINT NOT NULL,
    household_id BIGINT NOT NULL,
    happened_on DATE NOT NULL,
    CONSTRAINT pk_no_show PRIMARY KEY (community_id, claim_id),
    CONSTRAINT fk_no_show_community_id_claim_id_household_id FOREIGN KEY(community_id, claim_id, household_id) REFERENCES claim (community_id, id, household_id)
)

CREATE INDEX ix_no_show_community_id_household_id ON no_show (community_id, household_id)

CREATE TRIGGER no_show_no_change BEFORE UPDATE OR DELETE ON no_show FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER no_show_no_truncate BEFORE TRUNCATE ON no_show EXECUTE FUNCTION refuse_change()

CREATE TABLE proof (
    community_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    household_id BIGINT NOT NULL,
    person_id BIGINT,
    kind VARCHAR(20) NOT NULL,
    document_no_sealed BYTEA,
    valid_from_on DATE NOT NULL,
    valid_until_on DATE NOT NULL,
    seen_by BIGINT,
    seen_at BIGINT NOT NULL,
    ended_on DATE,
    CONSTRAINT pk_proof PRIMARY KEY (community_id, id),
    CONSTRAINT fk_proof_community_id_household_id FOREIGN KEY(community_id, household_id) REFERENCES household (community_id, id),
    CONSTRAINT fk_proof_community_id_person_id FOREIGN KEY(community_id, person_id) REFERENCES person (community_id, id),
    CONSTRAINT fk_proof_community_id_seen_by FOREIGN KEY(community_id, seen_by) REFERENCES app_user (community_id, id),
    CONSTRAINT ck_proof_kind CHECK (kind IN ('dibao', 'dibao_marginal', 'tekun', 'rigid_expense', 'disability_card', 'child_in_need', 'veteran_family', 'unemployed', 'housing_applicant', 'special_approval')),
    CONSTRAINT ck_proof_days CHECK (valid_until_on >= valid_from_on)
)

CREATE INDEX ix_proof_community_id_household_id ON proof (community_id, household_id)

CREATE TABLE service_record (
    community_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    service_id BIGINT NOT NULL,
    state VARCHAR(12) NOT NULL,
    source VARCHAR(8) NOT NULL,
    started_at BIGINT NOT NULL,
    started_on DATE NOT NULL,
    ended_at BIGINT,
    real_minutes SMALLINT,
    credited_minutes SMALLINT,
    over_cap_minutes SMALLINT,
    pool_minutes SMALLINT,
    recipient_person_id BIGINT,
    recipient_household_id BIGINT,
    place VARCHAR(80) NOT NULL,
    place_id BIGINT,
    grid_id BIGINT,
    recorded_at BIGINT NOT NULL,
    recorded_by VARCHAR(80) NOT NULL,
    recorded_by_person_id BIGINT,
    ended_by VARCHAR(80),
    ended_by_person_id BIGINT,
    note TEXT,
    reason TEXT,
    settled_at BIGINT,
    txn_id BIGINT,
    reversal_txn_id BIGINT,
    CONSTRAINT pk_service_record PRIMARY KEY (community_id, id),
    CONSTRAINT fk_service_record_community_id_person_id FOREIGN KEY(community_id, person_id) REFERENCES volunteer (community_id, person_id),
    CONSTRAINT fk_service_record_community_id_service_id FOREIGN KEY(community_id, service_id) REFERENCES service (community_id, id),
    CONSTRAINT fk_service_record_community_id_recipient_person_id FOREIGN KEY(community_id, recipient_person_id) REFERENCES person (community_id, id),
    CONSTRAINT fk_service_record_community_id_recipient_household_id FOREIGN KEY(community_id, recipient_household_id) REFERENCES household (community_id, id),
    CONSTRAINT fk_service_record_community_id_place_id FOREIGN KEY(community_id, place_id) REFERENCES place (community_id, id),
    CONSTRAINT fk_service_record_community_id_grid_id FOREIGN KEY(community_id, grid_id) REFERENCES place (community_id, id),
    CONSTRAINT fk_service_record_community_id_txn_id FOREIGN KEY(community_id, txn_id) REFERENCES txn (community_id, id),
    CONSTRAINT fk_service_record_community_id_reversal_txn_id FOREIGN KEY(community_id, reversal_txn_id) REFERENCES txn (community_id, id),
    CONSTRAINT ck_service_record_state CHECK (state IN ('open', 'unended', 'proposed', 'entered', 'confirmed', 'credited', 'refused', 'reversed')),
    CONSTRAINT ck_service_record_source CHECK (source IN ('kiosk', 'phone', 'entered')),
    CONSTRAINT ck_service_record_recipient CHECK ((recipient_person_id IS NULL OR recipient_household_id IS NULL) AND (recipient_person_id IS NULL OR recipient_person_id <> person_id)),
    CONSTRAINT ck_service_record_ended CHECK ((state IN ('open', 'unended') AND ended_at IS NULL) OR (state NOT IN ('open', 'unended', 'refused') AND ended_at IS NOT NULL) OR state = 'refused'),
    CONSTRAINT ck_service_record_real_minutes CHECK ((ended_at IS NULL) = (real_minutes IS NULL) AND (ended_at IS NULL OR ended_at >= started_at) AND (real_minutes IS NULL OR real_minutes BETWEEN 0 AND 720)),
    CONSTRAINT ck_service_record_credited_minutes CHECK ((state IN ('confirmed', 'credited', 'reversed')) = (credited_minutes IS NOT NULL) AND (credited_minutes IS NULL) = (over_cap_minutes IS NULL) AND (credited_minutes IS NULL) = (pool_minutes IS NULL) AND (credited_minutes IS NULL OR (pool_minutes BETWEEN 0 AND credited_minutes AND over_cap_minutes >= 0 AND credited_minutes + over_cap_minutes <= real_minutes))),
    CONSTRAINT ck_service_record_books CHECK ((state IN ('credited', 'reversed')) = (txn_id IS NOT NULL) AND (txn_id IS NOT NULL) = (credited_minutes IS NOT NULL AND credited_minutes > 0) AND (state = 'reversed') = (reversal_txn_id IS NOT NULL)),
    CONSTRAINT ck_service_record_reason CHECK ((state IN ('refused', 'reversed')) = (reason IS NOT NULL))
)

CREATE INDEX ix_service_record_day ON service_record (community_id, started_on, state, real_minutes)

CREATE INDEX ix_service_record_of_person ON service_record (community_id, person_id, started_at)

CREATE INDEX ix_service_record_recipient_household_id ON service_record (community_id, recipient_household_id) WHERE recipient_household_id IS NOT NULL

CREATE INDEX ix_service_record_recipient_person_id ON service_record (community_id, recipient_person_id) WHERE recipient_person_id IS NOT NULL

CREATE INDEX ix_service_record_reversal_txn_id ON service_record (community_id, reversal_txn_id) WHERE reversal_txn_id IS NOT NULL

CREATE INDEX ix_service_record_txn_id ON service_record (community_id, txn_id) WHERE txn_id IS NOT NULL

CREATE INDEX ix_service_record_worklist ON service_record (community_id, state, started_at)

CREATE UNIQUE INDEX uq_service_record_open ON service_record (community_id, person_id) WHERE state = 'open'

CREATE TABLE staff_role (
    community_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    name VARCHAR(20) NOT NULL,
    place_id BIGINT,
    granted_at BIGINT NOT NULL,
    ended_at BIGINT,
    CONSTRAINT pk_staff_role PRIMARY KEY (community_id, id),
    CONSTRAINT fk_staff_role_community_id_user_id FOREIGN KEY(community_id, user_id) REFERENCES app_user (community_id, id),
    CONSTRAINT fk_staff_role_community_id_place_id FOREIGN KEY(community_id, place_id) REFERENCES place (community_id, id),
    CONSTRAINT ck_staff_role_name CHECK (name IN ('accountant', 'approver', 'auditor', 'cashier', 'coordinator', 'grid_worker', 'hotline', 'keeper', 'social_worker')),
    CONSTRAINT ck_staff_role_ended CHECK (ended_at IS NULL OR ended_at >= granted_at)
)

CREATE INDEX ix_staff_role_community_id_user_id ON staff_role (community_id, user_id)

CREATE TABLE withdrawal (
    community_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    household_id BIGINT NOT NULL,
    claim_id BIGINT,
    taken_on DATE NOT NULL,
    pieces INTEGER NOT NULL,
    source VARCHAR(16) NOT NULL,
    note VARCHAR(200) NOT NULL,
    recorded_at BIGINT NOT NULL,
    recorded_by VARCHAR(80) NOT NULL,
    CONSTRAINT pk_withdrawal PRIMARY KEY (community_id, id),
    CONSTRAINT uq_withdrawal_claim UNIQUE (community_id, claim_id),
    CONSTRAINT fk_withdrawal_community_id_household_id FOREIGN KEY(community_id, household_id) REFERENCES household (community_id, id),
    CONSTRAINT fk_withdrawal_claim FOREIGN KEY(community_id, claim_id, household_id) REFERENCES claim (community_id, id, household_id),
    CONSTRAINT ck_withdrawal_pieces CHECK (pieces > 0),
    CONSTRAINT ck_withdrawal_source CHECK (source IN ('issued', 'carried_over', 'elsewhere')),
    CONSTRAINT ck_withdrawal_claim CHECK ((source = 'issued') = (claim_id IS NOT NULL)),
    CONSTRAINT ck_withdrawal_note CHECK (source = 'issued' OR note <> '')
)

CREATE INDEX ix_withdrawal_community_id_household_id_taken_on ON withdrawal (community_id, household_id, taken_on)

CREATE INDEX ix_withdrawal_day ON withdrawal (community_id, taken_on, source, pieces)

CREATE TRIGGER withdrawal_no_change BEFORE UPDATE OR DELETE ON withdrawal FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER withdrawal_no_truncate BEFORE TRUNCATE ON withdrawal EXECUTE FUNCTION refuse_change()

CREATE TABLE cash_count (
    community_id BIGINT NOT NULL,
    round_id BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    expected BIGINT NOT NULL,
    counted BIGINT NOT NULL,
    difference BIGINT NOT NULL,
    reason VARCHAR(12),
    note VARCHAR(200) NOT NULL,
    CONSTRAINT pk_cash_count PRIMARY KEY (community_id, round_id, account_id),
    CONSTRAINT fk_cash_count_community_id_round_id FOREIGN KEY(community_id, round_id) REFERENCES count_round (community_id, id),
    CONSTRAINT fk_cash_count_community_id_account_id FOREIGN KEY(community_id, account_id) REFERENCES account (community_id, id),
    CONSTRAINT ck_cash_count_difference CHECK (difference = counted - expected),
    CONSTRAINT ck_cash_count_reason CHECK ((difference = 0) = (reason IS NULL)),
    CONSTRAINT ck_cash_count_reason_known CHECK (reason IS NULL OR reason IN ('lost', 'damaged', 'found', 'miscounted', 'other')),
    CONSTRAINT ck_cash_count_reason_short CHECK (difference >= 0 OR reason IN ('lost', 'damaged', 'miscounted', 'other')),
    CONSTRAINT ck_cash_count_reason_over CHECK (difference <= 0 OR reason IN ('found', 'miscounted', 'other')),
    CONSTRAINT ck_cash_count_reason_told CHECK (reason IS NULL OR reason <> 'other' OR note <> ''),
    CONSTRAINT ck_cash_count_counted CHECK (counted >= 0)
)

CREATE TRIGGER cash_count_no_change BEFORE UPDATE OR DELETE ON cash_count FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER cash_count_no_truncate BEFORE TRUNCATE ON cash_count EXECUTE FUNCTION refuse_change()

CREATE TABLE confirmation (
    community_id BIGINT NOT NULL,
    record_id BIGINT NOT NULL,
    side VARCHAR(10) NOT NULL,
    person_id BIGINT,
    on_behalf BOOLEAN NOT NULL,
    given_by VARCHAR(80) NOT NULL,
    given_by_person_id BIGINT,
    given_at BIGINT NOT NULL,
    CONSTRAINT pk_confirmation PRIMARY KEY (community_id, record_id, side),
    CONSTRAINT fk_confirmation_community_id_record_id FOREIGN KEY(community_id, record_id) REFERENCES service_record (community_id, id),
    CONSTRAINT ck_confirmation_side CHECK (side IN ('recipient', 'organiser', 'volunteer'))
)

CREATE TRIGGER confirmation_no_change BEFORE UPDATE OR DELETE ON confirmation FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER confirmation_no_truncate BEFORE TRUNCATE ON confirmation EXECUTE FUNCTION refuse_change()

CREATE TABLE day_closing (
    community_id BIGINT NOT NULL,
    store_id BIGINT NOT NULL,
    no INTEGER NOT NULL,
    round_id BIGINT NOT NULL,
    counted_by VARCHAR(80) NOT NULL,
    closed_by VARCHAR(80) NOT NULL,
    closed_person_id BIGINT,
    closed_at BIGINT NOT NULL,
    variance_txn_id BIGINT,
    sheet TEXT NOT NULL,
    digest VARCHAR(64) NOT NULL,
    CONSTRAINT pk_day_closing PRIMARY KEY (community_id, store_id, no),
    CONSTRAINT fk_day_closing_community_id_store_id_no FOREIGN KEY(community_id, store_id, no) REFERENCES day_opening (community_id, store_id, no),
    CONSTRAINT fk_day_closing_round FOREIGN KEY(community_id, store_id, no, round_id, counted_by) REFERENCES count_round (community_id, store_id, no, id, counted_by),
    CONSTRAINT fk_day_closing_community_id_closed_person_id FOREIGN KEY(community_id, closed_person_id) REFERENCES person (community_id, id),
    CONSTRAINT fk_day_closing_community_id_variance_txn_id FOREIGN KEY(community_id, variance_txn_id) REFERENCES txn (community_id, id),
    CONSTRAINT fk_day_closing_sealed FOREIGN KEY(community_id, closed_by, digest) REFERENCES txn (community_id, client, request_key),
    CONSTRAINT ck_day_closing_two_people CHECK (closed_by <> counted_by),
    CONSTRAINT ck_day_closing_digest CHECK (length(digest) = 64)
)

CREATE TRIGGER day_closing_no_change BEFORE UPDATE OR DELETE ON day_closing FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER day_closing_no_truncate BEFORE TRUNCATE ON day_closing EXECUTE FUNCTION refuse_change()

CREATE TABLE deposit_line (
    community_id BIGINT NOT NULL,
    deposit_id BIGINT NOT NULL,
    line SMALLINT NOT NULL,
    announced_line SMALLINT,
    item_id BIGINT,
    described VARCHAR(80) NOT NULL,
    condition VARCHAR(12) NOT NULL,
    best_before_on DATE,
    brought_pieces INTEGER NOT NULL,
    accepted_pieces INTEGER NOT NULL,
    refused_pieces INTEGER NOT NULL,
    refuse_code VARCHAR(24),
    refuse_note VARCHAR(200) NOT NULL,
    value_yuan BIGINT NOT NULL,
    CONSTRAINT pk_deposit_line PRIMARY KEY (community_id, deposit_id, line),
    CONSTRAINT fk_deposit_line_community_id_deposit_id FOREIGN KEY(community_id, deposit_id) REFERENCES deposit (community_id, id),
    CONSTRAINT fk_deposit_line_announced FOREIGN KEY(community_id, deposit_id, announced_line) REFERENCES announced_line (community_id, deposit_id, line),
    CONSTRAINT fk_deposit_line_community_id_item_id FOREIGN KEY(community_id, item_id) REFERENCES item (community_id, id),
    CONSTRAINT ck_deposit_line_pieces CHECK (accepted_pieces >= 0 AND refused_pieces >= 0 AND accepted_pieces + refused_pieces = brought_pieces AND brought_pieces > 0),
    CONSTRAINT ck_deposit_line_refused CHECK ((refused_pieces > 0) = (refuse_code IS NOT NULL)),
    CONSTRAINT ck_deposit_line_refuse_code CHECK (refuse_code IN ('TOO_CLOSE_TO_EXPIRY', 'OPENED_FOOD', 'NOT_ACCEPTED', 'OTHER')),
    CONSTRAINT ck_deposit_line_item CHECK (item_id IS NOT NULL OR accepted_pieces = 0),
    CONSTRAINT ck_deposit_line_condition CHECK (condition IN ('new', 'nine_tenths', 'eight_tenths', 'worse'))
)

CREATE TRIGGER deposit_line_no_change BEFORE UPDATE OR DELETE ON deposit_line FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER deposit_line_no_truncate BEFORE TRUNCATE ON deposit_line EXECUTE FUNCTION refuse_change()

CREATE TABLE lot (
    community_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    item_id BIGINT NOT NULL,
    store_id BIGINT NOT NULL,
    deposit_id BIGINT NOT NULL,
    line SMALLINT NOT NULL,
    account_id BIGINT NOT NULL,
    condition VARCHAR(12) NOT NULL,
    best_before_on DATE,
    received_on DATE NOT NULL,
    received_pieces INTEGER NOT NULL,
    disposed_pieces INTEGER NOT NULL,
    state VARCHAR(20) NOT NULL,
    cleaned_at BIGINT,
    cleaned_by VARCHAR(80),
    CONSTRAINT pk_lot PRIMARY KEY (community_id, id),
    CONSTRAINT uq_lot_line UNIQUE (community_id, deposit_id, line),
    CONSTRAINT uq_lot_account UNIQUE (community_id, account_id),
    CONSTRAINT fk_lot_community_id_item_id FOREIGN KEY(community_id, item_id) REFERENCES item (community_id, id),
    CONSTRAINT fk_lot_community_id_store_id FOREIGN KEY(community_id, store_id) REFERENCES store (community_id, id),
    CONSTRAINT fk_lot_community_id_deposit_id_line FOREIGN KEY(community_id, deposit_id, line) REFERENCES deposit_line (community_id, deposit_id, line),
    CONSTRAINT fk_lot_community_id_account_id FOREIGN KEY(community_id, account_id) REFERENCES account (community_id, id),
    CONSTRAINT ck_lot_state CHECK (state IN ('awaiting_cleaning', 'on_shelf', 'disposal', 'finished')),
    CONSTRAINT ck_lot_cleaning CHECK (state <> 'awaiting_cleaning' OR cleaned_at IS NULL),
    CONSTRAINT ck_lot_pieces CHECK (received_pieces > 0 AND disposed_pieces BETWEEN 0 AND received_pieces)
)

CREATE INDEX ix_lot_living ON lot (community_id, store_id, item_id, best_before_on, received_on, state, account_id) WHERE state IN ('awaiting_cleaning', 'on_shelf')

CREATE INDEX ix_lot_uncleaned ON lot (community_id, store_id) WHERE state IN ('awaiting_cleaning')

CREATE TABLE claim_hold (
    community_id BIGINT NOT NULL,
    claim_id BIGINT NOT NULL,
    number SMALLINT NOT NULL,
    lot_id BIGINT NOT NULL,
    item_id BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    pieces INTEGER NOT NULL,
    txn_id BIGINT NOT NULL,
    txn_line SMALLINT NOT NULL,
    released_at BIGINT,
    CONSTRAINT pk_claim_hold PRIMARY KEY (community_id, claim_id, number),
    CONSTRAINT uq_claim_hold_txn UNIQUE (community_id, txn_id, txn_line),
    CONSTRAINT fk_claim_hold_community_id_claim_id FOREIGN KEY(community_id, claim_id) REFERENCES claim (community_id, id),
    CONSTRAINT fk_claim_hold_community_id_lot_id FOREIGN KEY(community_id, lot_id) REFERENCES lot (community_id, id),
    CONSTRAINT fk_claim_hold_community_id_account_id FOREIGN KEY(community_id, account_id) REFERENCES account (community_id, id),
    CONSTRAINT fk_claim_hold_community_id_txn_id FOREIGN KEY(community_id, txn_id) REFERENCES txn (community_id, id),
    CONSTRAINT ck_claim_hold_pieces CHECK (pieces > 0)
)

CREATE INDEX ix_claim_hold_community_id_lot_id ON claim_hold (community_id, lot_id)

CREATE TABLE day_count (
    community_id BIGINT NOT NULL,
    round_id BIGINT NOT NULL,
    lot_id BIGINT NOT NULL,
    expected INTEGER NOT NULL,
    counted INTEGER NOT NULL,
    difference INTEGER NOT NULL,
    reason VARCHAR(12),
    note VARCHAR(200) NOT NULL,
    CONSTRAINT pk_day_count PRIMARY KEY (community_id, round_id, lot_id),
    CONSTRAINT fk_day_count_community_id_round_id FOREIGN KEY(community_id, round_id) REFERENCES count_round (community_id, id),
    CONSTRAINT fk_day_count_community_id_lot_id FOREIGN KEY(community_id, lot_id) REFERENCES lot (community_id, id),
    CONSTRAINT ck_day_count_difference CHECK (difference = counted - expected),
    CONSTRAINT ck_day_count_reason CHECK ((difference = 0) = (reason IS NULL)),
    CONSTRAINT ck_day_count_reason_known CHECK (reason IS NULL OR reason IN ('lost', 'damaged', 'found', 'miscounted', 'other')),
    CONSTRAINT ck_day_count_reason_short CHECK (difference >= 0 OR reason IN ('lost', 'damaged', 'miscounted', 'other')),
    CONSTRAINT ck_day_count_reason_over CHECK (difference <= 0 OR reason IN ('found', 'miscounted', 'other')),
    CONSTRAINT ck_day_count_reason_told CHECK (reason IS NULL OR reason <> 'other' OR note <> ''),
    CONSTRAINT ck_day_count_counted CHECK (counted >= 0)
)

CREATE TRIGGER day_count_no_change BEFORE UPDATE OR DELETE ON day_count FOR EACH ROW EXECUTE FUNCTION refuse_change()

CREATE TRIGGER day_count_no_truncate BEFORE TRUNCATE ON day_count EXECUTE FUNCTION refuse_change()
