"""What the subject of imports declares: sheets by two people."""

from datetime import time

from sqlalchemy import Table

from timebank.imports import actions, may, refusals, sample, tables, verbs
from timebank.imports.queries import waiting_sheets, waiting_undos
from timebank.rights import Right
from timebank.subject import Errand, Job, Subject, WorkKind, refusals_in, values_in

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
    verbs={
        "upload_sheet": verbs.upload_sheet,
        "sign_sheet": verbs.sign_sheet,
        "ask_undo_sheet": verbs.ask_undo,
        "undo_sheet": verbs.undo_sheet,
    },
    checks={"imported": verbs.check_imported},
    errands=(Errand(at=time(16), run=sample.upload_sheets),),
)
