"""The addresses that kiosks call: pairing, nonces, head, events, snapshot, one card.

A kiosk has no session and no cookie; it signs each request over one of our nonces.
``timebank.kiosks`` decides who it is and what it may do.
"""

import re
from typing import Any, TypeVar

import msgspec
from flask import Response, g, request

from timebank.errors import BadInput
from timebank.json_keys import repeated_key
from timebank.kiosks import actions, queries, wire
from timebank.kiosks.refusals import BadSignature
from timebank.messages.queries import inbox as messages_of
from web.api.reading import FIELD_TOLD_MAX
from web.auth import open_to_all
from web.ground import ground
from web.kiosks import taking
from web.kiosks.limits import check_address
from web.pages import POST, Audience, page
from web.reading import read_id, read_number

INBOX_SHOWN = 10  # They fit on a screen or two.
KIOSK_API = Audience("kiosk_api", "/api/v1/kiosk", is_machine=True)

Asked = TypeVar("Asked")
_VERSION = re.compile(r"[0-9A-Za-z.+-]{1,20}")


def _answer(content: Any, **headers: str) -> Response:
    body = content if isinstance(content, bytes) else wire.canonical(content)
    answer = Response(body, mimetype="application/json")
    answer.headers["Cache-Control"] = "no-store"
    if following := g.get("kiosk_nonce"):
        answer.headers["X-Kiosk-Next"] = following
    answer.headers.update(headers)
    return answer


def _asked(kind: type[Asked]) -> Asked:
    """Parse a request's body. **Refuses**: ``BadInput``, also for text that no engine can store."""
    body = request.get_data()
    if b"\\u0000" in body:
        raise BadInput(field="body", why="characters")
    try:
        asked, twice = msgspec.json.decode(body, type=kind), repeated_key(body)
    except (msgspec.DecodeError, ValueError, RecursionError) as fault:
        raise BadInput(field="body", why="shape") from fault
    if twice is not None:
        raise BadInput(field=twice[:FIELD_TOLD_MAX], why="repeated")
    return asked


def _device_id() -> int:
    device_id = read_id(request.headers.get("X-Kiosk-Device"))
    if device_id is None:
        raise BadSignature()
    return device_id


def _sender() -> queries.Device:
    """The kiosk that signed this request. **Refuses**: ``BadSignature``, ``NotFound``."""
    nonce = request.headers.get("X-Kiosk-Nonce", "")
    signed = actions.SignedRequest(
        device_id=_device_id(),
        nonce=nonce,
        signature=wire.to_bytes(request.headers.get("X-Kiosk-Signature", "")),
        message=wire.request_bytes(request.method, request.path, request.get_data(), nonce=nonce),
        reported=_reported(),
    )
    base = ground()
    device, g.kiosk_nonce = base.database.write(
        lambda session, now: actions.admit_request(
            session, community_id=base.community_id, now=now, request=signed
        )
    )
    return device


def _reported() -> actions.Reported:
    """What the kiosk tells of itself; what cannot be such a value counts as absent."""
    version = request.headers.get("X-Kiosk-Version", "")
    return actions.Reported(
        version=version if _VERSION.fullmatch(version) else None,
        waiting=read_number(request.headers.get("X-Kiosk-Waiting")),
    )


@page(KIOSK_API, "/pair", "pair", methods=POST)
@open_to_all
def pair() -> Response:
    """Pair a new kiosk by its one-time code."""
    check_address()
    asked, base = _asked(wire.PairingAsked), ground()
    key = wire.to_bytes(asked.public_key)
    paired = base.database.write(
        lambda session, now: actions.pair_device(
            session, community_id=base.community_id, now=now, code=asked.code, public_key=key
        ),
        at_most_once=True,
    )
    return _answer(paired)


@page(KIOSK_API, "/nonce", "nonce", methods=POST)
@open_to_all
def nonce() -> Response:
    """Issue the nonce for a kiosk's next request."""
    check_address()
    base, device_id = ground(), _device_id()
    g.kiosk_nonce = base.database.write(
        lambda session, now: actions.give_nonce(
            session, community_id=base.community_id, device_id=device_id, now=now
        )
    )
    return _answer({})


@page(KIOSK_API, "/head", "head")
@open_to_all
def head() -> Response:
    """The last event of a kiosk's chain that is stored here."""
    device = _sender()
    return _answer(wire.Head(device.epoch, device.head_seq, device.head_digest, device.state))


@page(KIOSK_API, "/events", "events", methods=POST)
@open_to_all
def events() -> Response:
    """Receive a batch, one unit of work per envelope."""
    device, batch = _sender(), _asked(wire.Batch)
    if len(batch.events) > wire.BATCH_MAX:
        raise BadInput(field="events", why="count", most=wire.BATCH_MAX)
    return _answer(actions.receive_batch(ground().database, device, batch))


@page(KIOSK_API, "/snapshot", "snapshot")
@open_to_all
def snapshot() -> Response:
    """The data for offline use; a revoked kiosk gets none."""
    device, base = _sender(), ground()
    actions.require_trusted(device)
    secret = actions.secret_of(device)
    base.database.write(lambda session, now: actions.learn_cards(session, device))
    with base.database.reading() as session:
        content = queries.snapshot_for(session, device, base.database.clock())
    if request.headers.get("X-Kiosk-Known") == content.version:
        return _unchanged()
    body = wire.canonical(content)
    return _answer(body, **{"X-Kiosk-Seal": wire.seal_of(secret, body)})


def _unchanged() -> Response:
    answer = _answer(b"")
    answer.status_code = 304
    return answer


@page(KIOSK_API, "/card", "card", methods=POST)
@open_to_all
def card() -> Response:
    """The current state of one card, or the claim of a pick-up code."""
    device, asked = _sender(), _asked(wire.CardAsked)
    actions.require_trusted(device)
    if asked.pickup_code is None:
        return _answer(actions.ask_card(ground().database, device, asked))
    found = actions.find_claim(
        ground().database, device, pickup_code=asked.pickup_code,
        request_id=request.headers["X-Kiosk-Nonce"],
    )  # fmt: skip
    return _answer(found)


@page(KIOSK_API, "/take", "take", methods=POST)
@open_to_all
def take() -> Response:
    """What the household of a card may take here, and what would be given of some lines."""
    device, question = _sender(), _asked(wire.TakeAsked)
    actions.require_trusted(device)
    base = ground()
    owner = actions.proven_owner(base.database, device, ref=question.ref, grant=question.grant)
    if owner is None:
        return _answer(wire.TakeToday(is_open=False))
    with base.database.reading() as session:
        now = base.database.clock()
        return _answer(taking.take_today(session, device, owner, lines=question.lines, now=now))


@page(KIOSK_API, "/inbox", "inbox", methods=POST)
@open_to_all
def inbox() -> Response:
    """The newest messages of a card; what is sent counts as read."""
    device, question = _sender(), _asked(wire.InboxAsked)
    actions.require_trusted(device)
    base = ground()
    owner = actions.proven_owner(base.database, device, ref=question.ref, grant=question.grant)
    if owner is None:
        return _answer(wire.InboxToday(is_open=False))
    with base.database.reading() as session:
        found = messages_of(session, device.community_id, owner.person_id, limit=INBOX_SHOWN)
        answer = taking.inbox_today(found)
    new = tuple(message.id for message in found if message.read_at is None)
    actions.mark_shown(base.database, device, owner, new)
    return _answer(answer)


@page(KIOSK_API, "/result", "result", methods=POST)
@open_to_all
def result() -> Response:
    """What became of a recent event of this kiosk."""
    device, asked = _sender(), _asked(wire.ResultAsked)
    actions.require_trusted(device)
    base = ground()
    with base.database.reading() as session:
        now = base.database.clock()
        return _answer(taking.event_result(session, device, asked.seq, now))


@page(KIOSK_API, "/helped", "helped", methods=POST)
@open_to_all
def helped() -> Response:
    """The household of a typed number; it opens nothing."""
    device, asked = _sender(), _asked(wire.HelpedAsked)
    actions.require_trusted(device)
    return _answer(actions.find_helped(ground().database, device, asked))


@page(KIOSK_API, "/shelf", "shelf")
@open_to_all
def shelf() -> Response:
    """The open shelf of the kiosk's shop."""
    device, base = _sender(), ground()
    actions.require_trusted(device)
    with base.database.reading() as session:
        return _answer(taking.shelf_today(session, device, base.database.clock()))


@page(KIOSK_API, "/deposit", "deposit", methods=POST)
@open_to_all
def deposit() -> Response:
    """The announced deposit of a code."""
    device, asked = _sender(), _asked(wire.DepositAsked)
    actions.require_trusted(device)
    found = actions.find_deposit(
        ground().database, device, asked, request_id=request.headers["X-Kiosk-Nonce"]
    )
    return _answer(found)
