"""What a household may take, and why not, as sentences: for its own page and for the kiosk."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from timebank.aid.queries import MayTake, may_take
from timebank.aid.rules import HOUSEHOLD_CAP
from timebank.errors import TimebankError, refusal_of
from timebank.policy.refusals import NeedsReview
from timebank.policy.rules import MissingParameter, papers_to_bring
from web.reader import gettext as _
from web.reader import language
from web.words import told


@dataclass(frozen=True, slots=True)
class Why:
    """Why a household may take nothing today.

    Any one of ``papers`` would make it eligible; ``may_ask`` says whether it can ask for a review.
    """

    heading: str
    sentence: str
    papers: tuple[str, ...] = ()
    may_ask: bool = False


def offered(
    session: Session,
    community_id: int,
    household_id: int,
    now: datetime,
    *,
    store_id: int | None = None,
) -> tuple[list[MayTake], Why | None]:
    """What a household may take, or why nothing; a community without rules offers nothing yet."""
    try:
        rows = may_take(session, community_id, household_id, now, store_id=store_id)
    except (NeedsReview, MissingParameter):
        said = _("社区定好规则以后，这里就会告诉您可以领什么。")
        return [], Why(_("领取的规则还没有定好"), said)
    closed = next((row for row in rows if row.answer != "eligible"), None)
    return rows, _why_closed(closed) if closed else None


def _why_closed(row: MayTake) -> Why:
    reason = row.reasons[0] if row.reasons else None
    return why_of(refusal_of(reason.code, dict(reason.facts)) if reason else TimebankError())


def why_of(refusal: TimebankError) -> Why:
    """A refusal of a claim for the household."""
    words = told(refusal)
    # The quota applies to reviewers too, so a review could not help.
    may_ask = refusal.code != HOUSEHOLD_CAP
    return Why(words.heading, words.sentence, _papers(refusal.facts), may_ask)


def _papers(facts: dict[str, Any]) -> tuple[str, ...]:
    """The papers of a refusal. An approval is not among them, because nobody can bring it."""
    kinds = [kind for kind in facts.get("kinds", ()) if kind != "special_approval"]
    lang: Any = language()
    return tuple(papers_to_bring([{"kinds": [kind]}], lang) for kind in kinds)
