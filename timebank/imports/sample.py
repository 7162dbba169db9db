"""What sheets bring to the sample community: one that waits for the second person."""

from timebank.imports.actions import stage_sheet
from timebank.people.sample.neighbourhood import Neighbourhood
from timebank.stories.life import Life

_NEW_HOMES = (
    ("新搬来的人家", "", "", "", ""),
    ("楼栋", "门牌", "姓名", "和户主的关系", "出生日期"),
    ("3", "新101", "邵甲一", "户主", "1958-03-08"),
    ("3", "新101", "邵乙二", "配偶", "1960-11-21"),
    ("3", "新102", "毛丙三", "户主", "1971-05-02"),
)
_OLD_LIST = (
    ("楼栋", "门牌", "姓名", "身份证号", "出生日期"),
    ("5", "新201", "毛丁四", "9.90106E+17", "10/11/1949"),
    ("77", "新202", "邵戊五", "", "1980-02-30"),
)


def upload_sheets(life: Life) -> None:
    """On the last day a coordinator uploads a list that can be signed, and one with faults."""
    if not life.is_last_day:
        return
    head = life.part(Neighbourhood).staff["coordinator"][0]
    for minute, name, rows in ((10, "新搬来的.xlsx", _NEW_HOMES), (20, "旧名单.csv", _OLD_LIST)):
        life.send(
            stage_sheet, head, now=life.at(16, minute), kind="people", file_name=name, rows=rows
        )
