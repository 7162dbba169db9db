"""What others may do with messages."""

from timebank.messages.actions.calling import (
    CallRecorded,
    SendingAgain,
    record_message_call,
    send_message_again,
)
from timebank.messages.actions.keeping import MessagesEnded, end_old_messages
from timebank.messages.actions.reading import (
    MessagesRead,
    WishesKept,
    choose_messages,
    mark_read,
    read_messages,
)
from timebank.messages.actions.writing import NewMessage, write_messages, write_unsaid

__all__ = [
    "CallRecorded",
    "MessagesEnded",
    "MessagesRead",
    "NewMessage",
    "SendingAgain",
    "WishesKept",
    "choose_messages",
    "end_old_messages",
    "mark_read",
    "read_messages",
    "record_message_call",
    "send_message_again",
    "write_messages",
    "write_unsaid",
]
