"""What others may ask of messages."""

from timebank.messages.queries.calls import CallDue, call_due, calls_due
from timebank.messages.queries.inbox import InboxMessage, inbox, said_before, unread_count
from timebank.messages.queries.outbox import (
    OutboxStanding,
    UnclearSending,
    outbox_standing,
    unclear_sendings,
)
from timebank.messages.queries.wishes import MessageWish, reach_of, wishes_of

__all__ = [
    "CallDue",
    "InboxMessage",
    "MessageWish",
    "OutboxStanding",
    "UnclearSending",
    "call_due",
    "calls_due",
    "inbox",
    "outbox_standing",
    "reach_of",
    "said_before",
    "unclear_sendings",
    "unread_count",
    "wishes_of",
]
