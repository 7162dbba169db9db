"""Encrypted values can be read only in their column and with their key."""

import base64
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from timebank.vault.cipher import KEY_VARIABLE, CannotOpen, Vault, VaultUnfit

KEY = bytes(range(32))


def test_what_is_sealed_opens_again() -> None:
    vault = Vault(KEY)
    sealed = vault.seal("990106195001010012", "person.id_no")
    assert b"990106" not in sealed
    assert Vault(KEY).open(sealed, "person.id_no") == "990106195001010012"


def test_the_same_text_is_never_sealed_alike() -> None:
    vault = Vault(KEY)
    assert vault.seal("3单元101", "household.door") != vault.seal("3单元101", "household.door")


def test_a_value_moved_to_another_column_does_not_open() -> None:
    vault = Vault(KEY)
    with pytest.raises(CannotOpen):
        vault.open(vault.seal("腿脚不便", "person.notes"), "person.contacts")


def test_a_key_that_was_added_since_the_start_opens_what_it_sealed() -> None:
    other = bytes(reversed(range(32)))
    vault, sealed = Vault(KEY), Vault(other).seal("10000000001", "person.phone")
    with pytest.raises(CannotOpen):
        vault.open(sealed, "person.phone")
    vault.read_again = lambda: (other, KEY)
    assert vault.open(sealed, "person.phone") == "10000000001"


@pytest.mark.parametrize("at", [0, 1, 14, -1])
def test_a_changed_byte_does_not_open(at: int) -> None:
    vault = Vault(KEY)
    sealed = bytearray(vault.seal("10000000001", "person.phone"))
    sealed[at] ^= 1
    with pytest.raises(CannotOpen):
        vault.open(bytes(sealed), "person.phone")


def test_what_is_too_short_to_be_sealed_does_not_open() -> None:
    with pytest.raises(CannotOpen):
        Vault(KEY).open(b"\x01short", "person.phone")


def test_another_key_does_not_open_and_finds_nothing() -> None:
    ours, theirs = Vault(KEY), Vault(KEY[::-1])
    with pytest.raises(CannotOpen):
        theirs.open(ours.seal("x", "person.phone"), "person.phone")
    assert ours.digest("person.phone", "x") != theirs.digest("person.phone", "x")


def test_a_digest_finds_the_same_text_of_the_same_kind_only() -> None:
    vault = Vault(KEY)
    assert vault.digest("person.phone", "10000000001") == vault.digest(
        "person.phone", "10000000001"
    )
    assert vault.digest("person.phone", "1") != vault.digest("person.id_no", "1")
    # Kind and text are not just concatenated.
    assert vault.digest("a", "bc") != vault.digest("ab", "c")


def test_the_first_start_makes_a_key_that_only_its_owner_may_read(tmp_path: Path) -> None:
    path = tmp_path / "data" / "key"
    sealed = Vault.load({}, path).seal("x", "person.phone")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [found.name for found in path.parent.iterdir()] == ["key"]
    assert Vault.load({}, path).open(sealed, "person.phone") == "x"


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key"
    Vault.load({}, path)
    path.chmod(0o640)
    with pytest.raises(VaultUnfit, match="600"):
        Vault.load({}, path)


def test_starts_at_the_same_moment_agree_on_one_key(tmp_path: Path) -> None:
    path = tmp_path / "key"
    with ThreadPoolExecutor(8) as pool:
        vaults = list(pool.map(lambda _: Vault.load({}, path), range(8)))
    assert len({vault.digest("person.phone", "x") for vault in vaults}) == 1


def test_the_environment_comes_before_the_file(tmp_path: Path) -> None:
    path = tmp_path / "key"
    told = Vault.load({KEY_VARIABLE: base64.b64encode(KEY).decode()}, path)
    assert told.digest("person.phone", "x") == Vault(KEY).digest("person.phone", "x")
    assert not path.exists()


@pytest.mark.parametrize("text", ["not base64!", base64.b64encode(b"short").decode()])
def test_a_key_of_the_wrong_shape_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(VaultUnfit):
        Vault.load({KEY_VARIABLE: text}, tmp_path / "key")
