"""What people of a story do at the counter: enrolment, PINs, cards, papers by two, visits."""

from sqlalchemy import update

from timebank.people import actions
from timebank.people.actions import NewHousehold, NewPerson, NewProof
from timebank.people.queries import card_of_person, factor_roles, visit_of_token
from timebank.people.rules import ENTERED_KINDS
from timebank.people.rules.throttles import Origin
from timebank.people.sample.pictures import sheet
from timebank.people.tables import proof
from timebank.stories.faults import StoryFault
from timebank.stories.shapes import Keyed, Many, Named, OneOf, day, shaped, text, whole, yes
from timebank.stories.stage import Body, Stage
from timebank.values import By


def _person_id(stage: Stage, name: str) -> int:
    person_id = stage.who(name).person_id
    if person_id is None:
        raise StoryFault(f"{name!r} is not a person")
    return person_id


def _card_id(stage: Stage, name: str) -> int:
    with stage.database.reading() as session:
        card = card_of_person(session, stage.community_id, _person_id(stage, name))
    return 0 if card is None else card.id


_MEMBER = Keyed({"who": text, "name": text}, {"born": day, "number": text, "other": yes})


def _new_person(member: Body) -> NewPerson:
    return NewPerson(
        name=member["name"],
        birth_on=member.get("born"),
        id_no=member.get("number", ""),
        is_other_person=member.get("other", False),
    )


@shaped(Keyed({"no": text, "building": whole, "people": Many(_MEMBER)}))
def enrol_household(stage: Stage, by: By, body: Body) -> Body:
    """Enrol the household ``no`` with its ``people``, who join the cast as ``who``.

    ``other: true`` says that somebody of the same name and birth date is another person.
    """
    for member in body["people"]:
        if member["who"] in stage.cast:
            raise StoryFault(f"somebody in the cast is called {member['who']!r} already")
    members = tuple(_new_person(member) for member in body["people"])
    building_id = stage.known("building", str(body["building"]))
    family = NewHousehold(body["no"], building_id, "101", members)
    enrolled = stage.perform(actions.enrol_households, by, households=(family,))
    for member, person_id in zip(body["people"], enrolled.person_ids[0], strict=True):
        stage.cast[member["who"]] = By(
            community_id=stage.community_id,
            client=f"person:{member['who']}",
            person_id=person_id,
            household_id=enrolled.household_ids[0],
        )
    return {"people": len(members)}


@shaped(Keyed({"for": text, "name": text}))
def ask_card(stage: Stage, by: By, body: Body) -> Body:
    """Ask for a card ``for`` somebody; ``name`` names what waits for the second person."""
    asked = stage.perform(actions.ask_card, by, person_id=_person_id(stage, body["for"]))
    stage.remember("card", body["name"], asked.card_issue_id)
    return {"until": stage.local(asked.until_at)}


@shaped(Keyed({"card": text, "pin": text}))
def type_pin(stage: Stage, by: By, body: Body) -> Body:
    """Let the holder type the ``pin`` of their last card, so that one of staff can give a new one.

    An attempt is no deed: with ``--twice`` it is sent once.
    """
    actions.prove_holder(
        stage.database, by=by, card_issue_id=stage.known("card", body["card"]),
        pin=str(body["pin"]), origin=Origin("story"), now=stage.now,
    )  # fmt: skip
    return {}


@shaped(Keyed({"card": text}))
def give_card(stage: Stage, by: By, body: Body) -> Body:
    """Give the ``card`` that was asked for."""
    issue_id = stage.known("card", body["card"])
    given = stage.perform(actions.give_card, by, card_issue_id=issue_id)
    return {"replaced": given.replaced_card_id is not None}


@shaped(Keyed({"of": text}, {"why": text}))
def stop_card(stage: Stage, by: By, body: Body) -> Body:
    """Stop the card ``of`` somebody at once; ``why`` is *lost* by default."""
    parameters = {"card_id": _card_id(stage, body["of"]), "why": body.get("why", "lost")}
    return {"why": stage.perform(actions.revoke_card, by, **parameters).why}


@shaped(Keyed({"for": text, "name": text}))
def ask_pin(stage: Stage, by: By, body: Body) -> Body:
    """Ask for a PIN ``for`` somebody; ``name`` names what waits for the second one of staff."""
    asked = stage.perform(actions.ask_pin_reset, by, card_id=_card_id(stage, body["for"]))
    stage.remember("pin", body["name"], asked.pin_reset_id)
    return {"until": stage.local(asked.until_at)}


@shaped(Keyed({"reset": text, "pin": text}, {"again": text}))
def set_pin(stage: Stage, by: By, body: Body) -> Body:
    """Let the holder type the ``pin`` that was asked for, as ``reset``."""
    parameters = {"pin": str(body["pin"]), "pin_again": str(body.get("again", body["pin"]))}
    reset_id = stage.known("pin", body["reset"])
    stage.perform(actions.reset_pin, by, pin_reset_id=reset_id, **parameters)
    return {}


@shaped(
    Keyed(
        {"name": text, "of": text, "kind": OneOf(ENTERED_KINDS), "from": day, "until": day},
        {"person": text, "number": text, "issuer": text, "drawn": yes, "picture": yes},
    )
)
def enter_paper(stage: Stage, by: By, body: Body) -> Body:
    """Enter a paper that was seen; with ``drawn: true`` the draw has chosen it.

    ``picture: true`` adds a drawn sheet as its picture.

    Nobody can choose what is drawn, and neither can a story: so the row is marked afterwards.
    """
    paper = NewProof(
        household_id=stage.who(body["of"]).household_id or 0,
        kind=body["kind"],
        valid_from_on=body["from"],
        valid_until_on=body["until"],
        person_id=_person_id(stage, body["person"]) if "person" in body else None,
        document_no=str(body.get("number", "")),
        issuer=body.get("issuer", ""),
        picture=sheet(str(body.get("number", ""))) if body.get("picture") else b"",
    )
    proof_id = stage.perform(actions.add_proofs, by, proofs=(paper,)).proof_ids[0]
    is_drawn = bool(body.get("drawn"))
    stage.database.write(
        lambda session, now: session.execute(
            update(proof).where(proof.c.id == proof_id).values(is_drawn=is_drawn)
        )
    )
    stage.remember("paper", body["name"], proof_id)
    return {}


@shaped(Keyed({"paper": text}, {"number": text, "wrong": text}))
def check_paper(stage: Stage, by: By, body: Body) -> Body:
    """Look again at a ``paper``: type its ``number``, or say what is ``wrong`` with it."""
    parameters = {"is_confirmed": "wrong" not in body, "reason": body.get("wrong", "")}
    checked = stage.perform(
        actions.check_paper, by, proof_id=stage.known("paper", body["paper"]),
        document_no=str(body.get("number", "")), **parameters,
    )  # fmt: skip
    return {"outcome": checked.outcome, "ended": checked.ended_on}


@shaped(Keyed({"of": text, "reason": text}))
def open_data(stage: Stage, by: By, body: Body) -> Body:
    """Open the sealed phone number ``of`` somebody, for a ``reason``. It is sent once."""
    actions.reveal(
        stage.database, by=by, person_id=_person_id(stage, body["of"]), columns=("phone",),
        reason=body["reason"],
    )  # fmt: skip
    return {}


@shaped(Keyed())
def forget_pictures(stage: Stage, by: By, body: Body) -> Body:
    """Delete the pictures of papers that ended long ago."""
    return {"pictures": stage.perform(actions.forget_pictures, by).pictures}


@shaped(Named(yes))
def check_second_factor(stage: Stage, wanted: Body) -> Body:
    """Read of each person whether their roles sign in with a second step."""
    with stage.database.reading() as session:
        roles = factor_roles(session, stage.community_id, now=stage.now)
    return {name: stage.who(name).holds(*roles) for name in wanted}


@shaped(Keyed({"name": text, "pin": text}))
def sign_in(stage: Stage, by: By, body: Body) -> Body:
    """Sign in by one's card and its ``pin``; ``name`` names the visit. It is sent once."""
    with stage.database.reading() as session:
        card = card_of_person(session, stage.community_id, by.person_id or 0)
    signed = actions.sign_in_by_card(
        stage.database, community_id=stage.community_id, card=card.card_no if card else "-",
        pin=str(body["pin"]), origin=Origin("story"), now=stage.now,
    )  # fmt: skip
    stage.remember("visit", body["name"], signed)
    return {}


@shaped(Keyed({"keep": text}))
def end_others(stage: Stage, by: By, body: Body) -> Body:
    """End one's visits but the one named ``keep``."""
    kept = stage.known("visit", body["keep"])
    ended = stage.perform(actions.end_other_visits, by, keep_id=kept.visit_id)
    return {"ended": ended.visits}


@shaped(Named(text))
def check_visits(stage: Stage, wanted: Body) -> Body:
    """Read of each visit whether it is ``open``, or why it ended."""
    found = {}
    with stage.database.reading() as session:
        for name in wanted:
            token = stage.known("visit", name).token
            visit = visit_of_token(session, stage.community_id, token, now=stage.now)
            found[name] = "closed" if visit is None else visit.ended_why or "open"
    return found


@shaped(Named(text))
def check_cards(stage: Stage, wanted: Body) -> Body:
    """Read of each person whether they hold a card: ``none``, ``card``, or ``card and pin``."""
    found = {}
    with stage.database.reading() as session:
        for name in wanted:
            card = card_of_person(session, stage.community_id, _person_id(stage, name))
            held = "card and pin" if card is not None and card.has_pin else "card"
            found[name] = "none" if card is None else held
    return found
