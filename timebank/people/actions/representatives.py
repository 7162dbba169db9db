"""Who speaks for a firm or group: they sign in without a role, and see its statement."""

from dataclasses import dataclass

from sqlalchemy import select, update

from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.errors import NotFound, WrongState
from timebank.people import may
from timebank.people.actions.invitations import (
    InvitedFor,
    UserInvited,
    insert_invitation,
    insert_representative,
    invited_person,
    require_not_invited,
)
from timebank.people.actions.users import require_no_user
from timebank.people.actions.visits import end_visits
from timebank.people.closeness import require_unrelated
from timebank.people.queries.merged import records_of
from timebank.people.tables import app_user, organisation, representative


@dataclass(frozen=True, slots=True)
class RepresentativeNamed:
    representative_id: int


@dataclass(frozen=True, slots=True)
class RepresentativeEnded:
    representative_id: int


@action("invite_representative")
def invite_representative(
    deed: Deed, *, organisation_id: int, name: str, phone: str
) -> UserInvited:
    """Invite somebody to speak for a firm: a slip, with which they choose name and password.

    **Refuses**: ``NotAllowed``; ``NotFound``; ``BadInput`` for name or phone.
    """
    may.KEEP_REPRESENTATIVES.require_everywhere(deed.by)
    _require_organisation(deed, organisation_id)
    person_id = invited_person(deed, name, phone)
    require_no_user(deed, person_id)
    require_not_invited(deed, person_id)
    invited_for = InvitedFor(organisation_id=organisation_id)
    return UserInvited(insert_invitation(deed, person_id, invited_for), person_id)


@action("name_representative")
def name_representative(deed: Deed, *, organisation_id: int, person_id: int) -> RepresentativeNamed:
    """Let somebody who signs in by name already speak for a firm.

    **Refuses**: ``NotAllowed`` (also for oneself and one's household); ``NotFound``;
    ``WrongState`` for a person who speaks for it already, or has no open user.
    """
    may.KEEP_REPRESENTATIVES.require_everywhere(deed.by)
    _require_organisation(deed, organisation_id)
    if deed.by.person_id is not None:
        require_unrelated(deed.session, deed.by, person_id, may.KEEP_REPRESENTATIVES)
    user = select(app_user.c.id).where(
        app_user.c.community_id == deed.community_id,
        app_user.c.person_id.in_(records_of(deed.community_id, [person_id])),
        app_user.c.closed_at.is_(None),
    )
    if deed.session.scalar(user.with_for_update(key_share=True)) is None:
        raise NotFound(kind="user")
    known = select(representative.c.id).where(
        representative.c.community_id == deed.community_id,
        representative.c.organisation_id == organisation_id,
        representative.c.person_id == person_id,
        representative.c.ended_at.is_(None),
    )
    if deed.session.scalar(known) is not None:
        raise WrongState(kind="representative", state="named")
    return RepresentativeNamed(insert_representative(deed, organisation_id, person_id))


@action("end_representative")
def end_representative(deed: Deed, *, representative_id: int) -> RepresentativeEnded:
    """Somebody speaks for a firm no more; their visits end at once.

    **Refuses**: ``NotAllowed`` (also for oneself and one's household); ``NotFound``;
    ``WrongState`` if it had ended.
    """
    may.KEEP_REPRESENTATIVES.require_everywhere(deed.by)
    of_it = (
        representative.c.community_id == deed.community_id,
        representative.c.id == representative_id,
    )
    row = deed.session.execute(select(representative).where(*of_it).with_for_update()).first()
    if row is None:
        raise NotFound(kind="representative")
    if deed.by.person_id is not None:
        require_unrelated(deed.session, deed.by, row.person_id, may.KEEP_REPRESENTATIVES)
    if row.ended_at is not None:
        raise WrongState(kind="representative", state="ended")
    deed.session.execute(update(representative).where(*of_it).values(ended_at=deed.now))
    end_visits(deed, why="role", person_id=row.person_id)
    audit(deed, name="end_representative", subject_kind="person", subject_id=row.person_id)
    return RepresentativeEnded(representative_id)


def _require_organisation(deed: Deed, organisation_id: int) -> None:
    known = select(organisation.c.id).where(
        organisation.c.community_id == deed.community_id, organisation.c.id == organisation_id
    )
    if deed.session.scalar(known) is None:
        raise NotFound(kind="organisation")


def end_speaking(deed: Deed, person_id: int) -> None:
    """Whoever cannot sign in any more speaks for no firm."""
    deed.session.execute(
        update(representative)
        .where(
            representative.c.community_id == deed.community_id,
            representative.c.person_id.in_(records_of(deed.community_id, [person_id])),
            representative.c.ended_at.is_(None),
        )
        .values(ended_at=deed.now)
    )
