"""What the staff of the sample community propose: one change that waits for a second person."""

from datetime import timedelta

from timebank.people.sample.neighbourhood import Neighbourhood
from timebank.settings.actions import confirm_setting, propose_setting
from timebank.stories.life import Life

CHANGED_DAYS_AGO = 45
DAYS_AHEAD = 30


def change_rules(life: Life) -> None:
    """Let papers be entered earlier, some weeks ago; on the last day propose a lower cap."""
    neighbourhood = life.part(Neighbourhood)
    head = neighbourhood.staff["coordinator"][0]
    if life.day == life.today - timedelta(days=CHANGED_DAYS_AGO):
        proposed = life.send(
            propose_setting, head, now=life.at(15), key="people.paper_ahead_days", value=90,
            valid_from_on=life.day + timedelta(days=1), source="居民议事会第3次会议记录",
            reason="续期可以早一点来，月底不用排队",
        )  # fmt: skip
        second = neighbourhood.staff["approver"][0]
        assert proposed is not None
        life.send(confirm_setting, second, now=life.at(15, 30), change_id=proposed.change_id)
    if life.is_last_day:
        life.send(
            propose_setting, head, now=life.at(15), key="aid.household_pieces_max", value=16,
            valid_from_on=life.day + timedelta(days=DAYS_AHEAD), source="居民议事会第5次会议记录",
            reason="货架来的东西少了，先让每家都能领到一些",
        )  # fmt: skip
