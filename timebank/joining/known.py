"""Whether somebody who registers may be known here already. Only the counter sees it."""

from sqlalchemy.orm import Session

from timebank.joining.queries import Registration
from timebank.people.actions.duplicates import require_new, require_new_phones
from timebank.people.refusals import DuplicateIdentity
from timebank.vault.cipher import vault_of


def why_known(session: Session, community_id: int, registered: Registration) -> str | None:
    """*name_and_birth* or *phone* if somebody here has the same; never who."""
    vault, birth = vault_of(session), registered.birth_on.isoformat()
    row = {
        "name": registered.name,
        "household_id": registered.id,  # Any household that is nobody's yet.
        "id_no_digest": None,
        "birth_digest": vault.digest("person.birth", birth),
        "birth_sealed": vault.seal(birth, "person.birth"),
        "phone_digest": vault.digest("person.phone", registered.phone),
        "phone_sealed": vault.seal(registered.phone, "person.phone"),
    }
    try:
        require_new(session, community_id, {0: row}, vault)
        require_new_phones(session, community_id, {0: row}, vault)
    except DuplicateIdentity as refusal:
        return str(refusal.facts.get("why"))
    return None
