"""What households learn of their papers without asking."""

from dataclasses import dataclass
from datetime import timedelta

from timebank.deeds.action import action
from timebank.deeds.deed import Deed
from timebank.messages.actions import NewMessage, write_unsaid
from timebank.people.queries import papers_ending, speakers_of
from timebank.subject import MessageKind
from timebank.values import local_day, local_instant

PAPER_ENDS = MessageKind(name="paper_ends", is_called=True)
KINDS = (PAPER_ENDS,)
AHEAD_DAYS = 30


@dataclass(frozen=True, slots=True)
class PapersSaid:
    count: int


@action("remind_of_papers")
def remind_of_papers(deed: Deed) -> PapersSaid:
    """Write to whoever has a paper that ends within 30 days and has no newer one, once a paper."""
    today = local_day(deed.now)
    ending = papers_ending(
        deed.session, deed.community_id, first_on=today, last_on=today + timedelta(days=AHEAD_DAYS)
    )
    homes = {paper.household_id for paper in ending if paper.person_id is None}
    speakers = speakers_of(deed.session, deed.community_id, homes)
    messages = [
        NewMessage(
            kind=PAPER_ENDS,
            person_id=person_id,
            about=f"paper:{paper.proof_id}",
            facts={"paper": paper.kind, "on": paper.valid_until_on.isoformat()},
            until_at=local_instant(paper.valid_until_on + timedelta(days=1)),
        )
        for paper in ending
        if (person_id := paper.person_id or speakers.get(paper.household_id)) is not None
    ]
    return PapersSaid(write_unsaid(deed, messages))
