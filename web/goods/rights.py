"""The rights of ``goods``, in words for the table of who may do what."""

from web.reader import lazy_gettext as _l
from web.wording import Names

RIGHTS: Names = {
    "goods": _l("物品和店"),  # The heading of the group.
    "goods.receive_deposit": _l("收下捐来的物品"),
    "goods.sign_cleaning": _l("签消毒"),
    "goods.announce_for_others": _l("替居民预报捐赠"),
    "goods.lapse_announcements": _l("过期的预报收尾（系统自己做）"),
    "goods.watch_clearing": _l("看存放箱里没点清的物品"),
    "goods.add_items": _l("登记物品目录"),
    "goods.add_stores": _l("登记店和接收点"),
    "goods.read_store": _l("看店里的货和收据"),
    "goods.set_opening": _l("改开门时间和休息日"),
    "goods.read_catalogue": _l("看物品目录"),
    "goods.propose_items": _l("提出加一样物品，或者改一样"),
    "goods.decide_items": _l("同意物品目录的改动（不能是提出的人）"),
}
