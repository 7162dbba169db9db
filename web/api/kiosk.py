"""The addresses of kiosks, described for the OpenAPI document; they are in ``web/kiosks``.

The schemas are generated from the wire format itself, so they are always up to date.
"""

from typing import Any

import msgspec
from apispec import APISpec
from werkzeug.routing import Map, Rule

from timebank.kiosks import wire

_SHAPES = (
    wire.PairingAsked, wire.Paired, wire.Head, wire.Batch, wire.BatchAnswer, wire.Snapshot,
    wire.CardAsked, wire.CardToday, wire.TakeAsked, wire.TakeToday, wire.ResultAsked,
    wire.EventResult, wire.HelpedAsked, wire.HelpedFound, wire.ShelfToday, wire.Envelope,
    wire.DepositAsked, wire.DepositFound, wire.InboxAsked, wire.InboxToday,
    wire.JoinAsked, wire.JoinFiled, *wire.BODIES.values(),
)  # fmt: skip
_SIGNED = """\
Signed by the kiosk: `X-Kiosk-Signature` over method, path, body and the nonce of
`X-Kiosk-Nonce`, which the last answer gave as `X-Kiosk-Next`, or `/api/v1/kiosk/nonce`."""
_EVENTS = """\
Up to 200 envelopes. `raw` is the canonical JSON of an Envelope in base64, `sig` the signature
over those bytes. Each is judged in a unit of work of its own and never stops the others:
*posted* or *review* when it is new, *duplicate* with its first result when it is known, *gap*
with the number that is awaited, *fork* or *damaged* where the chain is not whole. So whatever
was not answered is simply sent again: the place in the chain is the name of the deed, and no
`Idempotency-Key` is needed."""


def describe_kiosks(spec: APISpec) -> None:
    """Add the addresses of kiosks to the document."""
    _, shapes = msgspec.json.schema_components(_SHAPES, ref_template=_ref("{name}"))
    for name, shape in shapes.items():
        spec.components.schema(f"Kiosk{name}", shape)
    spec.tag({"name": "kiosk", "description": "What kiosks send. A kiosk signs, it has no token."})
    for path, method, operation in _operations():
        rule = Rule(f"/api/v1/kiosk/{path}")
        Map([rule])  # The routes of kiosks are registered after this description.
        named = {"operationId": f"kiosk{path.capitalize()}", **operation}
        spec.path(rule=rule, operations={method: named})


def _operations() -> list[tuple[str, str, dict[str, Any]]]:
    return [
        ("pair", "post", _operation(
            "Join by a one-time code", body="PairingAsked", answered="Paired",
            about="A coordinator makes the code; it is good for ten minutes and one key.",
        )),
        ("nonce", "post", _operation(
            "A nonce for the next request", headers=("X-Kiosk-Device",),
            about="The answer is empty; the nonce is in its header `X-Kiosk-Next`.",
        )),
        ("head", "get", _signed(
            "Where my chain stands at the server", answered="Head", about=_SIGNED,
        )),
        ("events", "post", _signed(
            "Send what happened", body="Batch", answered="BatchAnswer",
            about=f"{_EVENTS}\n\n{_SIGNED}",
        )),
        ("snapshot", "get", _signed(
            "What I may know without asking", answered="Snapshot",
            about="With `X-Kiosk-Known` the answer is 304 while nothing has changed. "
            f"`X-Kiosk-Seal` authenticates the body.\n\n{_SIGNED}",
        )),
        ("card", "post", _signed(
            "One card, or the claim of a pick-up code, as of now",
            body="CardAsked", answered="CardToday", about=_SIGNED,
        )),
        ("take", "post", _signed(
            "What the household of a card may take here, or what it would get of some lines",
            body="TakeAsked", answered="TakeToday", about=_SIGNED,
        )),
        ("result", "post", _signed(
            "What became of an event of the last half hour",
            body="ResultAsked", answered="EventResult", about=_SIGNED,
        )),
        ("helped", "post", _signed(
            "The household of a typed number, and whether it is the helper's own",
            body="HelpedAsked", answered="HelpedFound", about=_SIGNED,
        )),
        *_of_pages(),
    ]  # fmt: skip


def _of_pages() -> list[tuple[str, str, dict[str, Any]]]:
    """What single pages of a kiosk ask the server for."""
    return [
        ("shelf", "get", _signed(
            "The open shelf of the kiosk's shop", answered="ShelfToday", about=_SIGNED,
        )),
        ("deposit", "post", _signed(
            "The announced deposit of a code",
            body="DepositAsked", answered="DepositFound", about=_SIGNED,
        )),
        ("inbox", "post", _signed(
            "The newest messages of a card; what is sent counts as read",
            body="InboxAsked", answered="InboxToday", about=_SIGNED,
        )),
        ("join", "post", _signed(
            "Register somebody by themselves; the same event_id again gets the same answer",
            body="JoinAsked", answered="JoinFiled", about=_SIGNED,
        )),
    ]  # fmt: skip


def _signed(summary: str, **options: Any) -> dict[str, Any]:
    headers = ("X-Kiosk-Device", "X-Kiosk-Nonce", "X-Kiosk-Signature")
    return _operation(summary, headers=headers, **options)


def _operation(
    summary: str,
    *,
    about: str,
    body: str | None = None,
    answered: str | None = None,
    headers: tuple[str, ...] = (),
) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "summary": summary,
        "description": about,
        "tags": ["kiosk"],
        "security": [],
        "parameters": [
            {"in": "header", "name": name, "required": True, "schema": {"type": "string"}}
            for name in headers
        ],
        "responses": {
            "200": {"description": "OK", **_content(answered)},
            "default": {"$ref": "#/components/responses/DEFAULT_ERROR"},
        },
    }
    if body is not None:
        operation["requestBody"] = {"required": True, **_content(body)}
    return operation


def _content(shape: str | None) -> dict[str, Any]:
    schema = {"$ref": _ref(shape)} if shape else {"type": "object"}
    return {"content": {"application/json": {"schema": schema}}}


def _ref(shape: str) -> str:
    return f"#/components/schemas/Kiosk{shape}"
