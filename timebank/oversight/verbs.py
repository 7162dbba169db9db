"""What people of a story do about backups: make one, take it away, ask to go back to it.

The file itself is not made: a story plays in a database that is thrown away.
"""

from timebank.oversight import actions
from timebank.stories.shapes import Keyed, shaped, text
from timebank.stories.stage import Body, Stage
from timebank.values import By


@shaped(Keyed({"name": text}))
def make_backup(stage: Stage, by: By, body: Body) -> Body:
    """Ask for a backup, whose pass is drawn; ``name`` names it."""
    asked = stage.perform(actions.make_backup, by, is_own=False)
    stage.remember("backup", body["name"], asked.at)
    return {"at": stage.local(asked.at)}


@shaped(Keyed({"backup": text}))
def fetch_backup(stage: Stage, by: By, body: Body) -> Body:
    """Take the ``backup`` away."""
    made_at = stage.known("backup", body["backup"])
    stage.perform(actions.fetch_backup, by, name=f"timebank-{made_at:%Y%m%dT%H%M%SZ}.tbk")
    return {}


@shaped(Keyed({"backup": text}))
def ask_restore(stage: Stage, by: By, body: Body) -> Body:
    """Ask to go back to the ``backup``, as the first of two."""
    made_at = stage.known("backup", body["backup"])
    stage.perform(actions.ask_restore, by, made_at=made_at.isoformat())
    stage.remember("restore", body["backup"], by.person_id or 0)
    return {}


@shaped(Keyed({"backup": text}))
def confirm_restore(stage: Stage, by: By, body: Body) -> Body:
    """Confirm that, as another person than who asked."""
    made_at = stage.known("backup", body["backup"]).isoformat()
    person_id = stage.known("restore", body["backup"])
    stage.perform(actions.confirm_restore, by, made_at=made_at, person_id=person_id)
    return {}
