"""What the page of a household begins with, from what somebody registered."""

from datetime import date
from typing import Any

from timebank.joining.queries import Registration
from timebank.joining.rules import is_minor
from timebank.people.rules.records import HEAD


def family_of(registered: Registration, today: date) -> dict[str, Any]:
    """Fill building, phone, language and the first rows.

    A minor stands below the guardian, who heads the household; as a volunteer with the row of the
    guardian's consent.
    """
    own = {
        "name": registered.name,
        "birth_on": registered.birth_on,
        "is_volunteer": registered.is_volunteer,
    }
    if not is_minor(registered.birth_on, today):
        rows, papers = [{**own, "relation": HEAD, "wants_card": True}], []
    else:
        guardian = {"name": registered.guardian_name, "relation": HEAD, "wants_card": True}
        rows = [guardian, {**own, "relation": "child"}]
        papers = [{"kind": "guardian_consent", "member": "1"}] if registered.is_volunteer else []
    return {
        "building_id": str(registered.building_id or ""),
        "phone": registered.guardian_phone or registered.phone,
        "language": registered.language,
        "members": rows,
        "papers": papers,
    }
