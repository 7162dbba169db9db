"""What people of a story do with notices, and what everybody reads on a day."""

from timebank.notices import actions
from timebank.notices.queries import notices_on
from timebank.stories.shapes import Keyed, Many, day, shaped, text
from timebank.stories.stage import Body, Stage
from timebank.values import By, local_day


@shaped(Keyed({"name": text, "title": text, "text": text, "from": day, "until": day}))
def write_notice(stage: Stage, by: By, body: Body) -> Body:
    """Put up a notice; ``name`` names it."""
    written = stage.perform(
        actions.write_notice, by, title_zh=body["title"], text_zh=body["text"],
        from_on=body["from"], until_on=body["until"],
    )  # fmt: skip
    stage.remember("notice", body["name"], written.notice_id)
    return {}


@shaped(Keyed({"notice": text}))
def end_notice(stage: Stage, by: By, body: Body) -> Body:
    """Take a ``notice`` down before its last day."""
    stage.perform(actions.end_notice, by, notice_id=stage.known("notice", body["notice"]))
    return {}


@shaped(Many(text))
def check_notices(stage: Stage, wanted: list[str]) -> list[str]:
    """Read what everybody sees today, the newest first, by its title."""
    with stage.database.reading() as session:
        shown = notices_on(session, stage.community_id, local_day(stage.now))
    return [one.title_zh for one in shown]
