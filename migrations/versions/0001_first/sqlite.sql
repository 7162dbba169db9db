CREATE TABLE audit_line (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    at INTEGER NOT NULL,
    client TEXT NOT NULL,
    channel TEXT NOT NULL,
    user_id INTEGER,
    person_id INTEGER,
    name TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id INTEGER,
    facts TEXT NOT NULL,
    CONSTRAINT pk_audit_line PRIMARY KEY (community_id, id)
)
 STRICT

CREATE INDEX ix_audit_line_community_id_at ON audit_line (community_id, at)

CREATE INDEX ix_audit_line_community_id_subject_kind_subject_id ON audit_line (community_id, subject_kind, subject_id)

CREATE TRIGGER audit_line_no_update BEFORE update ON audit_line BEGIN SELECT RAISE(ABORT, 'history is never changed: audit_line'); END

CREATE TRIGGER audit_line_no_delete BEFORE delete ON audit_line BEGIN SELECT RAISE(ABORT, 'history is never changed: audit_line'); END

CREATE TABLE checkpoint (
    community_id INTEGER NOT NULL,
    size INTEGER NOT NULL,
    root BLOB NOT NULL,
    note TEXT NOT NULL,
    signed_us INTEGER NOT NULL,
    CONSTRAINT pk_checkpoint PRIMARY KEY (community_id, size)
)
 STRICT

CREATE TRIGGER checkpoint_no_update BEFORE update ON checkpoint BEGIN SELECT RAISE(ABORT, 'history is never changed: checkpoint'); END

CREATE TRIGGER checkpoint_no_delete BEFORE delete ON checkpoint BEGIN SELECT RAISE(ABORT, 'history is never changed: checkpoint'); END

CREATE TABLE commodity (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    code TEXT NOT NULL,
    CONSTRAINT pk_commodity PRIMARY KEY (community_id, id),
    CONSTRAINT uq_commodity_community_id_code UNIQUE (community_id, code)
)
 STRICT

CREATE TRIGGER commodity_no_update BEFORE update ON commodity BEGIN SELECT RAISE(ABORT, 'history is never changed: commodity'); END

CREATE TRIGGER commodity_no_delete BEFORE delete ON commodity BEGIN SELECT RAISE(ABORT, 'history is never changed: commodity'); END

CREATE TABLE community (
    id INTEGER NOT NULL,
    code TEXT NOT NULL,
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    CONSTRAINT pk_community PRIMARY KEY (id),
    CONSTRAINT uq_community_code UNIQUE (code)
)
 STRICT

CREATE TABLE deed (
    community_id INTEGER NOT NULL,
    client TEXT NOT NULL,
    request_id TEXT NOT NULL,
    name TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    refusal_code TEXT,
    answer TEXT NOT NULL,
    done_at INTEGER NOT NULL,
    CONSTRAINT pk_deed PRIMARY KEY (community_id, client, request_id)
)
 STRICT

CREATE INDEX ix_deed_refused ON deed (community_id, client, refusal_code, done_at) WHERE refusal_code IS NOT NULL

CREATE TRIGGER deed_no_update BEFORE update ON deed BEGIN SELECT RAISE(ABORT, 'history is never changed: deed'); END

CREATE TRIGGER deed_no_delete BEFORE delete ON deed BEGIN SELECT RAISE(ABORT, 'history is never changed: deed'); END

CREATE TABLE log_head (
    community_id INTEGER NOT NULL,
    size INTEGER NOT NULL,
    frontier BLOB NOT NULL,
    CONSTRAINT pk_log_head PRIMARY KEY (community_id),
    CONSTRAINT ck_log_head_size CHECK (size >= 0)
)
 STRICT

CREATE TABLE log_leaf (
    community_id INTEGER NOT NULL,
    idx INTEGER NOT NULL,
    entry INTEGER NOT NULL,
    entry_id INTEGER NOT NULL,
    leaf_hash BLOB NOT NULL,
    CONSTRAINT pk_log_leaf PRIMARY KEY (community_id, idx),
    CONSTRAINT uq_log_leaf_entry UNIQUE (community_id, entry, entry_id),
    CONSTRAINT ck_log_leaf_entry CHECK (entry IN (1, 2)),
    CONSTRAINT ck_log_leaf_idx CHECK (idx >= 0)
)
 STRICT

CREATE TRIGGER log_leaf_no_update BEFORE update ON log_leaf BEGIN SELECT RAISE(ABORT, 'history is never changed: log_leaf'); END

CREATE TRIGGER log_leaf_no_delete BEFORE delete ON log_leaf BEGIN SELECT RAISE(ABORT, 'history is never changed: log_leaf'); END

CREATE TABLE log_tile (
    community_id INTEGER NOT NULL,
    idx INTEGER NOT NULL,
    root BLOB NOT NULL,
    at_us INTEGER NOT NULL,
    behind_us INTEGER,
    CONSTRAINT pk_log_tile PRIMARY KEY (community_id, idx),
    CONSTRAINT ck_log_tile_behind CHECK (behind_us IS NULL OR behind_us < at_us)
)
 STRICT

CREATE INDEX ix_log_tile_at ON log_tile (community_id, at_us, idx)

CREATE INDEX ix_log_tile_behind ON log_tile (community_id, idx) WHERE behind_us IS NOT NULL

CREATE TRIGGER log_tile_no_update BEFORE update ON log_tile BEGIN SELECT RAISE(ABORT, 'history is never changed: log_tile'); END

CREATE TRIGGER log_tile_no_delete BEFORE delete ON log_tile BEGIN SELECT RAISE(ABORT, 'history is never changed: log_tile'); END

CREATE TABLE parameter (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    "key" TEXT NOT NULL,
    value TEXT NOT NULL,
    unit TEXT NOT NULL,
    valid_from_on TEXT NOT NULL,
    source TEXT NOT NULL,
    note TEXT NOT NULL,
    recorded_by TEXT NOT NULL,
    recorded_at INTEGER NOT NULL,
    CONSTRAINT pk_parameter PRIMARY KEY (community_id, id),
    CONSTRAINT uq_parameter_community_id_key_valid_from_on UNIQUE (community_id, "key", valid_from_on),
    CONSTRAINT ck_parameter_source CHECK (source <> '')
)
 STRICT

CREATE TRIGGER parameter_no_update BEFORE update ON parameter BEGIN SELECT RAISE(ABORT, 'history is never changed: parameter'); END

CREATE TRIGGER parameter_no_delete BEFORE delete ON parameter BEGIN SELECT RAISE(ABORT, 'history is never changed: parameter'); END

CREATE TABLE rule_version (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    programme TEXT NOT NULL,
    version_no INTEGER NOT NULL,
    tree TEXT NOT NULL,
    hash TEXT NOT NULL,
    state TEXT NOT NULL,
    active_from_on TEXT,
    active_until_on TEXT,
    drafted_by TEXT NOT NULL,
    drafted_at INTEGER NOT NULL,
    rehearsed_at INTEGER,
    rehearsed_cases INTEGER,
    approved_by TEXT,
    approved_at INTEGER,
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
 STRICT

CREATE TRIGGER rule_version_guard_1 BEFORE UPDATE ON rule_version WHEN NEW.community_id IS NOT OLD.community_id OR NEW.id IS NOT OLD.id OR NEW.programme IS NOT OLD.programme OR NEW.version_no IS NOT OLD.version_no OR NEW.drafted_by IS NOT OLD.drafted_by OR NEW.drafted_at IS NOT OLD.drafted_at BEGIN SELECT RAISE(ABORT, 'a rule version keeps its name'); END

CREATE TRIGGER rule_version_guard_2 BEFORE UPDATE ON rule_version WHEN OLD.state NOT IN ('draft', 'rehearsed') AND (NEW.tree IS NOT OLD.tree OR NEW.hash IS NOT OLD.hash OR NEW.rehearsed_at IS NOT OLD.rehearsed_at OR NEW.rehearsed_cases IS NOT OLD.rehearsed_cases OR NEW.approved_by IS NOT OLD.approved_by OR NEW.approved_at IS NOT OLD.approved_at) BEGIN SELECT RAISE(ABORT, 'an approved rule is never changed'); END

CREATE TRIGGER rule_version_guard_3 BEFORE UPDATE ON rule_version WHEN OLD.state IN ('scheduled', 'active', 'retired') AND NEW.state <> 'approved' AND (NEW.active_from_on IS NOT OLD.active_from_on) BEGIN SELECT RAISE(ABORT, 'the range of a rule in force is never moved'); END

CREATE TRIGGER rule_version_guard_4 BEFORE UPDATE ON rule_version WHEN OLD.state = 'retired' AND (NEW.active_until_on IS NOT OLD.active_until_on) BEGIN SELECT RAISE(ABORT, 'a retired rule is never changed'); END

CREATE TRIGGER rule_version_guard_5 BEFORE UPDATE ON rule_version WHEN NEW.state <> OLD.state AND NOT ((OLD.state = 'draft' AND NEW.state = 'rehearsed') OR (OLD.state = 'rehearsed' AND NEW.state = 'draft') OR (OLD.state = 'rehearsed' AND NEW.state = 'approved') OR (OLD.state = 'approved' AND NEW.state = 'scheduled') OR (OLD.state = 'approved' AND NEW.state = 'retired') OR (OLD.state = 'scheduled' AND NEW.state = 'approved') OR (OLD.state = 'scheduled' AND NEW.state = 'active') OR (OLD.state = 'active' AND NEW.state = 'retired')) BEGIN SELECT RAISE(ABORT, 'a rule goes one step at a time'); END

CREATE TRIGGER rule_version_guard_6 BEFORE UPDATE ON rule_version WHEN
NEW.state IN ('scheduled', 'active', 'retired') AND EXISTS (
  SELECT 1 FROM rule_version other
  WHERE other.community_id = NEW.community_id AND other.programme = NEW.programme
    AND other.id <> NEW.id AND other.state IN ('scheduled', 'active', 'retired')
    AND other.active_from_on <= COALESCE(NEW.active_until_on, '9999-12-31')
    AND NEW.active_from_on <= COALESCE(other.active_until_on, '9999-12-31'))
 BEGIN SELECT RAISE(ABORT, 'rules of one programme may not overlap'); END

CREATE TRIGGER rule_version_starts BEFORE INSERT ON rule_version WHEN NEW.state <> 'draft' BEGIN SELECT RAISE(ABORT, 'a rule starts as a draft'); END

CREATE TRIGGER rule_version_no_delete BEFORE DELETE ON rule_version BEGIN SELECT RAISE(ABORT, 'a rule version is never removed'); END

CREATE TABLE seal_queue (
    community_id INTEGER NOT NULL,
    entry INTEGER NOT NULL,
    entry_id INTEGER NOT NULL,
    CONSTRAINT pk_seal_queue PRIMARY KEY (community_id, entry, entry_id),
    CONSTRAINT ck_seal_queue_entry CHECK (entry IN (1, 2))
)
 STRICT

CREATE TABLE service (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    code TEXT NOT NULL,
    category TEXT NOT NULL,
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    CONSTRAINT pk_service PRIMARY KEY (community_id, id),
    CONSTRAINT uq_service_community_id_code UNIQUE (community_id, code),
    CONSTRAINT ck_service_category CHECK (category IN ('elders', 'families', 'youth', 'convenience', 'employment', 'culture', 'volunteering'))
)
 STRICT

CREATE TABLE sign_in_try (
    community_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    subject BLOB NOT NULL,
    failures INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    closed_until_at INTEGER NOT NULL,
    CONSTRAINT pk_sign_in_try PRIMARY KEY (community_id, kind, subject),
    CONSTRAINT ck_sign_in_try_kind CHECK (kind IN ('name', 'card', 'source')),
    CONSTRAINT ck_sign_in_try_failures CHECK (failures BETWEEN 0 AND 30000)
)
 STRICT

CREATE INDEX ix_sign_in_try_last_at ON sign_in_try (last_at)

CREATE TABLE account (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    commodity_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    owner_id INTEGER NOT NULL,
    CONSTRAINT pk_account PRIMARY KEY (community_id, id),
    CONSTRAINT uq_account_community_id_id_commodity_id UNIQUE (community_id, id, commodity_id),
    CONSTRAINT uq_account_named UNIQUE (community_id, kind, owner_id, commodity_id),
    CONSTRAINT fk_account_community_id_commodity_id FOREIGN KEY(community_id, commodity_id) REFERENCES commodity (community_id, id)
)
 STRICT

CREATE TRIGGER account_no_update BEFORE update ON account BEGIN SELECT RAISE(ABORT, 'history is never changed: account'); END

CREATE TRIGGER account_no_delete BEFORE delete ON account BEGIN SELECT RAISE(ABORT, 'history is never changed: account'); END

CREATE TABLE decision (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    programme TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id INTEGER NOT NULL,
    rule_version_id INTEGER NOT NULL,
    rule_hash TEXT NOT NULL,
    engine_version INTEGER NOT NULL,
    asked_pieces INTEGER NOT NULL,
    as_of_on TEXT NOT NULL,
    recorded_at INTEGER NOT NULL,
    recorded_by TEXT NOT NULL,
    channel TEXT NOT NULL,
    facts TEXT NOT NULL,
    parameters TEXT NOT NULL,
    trace TEXT NOT NULL,
    answer TEXT NOT NULL,
    reasons TEXT NOT NULL,
    missing TEXT NOT NULL,
    remaining_pieces INTEGER,
    next_on TEXT,
    CONSTRAINT pk_decision PRIMARY KEY (community_id, id),
    CONSTRAINT fk_decision_community_id_rule_version_id FOREIGN KEY(community_id, rule_version_id) REFERENCES rule_version (community_id, id),
    CONSTRAINT ck_decision_subject_kind CHECK (subject_kind IN ('household', 'person')),
    CONSTRAINT ck_decision_answer CHECK (answer IN ('eligible', 'not_eligible', 'needs_information', 'needs_review')),
    CONSTRAINT ck_decision_reasons CHECK (answer = 'eligible' OR reasons <> '[]'),
    CONSTRAINT ck_decision_asked CHECK (asked_pieces > 0)
)
 STRICT

CREATE INDEX ix_decision_programme ON decision (community_id, programme, as_of_on)

CREATE INDEX ix_decision_subject ON decision (community_id, subject_kind, subject_id, id)

CREATE TRIGGER decision_no_update BEFORE update ON decision BEGIN SELECT RAISE(ABORT, 'history is never changed: decision'); END

CREATE TRIGGER decision_no_delete BEFORE delete ON decision BEGIN SELECT RAISE(ABORT, 'history is never changed: decision'); END

CREATE TABLE organisation (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    trade TEXT NOT NULL,
    contacts_sealed BLOB,
    CONSTRAINT pk_organisation PRIMARY KEY (community_id, id),
    CONSTRAINT uq_organisation_community_id_name UNIQUE (community_id, name),
    CONSTRAINT fk_organisation_community_id FOREIGN KEY(community_id) REFERENCES community (id),
    CONSTRAINT ck_organisation_kind CHECK (kind IN ('firm', 'group', 'office'))
)
 STRICT

CREATE TABLE place (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    number INTEGER NOT NULL,
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    parent_id INTEGER,
    CONSTRAINT pk_place PRIMARY KEY (community_id, id),
    CONSTRAINT uq_place_community_id_kind_number UNIQUE (community_id, kind, number),
    CONSTRAINT fk_place_community_id FOREIGN KEY(community_id) REFERENCES community (id),
    CONSTRAINT fk_place_community_id_parent_id FOREIGN KEY(community_id, parent_id) REFERENCES place (community_id, id),
    CONSTRAINT ck_place_kind CHECK (kind IN ('grid', 'building', 'store')),
    CONSTRAINT ck_place_in_grid CHECK (kind <> 'building' OR parent_id IS NOT NULL)
)
 STRICT

CREATE TABLE tile_total (
    community_id INTEGER NOT NULL,
    commodity_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    idx INTEGER NOT NULL,
    is_first INTEGER NOT NULL,
    accounts INTEGER NOT NULL,
    posted_in INTEGER NOT NULL,
    posted_out INTEGER NOT NULL,
    pending_in INTEGER NOT NULL,
    pending_out INTEGER NOT NULL,
    CONSTRAINT pk_tile_total PRIMARY KEY (community_id, commodity_id, kind, idx),
    CONSTRAINT fk_tile_total_community_id_idx FOREIGN KEY(community_id, idx) REFERENCES log_tile (community_id, idx),
    CONSTRAINT fk_tile_total_community_id_commodity_id FOREIGN KEY(community_id, commodity_id) REFERENCES commodity (community_id, id)
)
 STRICT

CREATE UNIQUE INDEX uq_tile_total_first ON tile_total (community_id, commodity_id, kind) WHERE is_first = 1

CREATE TRIGGER tile_total_no_update BEFORE update ON tile_total BEGIN SELECT RAISE(ABORT, 'history is never changed: tile_total'); END

CREATE TRIGGER tile_total_no_delete BEFORE delete ON tile_total BEGIN SELECT RAISE(ABORT, 'history is never changed: tile_total'); END

CREATE TABLE balance (
    community_id INTEGER NOT NULL,
    account_id INTEGER NOT NULL,
    commodity_id INTEGER NOT NULL,
    posted_in INTEGER NOT NULL,
    posted_out INTEGER NOT NULL,
    pending_in INTEGER NOT NULL,
    pending_out INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    last_us INTEGER NOT NULL,
    floor INTEGER,
    ceiling INTEGER,
    closed INTEGER NOT NULL,
    CONSTRAINT pk_balance PRIMARY KEY (community_id, account_id),
    CONSTRAINT fk_balance_community_id_account_id_commodity_id FOREIGN KEY(community_id, account_id, commodity_id) REFERENCES account (community_id, id, commodity_id),
    CONSTRAINT ck_balance_counters CHECK (posted_in >= 0 AND posted_out >= 0 AND pending_in >= 0 AND pending_out >= 0),
    CONSTRAINT ck_balance_floor CHECK (floor IS NULL OR posted_in - posted_out - pending_out >= floor),
    CONSTRAINT ck_balance_ceiling CHECK (ceiling IS NULL OR posted_in - posted_out + pending_in <= ceiling)
)
 STRICT

CREATE TRIGGER balance_fixed BEFORE UPDATE OF floor, ceiling ON balance BEGIN SELECT RAISE(ABORT, 'history is never changed: balance'); END

CREATE TABLE balance_snapshot (
    community_id INTEGER NOT NULL,
    account_id INTEGER NOT NULL,
    log_size INTEGER NOT NULL,
    posted_in INTEGER NOT NULL,
    posted_out INTEGER NOT NULL,
    pending_in INTEGER NOT NULL,
    pending_out INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    at_us INTEGER NOT NULL,
    CONSTRAINT pk_balance_snapshot PRIMARY KEY (community_id, account_id, log_size),
    CONSTRAINT uq_balance_snapshot_at UNIQUE (community_id, account_id, at_us),
    CONSTRAINT fk_balance_snapshot_community_id_account_id FOREIGN KEY(community_id, account_id) REFERENCES account (community_id, id),
    CONSTRAINT ck_balance_snapshot_counters CHECK (posted_in >= 0 AND posted_out >= 0 AND pending_in >= 0 AND pending_out >= 0),
    CONSTRAINT ck_balance_snapshot_seq CHECK (seq > 0)
)
 STRICT

CREATE TRIGGER balance_snapshot_no_update BEFORE update ON balance_snapshot BEGIN SELECT RAISE(ABORT, 'history is never changed: balance_snapshot'); END

CREATE TRIGGER balance_snapshot_no_delete BEFORE delete ON balance_snapshot BEGIN SELECT RAISE(ABORT, 'history is never changed: balance_snapshot'); END

CREATE TABLE household (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    household_no TEXT NOT NULL,
    building_id INTEGER NOT NULL,
    door_sealed BLOB NOT NULL,
    enrolled_at INTEGER NOT NULL,
    CONSTRAINT pk_household PRIMARY KEY (community_id, id),
    CONSTRAINT uq_household_community_id_household_no UNIQUE (community_id, household_no),
    CONSTRAINT fk_household_community_id_building_id FOREIGN KEY(community_id, building_id) REFERENCES place (community_id, id)
)
 STRICT

CREATE INDEX ix_household_community_id_building_id ON household (community_id, building_id)

CREATE TABLE item (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    unit_zh TEXT NOT NULL,
    unit_en TEXT NOT NULL,
    kind TEXT NOT NULL,
    barcode TEXT NOT NULL,
    reference_fen INTEGER NOT NULL,
    shelf_life_days INTEGER,
    needs_cleaning INTEGER NOT NULL,
    is_loan INTEGER NOT NULL,
    commodity_id INTEGER NOT NULL,
    donated_account_id INTEGER NOT NULL,
    issued_account_id INTEGER NOT NULL,
    disposed_account_id INTEGER NOT NULL,
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
 STRICT

CREATE TABLE store (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    place_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    code TEXT NOT NULL,
    CONSTRAINT pk_store PRIMARY KEY (community_id, id),
    CONSTRAINT uq_store_community_id_code UNIQUE (community_id, code),
    CONSTRAINT uq_store_place UNIQUE (community_id, place_id),
    CONSTRAINT fk_store_community_id_place_id FOREIGN KEY(community_id, place_id) REFERENCES place (community_id, id),
    CONSTRAINT ck_store_kind CHECK (kind IN ('store', 'donation_point'))
)
 STRICT

CREATE TABLE txn (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    status INTEGER NOT NULL,
    reason TEXT,
    client TEXT NOT NULL,
    request_key TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    effective_us INTEGER NOT NULL,
    posted_us INTEGER NOT NULL,
    reverses_id INTEGER,
    relates_id INTEGER,
    closes_id INTEGER,
    mode INTEGER NOT NULL,
    note_hash BLOB,
    leaf_hash BLOB NOT NULL,
    CONSTRAINT pk_txn PRIMARY KEY (community_id, id),
    CONSTRAINT uq_txn_request UNIQUE (community_id, client, request_key),
    CONSTRAINT ck_txn_status CHECK (status IN (1, 2)),
    CONSTRAINT ck_txn_mode CHECK (mode IN (1, 2)),
    CONSTRAINT ck_txn_reason CHECK ((status = 2) = (reason IS NOT NULL)),
    CONSTRAINT fk_txn_community_id_reverses_id FOREIGN KEY(community_id, reverses_id) REFERENCES txn (community_id, id),
    CONSTRAINT fk_txn_community_id_relates_id FOREIGN KEY(community_id, relates_id) REFERENCES txn (community_id, id),
    CONSTRAINT fk_txn_community_id_closes_id FOREIGN KEY(community_id, closes_id) REFERENCES account (community_id, id)
)
 STRICT

CREATE INDEX ix_txn_late ON txn (community_id, effective_us) WHERE effective_us < posted_us

CREATE INDEX ix_txn_relates ON txn (community_id, relates_id) WHERE relates_id IS NOT NULL

CREATE UNIQUE INDEX uq_txn_closing ON txn (community_id, closes_id) WHERE status = 1 AND closes_id IS NOT NULL

CREATE UNIQUE INDEX uq_txn_reversal ON txn (community_id, reverses_id) WHERE status = 1 AND reverses_id IS NOT NULL

CREATE TRIGGER txn_no_update BEFORE update ON txn BEGIN SELECT RAISE(ABORT, 'history is never changed: txn'); END

CREATE TRIGGER txn_no_delete BEFORE delete ON txn BEGIN SELECT RAISE(ABORT, 'history is never changed: txn'); END

CREATE TABLE day_cut (
    community_id INTEGER NOT NULL,
    store_id INTEGER NOT NULL,
    no INTEGER NOT NULL,
    account_id INTEGER NOT NULL,
    lot_id INTEGER,
    posted_in INTEGER NOT NULL,
    posted_out INTEGER NOT NULL,
    CONSTRAINT pk_day_cut PRIMARY KEY (community_id, store_id, no, account_id),
    CONSTRAINT fk_day_cut_community_id_store_id FOREIGN KEY(community_id, store_id) REFERENCES store (community_id, id),
    CONSTRAINT fk_day_cut_community_id_account_id FOREIGN KEY(community_id, account_id) REFERENCES account (community_id, id),
    CONSTRAINT ck_day_cut_counters CHECK (no >= 0 AND posted_in >= 0 AND posted_out >= 0)
)
 STRICT

CREATE TRIGGER day_cut_no_update BEFORE update ON day_cut BEGIN SELECT RAISE(ABORT, 'history is never changed: day_cut'); END

CREATE TRIGGER day_cut_no_delete BEFORE delete ON day_cut BEGIN SELECT RAISE(ABORT, 'history is never changed: day_cut'); END

CREATE TABLE hold (
    community_id INTEGER NOT NULL,
    txn_id INTEGER NOT NULL,
    line INTEGER NOT NULL,
    source_account_id INTEGER NOT NULL,
    destination_account_id INTEGER NOT NULL,
    commodity_id INTEGER NOT NULL,
    quantity INTEGER NOT NULL,
    expires_us INTEGER NOT NULL,
    CONSTRAINT pk_hold PRIMARY KEY (community_id, txn_id, line),
    CONSTRAINT uq_hold_whole UNIQUE (community_id, txn_id, line, source_account_id, destination_account_id, quantity),
    CONSTRAINT fk_hold_community_id_txn_id FOREIGN KEY(community_id, txn_id) REFERENCES txn (community_id, id),
    CONSTRAINT ck_hold_quantity CHECK (quantity > 0)
)
 STRICT

CREATE INDEX ix_hold_source ON hold (community_id, source_account_id, expires_us)

CREATE TRIGGER hold_no_update BEFORE update ON hold BEGIN SELECT RAISE(ABORT, 'history is never changed: hold'); END

CREATE TRIGGER hold_no_delete BEFORE delete ON hold BEGIN SELECT RAISE(ABORT, 'history is never changed: hold'); END

CREATE TABLE household_aid (
    community_id INTEGER NOT NULL,
    household_id INTEGER NOT NULL,
    booking_closed_until_on TEXT,
    CONSTRAINT pk_household_aid PRIMARY KEY (community_id, household_id),
    CONSTRAINT fk_household_aid_community_id_household_id FOREIGN KEY(community_id, household_id) REFERENCES household (community_id, id)
)
 STRICT

CREATE TABLE kiosk_device (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    store_id INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    public_key BLOB NOT NULL,
    fingerprint TEXT NOT NULL,
    card_key BLOB NOT NULL,
    state TEXT NOT NULL,
    head_seq INTEGER NOT NULL,
    head_digest TEXT NOT NULL,
    paired_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    CONSTRAINT pk_kiosk_device PRIMARY KEY (community_id, id),
    CONSTRAINT uq_kiosk_device_community_id_store_id_epoch UNIQUE (community_id, store_id, epoch),
    CONSTRAINT ck_kiosk_device_state CHECK (state IN ('active', 'frozen', 'revoked')),
    CONSTRAINT ck_kiosk_device_head_seq CHECK (head_seq >= 0),
    CONSTRAINT fk_kiosk_device_community_id_store_id FOREIGN KEY(community_id, store_id) REFERENCES store (community_id, id)
)
 STRICT

CREATE TABLE kiosk_pairing (
    community_id INTEGER NOT NULL,
    code TEXT NOT NULL,
    store_id INTEGER NOT NULL,
    made_by INTEGER,
    made_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    device_id INTEGER,
    CONSTRAINT pk_kiosk_pairing PRIMARY KEY (community_id, code),
    CONSTRAINT fk_kiosk_pairing_community_id_store_id FOREIGN KEY(community_id, store_id) REFERENCES store (community_id, id)
)
 STRICT

CREATE TABLE person (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    household_id INTEGER,
    name TEXT NOT NULL,
    initials TEXT NOT NULL,
    latin_name TEXT,
    sex TEXT,
    birth_on TEXT,
    id_no_sealed BLOB,
    id_no_digest BLOB,
    phone_sealed BLOB,
    phone_digest BLOB,
    contacts_sealed BLOB,
    notes_sealed BLOB,
    registered_elsewhere INTEGER NOT NULL,
    enrolled_at INTEGER NOT NULL,
    CONSTRAINT pk_person PRIMARY KEY (community_id, id),
    CONSTRAINT uq_person_id_no UNIQUE (community_id, id_no_digest),
    CONSTRAINT fk_person_community_id FOREIGN KEY(community_id) REFERENCES community (id),
    CONSTRAINT fk_person_community_id_household_id FOREIGN KEY(community_id, household_id) REFERENCES household (community_id, id),
    CONSTRAINT ck_person_sex CHECK (sex IN ('m', 'f')),
    CONSTRAINT ck_person_id_no CHECK ((id_no_sealed IS NULL) = (id_no_digest IS NULL)),
    CONSTRAINT ck_person_phone CHECK ((phone_sealed IS NULL) = (phone_digest IS NULL))
)
 STRICT

CREATE INDEX ix_person_community_id_household_id ON person (community_id, household_id)

CREATE INDEX ix_person_community_id_initials ON person (community_id, initials)

CREATE INDEX ix_person_community_id_phone_digest ON person (community_id, phone_digest)

CREATE INDEX ix_person_latin_name ON person (community_id, latin_name) WHERE latin_name IS NOT NULL

CREATE TABLE receipt_counter (
    community_id INTEGER NOT NULL,
    store_id INTEGER NOT NULL,
    series TEXT NOT NULL,
    year INTEGER NOT NULL,
    last_number INTEGER NOT NULL,
    CONSTRAINT pk_receipt_counter PRIMARY KEY (community_id, store_id, series, year),
    CONSTRAINT ck_receipt_counter_series CHECK (length(series) > 0),
    CONSTRAINT ck_receipt_counter_last_number CHECK (last_number >= 0),
    CONSTRAINT fk_receipt_counter_community_id_store_id FOREIGN KEY(community_id, store_id) REFERENCES store (community_id, id)
)
 STRICT

CREATE TABLE shortfall (
    community_id INTEGER NOT NULL,
    txn_id INTEGER NOT NULL,
    line INTEGER NOT NULL,
    account_id INTEGER NOT NULL,
    side INTEGER NOT NULL,
    quantity INTEGER NOT NULL,
    found_us INTEGER NOT NULL,
    CONSTRAINT pk_shortfall PRIMARY KEY (community_id, txn_id, line),
    CONSTRAINT ck_shortfall_side CHECK (side IN (1, 2)),
    CONSTRAINT ck_shortfall_quantity CHECK (quantity > 0),
    CONSTRAINT fk_shortfall_community_id_txn_id FOREIGN KEY(community_id, txn_id) REFERENCES txn (community_id, id),
    CONSTRAINT fk_shortfall_community_id_account_id FOREIGN KEY(community_id, account_id) REFERENCES account (community_id, id)
)
 STRICT

CREATE TRIGGER shortfall_no_update BEFORE update ON shortfall BEGIN SELECT RAISE(ABORT, 'history is never changed: shortfall'); END

CREATE TRIGGER shortfall_no_delete BEFORE delete ON shortfall BEGIN SELECT RAISE(ABORT, 'history is never changed: shortfall'); END

CREATE TABLE txn_note (
    community_id INTEGER NOT NULL,
    txn_id INTEGER NOT NULL,
    salt BLOB NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT pk_txn_note PRIMARY KEY (community_id, txn_id),
    CONSTRAINT fk_txn_note_community_id_txn_id FOREIGN KEY(community_id, txn_id) REFERENCES txn (community_id, id)
)
 STRICT

CREATE TABLE app_user (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    person_id INTEGER NOT NULL,
    login_name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    closed_at INTEGER,
    CONSTRAINT pk_app_user PRIMARY KEY (community_id, id),
    CONSTRAINT uq_app_user_login UNIQUE (community_id, login_name),
    CONSTRAINT uq_app_user_person UNIQUE (community_id, person_id),
    CONSTRAINT fk_app_user_community_id_person_id FOREIGN KEY(community_id, person_id) REFERENCES person (community_id, id)
)
 STRICT

CREATE TABLE card (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    person_id INTEGER NOT NULL,
    card_no TEXT NOT NULL,
    token_sealed BLOB NOT NULL,
    token_digest BLOB NOT NULL,
    pin_hash TEXT,
    language TEXT NOT NULL,
    large_text INTEGER NOT NULL,
    issued_at INTEGER NOT NULL,
    revoked_at INTEGER,
    revoked_why TEXT,
    CONSTRAINT pk_card PRIMARY KEY (community_id, id),
    CONSTRAINT uq_card_community_id_card_no UNIQUE (community_id, card_no),
    CONSTRAINT uq_card_community_id_token_digest UNIQUE (community_id, token_digest),
    CONSTRAINT fk_card_community_id_person_id FOREIGN KEY(community_id, person_id) REFERENCES person (community_id, id),
    CONSTRAINT ck_card_language CHECK (language IN ('zh', 'en')),
    CONSTRAINT ck_card_revoked CHECK ((revoked_at IS NULL) = (revoked_why IS NULL))
)
 STRICT

CREATE UNIQUE INDEX uq_card_living ON card (community_id, person_id) WHERE revoked_at IS NULL

CREATE TABLE claim (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    claim_no TEXT NOT NULL,
    household_id INTEGER NOT NULL,
    person_id INTEGER NOT NULL,
    store_id INTEGER NOT NULL,
    channel TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    asked_at INTEGER NOT NULL,
    state TEXT NOT NULL,
    asked_pieces INTEGER NOT NULL,
    approved_pieces INTEGER NOT NULL,
    held_pieces INTEGER NOT NULL,
    decision_id INTEGER NOT NULL,
    issue_decision_id INTEGER,
    refusal_code TEXT,
    refusal_facts TEXT,
    pickup_code TEXT,
    hold_until_at INTEGER,
    issued_at INTEGER,
    issued_by TEXT,
    ended_at INTEGER,
    end_reason TEXT,
    reviewed_by TEXT,
    reviewed_at INTEGER,
    review_reason TEXT,
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
 STRICT

CREATE INDEX ix_claim_community_id_household_id ON claim (community_id, household_id)

CREATE INDEX ix_claim_open ON claim (community_id, state, hold_until_at) WHERE state IN ('ready', 'review')

CREATE UNIQUE INDEX uq_claim_pickup ON claim (community_id, store_id, pickup_code) WHERE state = 'ready'

CREATE TABLE day_opening (
    community_id INTEGER NOT NULL,
    store_id INTEGER NOT NULL,
    no INTEGER NOT NULL,
    day TEXT NOT NULL,
    opened_by TEXT NOT NULL,
    opened_person_id INTEGER,
    opened_at INTEGER NOT NULL,
    CONSTRAINT pk_day_opening PRIMARY KEY (community_id, store_id, no),
    CONSTRAINT uq_day_opening_day UNIQUE (community_id, store_id, day),
    CONSTRAINT fk_day_opening_community_id_store_id FOREIGN KEY(community_id, store_id) REFERENCES store (community_id, id),
    CONSTRAINT fk_day_opening_community_id_opened_person_id FOREIGN KEY(community_id, opened_person_id) REFERENCES person (community_id, id),
    CONSTRAINT ck_day_opening_no CHECK (no > 0)
)
 STRICT

CREATE TRIGGER day_opening_no_update BEFORE update ON day_opening BEGIN SELECT RAISE(ABORT, 'history is never changed: day_opening'); END

CREATE TRIGGER day_opening_no_delete BEFORE delete ON day_opening BEGIN SELECT RAISE(ABORT, 'history is never changed: day_opening'); END

CREATE TABLE deposit (
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
    CONSTRAINT ck_deposit_receipt CHECK ((state = 'received') = (receipt_no IS NOT NULL AND accepted_pieces > 0) AND (receipt_no IS NULL) = (receipt_number IS NULL) AND (receipt_no IS NULL) = (receipt_year IS NULL) AND (receipt_no IS NULL) = (receipt_token IS NULL)),
    CONSTRAINT ck_deposit_announced CHECK (state <> 'announced' OR (code IS NOT NULL AND valid_until_on IS NOT NULL)),
    CONSTRAINT ck_deposit_pieces CHECK (accepted_pieces >= 0 AND refused_pieces >= 0 AND value_yuan >= 0)
)
 STRICT

CREATE INDEX ix_deposit_community_id_donor_organisation_id ON deposit (community_id, donor_organisation_id)

CREATE INDEX ix_deposit_community_id_donor_person_id ON deposit (community_id, donor_person_id)

CREATE INDEX ix_deposit_day ON deposit (community_id, received_at, accepted_pieces)

CREATE INDEX ix_deposit_open ON deposit (community_id, state, announced_at) WHERE state IN ('announced', 'brought')

CREATE UNIQUE INDEX uq_deposit_code ON deposit (community_id, code) WHERE state IN ('announced', 'brought')

CREATE TABLE hours_opening (
    community_id INTEGER NOT NULL,
    person_id INTEGER NOT NULL,
    minutes INTEGER NOT NULL,
    served_minutes INTEGER NOT NULL,
    note TEXT NOT NULL,
    txn_id INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    recorded_by TEXT NOT NULL,
    CONSTRAINT pk_hours_opening PRIMARY KEY (community_id, person_id),
    CONSTRAINT fk_hours_opening_community_id_person_id FOREIGN KEY(community_id, person_id) REFERENCES person (community_id, id),
    CONSTRAINT fk_hours_opening_community_id_txn_id FOREIGN KEY(community_id, txn_id) REFERENCES txn (community_id, id),
    CONSTRAINT ck_hours_opening_minutes CHECK (minutes >= 0 AND served_minutes >= 0 AND minutes + served_minutes > 0)
)
 STRICT

CREATE TRIGGER hours_opening_no_update BEFORE update ON hours_opening BEGIN SELECT RAISE(ABORT, 'history is never changed: hours_opening'); END

CREATE TRIGGER hours_opening_no_delete BEFORE delete ON hours_opening BEGIN SELECT RAISE(ABORT, 'history is never changed: hours_opening'); END

CREATE TABLE kiosk_inbox (
    community_id INTEGER NOT NULL,
    device_id INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    raw BLOB NOT NULL,
    signature BLOB NOT NULL,
    digest TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    ahead_us INTEGER NOT NULL,
    CONSTRAINT pk_kiosk_inbox PRIMARY KEY (community_id, device_id, epoch, seq),
    CONSTRAINT fk_kiosk_inbox_community_id_device_id FOREIGN KEY(community_id, device_id) REFERENCES kiosk_device (community_id, id)
)
 STRICT

CREATE TRIGGER kiosk_inbox_no_update BEFORE update ON kiosk_inbox BEGIN SELECT RAISE(ABORT, 'history is never changed: kiosk_inbox'); END

CREATE TRIGGER kiosk_inbox_no_delete BEFORE delete ON kiosk_inbox BEGIN SELECT RAISE(ABORT, 'history is never changed: kiosk_inbox'); END

CREATE TABLE kiosk_nonce (
    community_id INTEGER NOT NULL,
    device_id INTEGER NOT NULL,
    nonce TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    CONSTRAINT pk_kiosk_nonce PRIMARY KEY (community_id, device_id, nonce),
    CONSTRAINT fk_kiosk_nonce_community_id_device_id FOREIGN KEY(community_id, device_id) REFERENCES kiosk_device (community_id, id)
)
 STRICT

CREATE TABLE kiosk_quarantine (
    community_id INTEGER NOT NULL,
    device_id INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    digest TEXT NOT NULL,
    kind TEXT NOT NULL,
    raw BLOB NOT NULL,
    signature BLOB NOT NULL,
    received_at INTEGER NOT NULL,
    CONSTRAINT pk_kiosk_quarantine PRIMARY KEY (community_id, device_id, epoch, seq, digest),
    CONSTRAINT fk_kiosk_quarantine_community_id_device_id FOREIGN KEY(community_id, device_id) REFERENCES kiosk_device (community_id, id),
    CONSTRAINT ck_kiosk_quarantine_kind CHECK (kind IN ('fork', 'damaged'))
)
 STRICT

CREATE TRIGGER kiosk_quarantine_no_update BEFORE update ON kiosk_quarantine BEGIN SELECT RAISE(ABORT, 'history is never changed: kiosk_quarantine'); END

CREATE TRIGGER kiosk_quarantine_no_delete BEFORE delete ON kiosk_quarantine BEGIN SELECT RAISE(ABORT, 'history is never changed: kiosk_quarantine'); END

CREATE TABLE kiosk_review (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    device_id INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    digest TEXT NOT NULL,
    store_id INTEGER NOT NULL,
    reason TEXT NOT NULL,
    facts TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    CONSTRAINT pk_kiosk_review PRIMARY KEY (community_id, id),
    CONSTRAINT uq_kiosk_review_community_id_device_id_epoch_seq_digest UNIQUE (community_id, device_id, epoch, seq, digest),
    CONSTRAINT fk_kiosk_review_community_id_store_id FOREIGN KEY(community_id, store_id) REFERENCES store (community_id, id),
    CONSTRAINT fk_kiosk_review_community_id_device_id FOREIGN KEY(community_id, device_id) REFERENCES kiosk_device (community_id, id)
)
 STRICT

CREATE TRIGGER kiosk_review_no_update BEFORE update ON kiosk_review BEGIN SELECT RAISE(ABORT, 'history is never changed: kiosk_review'); END

CREATE TRIGGER kiosk_review_no_delete BEFORE delete ON kiosk_review BEGIN SELECT RAISE(ABORT, 'history is never changed: kiosk_review'); END

CREATE TABLE posting (
    community_id INTEGER NOT NULL,
    txn_id INTEGER NOT NULL,
    line INTEGER NOT NULL,
    phase INTEGER NOT NULL,
    commodity_id INTEGER NOT NULL,
    source_account_id INTEGER NOT NULL,
    destination_account_id INTEGER NOT NULL,
    quantity INTEGER NOT NULL,
    released INTEGER NOT NULL,
    hold_txn_id INTEGER,
    hold_line INTEGER,
    source_seq INTEGER NOT NULL,
    destination_seq INTEGER NOT NULL,
    source_after INTEGER NOT NULL,
    destination_after INTEGER NOT NULL,
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
 STRICT

CREATE UNIQUE INDEX uq_posting_hold ON posting (community_id, hold_txn_id, hold_line) WHERE hold_txn_id IS NOT NULL

CREATE TRIGGER posting_no_update BEFORE update ON posting BEGIN SELECT RAISE(ABORT, 'history is never changed: posting'); END

CREATE TRIGGER posting_no_delete BEFORE delete ON posting BEGIN SELECT RAISE(ABORT, 'history is never changed: posting'); END

CREATE TABLE shortfall_settled (
    community_id INTEGER NOT NULL,
    txn_id INTEGER NOT NULL,
    line INTEGER NOT NULL,
    settling_txn_id INTEGER NOT NULL,
    settled_us INTEGER NOT NULL,
    CONSTRAINT pk_shortfall_settled PRIMARY KEY (community_id, txn_id, line),
    CONSTRAINT fk_shortfall_settled_community_id_txn_id_line FOREIGN KEY(community_id, txn_id, line) REFERENCES shortfall (community_id, txn_id, line),
    CONSTRAINT fk_shortfall_settled_community_id_settling_txn_id FOREIGN KEY(community_id, settling_txn_id) REFERENCES txn (community_id, id)
)
 STRICT

CREATE TRIGGER shortfall_settled_no_update BEFORE update ON shortfall_settled BEGIN SELECT RAISE(ABORT, 'history is never changed: shortfall_settled'); END

CREATE TRIGGER shortfall_settled_no_delete BEFORE delete ON shortfall_settled BEGIN SELECT RAISE(ABORT, 'history is never changed: shortfall_settled'); END

CREATE TABLE volunteer (
    community_id INTEGER NOT NULL,
    person_id INTEGER NOT NULL,
    number INTEGER NOT NULL,
    volunteer_no TEXT NOT NULL,
    team TEXT NOT NULL,
    since_on TEXT NOT NULL,
    CONSTRAINT pk_volunteer PRIMARY KEY (community_id, person_id),
    CONSTRAINT uq_volunteer_community_id_number UNIQUE (community_id, number),
    CONSTRAINT uq_volunteer_community_id_volunteer_no UNIQUE (community_id, volunteer_no),
    CONSTRAINT fk_volunteer_community_id_person_id FOREIGN KEY(community_id, person_id) REFERENCES person (community_id, id)
)
 STRICT

CREATE TABLE announced_line (
    community_id INTEGER NOT NULL,
    deposit_id INTEGER NOT NULL,
    line INTEGER NOT NULL,
    item_id INTEGER,
    described TEXT NOT NULL,
    pieces INTEGER NOT NULL,
    condition TEXT NOT NULL,
    best_before_on TEXT,
    CONSTRAINT pk_announced_line PRIMARY KEY (community_id, deposit_id, line),
    CONSTRAINT fk_announced_line_community_id_deposit_id FOREIGN KEY(community_id, deposit_id) REFERENCES deposit (community_id, id),
    CONSTRAINT fk_announced_line_community_id_item_id FOREIGN KEY(community_id, item_id) REFERENCES item (community_id, id),
    CONSTRAINT ck_announced_line_pieces CHECK (pieces > 0),
    CONSTRAINT ck_announced_line_condition CHECK (condition IN ('new', 'nine_tenths', 'eight_tenths', 'worse')),
    CONSTRAINT ck_announced_line_told CHECK (item_id IS NOT NULL OR described <> '')
)
 STRICT

CREATE TRIGGER announced_line_no_update BEFORE update ON announced_line BEGIN SELECT RAISE(ABORT, 'history is never changed: announced_line'); END

CREATE TRIGGER announced_line_no_delete BEFORE delete ON announced_line BEGIN SELECT RAISE(ABORT, 'history is never changed: announced_line'); END

CREATE TABLE claim_line (
    community_id INTEGER NOT NULL,
    claim_id INTEGER NOT NULL,
    line INTEGER NOT NULL,
    item_id INTEGER NOT NULL,
    asked_pieces INTEGER NOT NULL,
    approved_pieces INTEGER NOT NULL,
    cut_code TEXT,
    CONSTRAINT pk_claim_line PRIMARY KEY (community_id, claim_id, line),
    CONSTRAINT uq_claim_line_item UNIQUE (community_id, claim_id, item_id),
    CONSTRAINT fk_claim_line_community_id_claim_id FOREIGN KEY(community_id, claim_id) REFERENCES claim (community_id, id),
    CONSTRAINT fk_claim_line_community_id_item_id FOREIGN KEY(community_id, item_id) REFERENCES item (community_id, id),
    CONSTRAINT ck_claim_line_pieces CHECK (asked_pieces > 0 AND approved_pieces BETWEEN 0 AND asked_pieces),
    CONSTRAINT ck_claim_line_cut CHECK ((approved_pieces < asked_pieces) = (cut_code IS NOT NULL)),
    CONSTRAINT ck_claim_line_cut_code CHECK (cut_code IN ('HOUSEHOLD_CAP', 'OUT_OF_STOCK', 'NOT_DECIDED'))
)
 STRICT

CREATE TABLE claim_notice (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    household_id INTEGER NOT NULL,
    claim_id INTEGER NOT NULL,
    code TEXT NOT NULL,
    facts TEXT NOT NULL,
    told_at INTEGER NOT NULL,
    CONSTRAINT pk_claim_notice PRIMARY KEY (community_id, id),
    CONSTRAINT fk_claim_notice_community_id_claim_id_household_id FOREIGN KEY(community_id, claim_id, household_id) REFERENCES claim (community_id, id, household_id)
)
 STRICT

CREATE INDEX ix_claim_notice_community_id_household_id ON claim_notice (community_id, household_id)

CREATE TRIGGER claim_notice_no_update BEFORE update ON claim_notice BEGIN SELECT RAISE(ABORT, 'history is never changed: claim_notice'); END

CREATE TRIGGER claim_notice_no_delete BEFORE delete ON claim_notice BEGIN SELECT RAISE(ABORT, 'history is never changed: claim_notice'); END

CREATE TABLE count_round (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    store_id INTEGER NOT NULL,
    no INTEGER NOT NULL,
    round INTEGER NOT NULL,
    counted_by TEXT NOT NULL,
    counted_person_id INTEGER,
    counted_at INTEGER NOT NULL,
    CONSTRAINT pk_count_round PRIMARY KEY (community_id, id),
    CONSTRAINT uq_count_round UNIQUE (community_id, store_id, no, round),
    CONSTRAINT uq_count_round_whole UNIQUE (community_id, store_id, no, id, counted_by),
    CONSTRAINT fk_count_round_community_id_store_id_no FOREIGN KEY(community_id, store_id, no) REFERENCES day_opening (community_id, store_id, no),
    CONSTRAINT fk_count_round_community_id_counted_person_id FOREIGN KEY(community_id, counted_person_id) REFERENCES person (community_id, id),
    CONSTRAINT ck_count_round_round CHECK (round > 0)
)
 STRICT

CREATE TRIGGER count_round_no_update BEFORE update ON count_round BEGIN SELECT RAISE(ABORT, 'history is never changed: count_round'); END

CREATE TRIGGER count_round_no_delete BEFORE delete ON count_round BEGIN SELECT RAISE(ABORT, 'history is never changed: count_round'); END

CREATE TABLE kiosk_card_ref (
    community_id INTEGER NOT NULL,
    device_id INTEGER NOT NULL,
    ref TEXT NOT NULL,
    card_id INTEGER NOT NULL,
    person_id INTEGER NOT NULL,
    CONSTRAINT pk_kiosk_card_ref PRIMARY KEY (community_id, device_id, ref),
    CONSTRAINT fk_kiosk_card_ref_community_id_card_id FOREIGN KEY(community_id, card_id) REFERENCES card (community_id, id),
    CONSTRAINT fk_kiosk_card_ref_community_id_device_id FOREIGN KEY(community_id, device_id) REFERENCES kiosk_device (community_id, id)
)
 STRICT

CREATE TRIGGER kiosk_card_ref_no_update BEFORE update ON kiosk_card_ref BEGIN SELECT RAISE(ABORT, 'history is never changed: kiosk_card_ref'); END

CREATE TRIGGER kiosk_card_ref_no_delete BEFORE delete ON kiosk_card_ref BEGIN SELECT RAISE(ABORT, 'history is never changed: kiosk_card_ref'); END

CREATE TABLE kiosk_outcome (
    community_id INTEGER NOT NULL,
    device_id INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    reason TEXT,
    event_id TEXT,
    answer TEXT,
    applied_at INTEGER NOT NULL,
    CONSTRAINT pk_kiosk_outcome PRIMARY KEY (community_id, device_id, epoch, seq),
    CONSTRAINT fk_kiosk_outcome_community_id_device_id_epoch_seq FOREIGN KEY(community_id, device_id, epoch, seq) REFERENCES kiosk_inbox (community_id, device_id, epoch, seq),
    CONSTRAINT ck_kiosk_outcome_outcome CHECK (outcome IN ('posted', 'review')),
    CONSTRAINT ck_kiosk_outcome_reason CHECK ((outcome = 'review') = (reason IS NOT NULL))
)
 STRICT

CREATE TRIGGER kiosk_outcome_no_update BEFORE update ON kiosk_outcome BEGIN SELECT RAISE(ABORT, 'history is never changed: kiosk_outcome'); END

CREATE TRIGGER kiosk_outcome_no_delete BEFORE delete ON kiosk_outcome BEGIN SELECT RAISE(ABORT, 'history is never changed: kiosk_outcome'); END

CREATE TABLE kiosk_settlement (
    community_id INTEGER NOT NULL,
    review_id INTEGER NOT NULL,
    how TEXT NOT NULL,
    note TEXT NOT NULL,
    settled_by INTEGER,
    settled_at INTEGER NOT NULL,
    CONSTRAINT pk_kiosk_settlement PRIMARY KEY (community_id, review_id),
    CONSTRAINT fk_kiosk_settlement_community_id_review_id FOREIGN KEY(community_id, review_id) REFERENCES kiosk_review (community_id, id),
    CONSTRAINT ck_kiosk_settlement_how CHECK (how IN ('post', 'keep'))
)
 STRICT

CREATE TRIGGER kiosk_settlement_no_update BEFORE update ON kiosk_settlement BEGIN SELECT RAISE(ABORT, 'history is never changed: kiosk_settlement'); END

CREATE TRIGGER kiosk_settlement_no_delete BEFORE delete ON kiosk_settlement BEGIN SELECT RAISE(ABORT, 'history is never changed: kiosk_settlement'); END

CREATE TABLE no_show (
    community_id INTEGER NOT NULL,
    claim_id INTEGER NOT NULL,
    household_id INTEGER NOT NULL,
    happened_on TEXT NOT NULL,
    CONSTRAINT pk_no_show PRIMARY KEY (community_id, claim_id),
    CONSTRAINT fk_no_show_community_id_claim_id_household_id FOREIGN KEY(community_id, claim_id, household_id) REFERENCES claim (community_id, id, household_id)
)
 STRICT

CREATE INDEX ix_no_show_community_id_household_id ON no_show (community_id, household_id)

CREATE TRIGGER no_show_no_update BEFORE update ON no_show BEGIN SELECT RAISE(ABORT, 'history is never changed: no_show'); END

CREATE TRIGGER no_show_no_delete BEFORE delete ON no_show BEGIN SELECT RAISE(ABORT, 'history is never changed: no_show'); END

CREATE TABLE proof (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    household_id INTEGER NOT NULL,
    person_id INTEGER,
    kind TEXT NOT NULL,
    document_no_sealed BLOB,
    valid_from_on TEXT NOT NULL,
    valid_until_on TEXT NOT NULL,
    seen_by INTEGER,
    seen_at INTEGER NOT NULL,
    ended_on TEXT,
    CONSTRAINT pk_proof PRIMARY KEY (community_id, id),
    CONSTRAINT fk_proof_community_id_household_id FOREIGN KEY(community_id, household_id) REFERENCES household (community_id, id),
    CONSTRAINT fk_proof_community_id_person_id FOREIGN KEY(community_id, person_id) REFERENCES person (community_id, id),
    CONSTRAINT fk_proof_community_id_seen_by FOREIGN KEY(community_id, seen_by) REFERENCES app_user (community_id, id),
    CONSTRAINT ck_proof_kind CHECK (kind IN ('dibao', 'dibao_marginal', 'tekun', 'rigid_expense', 'disability_card', 'child_in_need', 'veteran_family', 'unemployed', 'housing_applicant', 'special_approval')),
    CONSTRAINT ck_proof_days CHECK (valid_until_on >= valid_from_on)
)
 STRICT

CREATE INDEX ix_proof_community_id_household_id ON proof (community_id, household_id)

CREATE TABLE service_record (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    person_id INTEGER NOT NULL,
    service_id INTEGER NOT NULL,
    state TEXT NOT NULL,
    source TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    started_on TEXT NOT NULL,
    ended_at INTEGER,
    real_minutes INTEGER,
    credited_minutes INTEGER,
    over_cap_minutes INTEGER,
    pool_minutes INTEGER,
    recipient_person_id INTEGER,
    recipient_household_id INTEGER,
    place TEXT NOT NULL,
    place_id INTEGER,
    grid_id INTEGER,
    recorded_at INTEGER NOT NULL,
    recorded_by TEXT NOT NULL,
    recorded_by_person_id INTEGER,
    ended_by TEXT,
    ended_by_person_id INTEGER,
    note TEXT,
    reason TEXT,
    settled_at INTEGER,
    txn_id INTEGER,
    reversal_txn_id INTEGER,
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
 STRICT

CREATE INDEX ix_service_record_day ON service_record (community_id, started_on, state, real_minutes)

CREATE INDEX ix_service_record_of_person ON service_record (community_id, person_id, started_at)

CREATE INDEX ix_service_record_recipient_household_id ON service_record (community_id, recipient_household_id) WHERE recipient_household_id IS NOT NULL

CREATE INDEX ix_service_record_recipient_person_id ON service_record (community_id, recipient_person_id) WHERE recipient_person_id IS NOT NULL

CREATE INDEX ix_service_record_reversal_txn_id ON service_record (community_id, reversal_txn_id) WHERE reversal_txn_id IS NOT NULL

CREATE INDEX ix_service_record_txn_id ON service_record (community_id, txn_id) WHERE txn_id IS NOT NULL

CREATE INDEX ix_service_record_worklist ON service_record (community_id, state, started_at)

CREATE UNIQUE INDEX uq_service_record_open ON service_record (community_id, person_id) WHERE state = 'open'

CREATE TABLE staff_role (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    place_id INTEGER,
    granted_at INTEGER NOT NULL,
    ended_at INTEGER,
    CONSTRAINT pk_staff_role PRIMARY KEY (community_id, id),
    CONSTRAINT fk_staff_role_community_id_user_id FOREIGN KEY(community_id, user_id) REFERENCES app_user (community_id, id),
    CONSTRAINT fk_staff_role_community_id_place_id FOREIGN KEY(community_id, place_id) REFERENCES place (community_id, id),
    CONSTRAINT ck_staff_role_name CHECK (name IN ('accountant', 'approver', 'auditor', 'cashier', 'coordinator', 'grid_worker', 'hotline', 'keeper', 'social_worker')),
    CONSTRAINT ck_staff_role_ended CHECK (ended_at IS NULL OR ended_at >= granted_at)
)
 STRICT

CREATE INDEX ix_staff_role_community_id_user_id ON staff_role (community_id, user_id)

CREATE TABLE withdrawal (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    household_id INTEGER NOT NULL,
    claim_id INTEGER,
    taken_on TEXT NOT NULL,
    pieces INTEGER NOT NULL,
    source TEXT NOT NULL,
    note TEXT NOT NULL,
    recorded_at INTEGER NOT NULL,
    recorded_by TEXT NOT NULL,
    CONSTRAINT pk_withdrawal PRIMARY KEY (community_id, id),
    CONSTRAINT uq_withdrawal_claim UNIQUE (community_id, claim_id),
    CONSTRAINT fk_withdrawal_community_id_household_id FOREIGN KEY(community_id, household_id) REFERENCES household (community_id, id),
    CONSTRAINT fk_withdrawal_claim FOREIGN KEY(community_id, claim_id, household_id) REFERENCES claim (community_id, id, household_id),
    CONSTRAINT ck_withdrawal_pieces CHECK (pieces > 0),
    CONSTRAINT ck_withdrawal_source CHECK (source IN ('issued', 'carried_over', 'elsewhere')),
    CONSTRAINT ck_withdrawal_claim CHECK ((source = 'issued') = (claim_id IS NOT NULL)),
    CONSTRAINT ck_withdrawal_note CHECK (source = 'issued' OR note <> '')
)
 STRICT

CREATE INDEX ix_withdrawal_community_id_household_id_taken_on ON withdrawal (community_id, household_id, taken_on)

CREATE INDEX ix_withdrawal_day ON withdrawal (community_id, taken_on, source, pieces)

CREATE TRIGGER withdrawal_no_update BEFORE update ON withdrawal BEGIN SELECT RAISE(ABORT, 'history is never changed: withdrawal'); END

CREATE TRIGGER withdrawal_no_delete BEFORE delete ON withdrawal BEGIN SELECT RAISE(ABORT, 'history is never changed: withdrawal'); END

CREATE TABLE cash_count (
    community_id INTEGER NOT NULL,
    round_id INTEGER NOT NULL,
    account_id INTEGER NOT NULL,
    expected INTEGER NOT NULL,
    counted INTEGER NOT NULL,
    difference INTEGER NOT NULL,
    reason TEXT,
    note TEXT NOT NULL,
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
 STRICT

CREATE TRIGGER cash_count_no_update BEFORE update ON cash_count BEGIN SELECT RAISE(ABORT, 'history is never changed: cash_count'); END

CREATE TRIGGER cash_count_no_delete BEFORE delete ON cash_count BEGIN SELECT RAISE(ABORT, 'history is never changed: cash_count'); END

CREATE TABLE confirmation (
    community_id INTEGER NOT NULL,
    record_id INTEGER NOT NULL,
    side TEXT NOT NULL,
    person_id INTEGER,
    on_behalf INTEGER NOT NULL,
    given_by TEXT NOT NULL,
    given_by_person_id INTEGER,
    given_at INTEGER NOT NULL,
    CONSTRAINT pk_confirmation PRIMARY KEY (community_id, record_id, side),
    CONSTRAINT fk_confirmation_community_id_record_id FOREIGN KEY(community_id, record_id) REFERENCES service_record (community_id, id),
    CONSTRAINT ck_confirmation_side CHECK (side IN ('recipient', 'organiser', 'volunteer'))
)
 STRICT

CREATE TRIGGER confirmation_no_update BEFORE update ON confirmation BEGIN SELECT RAISE(ABORT, 'history is never changed: confirmation'); END

CREATE TRIGGER confirmation_no_delete BEFORE delete ON confirmation BEGIN SELECT RAISE(ABORT, 'history is never changed: confirmation'); END

CREATE TABLE day_closing (
    community_id INTEGER NOT NULL,
    store_id INTEGER NOT NULL,
    no INTEGER NOT NULL,
    round_id INTEGER NOT NULL,
    counted_by TEXT NOT NULL,
    closed_by TEXT NOT NULL,
    closed_person_id INTEGER,
    closed_at INTEGER NOT NULL,
    variance_txn_id INTEGER,
    sheet TEXT NOT NULL,
    digest TEXT NOT NULL,
    CONSTRAINT pk_day_closing PRIMARY KEY (community_id, store_id, no),
    CONSTRAINT fk_day_closing_community_id_store_id_no FOREIGN KEY(community_id, store_id, no) REFERENCES day_opening (community_id, store_id, no),
    CONSTRAINT fk_day_closing_round FOREIGN KEY(community_id, store_id, no, round_id, counted_by) REFERENCES count_round (community_id, store_id, no, id, counted_by),
    CONSTRAINT fk_day_closing_community_id_closed_person_id FOREIGN KEY(community_id, closed_person_id) REFERENCES person (community_id, id),
    CONSTRAINT fk_day_closing_community_id_variance_txn_id FOREIGN KEY(community_id, variance_txn_id) REFERENCES txn (community_id, id),
    CONSTRAINT fk_day_closing_sealed FOREIGN KEY(community_id, closed_by, digest) REFERENCES txn (community_id, client, request_key),
    CONSTRAINT ck_day_closing_two_people CHECK (closed_by <> counted_by),
    CONSTRAINT ck_day_closing_digest CHECK (length(digest) = 64)
)
 STRICT

CREATE TRIGGER day_closing_no_update BEFORE update ON day_closing BEGIN SELECT RAISE(ABORT, 'history is never changed: day_closing'); END

CREATE TRIGGER day_closing_no_delete BEFORE delete ON day_closing BEGIN SELECT RAISE(ABORT, 'history is never changed: day_closing'); END

CREATE TABLE deposit_line (
    community_id INTEGER NOT NULL,
    deposit_id INTEGER NOT NULL,
    line INTEGER NOT NULL,
    announced_line INTEGER,
    item_id INTEGER,
    described TEXT NOT NULL,
    condition TEXT NOT NULL,
    best_before_on TEXT,
    brought_pieces INTEGER NOT NULL,
    accepted_pieces INTEGER NOT NULL,
    refused_pieces INTEGER NOT NULL,
    refuse_code TEXT,
    refuse_note TEXT NOT NULL,
    value_yuan INTEGER NOT NULL,
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
 STRICT

CREATE TRIGGER deposit_line_no_update BEFORE update ON deposit_line BEGIN SELECT RAISE(ABORT, 'history is never changed: deposit_line'); END

CREATE TRIGGER deposit_line_no_delete BEFORE delete ON deposit_line BEGIN SELECT RAISE(ABORT, 'history is never changed: deposit_line'); END

CREATE TABLE lot (
    community_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    item_id INTEGER NOT NULL,
    store_id INTEGER NOT NULL,
    deposit_id INTEGER NOT NULL,
    line INTEGER NOT NULL,
    account_id INTEGER NOT NULL,
    condition TEXT NOT NULL,
    best_before_on TEXT,
    received_on TEXT NOT NULL,
    received_pieces INTEGER NOT NULL,
    disposed_pieces INTEGER NOT NULL,
    state TEXT NOT NULL,
    cleaned_at INTEGER,
    cleaned_by TEXT,
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
 STRICT

CREATE INDEX ix_lot_living ON lot (community_id, store_id, item_id, best_before_on, received_on, state, account_id) WHERE state IN ('awaiting_cleaning', 'on_shelf')

CREATE INDEX ix_lot_uncleaned ON lot (community_id, store_id) WHERE state IN ('awaiting_cleaning')

CREATE TABLE claim_hold (
    community_id INTEGER NOT NULL,
    claim_id INTEGER NOT NULL,
    number INTEGER NOT NULL,
    lot_id INTEGER NOT NULL,
    item_id INTEGER NOT NULL,
    account_id INTEGER NOT NULL,
    pieces INTEGER NOT NULL,
    txn_id INTEGER NOT NULL,
    txn_line INTEGER NOT NULL,
    released_at INTEGER,
    CONSTRAINT pk_claim_hold PRIMARY KEY (community_id, claim_id, number),
    CONSTRAINT uq_claim_hold_txn UNIQUE (community_id, txn_id, txn_line),
    CONSTRAINT fk_claim_hold_community_id_claim_id FOREIGN KEY(community_id, claim_id) REFERENCES claim (community_id, id),
    CONSTRAINT fk_claim_hold_community_id_lot_id FOREIGN KEY(community_id, lot_id) REFERENCES lot (community_id, id),
    CONSTRAINT fk_claim_hold_community_id_account_id FOREIGN KEY(community_id, account_id) REFERENCES account (community_id, id),
    CONSTRAINT fk_claim_hold_community_id_txn_id FOREIGN KEY(community_id, txn_id) REFERENCES txn (community_id, id),
    CONSTRAINT ck_claim_hold_pieces CHECK (pieces > 0)
)
 STRICT

CREATE INDEX ix_claim_hold_community_id_lot_id ON claim_hold (community_id, lot_id)

CREATE TABLE day_count (
    community_id INTEGER NOT NULL,
    round_id INTEGER NOT NULL,
    lot_id INTEGER NOT NULL,
    expected INTEGER NOT NULL,
    counted INTEGER NOT NULL,
    difference INTEGER NOT NULL,
    reason TEXT,
    note TEXT NOT NULL,
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
 STRICT

CREATE TRIGGER day_count_no_update BEFORE update ON day_count BEGIN SELECT RAISE(ABORT, 'history is never changed: day_count'); END

CREATE TRIGGER day_count_no_delete BEFORE delete ON day_count BEGIN SELECT RAISE(ABORT, 'history is never changed: day_count'); END
