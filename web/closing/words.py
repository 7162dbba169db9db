"""Texts of closing: its refusals, and the states of a day."""

from web.reader import lazy_gettext as _l
from web.wording import Names, States, Table, entry

REFUSALS: Table = {
    "COUNT_OUTDATED": entry(
        _l("数过以后，账上有了进出"),
        _l("数钱箱以后，又付出了 %(paid_fen)s，账上现在是 %(is_now_fen)s。"),
        _l("数钱箱以后，又收进了 %(taken_fen)s，账上现在是 %(is_now_fen)s。"),
        _l("刚才账上是 %(was)s，现在是 %(is_now)s。"),
        _l("刚才有人领走或送来了东西，账上的数变了。"),
        advice=_l("请再数一次。"),
    ),
    "PROMISED_PIECES_MISSING": entry(
        _l("少了的东西，已经答应给邻居"),
        _l("少了 %(missing_pieces)s 是为这些单子留着的：%(claims)s。"),
        _l("少了的东西已经为邻居留着。"),
        advice=_l("再找一找；真的不在了，就先取消那一单，再来签字。"),
    ),
}
KINDS: Names = {
    "day_sheet": _l("张日结单"),
    "till": _l("个钱箱"),
}
STATES: States = {
    ("day", "day_open"): _l("前一天的账还没有结"),
    ("day", "day_closed"): _l("这一天的账已经结好"),
    ("day", "day_not_open"): _l("今天的账还没有开始"),
    ("day", "day_not_counted"): _l("还没有盘点"),
    ("day", "day_counted_anew"): _l("又盘点了一次，请看新的"),
}
FIELDS: Names = {
    "counted": _l("数到的数量"),
    "condition": _l("新旧"),
}
# Kinds of accounts in the trial balance.
ACCOUNTS: Names = {
    "cash": _l("钱箱"),
    "signed": _l("签过字的日结单"),
    "signing": _l("一共签过的日结单"),
    "variance": _l("盘点差异"),
}
# What somebody did, for the audit page: follows their name.
AUDITED: Names = {
    "close_day": _l("签了日结"),
    "count_day": _l("盘点了"),
    "open_day": _l("开始了日结"),
}
