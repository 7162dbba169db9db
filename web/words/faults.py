"""Texts for failures that are not refusals: a wrong address, a bug, an expired page."""

from collections.abc import Mapping

from web.reader import lazy_gettext as _l
from web.wording import AGAIN, Words, entry

# Flask's own errors use the text of our refusal with the same status.
CODES: Mapping[int, str] = {
    403: "NOT_ALLOWED",
    409: "WRONG_STATE",
    422: "BAD_INPUT",
    429: "TOO_MANY_TRIES",
}
STATUSES: Mapping[int, Words] = {
    400: entry(_l("这次没有收到完整的内容"), _l("网页传来的内容不完整。"), advice=AGAIN),
    404: entry(
        _l("没有这一页"),
        _l("地址可能输错了一点，或者这一页已经搬走。"),
        advice=_l("请从首页重新开始。"),
    ),
    405: entry(_l("这一页不能这样打开"), _l("请从原来的页面按按钮进入。"), advice=AGAIN),
    413: entry(_l("内容太大了"), _l("一次传来的内容超过了上限。"), advice=_l("请分几次来。")),
    500: entry(
        _l("我们这边出了点问题"),
        _l("刚才这一步没有办成，账上没有任何变动，先前办好的事都还在。"),
        advice=_l("请稍后再试一次；如果急用，请到社区柜台，工作人员可以当面办理。"),
    ),
    503: entry(
        _l("现在有点忙"),
        _l("同时办理的人比较多，刚才这一步还没有开始。"),
        advice=_l("请等几秒钟，再按一次就好，不会重复记账。"),
    ),
}
NO_COMMUNITY: Mapping[str, Words] = {
    "none": entry(
        _l("这里还没有社区"),
        _l(
            "服务器已经装好，但里面还没有建立社区，所以还什么都办不了。等多久都一样，不用反复刷新。"
        ),
        advice=_l(
            "请管理服务器的人来建立：打开 /set-up，输入服务器启动时显示的开通码；"
            "或者用 timebank found 读一份文件（见 docs/founding.md）。"
            "只想看一看，可以另用一个空的数据文件夹装示范社区：timebank demo。"
        ),
    ),
    "several": entry(
        _l("还没有选定是哪个社区"),
        _l("服务器里有几个社区，但没有写明这个网址是哪一个的。"),
        advice=_l("请管理服务器的人把 TIMEBANK_COMMUNITY 设成这个社区的代码，再重新启动。"),
    ),
    "unknown": entry(
        _l("没有找到这个社区"),
        _l("设置里写的社区代码，服务器里没有。"),
        advice=_l("请管理服务器的人核对 TIMEBANK_COMMUNITY，再重新启动。"),
    ),
}
NO_RULES = entry(
    _l("这里的规则还没有定好"),
    _l("社区还没有写下办这件事要用的规则，所以什么也没有改动。"),
    advice=_l("请过几天再来，或者到社区柜台问一问。"),
)
AWAY = entry(
    _l("现在暂时办不了"),
    _l("服务器现在存不了东西，刚才这一步没有办成，账上没有任何变动，先前办好的事都还在。"),
    advice=_l("请过几分钟再试一次；如果急用，请到社区柜台，工作人员可以当面办理。"),
)
STALE_FORM = entry(
    _l("这一页放得有点久了"),
    _l("为了保护您的账户，放久的页面不能直接提交，所以什么也没有改动。"),
    advice=_l("请回到上一页，刷新后再填一次。"),
)
