"""What a story needs of hours before its first step: services and registered volunteers."""

from datetime import date, timedelta

from timebank.hours.actions import NewVolunteer, register_volunteers
from timebank.hours.usual import usual_services
from timebank.people.rules.ages import MINOR_GROUPS, age_group
from timebank.stories.stage import Stage
from timebank.stories.story import Story


def open_services(stage: Stage, story: Story) -> None:
    """Name the services of the story, which calls them by their Chinese name."""
    for service, service_id in zip(usual_services(), stage.founded.service_ids, strict=True):
        stage.remember("service", service.name_zh, service_id)


def _is_minor(born: date | None, on: date) -> bool:
    return born is not None and age_group(born, on)[0] in MINOR_GROUPS


def register_cast(stage: Stage, story: Story) -> None:
    """Register those of the section ``cast`` who are marked ``volunteer: true``.

    A minor is registered in a step, once the consent of a guardian is entered.
    """
    cast = story.sections.get("cast") or {}
    since = stage.today - timedelta(days=1)
    volunteers = tuple(
        NewVolunteer(stage.who(name).person_id or 0, since)
        for name, person in {**cast.get("people", {}), **cast.get("staff", {})}.items()
        if person.get("volunteer") and not _is_minor(person.get("born"), stage.today)
    )
    if volunteers:
        stage.perform(register_volunteers, stage.founder, volunteers=volunteers)
