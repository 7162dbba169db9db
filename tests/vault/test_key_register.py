"""A server starts with the right key only; a key is replaced without the loss of one value."""

from contextlib import suppress

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from tests.conftest import only_on
from tests.counts import stride
from tests.factories import people as make
from tests.factories.kiosks import commit_stand
from tests.factories.people import a_request_id
from timebank import keyring as keyrings
from timebank.db import metadata
from timebank.deeds.running import perform
from timebank.keyfile import KeyUnfit, as_text, new_key, write_keys
from timebank.keyring import Keyring, give_up_key, open_vault, rotate, samples
from timebank.people import actions, queries
from timebank.people.refusals import DuplicateIdentity
from timebank.people.tables import card, person
from timebank.schema import every_table
from timebank.vault.cipher import KEY_VARIABLE, CannotOpen, Vault, vault_of, vault_to_seal
from timebank.vault.keys import data_keys, put_in_force, remove_old
from timebank.vault.sealed import is_any_sealed, sealed_columns
from timebank.vault.tables import data_key

KEY = bytes(range(32))  # That of the fixture ``info``.


@pytest.fixture
def keyring(tmp_path):
    """The file of the key by which the tests seal."""
    write_keys(tmp_path / "key", [KEY])
    return Keyring({}, tmp_path / "key")


@pytest.fixture
def stand(fresh_database):
    """A shop with a kiosk, people with every sealed field, and a card."""
    return commit_stand(fresh_database)


@pytest.fixture
def opened(fresh_database, stand, keyring):
    """The database of the shop with the vault that a server would have."""
    fresh_database.info["vault"] = open_vault(fresh_database, keyring)
    return fresh_database


def spoilt(database):
    return [row for one in samples(database) for row in one.unreadable]


def states(database):
    with database.reading() as session:
        return sorted(key.state for key in data_keys(session))


def test_an_empty_database_makes_its_key_and_knows_it_again(fresh_database, tmp_path):
    keyring = Keyring({}, tmp_path / "new" / "key")
    made = open_vault(fresh_database, keyring)
    assert keyring.path.stat().st_mode & 0o077 == 0
    assert open_vault(fresh_database, keyring).key_ids == made.key_ids
    assert states(fresh_database) == ["current"]


@pytest.mark.parametrize("is_registered", [True, False])
def test_a_filled_database_without_its_key_makes_none(
    fresh_database, stand, keyring, is_registered
):
    if is_registered:
        open_vault(fresh_database, keyring)
    keyring.path.unlink()
    with pytest.raises(KeyUnfit, match=r"is missing: put the file .* back"):
        open_vault(fresh_database, keyring)
    assert not keyring.path.exists()


@pytest.mark.parametrize("is_registered", [True, False])
def test_a_filled_database_refuses_another_key(fresh_database, stand, keyring, is_registered):
    if is_registered:
        open_vault(fresh_database, keyring)
    wrong = Keyring({KEY_VARIABLE: as_text(new_key())}, keyring.path)
    with pytest.raises(KeyUnfit, match=r"not the key of this database|uses key"):
        open_vault(fresh_database, wrong)
    assert len(states(fresh_database)) == is_registered
    assert open_vault(fresh_database, keyring).key_ids == Vault(KEY).key_ids


def test_two_first_starts_with_different_keys_cannot_both_win(fresh_database, tmp_path):
    mine, other = (Keyring({KEY_VARIABLE: as_text(new_key())}, tmp_path / "key") for _ in "ab")
    open_vault(fresh_database, mine)
    with pytest.raises(KeyUnfit, match="uses key"):
        open_vault(fresh_database, other)


def test_the_check_value_reveals_neither_key_nor_digests(opened):
    with opened.reading() as session:
        [known] = data_keys(session)
        digests = {bytes(row) for row in session.scalars(select(card.c.token_digest))}
    derived = {Vault(KEY).digest("check", "check"), KEY, *digests}
    assert known.check_value not in derived
    assert known.key_id.encode() not in KEY and bytes.fromhex(known.key_id) not in KEY


def test_the_register_refuses_another_check_value_and_a_second_key_in_force(opened):
    for changed in ({"check_value": bytes(32)}, {"key_id": "00000000"}, {"state": "removed"}):
        with pytest.raises(DBAPIError):
            opened.write(
                lambda session, now, c=changed: session.execute(update(data_key).values(c))
            )
    row = "INSERT INTO data_key SELECT '00000000', check_value, state, 1, NULL FROM data_key"
    with pytest.raises(Exception, match=r"uq_data_key_current|data_key.state"):
        opened.write(lambda session, now: session.execute(text(row)))


def test_every_column_of_sealed_values_says_so():
    sealed = {str(one.stored) for one in sealed_columns(every_table())}
    named = {
        str(column)
        for table in metadata.sorted_tables
        for column in table.columns
        if column.name.endswith("_sealed") or str(column) == "kiosk_device.card_key"
    }
    assert sealed == named and len(sealed) >= 9


def test_a_replaced_key_opens_nothing_and_the_new_one_everything(opened, stand, keyring):
    before = Vault(KEY)
    told = rotate(opened, keyring, at_once=2)
    assert (told.before, told.unreadable) == (before.key_ids, ()) and told.values >= 9
    after = Vault(*keyring.read())
    assert set(after.key_ids).isdisjoint(before.key_ids) and len(after.key_ids) == 1
    assert states(opened) == ["current", "removed"]
    opened.info["vault"] = open_vault(opened, keyring)
    assert spoilt(opened) == []
    with opened.reading() as session:
        for sealed in session.scalars(select(person.c.phone_sealed)):
            with pytest.raises(CannotOpen):
                before.open(bytes(sealed), "person.phone")
        found = queries.card_holder(session, stand.device.community_id, stand.card.token)
        assert found.person_id == stand.volunteer.person_id
        phone = after.open(bytes(session.scalar(select(person.c.phone_sealed))), "person.phone")
        assert queries.search_people(session, stand.coordinator, phone)


class Killed(BaseException):
    """Like SIGKILL between two steps: no handler of ours sees it."""


def killing(monkeypatch, database, at):
    """Let the step ``at`` of a replacement not happen: a write of the file or a unit of work."""
    steps = []

    def before(run):
        def counted(*args, **told):
            steps.append(run)
            if len(steps) == at:
                raise Killed
            return run(*args, **told)

        return counted

    monkeypatch.setattr(keyrings, "write_keys", before(write_keys))
    monkeypatch.setattr(database, "write", before(database.write))


@pytest.mark.slow
def test_a_replacement_that_is_killed_at_any_step_goes_on(
    new_database, clock, tmp_path, engine_name
):
    # The steps are the same on both engines; PostgreSQL takes twice as long for each.
    for at in range(1, 100, stride(3 if engine_name == "sqlite" else 8)):
        database = new_database(clock)
        commit_stand(database)
        keyring = Keyring({}, tmp_path / str(at) / "key")
        keyring.path.parent.mkdir()
        write_keys(keyring.path, [KEY])
        open_vault(database, keyring)
        with pytest.MonkeyPatch.context() as patch:
            killing(patch, database, at)
            with suppress(Killed):
                rotate(database, keyring, at_once=2)
                break  # Nothing was left to kill.
        database.info["vault"] = open_vault(database, keyring)  # A server starts meanwhile.
        assert spoilt(database) == [], at
        done = rotate(database, keyring, at_once=2)
        assert Vault(*keyring.read()).key_ids == (done.key_id,), at
        assert Vault(KEY).key_ids[0] != done.key_id, at
        assert states(database) == ["current", "removed"], at
        database.info["vault"] = open_vault(database, keyring)
        assert spoilt(database) == [], at
    assert at > 8


def stop_half_way(database, keyring):
    def stop(values):
        if values:
            raise Killed

    with suppress(Killed):
        rotate(database, keyring, at_once=1, report=stop)


def test_people_work_on_while_the_key_is_replaced(opened, stand, keyring):
    """The server has the old key only, from its start on."""
    one = make.new_person()
    told = {"by": make.by_founder(), "household_id": None}
    perform(opened, actions.enrol_people, request_id="1", people=(one,), **told)
    stop_half_way(opened, keyring)
    assert states(opened) == ["current", "old"]
    with pytest.raises(DuplicateIdentity):
        perform(opened, actions.enrol_people, request_id="2", people=(one,), **told)
    two = make.new_person()
    perform(opened, actions.enrol_people, request_id="3", people=(two,), **told)
    assert perform(opened, actions.enrol_people, request_id="1", people=(one,), **told)
    with opened.reading() as session:
        for wanted in (one, two):
            assert len(queries.search_people(session, stand.coordinator, wanted.phone)) == 1
        assert queries.card_holder(session, 1, stand.card.token) is not None
        assert queries.card(session, 1, stand.card.id).token == stand.card.token
    rotate(opened, keyring)
    with pytest.raises(DuplicateIdentity):
        perform(opened, actions.enrol_people, request_id="4", people=(one,), **told)
    assert spoilt(opened) == []
    with opened.reading() as session:
        assert queries.card_holder(session, 1, stand.card.token) is not None


def test_two_replacements_at_once_do_not_overwrite_each_others_key(opened, keyring):
    def second(values):
        with pytest.raises(KeyUnfit, match="Another process replaces the key"):
            rotate(opened, keyring)

    rotate(opened, keyring, report=second)
    assert open_vault(opened, keyring)


def test_the_old_key_stays_until_nothing_is_sealed_by_it(opened, keyring):
    """Even if a process that was not restarted still seals by it."""
    late = {"notes_sealed": Vault(KEY).seal("膝盖不好", "person.notes")}

    def meanwhile(values):
        if late and values > 9:
            row = dict(late)
            late.clear()
            opened.write(lambda session, now: session.execute(update(person).values(row)))

    rotate(opened, keyring, report=meanwhile)
    assert not late
    opened.info["vault"] = open_vault(opened, keyring)
    assert spoilt(opened) == []


@only_on("postgresql")
def test_whoever_seals_holds_the_key_until_they_commit(opened, keyring):
    """Otherwise a value sealed by the old key would be committed after the key was removed."""
    new = Vault(new_key(), KEY)

    def replace(session, now):
        session.execute(text("SET LOCAL lock_timeout = '200ms'"))
        put_in_force(session, new, now)

    def seal_meanwhile(take):
        def work(session, now):
            take(session)
            opened.write(replace)

        return work

    with pytest.raises(DBAPIError, match="lock timeout"):
        opened.write(seal_meanwhile(vault_to_seal))
    opened.write(seal_meanwhile(vault_of))  # Reading holds nothing.


def test_a_process_without_the_new_key_says_so_instead_of_writing(opened, keyring):
    opened.info["vault"].read_again = None  # As with a key from the environment.
    opened.write(lambda session, now: put_in_force(session, Vault(new_key()), now))
    for use in (vault_of, vault_to_seal):
        with pytest.raises(KeyUnfit, match="does not have"):
            opened.write(lambda session, now, use=use: use(session))


def test_a_key_from_the_environment_is_replaced_by_the_operator(opened, stand, keyring):
    fresh = new_key()
    only = Keyring({KEY_VARIABLE: as_text(KEY)}, keyring.path)
    with pytest.raises(KeyUnfit, match="set it to NEW,OLD"):
        rotate(opened, only)
    both = Keyring({KEY_VARIABLE: f"{as_text(fresh)},{as_text(KEY)}"}, keyring.path)
    assert open_vault(opened, both).key_ids[0] == Vault(fresh).key_ids[0]
    assert rotate(opened, both).key_id == Vault(fresh).key_ids[0]
    assert rotate(opened, both).values == 0  # The old one never comes into force again.
    opened.info["vault"] = open_vault(opened, Keyring({KEY_VARIABLE: as_text(fresh)}, keyring.path))
    assert spoilt(opened) == []


def test_an_old_request_that_is_sent_again_after_a_replacement_does_nothing_twice(
    opened, stand, keyring
):
    told = {"by": make.by_founder(), "household_id": None, "people": (make.new_person(),)}
    request_id = a_request_id()
    first = perform(opened, actions.enrol_people, request_id=request_id, **told)
    stop_half_way(opened, keyring)
    opened.info["vault"] = open_vault(opened, keyring)
    assert perform(opened, actions.enrol_people, request_id=request_id, **told) == first
    rotate(opened, keyring)
    opened.info["vault"] = open_vault(opened, keyring)
    with pytest.raises(Exception, match="REQUEST_KEY_REUSED"):
        perform(opened, actions.enrol_people, request_id=request_id, **told)


def test_a_value_that_cannot_be_read_is_left_as_it_is_and_named(opened, stand, keyring):
    broken = bytes(40)
    row = {"token_sealed": broken}
    opened.write(lambda session, now: session.execute(update(card).values(row)))
    assert spoilt(opened) == [f"card {stand.card.id}"]
    assert rotate(opened, keyring).unreadable == (f"card {stand.card.id} (token_sealed)",)
    with opened.reading() as session:
        assert bytes(session.scalar(select(card.c.token_sealed))) == broken


def test_after_a_lost_key_people_go_on_and_a_found_one_brings_all_back(opened, stand, keyring):
    with pytest.raises(KeyUnfit, match="only for a key that is lost"):
        give_up_key(opened, keyring)
    keyring.path.unlink()
    give_up_key(opened, keyring)
    opened.info["vault"] = open_vault(opened, keyring)
    assert len(spoilt(opened)) >= 9
    told = {"by": make.by_founder(), "household_id": None, "people": (make.new_person(),)}
    perform(opened, actions.enrol_people, request_id="new", **told)
    write_keys(keyring.path, [*keyring.read(), KEY])  # It lay in a drawer.
    rotate(opened, keyring)
    opened.info["vault"] = open_vault(opened, keyring)
    assert spoilt(opened) == [] and states(opened) == ["current", "removed"]
    with opened.reading() as session:
        assert queries.card_holder(session, 1, stand.card.token) is not None


def test_an_empty_database_has_nothing_sealed(fresh_database):
    with fresh_database.reading() as session:
        assert not is_any_sealed(session, sealed_columns(every_table()))
    fresh_database.write(lambda session, now: remove_old(session, now))
