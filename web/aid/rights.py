"""The rights of ``aid``, in words for the table of who may do what."""

from web.reader import lazy_gettext as _l
from web.wording import Names

RIGHTS: Names = {
    "aid": _l("申领"),  # The heading of the group.
    "aid.claim_for_others": _l("替居民申领"),
    "aid.claim_for_grid": _l("替本网格的居民申领"),
    "aid.serve_counter": _l("在柜台发放"),
    "aid.cancel_for_others": _l("替居民取消申领"),
    "aid.ask_for_others": _l("替居民请人看一看"),
    "aid.decide_review": _l("复核申领（不能是自己家的）"),
    "aid.carry_over": _l("把旧规则下的申领带过来（系统自己做）"),
    "aid.lapse_claims": _l("没来取的申领收尾（系统自己做）"),
    "aid.sweep_expired": _l("清点到期的物品（系统自己做）"),
}
