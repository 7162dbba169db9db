"""What goods, hours, policy and aid may refuse."""

from web.reader import lazy_gettext as _l
from web.words.entries import AGAIN, ASK, Table, entry

SUBJECTS: Table = {
    # Goods.
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
        _l("这次预存已经过期"),
        _l("约定的送达日期是%(last_on)s，现在已经过了。"),
        _l("约定的送达日期已经过了。"),
        advice=_l("东西还在的话，请重新登记一次，或者直接送到公益店柜台。"),
    ),
    "OUT_OF_STOCK": entry(
        _l("货架上不够了"),
        _l("现在还能领 %(available)s 件。"),
        _l("刚刚被领完了。"),
        advice=_l("可以少领一些，或者过几天再来看看。"),
    ),
    # Close of day.
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
        advice=_l("再找一找；真的不在了，就先放开那一单，再来签字。"),
    ),
    # Hours.
    "TIME_OVERLAP": entry(
        _l("时间有重叠"),
        _l("从 %(other_started_at)s 开始已经有一次服务记录，同一段时间只能记一次。"),
        _l("这段时间已经有另一次服务记录，同一段时间只能记一次。"),
        advice=_l("请核对开始和结束的时间。"),
    ),
    "SELF_CONFIRM": entry(
        _l("需要另一个人来确认"),
        _l("自己和自己家人的服务时间，不能由自己确认。"),
        advice=_l("请接受服务的邻居，或者活动的组织者来确认。"),
    ),
    "NOT_VOLUNTEER_SERVICE": entry(
        _l("这次不能记为志愿服务"),
        _l("照顾自己和自己的家人很珍贵，但不记入时间存折。"),
        advice=ASK,
    ),
    "LATE_RECORD": entry(
        _l("登记的日子已经过了"),
        _l("这次服务最晚可以在%(last_on)s登记。"),
        _l("这次服务已经过了可以登记的日子。"),
        advice=_l("请告诉社区工作人员，负责人核实后可以补登。"),
    ),
    "ALREADY_CHECKED_IN": entry(
        _l("您已经签到了"),
        _l("从 %(since_at)s 起已经在计时，不用再签一次。"),
        _l("已经在计时，不用再签一次。"),
        advice=_l("服务结束时请签退。"),
    ),
    "NOT_CHECKED_IN": entry(
        _l("还没有签到"),
        _l("没有找到正在进行的服务，所以不能签退。"),
        advice=_l("如果忘了签到，请把起止时间告诉组织者，可以补登。"),
    ),
    "NOT_A_VOLUNTEER": entry(
        _l("还没有登记为志愿者"),
        _l("服务时间要记在志愿者名下。"),
        advice=_l("带上身份证到社区柜台登记，几分钟就好，欢迎加入。"),
    ),
    # Policy.
    "SAME_PERSON": entry(_l("需要另一位同事"), _l("同一件事不能由同一个人既写又批。"), advice=ASK),
    "RULE_OVERLAP": entry(
        _l("日期和另一版规则重叠"), _l("另一版规则在这些日子里已经生效。"), advice=AGAIN
    ),
    "REHEARSAL_FAILED": entry(
        _l("试算没有通过"), _l("有一个例子算出来的结果和确认过的不一样。"), advice=AGAIN
    ),
    # Aid.
    "NOT_ELIGIBLE": entry(
        _l("这次不能领取"),
        _l("按现在的规则和登记的情况，这些物品暂时不能领。"),
        advice=_l("如果家里的情况有变化，请带上有关证明到柜台；也可以请人再看一次。"),
    ),
    "PROOF_EXPIRED": entry(
        _l("证明已经到期"),
        _l("登记的证明有效期到%(ended_on)s。"),
        _l("登记的证明已经过了有效期。"),
        advice=_l("请带上新的证明原件到社区柜台，核对后当天就可以领。"),
    ),
    "HOUSEHOLD_CAP": entry(
        _l("这段时间的份额已经领完"),
        _l("每户在一段时间里有一定的份额，%(next_on)s起又可以领。"),
        _l("每户在一段时间里有一定的份额，现在已经领完。"),
        advice=_l("家里有特殊情况，可以请人再看一次。"),
    ),
    "NEEDS_INFORMATION": entry(
        _l("还差一些材料"),
        _l("请带上：%(missing)s。"),
        _l("还有一些情况没有登记，暂时不能决定。"),
        advice=_l("带原件到社区柜台，核对后马上可以继续，不用重新申请。"),
    ),
    "NEEDS_REVIEW": entry(
        _l("已经转给工作人员"),
        _l("这件事需要人来看一看，申请已经收到，不会丢。"),
        advice=_l("看过以后会通知您，也可以到柜台询问。"),
    ),
    "BOOKING_CLOSED": entry(
        _l("网上预约暂停一段时间"),
        _l("前几次预约的物品没有来取，%(until_on)s起又可以预约。"),
        _l("前几次预约的物品没有来取，所以预约暂停一段时间。"),
        advice=_l("这段时间请直接到公益店柜台领取，份额不受影响。"),
    ),
    "WRONG_PICKUP_CODE": entry(
        _l("取物码不对"),
        _l("这个取物码和预约的物品没有对上。"),
        advice=_l("请核对六位数字，或者刷服务卡领取。"),
    ),
}
