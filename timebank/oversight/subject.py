"""What oversight declares: who reads the audit trail and the health page."""

from timebank.oversight import may, messages, verbs
from timebank.rights import Right
from timebank.subject import Job, Subject, values_in

SUBJECT = Subject(
    name="oversight",
    stands_on=("deeds", "kiosks", "ledger", "messages", "people", "sealing", "vault"),
    rights=values_in(may, Right),
    jobs=(Job(name="remind_of_backup", action=messages.remind_of_backup),),
    messages=messages.KINDS,
    verbs={
        "make_backup": verbs.make_backup,
        "fetch_backup": verbs.fetch_backup,
        "ask_restore": verbs.ask_restore,
        "confirm_restore": verbs.confirm_restore,
    },
)
