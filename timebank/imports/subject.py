"""What the subject of imports declares: sheets by two people."""

from sqlalchemy import Table

from timebank.imports import actions, may, refusals, tables
from timebank.imports.queries import waiting_sheets, waiting_undos
from timebank.rights import Right
from timebank.subject import Job, Subject, WorkKind, refusals_in, values_in

SUBJECT = Subject(
    name="imports",
    stands_on=("deeds", "goods", "hours", "ledger", "people", "vault"),
    tables=values_in(tables, Table),
    refusals=refusals_in(refusals),
    rights=values_in(may, Right),
    jobs=(Job(name="forget_sheets", action=actions.forget_sheets),),
    # Each has its own end: until when it can be signed or taken back.
    work=(
        WorkKind(name="import", waiting=waiting_sheets, promised_days=None),
        WorkKind(name="import_undo", waiting=waiting_undos, promised_days=None),
    ),
)
