"""What the subject of messages declares; the kinds of message belong to the subjects above it."""

from datetime import time

from sqlalchemy import Table

from timebank.messages import may, sample, tables, verbs
from timebank.messages.actions import end_old_messages
from timebank.messages.queries.effects import EFFECTS
from timebank.messages.sending import send_due
from timebank.rights import Right
from timebank.subject import Errand, Job, Subject, values_in

SUBJECT = Subject(
    name="messages",
    stands_on=("deeds", "people", "policy", "vault"),
    tables=values_in(tables, Table),
    rights=values_in(may, Right),
    parameters=("messages.keep_days",),
    effects=EFFECTS,
    verbs={
        "read_messages": verbs.read_messages,
        "choose_messages": verbs.choose_messages,
        "call_about_messages": verbs.call_about_messages,
        "end_old_messages": verbs.end_old_messages,
    },
    checks={"inbox": verbs.check_inbox, "calls": verbs.check_calls},
    errands=(
        Errand(at=time(16, 40), run=sample.call_some),
        Errand(at=time(19), run=sample.read_mail),
    ),
    jobs=(
        Job(name="send_messages", alone=send_due),
        Job(
            name="end_old_messages",
            action=end_old_messages,
            is_more=lambda ended: ended.is_more,
        ),
    ),
)
