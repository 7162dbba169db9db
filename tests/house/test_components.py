"""The list of components with licences (``make sbom``) says what a running program consists of."""

import copy
import json

import pytest
from cyclonedx.schema import SchemaVersion

from requirements import components
from tests.house.sources import nothing

LOCK = components.LOCK.read_text("utf-8")
BOM = json.loads(components.LIST.read_text("utf-8"))


def changed(name, **changes):
    """The list with one component changed; None takes a field out."""
    bom = copy.deepcopy(BOM)
    (one,) = [one for one in bom["components"] if one["name"] == name]
    one.update(changes)
    for field in [field for field, value in one.items() if value is None]:
        del one[field]
    return bom


def licences(expression):
    return [{"expression": expression}]


def test_the_list_is_whole_and_every_licence_is_allowed():
    nothing(list(components.faults(BOM, LOCK)))
    assert len(components.pins(LOCK)) > 40


@pytest.mark.slow
def test_the_list_is_what_make_sbom_writes_again():
    assert components.as_text(components.build(LOCK)) == components.LIST.read_text("utf-8")


def test_the_list_is_valid_cyclonedx():
    # Here, because it takes two seconds to import, which every worker would pay.
    from cyclonedx.validation.json import JsonStrictValidator

    told = components.LIST.read_text("utf-8")
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(told) is None


def test_what_is_vendored_is_in_the_list():
    named = {one["name"]: one["purl"] for one in BOM["components"]}
    assert named["lucide-static"].startswith("pkg:npm/lucide-static@")


def test_a_missing_component_is_found():
    bom = copy.deepcopy(BOM)
    bom["components"] = [one for one in bom["components"] if one["name"] != "waitress"]
    assert list(components.faults(bom, LOCK)) == ["waitress is in the lock and not in the list"]
    more = LOCK + "\nnew-thing==1.0 \\\n    --hash=sha256:00\n"
    assert list(components.faults(BOM, more)) == ["new-thing is in the lock and not in the list"]


def test_another_version_is_found():
    (fault,) = components.faults(changed("flask", version="9.9"), LOCK)
    assert fault.startswith("flask is 9.9 in the list and ")


@pytest.mark.parametrize(
    "told",
    [None, [], licences("AGPL-3.0-only"), licences("MIT AND GPL-3.0-only"), licences("Shareware")],
)
def test_a_component_without_a_licence_or_with_a_foreign_one_is_found(told):
    (fault,) = components.faults(changed("flask", licenses=told), LOCK)
    assert fault.startswith("flask ") and "licence" in fault


def test_of_offered_licences_one_must_be_allowed():
    assert components.is_allowed("GPL-2.0-only OR MIT")
    assert components.is_allowed("BSD-3-Clause AND MIT")
    assert not components.is_allowed("GPL-2.0-only OR AGPL-3.0-only")
    assert not components.is_allowed("(MIT AND GPL-2.0-only) OR Apache-2.0")  # Read it.


@pytest.mark.parametrize(
    "told", ["https://index.invalid/simple/flask", "file:///home/a/flask", "/opt/a", "C:\\a"]
)
def test_an_address_or_a_path_is_found(told):
    (fault,) = components.faults(changed("flask", description=told), LOCK)
    assert fault == f"{told} is an address or a path"


def test_a_licence_that_was_read_belongs_to_a_locked_version():
    locked = {f"{name}=={version}" for name, version in components.pins(LOCK).items()}
    assert set(components.READ) <= locked
