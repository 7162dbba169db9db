"""What the pages of the settings show: each parameter with its versions, each change in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from timebank.people.queries import briefs, household_briefs
from timebank.policy.queries import parameter_history
from timebank.policy.rules import PARAMETERS, Parameter, Parameters
from timebank.policy.rules.effects import Affected, Effect
from timebank.settings.queries import (
    Change,
    change_read,
    changes_of,
    effects_of,
    open_changes,
)
from timebank.subjects import effects as told_effects
from timebank.values import By
from web.people.sight import reads_names, shown_name
from web.reader import gettext as _
from web.settings.sentences import GROUPS, default_of, group_of, label, sentence
from web.settings.words import effect_words, moved_words


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One parameter on a day: its sentence, its row, the rows that begin later, what is proposed.

    ``row`` is None where nothing is set and there is no default.
    """

    key: str
    label: str
    sentence: str
    row: Parameter | None
    later: tuple[Parameter, ...] = ()
    waiting: tuple[Change, ...] = ()

    @property
    def from_on(self) -> date | None:
        """From when its value is in force; None for a default that nobody set."""
        if self.row is None or self.row.valid_from_on == date.min:
            return None
        return self.row.valid_from_on

    def has(self, text: str) -> bool:
        """Tell whether a search finds it."""
        source = "" if self.row is None else self.row.source
        return any(
            text in part.casefold() for part in (self.label, self.sentence, source, self.key)
        )


def row_on(history: Iterable[Parameter], key: str, on: date) -> Parameter | None:
    """The row of a parameter that is in force on a day, or its default."""
    found = Parameters.of(history, on).rows.get(key)
    if found is not None or default_of(key) is None:
        return found
    return Parameter(
        key=key, value=default_of(key), unit=PARAMETERS[key].unit, valid_from_on=date.min,
        source=_("本平台默认值（社区还没有另定）"),
    )  # fmt: skip


def settings_on(session: Session, by: By, on: date, now: datetime) -> list[Setting]:
    """Every parameter, with what comes later and what is proposed."""
    history = parameter_history(session, by.community_id)
    waiting = open_changes(session, by.community_id, now=now)
    return [
        _setting(history, key, on, waiting=[one for one in waiting if one.key == key])
        for key in PARAMETERS
    ]


def setting_on(session: Session, community_id: int, key: str, on: date) -> Setting:
    """One parameter on a day, without what is proposed."""
    return _setting(parameter_history(session, community_id), key, on)


def _setting(
    history: Iterable[Parameter], key: str, on: date, waiting: Iterable[Change] = ()
) -> Setting:
    row = row_on(history, key, on)
    later = (one for one in history if one.key == key and one.valid_from_on > on)
    return Setting(
        key=key, label=label(key), sentence="" if row is None else sentence(key, row.value),
        row=row, later=tuple(later), waiting=tuple(waiting),
    )  # fmt: skip


def in_groups(settings: Iterable[Setting]) -> list[tuple[str, str, list[Setting]]]:
    """The settings by group, in the order of the groups; a group without one is left out."""
    found: dict[str, list[Setting]] = {}
    for one in settings:
        found.setdefault(group_of(one.key), []).append(one)
    return [(code, str(word), found[code]) for code, word in GROUPS.items() if code in found]


@dataclass(frozen=True, slots=True)
class Version:
    """A row of a parameter in words: ``when`` is *past*, *now* or *later*."""

    row: Parameter
    sentence: str
    when: str


def versions_of(session: Session, community_id: int, key: str, on: date) -> list[Version]:
    """Every value that a parameter had, has and will have, the newest first."""
    rows = [row for row in parameter_history(session, community_id) if row.key == key]
    current = row_on(rows, key, on)
    return [
        Version(row, sentence(key, row.value), _when(row, current, on))
        for row in sorted(rows, key=lambda row: row.valid_from_on, reverse=True)
    ]


def _when(row: Parameter, current: Parameter | None, on: date) -> str:
    if row.valid_from_on > on:
        return "later"
    return "now" if row == current else "past"


def settled_changes(session: Session, community_id: int, key: str, now: datetime) -> Any:
    """The proposals for a parameter that are not in force: waiting, withdrawn, too late."""
    found = changes_of(session, community_id, key)
    return [(one, state) for one in found if (state := one.state(now)) != "confirmed"]


@dataclass(frozen=True, slots=True)
class EffectShown:
    """A sentence, and who is affected, for those who may see it."""

    sentence: str
    people: tuple[tuple[str, str], ...]
    more: int


def effects_shown(session: Session, by: By, row: Parameter, now: datetime) -> list[EffectShown]:
    """For whom a new row changes something; names only for whoever reads the names of all."""
    change = change_read(session, by.community_id, row, now=now)
    effects = effects_of(session, by.community_id, change, tell=told_effects())
    names = _names(session, by, effects) if reads_names(by) else {}
    return [_shown(effect, names) for effect in effects]


def _shown(effect: Effect, names: Mapping[Affected, str]) -> EffectShown:
    people = tuple(
        (names[one], moved_words(effect.kind, one)) for one in effect.affected if one in names
    )
    return EffectShown(effect_words(effect), people, effect.count - len(people) if people else 0)


def _names(session: Session, by: By, effects: Iterable[Effect]) -> dict[Affected, str]:
    affected = [one for effect in effects for one in effect.affected]
    people = briefs(session, by.community_id, (one.person_id for one in affected if one.person_id))
    homes = household_briefs(
        session, by.community_id, (one.household_id for one in affected if one.household_id)
    )
    names = {}
    for one in affected:
        if one.person_id in people:
            names[one] = shown_name(by, people[one.person_id])
        elif one.household_id in homes:
            home = homes[one.household_id]
            building = _("%(number)s 号楼", number=home.building_no)
            names[one] = f"{_('家庭 %(no)s', no=home.household_no)} · {building}"
    return names
