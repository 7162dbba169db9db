"""Record who agreed to what at the counter. A row is never changed; a new one may follow it."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import insert

from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.errors import BadInput, WrongState
from timebank.people import may
from timebank.people.actions.cards import lock_people
from timebank.people.queries.records import consents_of
from timebank.people.rules.records import CONSENT_KINDS, CONSENT_VERSION, SENSITIVE
from timebank.people.sight import person_reached
from timebank.people.tables import consent
from timebank.values import new_id

GIVEN, WITHDRAWN = "given", "withdrawn"


@dataclass(frozen=True, slots=True)
class ConsentRecorded:
    """What now holds of a person's consent to one text."""

    person_id: int
    kind: str
    outcome: str


def write_consents(
    deed: Deed, person_ids: Iterable[int], kinds: Iterable[str], *, said_by_person_id: int
) -> None:
    """Record that a household agreed to the texts of today, said by one of its people."""
    rows = [
        _row(deed, person_id, kind, outcome=GIVEN, said_by_person_id=said_by_person_id)
        for person_id in person_ids
        for kind in kinds
    ]
    if rows:
        deed.session.execute(insert(consent), rows)


@action("give_consent")
def give_consent(deed: Deed, *, person_id: int, kind: str) -> ConsentRecorded:
    """Record at the counter that somebody agreed to the text of today, which was read to them.

    **Refuses**: ``NotAllowed``; ``NotFound``; ``BadInput``; ``WrongState`` if they agreed before.
    """
    return _recorded(deed, person_id, kind, outcome=GIVEN, name="give_consent")


@action("withdraw_consent")
def withdraw_consent(deed: Deed, *, person_id: int, kind: str = SENSITIVE) -> ConsentRecorded:
    """Withdraw a consent at the counter, as easily as it was given; the record of it stays.

    **Refuses**: ``NotAllowed``; ``NotFound``; ``BadInput``; ``WrongState`` without a consent.
    """
    return _recorded(deed, person_id, kind, outcome=WITHDRAWN, name="withdraw_consent")


def _recorded(deed: Deed, person_id: int, kind: str, *, outcome: str, name: str) -> ConsentRecorded:
    may.ENROL_HOUSEHOLDS.require(deed.by)
    person_reached(deed.session, deed.by, person_id, may.ENROL_HOUSEHOLDS)
    if kind not in CONSENT_KINDS:
        raise BadInput(field="kind", why="unknown")
    lock_people(deed.session, deed.community_id, (person_id,))
    is_held = (person_id, kind) in consents_of(deed.session, deed.community_id, [person_id])
    if is_held == (outcome == GIVEN):
        raise WrongState(kind="consent", state="given" if is_held else "not_given")
    row = _row(deed, person_id, kind, outcome=outcome, said_by_person_id=person_id)
    deed.session.execute(insert(consent), row)
    audit(
        deed, name=name, subject_kind="person", subject_id=person_id, facts={"consent": kind}
    )  # fmt: skip
    return ConsentRecorded(person_id, kind, outcome)


def _row(
    deed: Deed, person_id: int, kind: str, *, outcome: str, said_by_person_id: int
) -> dict[str, object]:
    return {
        "community_id": deed.community_id, "id": new_id(), "person_id": person_id, "kind": kind,
        "version": CONSENT_VERSION, "outcome": outcome, "said_by_person_id": said_by_person_id,
        "recorded_at": deed.now, "recorded_by_person_id": deed.by.person_id,
    }  # fmt: skip
