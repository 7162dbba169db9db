"""What people of a story do with sheets: upload one, sign it, take it back."""

from timebank.imports import actions
from timebank.imports.queries import batch_named
from timebank.stories.shapes import Keyed, Many, Named, anything, shaped, text
from timebank.stories.stage import Body, Stage
from timebank.values import By


@shaped(Keyed({"name": text, "kind": text, "rows": Many(Many(anything))}))
def upload_sheet(stage: Stage, by: By, body: Body) -> Body:
    """Upload a sheet of a ``kind``; its ``rows`` begin with the heading."""
    rows = tuple(tuple(str(cell) for cell in row) for row in body["rows"])
    staged = stage.perform(
        actions.stage_sheet, by, kind=body["kind"], file_name=f"{body['name']}.xlsx", rows=rows
    )
    stage.remember("sheet", body["name"], staged.batch_id)
    return {"faults": staged.fault_count}


@shaped(Keyed({"sheet": text}))
def sign_sheet(stage: Stage, by: By, body: Body) -> Body:
    """Sign the ``sheet`` as a second person: all of it is booked."""
    stage.perform(actions.book_sheet, by, batch_id=stage.known("sheet", body["sheet"]))
    return {}


@shaped(Keyed({"sheet": text, "reason": text}))
def ask_undo(stage: Stage, by: By, body: Body) -> Body:
    """Ask to take the ``sheet`` back, with a ``reason``."""
    batch_id = stage.known("sheet", body["sheet"])
    stage.perform(actions.ask_undo_sheet, by, batch_id=batch_id, reason=body["reason"])
    return {}


@shaped(Keyed({"sheet": text}))
def undo_sheet(stage: Stage, by: By, body: Body) -> Body:
    """Take the ``sheet`` back as a second person."""
    stage.perform(actions.undo_sheet, by, batch_id=stage.known("sheet", body["sheet"]))
    return {}


@shaped(Named(anything))
def check_imported(stage: Stage, wanted: Body) -> Body:
    """Read the states of some sheets."""
    with stage.database.reading() as session:
        return {
            name: batch_named(
                session, stage.community_id, stage.known("sheet", name), now=stage.now
            ).state
            for name in wanted
        }
