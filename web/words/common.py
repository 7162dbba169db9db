"""What anybody may meet: the books, people, kiosks."""

from web.reader import lazy_gettext as _l
from web.words.entries import ASK, COUNTER, RELOAD, Table, entry

COMMON: Table = {
    "REFUSED": entry(_l("这件事现在办不了"), _l("按现在的规则，这件事办不了。"), advice=ASK),
    # Anybody may meet these.
    "NOT_FOUND": entry(
        _l("没有找到"),
        _l("没有找到这%(kind)s。"),
        _l("您要找的内容不在这里，可能号码有误，或者已经移走。"),
        advice=_l("请核对号码，或者回到首页重新查找。"),
    ),
    "NOT_ALLOWED": entry(
        _l("这里需要相应的岗位"),
        _l("办这件事需要另一位工作人员或本人来做，您的账号现在没有这项权限。"),
        advice=_l("如果这是您的工作，请社区负责人为您开通；如果是您自己的事，请到柜台办理。"),
    ),
    "BAD_INPUT": entry(
        _l("有一处需要改一下"),
        _l("“%(field)s”：%(why)s。"),
        _l("有一处填写的内容不合适。"),
        advice=_l("其他内容都还在，改好后再按一次即可。"),
    ),
    "WRONG_STATE": entry(
        _l("这件事已经有了变化"),
        _l("它现在的状态是“%(state)s”，不能再这样办理。"),
        _l("您打开页面以后，它已经被办理过了。"),
        advice=RELOAD,
    ),
    # The books.
    "REQUEST_KEY_REUSED": entry(
        _l("请重新打开这一页"),
        _l("这一页已经用过一次，内容又改动了，所以没有再记账。"),
        advice=_l("请重新打开页面再填一次，先前办好的事不会丢。"),
    ),
    "REQUEST_KEY_NEEDED": entry(
        _l("这次请求没有编号"),
        _l("请在请求头里给这次请求编一个号，%(least)s到%(most)s个字母、数字或符号。"),
        _l("每次办理都要带一个请求编号，重复发送才不会重复记账。"),
        advice=_l("补上编号后再发一次，什么都还没有办理。"),
    ),
    "INSUFFICIENT_BALANCE": entry(
        _l("可用的余额不够"),
        _l("还差 %(short_by)s，预留的部分已经算在内。"),
        _l("扣除预留的部分以后，余额不够办这件事。"),
        advice=_l("可以减少一些，或者等预留结束后再办。"),
    ),
    "ABOVE_CEILING": entry(
        _l("超过了账户上限"),
        _l("这样会超过账户上限 %(over_by)s。"),
        _l("这样会超过账户可以存放的上限。"),
        advice=_l("可以先使用或转赠一部分，再来存入。"),
    ),
    "ACCOUNT_CLOSED": entry(_l("这个账户已经停用"), _l("停用的账户不再记账。"), advice=ASK),
    "COMMODITY_MISMATCH": entry(
        _l("两边记的不是同一种东西"),
        _l("时间、物品和资金分开记账，不能互相转换。"),
        advice=ASK,
    ),
    "HOLD_ALREADY_RESOLVED": entry(
        _l("这笔预留已经结束"),
        _l("它已经领走、取消或过期，不能再办第二次。"),
        advice=RELOAD,
    ),
    "CAPTURE_ABOVE_HOLD": entry(
        _l("超过了预留的数量"),
        _l("最多只能办理预留的 %(held)s。"),
        _l("发出的数量不能多于预留的数量。"),
        advice=_l("请按预留数量办理，多出的部分请另外申领。"),
    ),
    "ALREADY_REVERSED": entry(_l("这笔账已经更正过"), _l("一笔账只能更正一次。"), advice=RELOAD),
    "FACT_SETTLED": entry(
        _l("这笔账缺的部分已经处理过"),
        _l("现在更正它，处理过的那一部分就会没有着落。"),
        advice=_l("请先更正处理它的那笔账，再更正这一笔。"),
    ),
    # People.
    "DUPLICATE_IDENTITY": entry(
        _l("这个证件号码已经登记"),
        _l("为了保护隐私，这里不显示登记在谁的名下。"),
        advice=_l("请带上身份证原件到社区柜台核对。"),
    ),
    "BAD_ID_NUMBER": entry(
        _l("证件号码不对"),
        _l("这个号码的位数或最后一位校验码不符。"),
        advice=_l("请照身份证原件再输入一次，末位可能是字母 X。"),
    ),
    "SIGN_IN_NEEDED": entry(
        _l("请先登录"),
        _l("还没有登录，或者登录已经到期。"),
        advice=_l("登录以后再试一次，什么都没有改动。"),
    ),
    "SIGN_IN_FAILED": entry(
        _l("没有登录成功"),
        _l("用户名与密码，或者卡号与数字密码，没有对上。"),
        advice=_l("请再试一次。忘记了也不要紧，带上身份证到社区柜台可以重设。"),
    ),
    "TOO_MANY_TRIES": entry(
        _l("请稍等再试"),
        _l("试的次数有点多，为了保护账户，%(until_at)s 以后可以再试。"),
        _l("试的次数有点多，为了保护账户，要等一会儿才能再试。"),
        advice=_l("急用的话，请带身份证到社区柜台，工作人员当面为您办理。"),
    ),
    "CARD_UNKNOWN": entry(
        _l("没有认出这张卡"),
        _l("这不是本社区的服务卡，或者方码没有扫清楚。"),
        advice=_l("请再扫一次，或者输入卡面上的号码；仍然不行，请到柜台补办。"),
    ),
    "CARD_REVOKED": entry(
        _l("这张卡已经停用"),
        _l("可能已经挂失，或者换了新卡。账户里的一切都还在。"),
        advice=_l("请使用新卡，或者带上身份证到社区柜台补办。"),
    ),
    # Kiosks.
    "PAIRING_REFUSED": entry(
        _l("配对没有成功"),
        _l("配对码已经用过、过期，或者输入有误。"),
        advice=_l("请在“自助终端”一页重新生成配对码。"),
    ),
    "BAD_SIGNATURE": entry(
        _l("没有认出这台终端"),
        _l("传来的内容和终端的签名不符，已经原样保存，没有记账。"),
        advice=_l("请通知社区负责人检查这台终端。"),
    ),
    "DEVICE_REVOKED": entry(
        _l("这台终端已经停用"),
        _l("停用的终端传来的内容会保存下来，由工作人员逐条处理。"),
        advice=COUNTER,
    ),
}
