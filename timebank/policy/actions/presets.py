"""Load a preset: its dated parameters, and its rules through every state in one deed."""

from dataclasses import dataclass
from datetime import date

from timebank.deeds.action import action
from timebank.deeds.audit import audit
from timebank.deeds.deed import Deed
from timebank.policy import may
from timebank.policy.actions.parameters import require_no_person, write_parameters
from timebank.policy.actions.versions import (
    approve_rule,
    insert_draft,
    lock_version,
    pass_rehearsal,
    put_on_calendar,
)
from timebank.policy.presets import PresetProgramme, read_preset
from timebank.policy.queries import parameters_on
from timebank.policy.rules import PARAMETERS, Parameter, check_parameter
from timebank.values import local_day


@dataclass(frozen=True, slots=True)
class PresetLoaded:
    preset: str
    parameters: int
    rule_version_ids: tuple[int, ...]


@action("load_preset")
def load_preset(
    deed: Deed, *, preset: str, from_on: date, without: tuple[str, ...] = ()
) -> PresetLoaded:
    """Give a community the parameters and rules of a published preset from a day on.

    The preset's author drafted them, its golden cases rehearse them, and the founding that loads
    them is the second. ``without`` are keys that keep their usual value.
    A past day is allowed only if nothing was in force yet.

    **Refuses**: ``NotAllowed``, to every person; ``NotFound`` for the preset; ``BadInput``
    if a parameter has a value from that day already; ``RuleOverlap``; ``RehearsalFailed``.
    """
    may.LOAD_PRESET.require_everywhere(deed.by)
    require_no_person(deed, "load_preset")
    content = read_preset(preset)
    rows = []
    for setting in content.parameter:
        if setting.key in without:
            continue
        check_parameter(setting.key, setting.value)
        unit = PARAMETERS[setting.key].unit
        rows.append(
            Parameter(
                key=setting.key,
                value=setting.value,
                unit=unit,
                valid_from_on=from_on,
                source=setting.source,
                note=setting.note,
            )
        )
    write_parameters(deed, rows)
    author = f"preset:{preset}"
    ids = tuple(
        _put_in_force(deed, programme, author=author, from_on=from_on)
        for programme in content.programme
    )
    audit(
        deed,
        name="load_preset",
        subject_kind="preset",
        facts={"preset": preset, "from_on": from_on.isoformat(), "parameters": len(rows)},
    )
    return PresetLoaded(preset, len(rows), ids)


def _put_in_force(deed: Deed, one: PresetProgramme, *, author: str, from_on: date) -> int:
    draft = insert_draft(deed, one.code, one.rule, drafted_by=author)
    rule_version_id = draft.rule_version_id
    row = lock_version(deed.session, deed.community_id, rule_version_id, "draft")
    parameters = parameters_on(deed.session, deed.community_id, max(from_on, local_day(deed.now)))
    pass_rehearsal(deed, row, one.golden, parameters=parameters)
    approve_rule(deed, rule_version_id=rule_version_id)
    row = lock_version(deed.session, deed.community_id, rule_version_id, "approved")
    put_on_calendar(deed, row, from_on=from_on, until_on=None)
    return rule_version_id
