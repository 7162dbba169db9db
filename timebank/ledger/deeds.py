"""The caller names the deed: one request id, one effect, one answer for ever.

``perform`` runs an action as one unit of work and keeps its answer, be it a receipt or a
refusal. The same request id gets that answer again; with another content it is refused.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar, get_type_hints

import msgspec
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from timebank.db import Database
from timebank.errors import RequestKeyReused, TimebankError, refusal_of
from timebank.ledger.tables import deed
from timebank.values import By

Receipt = TypeVar("Receipt")


def perform(
    database: Database,
    action: Callable[..., Receipt],
    *,
    by: By,
    request_id: str,
    **content: Any,
) -> Receipt:
    """Run ``action(session, by=, now=, request_id=, **content)`` once per request id.

    **Refuses**: whatever the action refuses; ``RequestKeyReused``.
    """
    try:
        return database.write(
            lambda session, now: perform_in(
                session, action, by=by, now=now, request_id=request_id, **content
            )
        )
    except RequestKeyReused:
        raise
    except TimebankError as refusal:
        told = refusal
    replay = database.write(
        lambda session, now: _keep_refusal(
            session, action, told, by=by, now=now, request_id=request_id, **content
        )
    )
    if replay is None:
        raise told
    return replay


def perform_in(
    session: Session,
    action: Callable[..., Receipt],
    *,
    by: By,
    now: datetime,
    request_id: str,
    **content: Any,
) -> Receipt:
    """Do the same within a unit of work that the caller has opened."""
    fingerprint = _fingerprint(action, content)
    replay = _replay(session, action, fingerprint, by=by, request_id=request_id)
    if replay is not None:
        return replay
    receipt = action(session, by=by, now=now, request_id=request_id, **content)
    answer = msgspec.json.encode(receipt).decode()
    _keep(session, action, fingerprint, answer, by=by, now=now, request_id=request_id)
    return receipt


def _fingerprint(action: Callable[..., Any], content: dict[str, Any]) -> bytes:
    body = msgspec.json.encode([action.__name__, content], order="deterministic")
    return hashlib.sha256(body).digest()


def _replay(
    session: Session,
    action: Callable[..., Receipt],
    fingerprint: bytes,
    *,
    by: By,
    request_id: str,
) -> Receipt | None:
    row = session.execute(
        select(deed.c.fingerprint, deed.c.refused, deed.c.answer).where(
            deed.c.community_id == by.community_id,
            deed.c.client == by.client,
            deed.c.request_id == request_id,
        )
    ).first()
    if row is None:
        return None
    if bytes(row.fingerprint) != fingerprint:
        raise RequestKeyReused()
    if row.refused:
        told = json.loads(row.answer)
        raise refusal_of(told["code"], told["facts"])
    kind: type[Receipt] = get_type_hints(action)["return"]
    return msgspec.json.decode(row.answer, type=kind)


def _keep(
    session: Session,
    action: Callable[..., Any],
    fingerprint: bytes,
    answer: str,
    *,
    by: By,
    now: datetime,
    request_id: str,
    refused: bool = False,
) -> None:
    session.execute(
        insert(deed).values(
            community_id=by.community_id,
            client=by.client,
            request_id=request_id,
            name=action.__name__,
            fingerprint=fingerprint,
            refused=refused,
            answer=answer,
            done_at=now,
        )
    )


def _keep_refusal(
    session: Session,
    action: Callable[..., Receipt],
    refusal: TimebankError,
    *,
    by: By,
    now: datetime,
    request_id: str,
    **content: Any,
) -> Receipt | None:
    """Keep a refusal; or hand back the receipt if the same request succeeded beside us."""
    fingerprint = _fingerprint(action, content)
    replay = _replay(session, action, fingerprint, by=by, request_id=request_id)
    if replay is None:
        answer = msgspec.json.encode({"code": refusal.code, "facts": refusal.facts}).decode()
        _keep(
            session, action, fingerprint, answer,
            by=by, now=now, request_id=request_id, refused=True,
        )  # fmt: skip
    return replay
