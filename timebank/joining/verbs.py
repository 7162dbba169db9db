"""What people of a story do to join, and what the counter sees of it."""

from timebank.hours.queries import services
from timebank.households.actions import FamilyPaper, NewFamily, NewMember
from timebank.joining import actions
from timebank.joining.actions.states import ask_state, withdraw_registration
from timebank.joining.known import why_known
from timebank.joining.queries import offered_services, waiting_list
from timebank.joining.rules import END_WHYS, TIMES, NewRegistration, Sender
from timebank.people.actions import NewPerson
from timebank.people.rules.records import CONSENT_KINDS
from timebank.people.rules.throttles import Origin
from timebank.stories.shapes import Keyed, Many, Named, OneOf, day, shaped, text, whole, yes
from timebank.stories.stage import Body, Stage
from timebank.values import By

_ORIGIN = Origin("192.0.2.7")


def _nobody(stage: Stage) -> By:
    return By(community_id=stage.community_id, client="nobody")


@shaped(
    Keyed(
        {"name": text, "born": day, "phone": text},
        {
            "slip": text, "building": whole, "agrees": yes, "guardian": text, "volunteer": yes,
            "can": Many(text), "when": Many(OneOf(TIMES)), "times": whole,
        },
    )
)  # fmt: skip
def register(stage: Stage, by: By, body: Body) -> Body:
    """Register by oneself, ``times`` times from one address; ``slip`` names the number."""
    new = NewRegistration(
        name=body["name"], birth_on=body["born"], phone=body["phone"],
        building_id=stage.known("building", str(body["building"])) if "building" in body else None,
        agrees=body.get("agrees", True), guardian_name=body.get("guardian", ""),
        guardian_phone=body["phone"] if "guardian" in body else "",
        guardian_agrees="guardian" in body, is_volunteer=body.get("volunteer", False),
        service_ids=tuple(stage.known("service", name) for name in body.get("can", ())),
        times=tuple(body.get("when", ())),
    )  # fmt: skip
    for _ in range(body.get("times", 1)):
        sender = Sender(_ORIGIN.source)
        filed = stage.perform(actions.register, _nobody(stage), new=new, sender=sender)
    if "slip" in body:
        stage.remember("slip", body["slip"], int(filed.registration_no))
    return {"until": filed.until_on}


@shaped(Keyed({"slip": text, "born": day}, {"withdraw": yes}))
def ask_registration(stage: Stage, by: By, body: Body) -> Body:
    """Ask with the number of a ``slip`` and a birthday what became of it; or ``withdraw`` it."""
    number, nobody = str(stage.known("slip", body["slip"])), _nobody(stage)
    deed = withdraw_registration if body.get("withdraw") else ask_state
    found = deed(
        stage.database, by=nobody, registration_no=number, birth_on=body["born"], origin=_ORIGIN
    )
    return {"state": found.state}


_PAPER = Keyed({"kind": text, "from": day, "until": day})


@shaped(
    Keyed(
        {"slip": text, "building": whole, "people": Many(Keyed({"who": text, "name": text}, {
            "born": day, "number": text, "volunteer": yes, "other": yes,
        }))},
        {"agreed": Many(OneOf(CONSENT_KINDS)), "papers": Many(_PAPER)},
    )
)  # fmt: skip
def complete_registration(stage: Stage, by: By, body: Body) -> Body:
    """Enrol the ``people`` of a ``slip`` at the counter, who join the cast as ``who``."""
    members = tuple(
        NewMember(
            NewPerson(
                name=member["name"], birth_on=member.get("born"),
                id_no=str(member.get("number", "")), is_other_person=member.get("other", False),
                relation=None if place == 0 else "other",
            ),
            is_volunteer=member.get("volunteer", False),
        )
        for place, member in enumerate(body["people"])
    )  # fmt: skip
    family = NewFamily(
        building_id=stage.known("building", str(body["building"])), door="101", members=members,
        papers=tuple(
            FamilyPaper(
                kind=paper["kind"], valid_from_on=paper["from"], valid_until_on=paper["until"],
                document_no="X-1", issuer="X",
            )
            for paper in body.get("papers", ())
        ),
        consents=tuple(body.get("agreed", ("register",))),
    )  # fmt: skip
    completed = stage.perform(
        actions.complete_registration, by, registration_id=_id(stage, by, body["slip"]),
        family=family,
    )  # fmt: skip
    for member, person_id in zip(body["people"], completed.person_ids, strict=True):
        stage.cast[member["who"]] = By(
            community_id=stage.community_id, client=f"person:{member['who']}",
            person_id=person_id, household_id=completed.household_id,
        )  # fmt: skip
    return {"no": completed.household_no}


@shaped(Keyed({"slip": text, "why": OneOf(END_WHYS)}))
def end_registration(stage: Stage, by: By, body: Body) -> Body:
    """Note why nobody is enrolled from a ``slip``."""
    registration_id = _id(stage, by, body["slip"])
    stage.perform(actions.end_registration, by, registration_id=registration_id, why=body["why"])
    return {}


@shaped(Keyed({}))
def forget_registrations(stage: Stage, by: By, body: Body) -> Body:
    """Delete the registrations whose last day is over: the job of the clock."""
    forgotten = stage.perform(actions.forget_registrations, by)
    return {"registrations": forgotten.registrations}


def _id(stage: Stage, by: By, slip: str) -> int:
    number = str(stage.known("slip", slip))
    with stage.database.reading() as session:
        rows = waiting_list(session, by, now=stage.now)
    return next((one.id for one in rows if one.registration_no == number), 0)


@shaped(Named(Many(text)))
def check_registrations(stage: Stage, wanted: Body) -> Body:
    """Read who waits for somebody of staff: name, and why they may be known already."""
    seen = {}
    with stage.database.reading() as session:
        for name in wanted:
            rows = waiting_list(session, stage.who(name), now=stage.now)
            seen[name] = [
                " ".join(filter(None, (one.name, why_known(session, stage.community_id, one))))
                for one in rows
            ]
    return seen


@shaped(Named(Many(text)))
def check_offers(stage: Stage, wanted: Body) -> Body:
    """Read which services somebody said that they can do, and when."""
    with stage.database.reading() as session:
        names = {one.id: one.name_zh for one in services(session, stage.community_id)}
        offers = offered_services(session, stage.community_id)
    return {
        name: [
            " ".join((names[one.service_id], *one.times))
            for one in offers
            if one.person_id == stage.who(name).person_id
        ]
        for name in wanted
    }
