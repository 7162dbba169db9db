"""What people of a story do about who acts for whom."""

from timebank.people import actions
from timebank.people.rules.mandates import MANDATE_DEEDS, MANDATE_KINDS, PAPER, WITNESS
from timebank.stories.faults import StoryFault
from timebank.stories.shapes import Keyed, Many, OneOf, day, shaped, text
from timebank.stories.stage import Body, Stage
from timebank.values import By


def _person(stage: Stage, name: str) -> int:
    person_id = stage.who(name).person_id
    if person_id is None:
        raise StoryFault(f"{name!r} is not a person")
    return person_id


@shaped(
    Keyed(
        {"name": text, "of": text, "agent": text},
        {
            "kind": OneOf(MANDATE_KINDS), "deeds": Many(OneOf(MANDATE_DEEDS)), "until": day,
            "ground": OneOf((PAPER, WITNESS)), "note": text,
        },
    )
)  # fmt: skip
def ask_mandate(stage: Stage, by: By, body: Body) -> Body:
    """Enter that ``agent`` acts for somebody; a second member of staff confirms it."""
    asked = stage.perform(
        actions.ask_mandate, by, person_id=_person(stage, body["of"]),
        agent_person_id=_person(stage, body["agent"]), kind=body.get("kind", "mandate"),
        deeds=tuple(body.get("deeds", ())), until_on=body.get("until"),
        ground=body.get("ground", PAPER), ground_note=body.get("note", "代办委托书"),
    )  # fmt: skip
    stage.names.setdefault("mandate", {})[body["name"]] = asked.mandate_id
    return {"state": asked.state}


@shaped(Keyed({"mandate": text}))
def confirm_mandate(stage: Stage, by: By, body: Body) -> Body:
    mandate_id = stage.known("mandate", body["mandate"])
    return {"state": stage.perform(actions.confirm_mandate, by, mandate_id=mandate_id).state}


@shaped(Keyed({"mandate": text}, {"reason": text}))
def end_mandate(stage: Stage, by: By, body: Body) -> Body:
    values = {"mandate_id": stage.known("mandate", body["mandate"])}
    values["reason"] = body.get("reason", "")
    return {"state": stage.perform(actions.end_mandate, by, **values).state}
