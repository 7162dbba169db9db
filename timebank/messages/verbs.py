"""What people of a story do with messages, and what lies in an inbox or on the call list."""

from timebank.messages import actions
from timebank.messages.queries import call_due, calls_due, inbox
from timebank.stories.shapes import Keyed, Many, Named, shaped, text, yes
from timebank.stories.stage import Body, Stage
from timebank.values import By

READ_MAX = 100


@shaped(Keyed())
def read_messages(stage: Stage, by: By, body: Body) -> Body:
    """Read one's own messages, all of them."""
    with stage.database.reading() as session:
        found = inbox(session, stage.community_id, by.person_id or 0, limit=READ_MAX)
    ids = tuple(message.id for message in found)
    return {"new": stage.perform(actions.read_messages, by, message_ids=ids).count}


@shaped(Keyed(may={"email": text, "sms": yes, "call": yes}))
def choose_messages(stage: Stage, by: By, body: Body) -> Body:
    """Choose how one is reached besides the inbox."""
    email = body.get("email", "")
    stage.perform(
        actions.choose_messages, by, email=email, by_email=bool(email),
        by_sms=body.get("sms", True), by_call=body.get("call", True),
    )  # fmt: skip
    return {}


@shaped(Keyed({"of": text, "outcome": text}))
def call_about_messages(stage: Stage, by: By, body: Body) -> Body:
    """Call somebody of the list, and record the ``outcome``."""
    person_id = stage.who(body["of"]).person_id or 0
    with stage.database.reading() as session:
        due = call_due(session, by, stage.now, person_id)
    ids = tuple(message.id for message in due.messages)
    called = stage.perform(
        actions.record_message_call, by, person_id=person_id, message_ids=ids,
        outcome=body["outcome"],
    )  # fmt: skip
    return {"messages": called.messages}


@shaped(Keyed())
def end_old_messages(stage: Stage, by: By, body: Body) -> Body:
    """Delete the content of old messages."""
    return {"messages": stage.perform(actions.end_old_messages, stage.founder).count}


@shaped(Named(Many(text)))
def check_inbox(stage: Stage, wanted: Body) -> Body:
    """Read of each person the kinds of their messages, the newest first."""
    with stage.database.reading() as session:
        return {
            name: [
                one.kind
                for one in inbox(session, stage.community_id, stage.who(name).person_id or 0)
            ]
            for name in wanted
        }


@shaped(Many(text))
def check_calls(stage: Stage, wanted: list[str]) -> list[str]:
    """Read whom the founder would find on the call list, by their names."""
    with stage.database.reading() as session:
        return [one.person.name for one in calls_due(session, stage.founder, stage.now)]
