"""Idempotency: one request id, one effect, one answer for good.

``perform`` runs an action as one unit of work and stores its answer, a receipt or a refusal. The
same request id gets the same answer again; with other content it is refused.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Generic, TypeVar, cast, get_type_hints

import msgspec
from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from timebank.db import Database
from timebank.deeds.action import code_of, is_counted, is_private, name_of
from timebank.deeds.deed import Deed
from timebank.deeds.refusals import RequestKeyReused
from timebank.deeds.tables import community
from timebank.deeds.tables import deed as deed_table
from timebank.errors import BadInput, TimebankError, refusal_of
from timebank.values import By
from timebank.vault.cipher import vault_to_open, vault_to_seal

Receipt = TypeVar("Receipt")
_LONGEST_REQUEST_ID = deed_table.c.request_id.type.length  # type: ignore[attr-defined]

_NEW_DEED = insert(deed_table)
_ANSWER = "deed.answer"
_KEPT = select(
    *(deed_table.c[name] for name in ("fingerprint", "refusal_code", "answer", "answer_sealed"))
).where(
    deed_table.c.community_id == bindparam("of_community"),
    deed_table.c.client == bindparam("of_client"),
    deed_table.c.request_id == bindparam("of_request"),
)


def perform(
    database: Database,
    action: Callable[..., Receipt],
    *,
    by: By,
    request_id: str,
    **content: Any,
) -> Receipt:
    """Run ``action(deed, **content)`` once per request id.

    **Refuses**: whatever the action refuses; ``RequestKeyReused``; ``BadInput`` for a
    request id that cannot be kept.
    """
    return answer(database, action, by=by, request_id=request_id, **content).result()


def answer(
    database: Database,
    action: Callable[..., Receipt],
    *,
    by: By,
    request_id: str,
    **content: Any,
) -> "DeedAnswer[Receipt]":
    """Like ``perform``, for a caller that must distinguish the first answer from a replay.

    A refusal of the action is in the answer. **Refuses**: whatever has no stored answer;
    ``RequestKeyReused`` and ``BadInput`` for the request id.
    """
    request = _Asked(
        action=action, name=name_of(action), by=by, request_id=_checked(request_id), content=content
    )
    if is_counted(action):
        return database.write(request.counted, at_most_once=True)
    try:
        return database.write(request.once, at_most_once=True)
    except RequestKeyReused:
        raise
    except TimebankError as refusal:
        found = refusal
    return database.write(lambda session, now: request.keep_refusal(session, now, found))


def perform_in(deed: Deed, action: Callable[..., Receipt], **content: Any) -> Receipt:
    """Like ``perform``, within a unit of work that the caller has opened.

    A refusal leaves no trace here: the caller decides whether to commit the unit of work.
    """
    request = _Asked(
        action=action,
        name=name_of(action),
        by=deed.by,
        request_id=_checked(deed.request_id),
        content=content,
    )
    return request.once(deed.session, deed.now).result()


def _checked(request_id: str) -> str:
    """Refuse a request id that only one of the engines could store."""
    if not 0 < len(request_id) <= _LONGEST_REQUEST_ID or not request_id.isprintable():
        raise BadInput(field="request_id", why="shape")
    return request_id


@dataclass(frozen=True, slots=True)
class DeedAnswer(Generic[Receipt]):
    """The result of a deed, a receipt or a refusal, and whether it is a replay."""

    receipt: Receipt | None = None
    refusal: TimebankError | None = None
    is_replay: bool = False

    def result(self) -> Receipt:
        """Return the receipt, or raise the refusal."""
        if self.refusal is not None:
            raise self.refusal
        return cast(Receipt, self.receipt)


@dataclass(frozen=True, slots=True)
class _Asked(Generic[Receipt]):
    """A requested deed: what, by whom, and under which key."""

    action: Callable[..., Receipt]
    name: str
    by: By
    request_id: str
    content: dict[str, Any]

    def fingerprint(self, session: Session) -> bytes:
        """Hash the content. The vault keys the hash, so that nobody can guess a PIN from it.

        It covers the names of the parameters, so never rename a parameter of an action that a
        kiosk may send again: after the upgrade the retry would be ``RequestKeyReused``.
        """
        return self._fingerprints(session)[0]

    def _fingerprints(self, session: Session) -> tuple[bytes, ...]:
        """The fingerprint by each key of the vault, that of the newest first.

        A stored one cannot be computed again when its key is replaced. Afterwards the same request
        is refused (``RequestKeyReused``), and nothing is done twice.
        """
        body = msgspec.json.encode([self.name, self.content], order="deterministic")
        vault = session.info.get("vault")
        if vault is None:
            return (hashlib.sha256(body).digest(),)
        digests: tuple[bytes, ...] = vault.digests("deed", body.decode())
        return digests

    def once(self, session: Session, now: datetime) -> DeedAnswer[Receipt]:
        """Run the deed, or return its stored answer."""
        deed, code = Deed(session, self.by, now, self.request_id), code_of(self.action)
        kept = self._replay(session)
        if kept is not None and code is not None and kept.refusal is None:
            return replace(kept, receipt=code.told_again(deed, kept.receipt))
        if kept is not None:
            return kept
        receipt = self.action(deed, **self.content)
        stored = receipt if code is None else code.without(receipt)
        self._keep(session, now, msgspec.json.encode(stored))
        return DeedAnswer(receipt)

    def counted(self, session: Session, now: datetime) -> DeedAnswer[Receipt]:
        """Run the deed, or store its refusal, before the next attempt of the community begins.

        Otherwise all attempts of a burst would be checked before the first refusal is stored.
        """
        session.execute(
            select(community.c.id)
            .where(community.c.id == self.by.community_id)
            .with_for_update(key_share=True)
        )
        try:
            with session.begin_nested():
                return self.once(session, now)
        except RequestKeyReused:
            raise
        except TimebankError as refusal:
            return self.keep_refusal(session, now, refusal)

    def keep_refusal(
        self, session: Session, now: datetime, refusal: TimebankError
    ) -> DeedAnswer[Receipt]:
        """Store a refusal, or return the answer that a concurrent request has stored."""
        kept = self._replay(session)
        if kept is not None:
            return kept
        stored = msgspec.json.encode({"code": refusal.code, "facts": refusal.facts})
        self._keep(session, now, stored, refusal_code=refusal.code)
        if refusal.trace is not None:
            refusal.trace(session, now)
        # The first answer carries the same facts as every later one, which is read from JSON.
        refusal.facts = json.loads(stored)["facts"]
        return DeedAnswer(refusal=refusal)

    def _replay(self, session: Session) -> DeedAnswer[Receipt] | None:
        """Read the stored answer. An older version may have written it.

        So a field that is unknown by now is ignored, and a field that was added since has its
        default. ``tests/deeds/receipts.json`` holds receipts of older versions.
        """
        row = session.execute(
            _KEPT,
            {
                "of_community": self.by.community_id,
                "of_client": self.by.client,
                "of_request": self.request_id,
            },
        ).first()
        if row is None:
            return None
        if bytes(row.fingerprint) not in self._fingerprints(session):
            raise RequestKeyReused()
        answer = row.answer
        if row.answer_sealed is not None:
            answer = vault_to_open(session).open(row.answer_sealed, _ANSWER)
        if row.refusal_code is not None:
            refusal = refusal_of(row.refusal_code, json.loads(answer)["facts"])
            return DeedAnswer(refusal=refusal, is_replay=True)
        kind: type[Receipt] = get_type_hints(self.action)["return"]
        return DeedAnswer(msgspec.json.decode(answer, type=kind), is_replay=True)

    def _keep(
        self, session: Session, now: datetime, answer: bytes, *, refusal_code: str | None = None
    ) -> None:
        text, sealed = answer.decode(), None
        if is_private(self.action):
            text, sealed = "", vault_to_seal(session).seal(text, _ANSWER)
        session.execute(
            _NEW_DEED,
            {
                "community_id": self.by.community_id,
                "client": self.by.client,
                "request_id": self.request_id,
                "name": self.name,
                "fingerprint": self.fingerprint(session),
                "refusal_code": refusal_code,
                "answer": text,
                "answer_sealed": sealed,
                "done_at": now,
            },
        )
