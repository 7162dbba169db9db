"""What messages bring to the sample community: some are read, somebody chose, staff called two."""

from datetime import timedelta

from timebank.messages.actions import choose_messages, read_messages, record_message_call
from timebank.messages.queries import calls_due, inbox
from timebank.messages.rules import AWAY, WRONG_NUMBER
from timebank.people.sample import Neighbourhood
from timebank.people.sample.sign_ins import shown_residents
from timebank.stories.life import Life

READ_BEFORE = timedelta(days=3)
READ_MAX = 100


def read_mail(life: Life) -> None:
    """On the last day those who sign in have read all but the newest; the donor wants e-mail."""
    if not life.is_last_day:
        return
    assert life.session is not None
    neighbourhood = life.part(Neighbourhood)
    before = life.at(19) - READ_BEFORE
    for name, spot in shown_residents(neighbourhood).items():
        by = neighbourhood.resident(spot)
        assert by.person_id is not None
        found = inbox(life.session, by.community_id, by.person_id, limit=READ_MAX)
        ids = tuple(one.id for one in found if one.written_at < before)
        life.send(read_messages, by, now=life.at(19), message_ids=ids)
        if name == "donor":
            life.send(
                choose_messages, by, now=life.at(19, 5), email="donor@example.org", by_email=True,
                by_sms=False, by_call=True,
            )  # fmt: skip


def call_some(life: Life) -> None:
    """On the last day a social worker calls two in vain: nobody answers, and a wrong number."""
    if not life.is_last_day:
        return
    assert life.session is not None
    by = life.part(Neighbourhood).staff["social"][0]
    due = calls_due(life.session, by, life.at(16, 40))
    for call, outcome in zip(due, (AWAY, WRONG_NUMBER), strict=False):
        ids = tuple(message.id for message in call.messages)
        life.send(
            record_message_call, by, now=life.at(16, 40), person_id=call.person.id,
            message_ids=ids, outcome=outcome,
        )  # fmt: skip
