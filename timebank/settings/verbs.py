"""What people of a story do with the rules: propose a change, confirm it, withdraw it."""

from timebank.policy.queries import parameters_on
from timebank.settings import actions
from timebank.stories.shapes import Keyed, Named, anything, day, shaped, text
from timebank.stories.stage import Body, Stage
from timebank.values import By


@shaped(Keyed({"name": text, "key": text, "value": anything, "from": day, "reason": text}))
def propose_setting(stage: Stage, by: By, body: Body) -> Body:
    """Propose another ``value`` of the parameter ``key`` ``from`` a day on."""
    proposed = stage.perform(
        actions.propose_setting, by, key=body["key"], value=body["value"],
        valid_from_on=body["from"], source="居民议事会", reason=body["reason"],
    )  # fmt: skip
    stage.remember("setting", body["name"], proposed.change_id)
    return {}


@shaped(Keyed({"setting": text}))
def confirm_setting(stage: Stage, by: By, body: Body) -> Body:
    """Confirm the ``setting`` as a second person."""
    stage.perform(actions.confirm_setting, by, change_id=stage.known("setting", body["setting"]))
    return {}


@shaped(Keyed({"setting": text}))
def withdraw_setting(stage: Stage, by: By, body: Body) -> Body:
    """Withdraw the ``setting``."""
    stage.perform(actions.withdraw_setting, by, change_id=stage.known("setting", body["setting"]))
    return {}


@shaped(Named(anything))
def check_parameters(stage: Stage, wanted: Body) -> Body:
    """Read the values of some parameters that are in force today."""
    with stage.database.reading() as session:
        rows = parameters_on(session, stage.community_id, stage.today)
        return {key: rows.row(key).value for key in wanted}
