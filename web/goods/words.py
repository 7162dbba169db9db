"""Texts of goods: its refusals, kinds and states."""

from web.reader import lazy_gettext as _l
from web.wording import Names, States, Table, entry

REFUSALS: Table = {
    "JUST_ANNOUNCED": entry(
        _l("刚才已经登记过同样的东西"),
        _l("刚才已经登记过同样的东西，那一份还在。"),
        advice=_l("看一看那一份；真的还要再登记一份，就再按一次。"),
    ),
    "TOO_CLOSE_TO_EXPIRY": entry(
        _l("离到期太近，这次收不了"),
        _l("保质期到 %(last_on)s，送来的时候已经过了。"),
        _l("食品离到期至少还要有 %(days_min)s 天，这样领的人才来得及用。"),
        _l("离到期的天数不够，领的人会来不及用。"),
        advice=_l("谢谢您的心意！请改送日期新一些的。"),
    ),
    "OPENED_FOOD": entry(
        _l("开封的食品收不了"),
        _l("开封以后不能保证安全，所以不能转给别人。"),
        advice=_l("没有开封的食品随时欢迎送来，谢谢您的心意！"),
    ),
    "NOT_ACCEPTED": entry(
        _l("这类东西公益店不收"),
        _l("为了安全和卫生，药品、证件、贴身旧衣和危险品等不能在这里转交。"),
        advice=_l("拿不准的时候，请先问一问店管员。"),
    ),
    "LOAN_ONLY": entry(
        _l("这样东西是借的，不送"),
        _l("它要留给大家轮流用，领走就没有了；借用手续还没有开办，所以现在不能拿走。"),
        advice=_l("急用的话，请跟店管员或社工说，看看有没有别的办法。"),
    ),
    "BARCODE_TAKEN": entry(
        _l("这个条码是另一样物品"),
        _l("这个条码已经记在另一样物品名下。"),
        advice=_l("记错了的话，请在那样物品的页面上先去掉它。"),
    ),
    "STORE_IN_USE": entry(
        _l("这家店现在还不能关"),
        _l("店里的账上还有 %(pieces)s 件物品。"),
        _l("还有 %(deposits)s 份登记的捐物要送到这里。"),
        _l("这里还有 %(kiosks)s 台自助终端。"),
        _l("店里还有没有办完的事。"),
        advice=_l(
            "物品先发完，或者盘点时处理掉；登记的捐物先收下，或者请捐赠人改送别处；终端先停用。"
            "然后再来关。"
        ),
    ),
    "ITEM_RETIRED": entry(
        _l("这样东西不再收了"),
        _l("这样东西从 %(since_on)s 起不再收。"),
        _l("店里现在不收这样东西。"),
        advice=_l("谢谢您的心意！请看看店里还缺什么，或者问一问店管员。"),
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
    "item_change": _l("条物品改动"),
    "item_code": _l("个条码"),
}
STATES: States = {
    ("deposit", "announced"): _l("已登记，等着送来"),
    ("deposit", "received"): _l("已收下"),
    ("deposit", "lapsed"): _l("已过期"),
    ("deposit", "expired"): _l("已到期"),
    ("deposit", "cancelled"): _l("已取消"),
    ("item_code", "forgotten"): _l("已经去掉"),
    ("store", "closed"): _l("已经关了"),
    ("store", "open"): _l("正开着"),
    ("item", "no_picture"): _l("没有照片"),
    ("item", "retired"): _l("已经停收"),
    ("item", "in_use"): _l("正在收"),
    ("item_change", "open"): _l("已经有人提出，还没有定"),
    ("item_change", "asked"): _l("等另一位同意"),
    ("item_change", "agreed"): _l("已经同意"),
    ("item_change", "done"): _l("已经改好"),
    ("item_change", "dropped"): _l("已经收回"),
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
    "item_kind": _l("种类"),
    "barcode": _l("条码"),
    "picture": _l("照片"),
    "name_en": _l("英文名称"),
    "unit_zh": _l("量词"),
    "unit_en": _l("英文量词"),
    "reference_fen": _l("参考价"),
    "shelf_life_days": _l("一般能放"),
    "storage": _l("存放"),
    "since_on": _l("从哪天起"),
    "is_loan": _l("只借不送"),
    "donor_organisation_id": _l("捐赠单位"),
    "announced_line": _l("登记的第几样"),
    "pickup_code": _l("取物码"),
    "day_on": _l("哪一天"),
    "hours": _l("开门时间"),
    "place_id": _l("地点"),
}
WHYS: Names = {
    "short": _l("至少要有一天开门满两小时"),
    "kind": _l("这个地点不是店铺"),
    "one_donor": _l("个人和单位只能填一个"),
    "unchanged": _l("和现在一样，没有要改的"),
    "fixed": _l("这一项不能改，请另加一样物品"),
    "food_only": _l("只有食品写这一项，食品必须写"),
    "name_taken": _l("目录里已经有这个名称，或者有人刚提出过"),
    "intake_only": _l("这里只收不发，领取请选公益店"),
}
# What a kind of goods requires, as a keeper or a donor is asked.
REQUIRED: Names = {
    "sealed": _l("包装没有打开过"),
    "label_readable": _l("标签看得清"),
    "expiry_visible": _l("看得到保质期"),
    "washed": _l("洗干净、晒干了"),
    "working_test": _l("通电试过，能用"),
    "safety_mark": _l("有安全认证标志（3C）"),
    "age_label": _l("标着适合几岁的孩子"),
}
# What was wrong, and what to do instead.
LACKED: Names = {
    "sealed": _l("包装打开过；请送没有开封的来"),
    "label_readable": _l("标签看不清；请送标签清楚的来"),
    "expiry_visible": _l("看不到保质期；请送印着日期的来"),
    "washed": _l("还没有洗；请洗净、晒干再送来"),
    "working_test": _l("没有试过，或不能用；请试好、修好再送来"),
    "safety_mark": _l("没有安全认证标志；这样的电器请交给回收点"),
    "age_label": _l("没有标适合几岁；请送有年龄标签的来"),
    "condition": _l("太旧了；请送八成新以上的来"),
}
# The kinds of goods that are never taken, and what to do instead where there is something.
NEVER_TAKEN: Names = {
    "medicine": _l("药品；过期药请交药店回收"),
    "opened_food": _l("打开过的食品；请送没有开封的来"),
    "home_cooked": _l("自己做的饭菜；请送有包装的食品"),
    "unlabelled_food": _l("没有标签的食品；请送有标签的来"),
    "thawed_food": _l("化冻的食品；请送常温能放的来"),
    "alcohol": _l("酒"),
    "tobacco": _l("烟"),
    "tobacco_branded": _l("印着烟草牌子的东西"),
    "weapon": _l("刀具、武器；请交派出所"),
    "child_seat": _l("儿童安全座椅；不知道有没有撞过"),
    "helmet": _l("头盔；不知道有没有撞过"),
    "recalled": _l("厂家召回的东西；请退给商家"),
    "personal_data": _l("存着个人资料的手机、电脑；请先清空"),
    "underwear": _l("内衣；请送没有拆封的新品"),
    "used_socks": _l("穿过的袜子；请送新的来"),
    "damaged": _l("破损的东西；请修好再送来"),
    "smelly": _l("有异味的东西；请洗净、晒干再送来"),
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
# What somebody did, for the audit page: follows their name.
AUDITED: Names = {
    "add_items": _l("加了物品目录"),
    "set_item_picture": _l("放了一样物品的照片"),
    "remove_item_picture": _l("拿掉了一样物品的照片"),
    "learn_barcode": _l("记住了一个条码"),
    "forget_barcode": _l("去掉了一个条码"),
    "close_store": _l("关了一家店"),
    "reopen_store": _l("又开了一家店"),
    "add_stores": _l("开了门店"),
    "agree_item_change": _l("同意了物品目录的改动"),
    "drop_item_change": _l("收回了物品目录的改动"),
    "propose_item": _l("提出加一样物品"),
    "propose_item_change": _l("提出改一样物品"),
    "propose_item_end": _l("提出停收或恢复一样物品"),
    "take_up_item_change": _l("让物品目录的改动生效"),
    "announce_deposit": _l("预先登记了捐物"),
    "bring_deposit": _l("找回了预先登记的捐物"),
    "lapse_announcements": _l("让过期的预登记失效"),
    "receive_deposit": _l("收下了捐物"),
    "set_store_day": _l("改了一天的营业时间"),
    "set_store_week": _l("改了每周的营业时间"),
    "sign_cleaning": _l("签了清洁消毒"),
}
