"""What notices bring to the sample community: two that are up today."""

from datetime import timedelta

from timebank.notices.actions import write_notice
from timebank.people.sample import Neighbourhood
from timebank.stories.life import Life


def put_up(life: Life) -> None:
    """On the last day the coordinator writes of a lesson, and a keeper of what is wanted."""
    if not life.is_last_day:
        return
    staff = life.part(Neighbourhood).staff
    life.send(
        write_notice,
        staff["coordinator"][0],
        now=life.at(9, 30),
        title_zh="星期六上午，手把手教用手机",
        text_zh="下个星期六九点半，社区活动室。挂号、视频、认骗子短信，带上自己的手机就行，不用报名。",
        title_en="Saturday morning: help with your phone",
        text_en="Next Saturday, 9:30, community room. Bring your own phone; no need to book.",
        from_on=life.day,
        until_on=life.day + timedelta(days=10),
    )
    life.send(
        write_notice,
        staff["keeper"][0],
        now=life.at(9, 40),
        title_zh="店里最缺：棉被、书包",
        text_zh="天冷了，来领棉被的邻居多。家里有洗净的棉被、能背的书包，欢迎送到店里。",
        title_en="Wanted most: quilts and school bags",
        text_en="It is getting cold. Washed quilts and usable school bags are welcome at the shop.",
        from_on=life.day,
        until_on=life.day + timedelta(days=30),
    )
