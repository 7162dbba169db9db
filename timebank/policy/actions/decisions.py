"""Store decisions, one row each: facts, parameters, version, trace and answer.

A decision is part of the deed that needed it, so it has no audit line of its own.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import insert

from timebank.deeds.deed import Deed
from timebank.errors import NotAllowed, NotFound
from timebank.policy import may
from timebank.policy.rules import ENGINE_VERSION, Decided, facts_to_json
from timebank.policy.tables import decision
from timebank.values import By, new_id
from timebank.vault.cipher import Vault, vault_to_seal

_MACHINES = ("job", "kiosk")


def record_decision(deed: Deed, *, decided: Decided) -> int:
    """Store the answer to a household or person, with everything it was based on.

    **Refuses**: ``NotAllowed`` for a resident who asks for another household; ``NotFound`` for a
    rule version of another community.
    """
    return record_decisions(deed, decided=(decided,))[0]


_NEW_DECISIONS = insert(decision)


def record_decisions(deed: Deed, *, decided: Sequence[Decided]) -> list[int]:
    """Store many answers in one statement; refuses as ``record_decision`` does."""
    for case in decided:
        if case.version.community_id != deed.community_id:
            raise NotFound(what="rule")
        if not _may_decide(deed.by, case):
            raise NotAllowed(deed="record_decision")
    if not decided:
        return []
    vault = vault_to_seal(deed.session)
    rows = [{**_row(deed, case), **_sealed_cells(vault, case)} for case in decided]
    deed.session.execute(_NEW_DECISIONS, rows)
    return [row["id"] for row in rows]


def _may_decide(by: By, case: Decided) -> bool:
    if may.RECORD_DECISION.is_held(by) or by.channel in _MACHINES:
        return True
    own = by.household_id if case.subject_kind == "household" else by.person_id
    return own == case.subject_id


def _row(deed: Deed, case: Decided) -> dict[str, Any]:
    rule, answer = case.version.rule, case.answer
    return {
        "community_id": deed.community_id,
        "id": new_id(),
        "programme": case.version.programme,
        "subject_kind": case.subject_kind,
        "subject_id": case.subject_id,
        "rule_version_id": case.version.id,
        "rule_hash": rule.hash,
        "engine_version": ENGINE_VERSION,
        "asked_pieces": case.asked,
        "as_of_on": case.on,
        "recorded_at": deed.now,
        "recorded_by": deed.by.client,
        "channel": deed.by.channel,
        "parameters": _json(list(case.parameters.only(rule.parameter_keys).rows.values())),
        "answer": answer.kind,
        "remaining_pieces": answer.remaining,
        "next_on": answer.next_on,
    }


def _sealed_cells(vault: Vault, case: Decided) -> dict[str, bytes]:
    """What tells the papers of a household, which no query searches."""
    answer = case.answer
    texts = {
        "facts": facts_to_json(case.facts, case.version.rule.fact_keys),
        "trace": _json(answer.trace),
        "reasons": _json(answer.reasons),
        "missing": _json(answer.missing),
    }
    return {f"{name}_sealed": vault.seal(text, f"decision.{name}") for name, text in texts.items()}


def _json(value: object) -> str:
    return msgspec.json.encode(value, order="deterministic").decode()
