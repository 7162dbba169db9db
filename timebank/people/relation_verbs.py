"""What people of a story do at the counter about relatives: record them, and end it."""

from timebank.people import actions
from timebank.people.rules.relations import RELATION_KINDS
from timebank.stories.shapes import Keyed, day, shaped, text
from timebank.stories.stage import Body, Stage
from timebank.values import By

RELATION = "relation"


@shaped(Keyed({"name": text, "of": text, "with": text}, {"kind": text, "since": day}))
def record_relation(stage: Stage, by: By, body: Body) -> Body:
    """Record that two people are relatives; ``name`` names the pair."""
    recorded = stage.perform(
        actions.record_relation, by, person_id=stage.who(body["of"]).person_id,
        other_person_id=stage.who(body["with"]).person_id,
        kind=body.get("kind", RELATION_KINDS[-1]), from_on=body.get("since", stage.today),
    )  # fmt: skip
    stage.remember(RELATION, body["name"], recorded.relation_id)
    return {}


@shaped(Keyed({"relation": text, "reason": text}))
def end_relation(stage: Stage, by: By, body: Body) -> Body:
    """Note with a ``reason`` that the two of a ``relation`` are relatives no more."""
    relation_id = stage.known(RELATION, body["relation"])
    stage.perform(actions.end_relation, by, relation_id=relation_id, reason=body["reason"])
    return {}
