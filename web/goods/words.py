"""Texts of goods: its refusals, kinds and states."""

from web.reader import lazy_gettext as _l
from web.wording import Names, States, Table, entry

REFUSALS: Table = {
    "TOO_CLOSE_TO_EXPIRY": entry(
        _l("离到期太近，这次收不了"),
        _l("食品离到期至少还要有 %(days_min)s 天，这样领的人才来得及用。"),
        _l("离到期的天数不够，领的人会来不及用。"),
        advice=_l("谢谢您的心意！日期更新的食品随时欢迎送来。"),
    ),
    "OPENED_FOOD": entry(
        _l("开封的食品收不了"),
        _l("开封以后不能保证安全，所以不能转给别人。"),
        advice=_l("没有开封的食品随时欢迎送来，谢谢您的心意！"),
    ),
    "NOT_ACCEPTED": entry(
        _l("这类东西公益店不收"),
        _l("为了安全和卫生，药品、证件、贴身旧衣和危险品等不能在这里转交。"),
        advice=_l("公益店门口写着可以收的东西；拿不准时请问店管员。"),
    ),
    "PRE_DEPOSIT_LAPSED": entry(
        _l("这次登记已经过期"),
        _l("说好最晚%(last_on)s送来，现在已经过了。"),
        _l("说好送来的日子已经过了。"),
        advice=_l("东西还在的话，请重新登记一次，或者直接送到公益店柜台。"),
    ),
    "OUT_OF_STOCK": entry(
        _l("货架上不够了"),
        _l("现在还能领 %(available)s 件。"),
        _l("刚刚被领完了。"),
        advice=_l("可以少领一些，或者过几天再来看看。"),
    ),
}
KINDS: Names = {
    "store": _l("家公益店"),
    "item": _l("种物品"),
    "lot": _l("批物品"),
    "deposit": _l("次存入"),
    "receipt": _l("张收据"),
}
STATES: States = {
    ("deposit", "announced"): _l("已登记，等着送来"),
    ("deposit", "received"): _l("已收下"),
    ("deposit", "lapsed"): _l("已过期"),
    ("deposit", "expired"): _l("已到期"),
    ("deposit", "cancelled"): _l("已取消"),
    ("lot", "cleaning"): _l("消毒中"),
    ("lot", "on_shelf"): _l("在架"),
}
FIELDS: Names = {
    "bring_on": _l("送来的日子"),
    "best_before_on": _l("保质期至"),
    "best_before": _l("保质期至"),
    "pieces": _l("数量"),
    "described": _l("物品说明"),
    "thanks": _l("怎样感谢"),
    "item_id": _l("物品"),
    "store_id": _l("公益店"),
    "donor_organisation_id": _l("捐赠单位"),
}
WHYS: Names = {
    "one_donor": _l("个人和单位只能填一个"),
    "intake_only": _l("这里只收不发，领取请选公益店"),
}
# Kinds of accounts in the trial balance.
ACCOUNTS: Names = {
    "clearing": _l("终端清算"),
    "thanks": _l("一共记下的感谢"),
}
# What happened, by the name of the deed in the books.
DEEDS: Names = {
    "dispose_lots": _l("处理物品"),
    "receive_deposit": _l("收下物品"),
}
