"""What follows from the name of a community: its usual code, and the name of its shop."""

import re
from functools import lru_cache


@lru_cache(maxsize=256)
def spelled(name: str) -> str:
    """``柳园`` is ``liuyuan``; empty if nothing of the name can be spelled."""
    # Imported on first use: its dictionaries take a quarter of a second and 40 MB.
    from pypinyin import lazy_pinyin

    letters = "".join(lazy_pinyin(name, errors="ignore")) if not name.isascii() else name
    return re.sub("[^a-z0-9]+", "-", letters.lower()).strip("-")[:40]


def usual_code(name_zh: str) -> str:
    """The code of a community unless it chooses one: ``柳园社区`` is ``liuyuan``."""
    return spelled(name_zh.removesuffix("社区"))


def usual_shop(name_zh: str) -> str:
    """The name of its shop unless it chooses one."""
    return f"{name_zh}公益店"
