"""What people of a story do about two records of one person: ask, answer, take it back."""

from dataclasses import replace

from timebank.households import actions
from timebank.households.verbs import person_id_of
from timebank.people.queries import briefs, person_merge_named, search_people
from timebank.people.rules.merging import MERGE_ANSWERS
from timebank.stories.shapes import Keyed, Named, OneOf, shaped, text, whole
from timebank.stories.stage import Body, Stage
from timebank.values import By


@shaped(Keyed({"name": text, "who": text, "into": text}, {"reason": text}))
def ask_merge(stage: Stage, by: By, body: Body) -> Body:
    """Ask whether the record ``who`` is of the same person as ``into``, which is kept."""
    asked = stage.perform(
        actions.ask_merge, by, person_id=person_id_of(stage, body["who"]),
        into_person_id=person_id_of(stage, body["into"]),
        reason=body.get("reason", "看了证件，是同一个人"),
    )  # fmt: skip
    stage.names.setdefault("merge", {})[body["name"]] = asked.merge_id
    return {"until": str(asked.until_at)}


@shaped(Keyed({"name": text, "merge": text}, {"reason": text}))
def ask_merge_undone(stage: Stage, by: By, body: Body) -> Body:
    """Ask to take a ``merge`` back, under a ``name`` of its own."""
    asked = stage.perform(
        actions.ask_merge_undone, by, merge_id=stage.known("merge", body["merge"]),
        reason=body.get("reason", "看了证件，其实是两个人"),
    )  # fmt: skip
    stage.names.setdefault("merge", {})[body["name"]] = asked.merge_id
    return {"until": str(asked.until_at)}


@shaped(Keyed({"merge": text, "answer": OneOf(MERGE_ANSWERS)}))
def answer_merge(stage: Stage, by: By, body: Body) -> Body:
    """Answer as the second person; whoever was merged acts for the other household from now on."""
    merge_id = stage.known("merge", body["merge"])
    answered = stage.perform(actions.answer_merge, by, merge_id=merge_id, answer=body["answer"])
    with stage.database.reading() as session:
        merge = person_merge_named(session, stage.community_id, merge_id)
        pair = (merge.person_id, merge.into_person_id)
        people = briefs(session, stage.community_id, pair)
    for name, member in list(stage.cast.items()):
        if member.person_id in pair:
            home = people[member.person_id].household_id
            stage.cast[name] = replace(member, household_id=home)
    return {"answer": answered.answer}


@shaped(Named(whole))
def check_found(stage: Stage, wanted: Body) -> Body:
    """Count the people whom the first coordinator finds by a text."""
    with stage.database.reading() as session:
        return {typed: len(search_people(session, stage.who("C1"), typed)) for typed in wanted}
