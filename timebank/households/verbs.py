"""What people of a story do about whole households: enrol, change, move, and look back."""

from dataclasses import replace

from timebank.households import actions, messages
from timebank.households.actions import FamilyPaper, NewFamily, NewHome, NewMember
from timebank.people.actions import NewDetails, NewPerson
from timebank.people.actions import change_person as change_person_of
from timebank.people.queries import household_then
from timebank.people.rules import ENTERED_KINDS
from timebank.people.rules.records import CONSENT_KINDS, MOVED, RELATIONS, SPLIT
from timebank.stories.faults import StoryFault
from timebank.stories.shapes import Keyed, Many, Named, OneOf, day, shaped, text, whole, yes
from timebank.stories.stage import Body, Stage
from timebank.values import By, local_instant

_MEMBER = Keyed(
    {"who": text, "name": text},
    {
        "born": day, "number": text, "phone": text, "other": yes, "relation": OneOf(RELATIONS),
        "volunteer": yes, "card": yes, "needs": text,
    },
)  # fmt: skip
_PAPER = Keyed(
    {"kind": OneOf(ENTERED_KINDS), "from": day, "until": day},
    {"of": whole, "number": text, "issuer": text},
)


def _member(member: Body) -> NewMember:
    person = NewPerson(
        name=member["name"], birth_on=member.get("born"), id_no=str(member.get("number", "")),
        phone=str(member.get("phone", "")), notes=member.get("needs", ""),
        is_other_person=member.get("other", False), relation=member.get("relation"),
    )  # fmt: skip
    return NewMember(
        person, is_volunteer=member.get("volunteer", False), wants_card=member.get("card", False)
    )


def _paper(paper: Body) -> FamilyPaper:
    return FamilyPaper(
        kind=paper["kind"], valid_from_on=paper["from"], valid_until_on=paper["until"],
        member=paper.get("of"), document_no=str(paper.get("number", "")),
        issuer=paper.get("issuer", ""),
    )  # fmt: skip


@shaped(Keyed())
def remind_of_papers(stage: Stage, by: By, body: Body) -> Body:
    """Write to those whose paper ends within 30 days."""
    return {"messages": stage.perform(messages.remind_of_papers, stage.founder).count}


@shaped(
    Keyed(
        {"building": whole, "people": Many(_MEMBER)},
        {"papers": Many(_PAPER), "agreed": Many(OneOf(CONSENT_KINDS)), "pin": yes},
    )
)
def enrol_family(stage: Stage, by: By, body: Body) -> Body:
    """Enrol a household at the counter; its ``people`` join the cast as ``who``.

    ``agreed`` are the texts to which it said yes, *register* unless the story says otherwise.
    """
    family = NewFamily(
        building_id=stage.known("building", str(body["building"])),
        door="101",
        members=tuple(_member(member) for member in body["people"]),
        papers=tuple(_paper(paper) for paper in body.get("papers", ())),
        consents=tuple(body.get("agreed", ("register",))),
        asks_for_pin=body.get("pin", False),
    )
    enrolled = stage.perform(actions.enrol_family, by, family=family)
    for member, person_id in zip(body["people"], enrolled.person_ids, strict=True):
        stage.cast[member["who"]] = By(
            community_id=stage.community_id,
            client=f"person:{member['who']}",
            person_id=person_id,
            household_id=enrolled.household_id,
        )
    return {
        "no": enrolled.household_no,
        "people": len(enrolled.person_ids),
        "papers": len(enrolled.proof_ids),
        "volunteers": len(enrolled.volunteer_nos),
        "cards": len(enrolled.card_issue_ids),
    }


def _person_id(stage: Stage, name: str) -> int:
    person_id = stage.who(name).person_id
    if person_id is None:
        raise StoryFault(f"{name!r} is not a person")
    return person_id


@shaped(
    Keyed(
        {"who": Many(text), "on": day},
        {"to": text, "building": whole, "why": OneOf(("left", "died")), "note": text},
    )
)
def move(stage: Stage, by: By, body: Body) -> Body:
    """Move ``who`` ``to`` the household of somebody, to a ``building`` of their own, or away."""
    why = body.get("why") or (MOVED if "to" in body else SPLIT)
    home = None
    if "building" in body:
        home = NewHome(stage.known("building", str(body["building"])), "202")
    moved = stage.perform(
        actions.move_members, by, why=why, happened_on=body["on"], new_home=home,
        person_ids=tuple(_person_id(stage, name) for name in body["who"]),
        to_household_id=stage.who(body["to"]).household_id if "to" in body else None,
        note=body.get("note", ""),
    )  # fmt: skip
    for name in body["who"]:
        stage.cast[name] = replace(stage.who(name), household_id=moved.household_id)
    return {"why": moved.why, "no": moved.household_no}


@shaped(Keyed({"who": text}, {"name": text, "phone": text, "needs": text}))
def change_person(stage: Stage, by: By, body: Body) -> Body:
    """Change the ``name``, ``phone`` or ``needs`` of somebody."""
    details = NewDetails(name=body.get("name"), phone=body.get("phone"), notes=body.get("needs"))
    person_id = _person_id(stage, body["who"])
    changed = stage.perform(change_person_of, by, person_id=person_id, details=details)
    return {"changed": list(changed.details)}


@shaped(Named(Keyed({"on": day, "names": Many(text)})))
def check_homes(stage: Stage, wanted: Body) -> Body:
    """Read who lived in the household of somebody at the end of a day, by their names then."""
    homes = {}
    with stage.database.reading() as session:
        for name, asked in wanted.items():
            then = household_then(
                session, stage.community_id, stage.who(name).household_id or 0,
                at=local_instant(asked["on"], 23, 59),
            )  # fmt: skip
            names = sorted(member.name for member in then.members)
            homes[name] = {"on": asked["on"], "names": names}
    return homes
