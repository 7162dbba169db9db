"""Districts by GB/T 2260, from the table that comes with ``python-stdnum``."""

import re
from functools import cache

from stdnum import numdb

from timebank.typed import joined

_ENTRY = re.compile(r"(?:\[([0-9]*)-([0-9]*)\])?([^\[,]+)")
_CITY = "00"
_NO_CITY = ("市辖区", "县")  # What stands in the place of a city within a municipality.


def read_division(text: str) -> str | None:
    """Read six digits of either width; None for what is no district today."""
    code = joined(text)
    return code if re.fullmatch("[0-9]{6}", code) and division_name(code) else None


@cache
def division_name(code: str) -> str:
    """Province, city and district of a code; empty for one that is not in use today."""
    county = _of(code, "county")
    if not county or code.endswith("0000") or (code.endswith(_CITY) and _has_districts(code)):
        return ""
    city = _of(f"{code[:4]}{_CITY}", "county")
    parts = (_of(code, "province"), "" if city in _NO_CITY else city, county)
    return "".join(dict.fromkeys(parts))


def _has_districts(code: str) -> bool:
    """Tell whether a city is divided; a few, such as 441900, are not."""
    return any(_of(f"{code[:4]}{number:02d}", "county") for number in range(1, 100))


def _of(code: str, part: str) -> str:
    """One part of the entry: of several in the course of time, the one that has not ended."""
    for _digits, facts in numdb.get("cn/loc").info(code):
        for _since, until, name in _ENTRY.findall(str(facts.get(part, ""))):
            if not until:
                return str(name).strip()
    return ""
