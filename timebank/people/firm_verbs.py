"""What people of a story do with firms: add one, and let somebody speak for it."""

from timebank.people import actions
from timebank.people.actions import NewOrganisation
from timebank.people.queries import organisations, representatives
from timebank.stories.faults import StoryFault
from timebank.stories.shapes import Keyed, Many, Named, shaped, text
from timebank.stories.stage import Body, Stage
from timebank.values import By


@shaped(Keyed({"name": text}, {"trade": text}))
def add_firm(stage: Stage, by: By, body: Body) -> Body:
    """Add a firm that gives; ``name`` is its own."""
    firm = NewOrganisation(body["name"], trade=body.get("trade", ""))
    added = stage.perform(actions.add_organisations, by, organisations=(firm,))
    stage.remember("firm", body["name"], added.organisation_ids[0])
    return {}


@shaped(Keyed({"name": text, "firm": text, "who": text}))
def invite_representative(stage: Stage, by: By, body: Body) -> Body:
    """Invite ``who`` from outside to speak for a ``firm``; ``name`` names the invitation."""
    invited = stage.perform(
        actions.invite_representative, by, organisation_id=stage.known("firm", body["firm"]),
        name=body["who"], phone="13800001234",
    )  # fmt: skip
    stage.remember("invitation", body["name"], invited.invitation_id)
    return {}


@shaped(Keyed({"firm": text, "who": text}))
def end_representative(stage: Stage, by: By, body: Body) -> Body:
    """Let ``who`` speak for a ``firm`` no more."""
    firm_id = stage.known("firm", body["firm"])
    with stage.database.reading() as session:
        found = representatives(session, stage.community_id)
    ids = [one.id for one in found if (one.organisation_id, one.name) == (firm_id, body["who"])]
    if not ids:
        raise StoryFault(f"{body['who']!r} does not speak for {body['firm']!r}")
    stage.perform(actions.end_representative, by, representative_id=ids[0])
    return {}


@shaped(Named(Many(text)))
def check_firms(stage: Stage, wanted: Body) -> Body:
    """Read who speaks for each firm now."""
    with stage.database.reading() as session:
        firms = organisations(session, stage.community_id)
        named = representatives(session, stage.community_id)
    return {
        firm.name: [one.name for one in named if one.organisation_id == firm.id]
        for firm in firms
        if firm.name in wanted
    }
