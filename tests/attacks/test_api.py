"""Requests generated from the OpenAPI document, as every role: each answer is as it describes.

Schemathesis makes them: what the document allows, and what it forbids. A kiosk's requests are
signed, so that they are heard. Ids are often those of the community, or they would find nothing.
"""

import re
from collections.abc import Iterable
from io import BytesIO
from itertools import count
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import checks
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi import checks as described
from sqlalchemy import select

from tests.attacks.target import NOBODY, SIGNED_IN, Target
from tests.counts import repeats
from tests.factories.kiosks import make_device
from tests.factories.recount import broken_accounts
from timebank.aid.tables import claim
from timebank.kiosks import wire
from timebank.ledger.queries import sums_by_commodity

KIOSK = "kiosk"
CALLERS = (NOBODY, *SIGNED_IN, KIOSK)
CALLS, OF_OTHERS = repeats(25, 800), repeats(4, 40)
PLAIN = {"Accept-Encoding": "identity"}  # Schemathesis unpacks nothing in-process.
PLACES = {"store": "store", "item": "soap"}
MODES = tuple(schemathesis.GenerationMode)
# What holds of each answer. Not asked: that whatever the document allows is accepted, because the
# rules of the community decide that.
HOLDS = [
    checks.not_a_server_error, described.status_code_conformance,
    described.content_type_conformance, described.response_headers_conformance,
    described.response_schema_conformance, described.negative_data_rejection,
    described.missing_required_header, described.allow_header_conformance,
]  # fmt: skip


class Signed:
    """Signs each request on its way, as the kiosk that was paired."""

    def __init__(self, target: Target) -> None:
        def pair(session: Any, now: Any) -> Any:
            return make_device(session, target.office.shop, boss, now=now)

        boss = target.world.homes["coordinator", "own"].by
        self.app = target.office.app
        self.addresses = (f"10.0.{n // 250}.{n % 250}" for n in count(1))
        self.device, self.key = target.database.write(pair)

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        nonce = self.nonce(next(self.addresses))
        said = wire.request_bytes(
            environ["REQUEST_METHOD"], environ["PATH_INFO"], body, nonce=nonce
        )
        return self.app.wsgi_app(
            environ
            | {
                "wsgi.input": BytesIO(body),
                "HTTP_X_KIOSK_DEVICE": str(self.device.device_id),
                "HTTP_X_KIOSK_NONCE": nonce,
                "HTTP_X_KIOSK_SIGNATURE": wire.to_text(wire.sign(self.key, said)),
            },
            start,
        )

    def nonce(self, address: str) -> str:
        """A nonce; each is asked for from another address, as one may ask for a few only."""
        answer = self.app.test_client().post(
            "/api/v1/kiosk/nonce",
            headers={"X-Kiosk-Device": str(self.device.device_id)},
            environ_overrides={"REMOTE_ADDR": address},
        )
        return answer.headers["X-Kiosk-Next"]


def operations(
    target: Target, caller: str, ids: dict[str, list[str]] | None = None
) -> list[APIOperation]:
    """The operations of the document that somebody calls, with known ids or with any."""
    app = target.office.app
    document = app.test_client().get("/api/v1/openapi.json").get_json()
    if caller == KIOSK:
        document["paths"] = {p: signed(told) for p, told in document["paths"].items() if KIOSK in p}
    if ids is not None:
        schemas = document["components"]["schemas"]
        for told in (document["paths"], *(schemas[one] for one in sent(document))):
            name_known(told, ids)
    schema = schemathesis.openapi.from_dict(document)
    schema.app = Signed(target) if caller == KIOSK else app
    return [one.ok() for one in schema.get_all_operations()]


def signed(methods: dict[str, Any]) -> dict[str, Any]:
    """The description without the headers that ``Signed`` adds on the way."""
    return {method: told | {"parameters": []} for method, told in methods.items()}


def sent(document: dict[str, Any]) -> set[str]:
    """The schemas that requests consist of; those of answers stay as they are."""
    schemas = document["components"]["schemas"]
    waiting = [
        one.get("requestBody")
        for told in document["paths"].values()
        for one in told.values()
        if isinstance(one, dict)
    ]
    names: set[str] = set()
    while waiting:
        new = {ref.rpartition("/")[2] for ref in found(waiting.pop(), "$ref")} - names
        names |= new
        waiting += [schemas[one] for one in new]
    return names


def name_known(told: Any, ids: dict[str, list[str]]) -> None:
    """Let each parameter and field that names something be one of the ids."""
    if isinstance(told, list):
        for one in told:
            name_known(one, ids)
    if isinstance(told, dict):
        if "schema" in told and told.get("name") in ids:
            told["schema"] = {"enum": ids[told["name"]]}
        for name, value in told.items():
            is_known = name in ids and isinstance(value, dict)
            told[name] = {"enum": ids[name]} if is_known else value
            name_known(told[name], ids)


def known_ids(target: Target, caller: str) -> dict[str, list[str]]:
    """Ids of the caller, of others, and of the store."""
    living = caller if caller in SIGNED_IN else "resident"
    ids = target.ids(living, "own", "household", "grid", "community")
    store = {f"{name}_id": [str(target.world.ids[told])] for name, told in PLACES.items()}
    return ids | store


def attack(target: Target, caller: str) -> None:
    """Call operations many times; each answer is as the document says, and of the caller."""
    token = target.token(caller) if caller in SIGNED_IN else ""
    headers = dict(PLAIN)
    headers |= {"Authorization": f"Bearer {token}"} if token else {}
    told = (None, known_ids(target, caller))
    cases = [
        operation.as_strategy(mode)
        for ids in told
        for operation in operations(target, caller, ids)
        for mode in MODES
    ]

    @given(case=st.one_of(*cases))
    @settings(max_examples=CALLS, suppress_health_check=list(HealthCheck))
    def call(case: schemathesis.Case) -> None:
        answer = case.call(headers=headers)
        case.validate_response(answer, checks=HOLDS)
        assert_own(target, caller, answer)

    call()


def assert_own(target: Target, caller: str, answer: Any) -> None:
    """Every claim in an answer is of the caller's household."""
    told = answer.json() if answer.headers.get("content-type", [""])[0].endswith("json") else {}
    ids = set(found(told, "claim_id"))
    if caller in SIGNED_IN and ids:
        home = target.world.homes[caller, "own"].by.household_id
        with target.database.reading() as session:
            owners = set(session.scalars(select(claim.c.household_id).where(claim.c.id.in_(ids))))
        assert owners == {home}


def found(told: Any, name: str) -> list[str]:
    """Every value of a name, however deep."""
    if isinstance(told, list):
        return [value for one in told for value in found(one, name)]
    if not isinstance(told, dict):
        return []
    here = [told[name]] if told.get(name) else []
    return here + [value for one in told.values() for value in found(one, name)]


@pytest.mark.parametrize("caller", CALLERS)
def test_every_answer_is_as_described_and_the_books_stay_whole(target, caller):
    theirs = target.neighbours_rows()
    attack(target, caller)
    assert target.neighbours_rows() == theirs
    with target.database.reading() as session:
        assert broken_accounts(session, 1) == []
        assert set(sums_by_commodity(session, 1).values()) == {(0, 0)}


@pytest.mark.parametrize("caller", SIGNED_IN)
def test_an_id_of_others_opens_nothing(target, caller):
    """Each operation is called with ids of others: a household here, one elsewhere, a neighbour."""
    theirs = target.foreign(caller)
    their_ids = {number for numbers in theirs.values() for number in numbers}
    of_shop = {name: told for name, told in known_ids(target, caller).items() if name not in theirs}
    token = target.token(caller)
    for operation in operations(target, caller, of_shop | theirs):
        for case in drawn(operation):
            said = (case.path_parameters, case.query, case.body)
            if their_ids.isdisjoint(re.findall(r"\d+", str(said))):
                continue
            answer = case.call(headers={"Authorization": f"Bearer {token}", **PLAIN})
            assert answer.status_code >= 400, (operation.label, said)


def drawn(operation: APIOperation) -> list[schemathesis.Case]:
    """Some requests that the document allows."""
    found: list[schemathesis.Case] = []

    @given(case=operation.as_strategy(schemathesis.GenerationMode.POSITIVE))
    @settings(max_examples=OF_OTHERS, suppress_health_check=list(HealthCheck), database=None)
    def draw(case: schemathesis.Case) -> None:
        found.append(case)

    draw()
    return found
