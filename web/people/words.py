"""Texts of people, cards and users: their refusals, kinds and states."""

from web.reader import lazy_gettext as _l
from web.wording import Names, States, Table, entry

REFUSALS: Table = {
    "PLACE_IN_USE": entry(
        _l("这个地点还不能停用"),
        _l("这里还登记着 %(households)s 户。"),
        _l("这个网格里还有 %(buildings)s 栋楼。"),
        _l("这里还有人或楼。"),
        advice=_l("先把住户登记到别的楼，或者先停用里面的楼，再来停用。"),
    ),
    "PIN_RESET_TODAY": entry(
        _l("今天请另一位同事来办"),
        _l("您今天帮这一户设过数字密码。同一个人当天不再替这一户办事，%(free_on)s起又可以。"),
        _l("您今天帮这一户设过数字密码，同一个人当天不再替这一户办事。"),
        advice=_l("请另一位有这个岗位的工作人员接着办，填好的内容告诉他就行。"),
    ),
    "CARD_ISSUED_TODAY": entry(
        _l("今天请另一位同事来办"),
        _l("您今天帮这一户办过服务卡。同一个人当天不再替这一户办事，%(free_on)s起又可以。"),
        _l("您今天帮这一户办过服务卡，同一个人当天不再替这一户办事。"),
        advice=_l("请另一位有这个岗位的工作人员接着办，填好的内容告诉他就行。"),
    ),
    "DUPLICATE_IDENTITY": entry(
        _l("这个人已经登记过"),
        _l("证件号码一样，或者姓名和出生日期一样。为了保护隐私，这里不显示登记在谁的名下。"),
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
        advice=_l(
            "请再试一次。忘记了也不要紧，带上身份证到社区柜台，可以办卡、重设数字密码，用卡登录。"
        ),
    ),
    "SECOND_FACTOR_NEEDED": entry(
        _l("还差第二步"),
        _l("密码对了，还要手机上的验证码。"),
        advice=_l("请一起发来验证码；还没有设置的，先在网页上登录设好。"),
    ),
    "TOO_MANY_TRIES": entry(
        _l("请稍等再试"),
        _l("这里或者这个账号试错的次数多了，不一定是您试的。为了保护账户，%(until_at)s 以后再试。"),
        _l("这里或者这个账号试错的次数多了，不一定是您试的。为了保护账户，过一会儿再试。"),
        advice=_l(
            "急用的话，请用以前登录过的手机、电脑，或者扫卡上的方码；也可以带身份证到社区柜台当面办。"
        ),
    ),
    "SIGN_IN_CLOSED": entry(
        _l("暂时不能这样登录"),
        _l("这个账号试错的次数太多，不一定是您试的。为了保护账户，换了新密码才能再这样登录。"),
        advice=_l(
            "请用以前登录过的手机、电脑，或者扫卡上的方码；也可以带身份证到社区柜台重设数字密码，马上能用卡登录。"
        ),
    ),
    "INVITATION_UNKNOWN": entry(
        _l("这个邀请码打不开"),
        _l("可能是输错了一位，也可能已经用过、收回、过期，或者后来又打印过一张新的邀请单。"),
        advice=_l("请对着最新的那张邀请单再输一次；还是不行，请找给您邀请单的负责人重新打印。"),
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
    "DECIDED_BY_TWO": entry(
        _l("特事特办批准书不在这里登记"),
        _l("特事特办要由两个人商量批准，不是一份看过就能登记的证明。"),
        advice=_l("批准的功能还没有开通。这一户有困难，请先让他申领，再请人复核。"),
    ),
    "MINOR_NO_GUARDIAN": entry(
        _l("还差监护人的同意"),
        _l("未满 18 岁的志愿者，要有监护人的同意书；%(served_on)s这一天没有有效的同意书。"),
        _l("未满 18 岁的志愿者，要有监护人的同意书。"),
        advice=_l(
            "请监护人带上身份证和签好字的同意书，到社区柜台登记。登记以后，同意书有效的日子里做的服务就能记。"
        ),
    ),
    "PAPER_TOO_LONG": entry(
        _l("最后一天太远了"),
        _l("这种证明从第一天起最长登记 %(months)s 个月，最晚到%(latest_on)s。"),
        _l("这种证明不能登记这么久。"),
        advice=_l("请把最后一天改早一点；原件写得更长的，到期前再看一次原件、再登记一次。"),
    ),
    "OTHER_DOCUMENT_NO": entry(
        _l("证件编号没有对上"),
        _l("您打的编号和登记时写的不一样。"),
        advice=_l("请照原件再打一遍；还是不一样，就写明哪里不对，按“对不上，停用”。"),
    ),
    "OPENINGS_USED_UP": entry(
        _l("今天能看的次数用完了"),
        _l("为了保护居民，一个人一天最多打开 %(most)s 次，今天已经用完。"),
        _l("为了保护居民，一个人一天能打开的次数有限，今天已经用完。"),
        advice=_l(
            "社区负责人的待办里已经有一条提醒。请告诉他为什么，他同意以后今天可以再看；明天次数重新算。"
        ),
    ),
}
KINDS: Names = {
    "person": _l("位居民"),
    "household": _l("户家庭"),
    "card": _l("张卡"),
    "known_device": _l("台认得您的设备"),
    "card_issue": _l("次办卡"),
    "pin_reset": _l("次设密码"),
    "invitation": _l("份邀请"),
    "user": _l("个账号"),
    "place": _l("个地点"),
    "organisation": _l("个单位"),
    "proof": _l("份证明"),
    "community": _l("个社区"),
    "building": _l("栋楼"),
    "role": _l("个岗位"),
    "opening": _l("条提醒"),
    "second_factor": _l("项登录的第二步"),
}
STATES: States = {
    ("place", "ended"): _l("已经停用"),
    ("place", "in_use"): _l("正在用"),
    ("card", "has_card"): _l("已有服务卡"),
    ("card", "no_pin"): _l("还没有数字密码"),
    ("card", "revoked"): _l("已停用"),
    ("card_issue", "asked"): _l("有同事已经提出，等另一位同事"),
    ("card_issue", "over"): _l("已经过了时间，或者已经办好"),
    ("pin_reset", "asked"): _l("有同事已经提出，等另一位同事"),
    ("pin_reset", "over"): _l("已经过了时间，或者已经设好"),
    ("invitation", "open"): _l("已经邀请过，那张邀请单还有效"),
    ("invitation", "unconfirmed"): _l("要等另一位负责人或审批员同意"),
    ("invitation", "confirmed"): _l("不用再同意一次"),
    ("invitation", "used"): _l("本人已经用过"),
    ("invitation", "withdrawn"): _l("已经收回"),
    ("invitation", "over"): _l("已经过期"),
    ("user", "has_user"): _l("已有账号"),
    ("user", "closed"): _l("已结束"),
    ("role", "ended"): _l("已终止"),
    ("proof", "ended"): _l("已终止"),
    ("proof", "checked"): _l("已经有人看过"),
    ("opening", "answered"): _l("已答复"),
    ("opening", "past"): _l("那一天已经过去"),
    ("second_factor", "set_up"): _l("已经设好"),
    ("second_factor", "not_drawn"): _l("还没有开始设置"),
    ("community", "founded"): _l("已建立"),
}
FIELDS: Names = {
    "name": _l("姓名"),
    "phone": _l("电话"),
    "id_no": _l("证件号码"),
    "birth_on": _l("出生日期"),
    "login_name": _l("用户名"),
    "password": _l("密码"),
    "pin": _l("数字密码"),
    "card": _l("卡"),
    "household_no": _l("户号"),
    "door": _l("门牌"),
    "sex": _l("性别"),
    "parent_id": _l("所属网格"),
    "role": _l("岗位"),
    "language": _l("语言"),
    "last_on": _l("到哪天为止"),
    "columns": _l("要查看的内容"),
    "person_ids": _l("人员"),
    "valid_from_on": _l("从哪天起有效"),
    "valid_until_on": _l("有效期至"),
    "document_no": _l("证件编号"),
    "issuer": _l("发证单位"),
    "picture": _l("照片"),
}
WHYS: Names = {
    "repeated": _l("同一个岗位写了两次，请去掉一个"),
    "common": _l("这样的密码很多人在用，别人头几次就会试。请把几个不相干的词连在一起，再写一个"),
    "own_data": _l("里面有您的姓名、用户名或卡号，认识您的人会先试这个。请换几个不相干的词"),
    "pattern": _l("这是重复的或键盘上连着的一串，很容易猜。请换几个不相干的词"),
    "birthday": _l("这是您的生日，认识您的人会先试它。请换一个和自己无关的"),
    "not_a_sentence": _l("请写一句完整的话，说清为什么，至少六个字，例如：打电话通知她来取物品"),
    "picture_large": _l("照片太大了，请在手机上选小一点的尺寸再拍一次（最大 12 MB）"),
    "picture_kind": _l("这不是照片。请用手机拍一张，或者选 JPEG、PNG、WebP 格式的图片"),
    "picture_broken": _l("这张照片打不开，可能没有传完整，请再拍一次"),
    "too_early": _l("离开始的日子还太远，请到快要开始时再登记"),
}
# The roles of staff, in the order of a list.
ROLES: Names = {
    "coordinator": _l("社区负责人"),
    "social_worker": _l("社工"),
    "grid_worker": _l("网格员"),
    "keeper": _l("店员"),
    "hotline": _l("热线值班员"),
    "approver": _l("审批人"),
    "cashier": _l("出纳"),
    "accountant": _l("会计"),
    "auditor": _l("审计员"),
}
# Papers that a person can bring.
PAPERS: Names = {
    "other": _l("有关证明材料"),
    "dibao": _l("低保证"),
    "dibao_marginal": _l("低保边缘家庭证明"),
    "tekun": _l("特困人员证明"),
    "rigid_expense": _l("刚性支出困难家庭认定书"),
    "disability_card": _l("残疾人证"),
    "child_in_need": _l("困境儿童证明"),
    "veteran_family": _l("优抚对象证明"),
    "unemployed": _l("失业登记证明"),
    "housing_applicant": _l("住房困难受理单"),
    "special_approval": _l("特事特办批准书"),
    "guardian_consent": _l("监护人同意书"),
    "id_card": _l("身份证"),
    "residence": _l("居住证明"),
    "income": _l("收入证明"),
}
# What is kept locked about a person, and opened with a reason.
SEALED: Names = {
    "phone": _l("电话"),
    "door": _l("门牌"),
    "contacts": _l("紧急联系人"),
    "notes": _l("需要照顾的情况"),
    "birth": _l("出生日期"),
    "id_no": _l("证件号码"),
}
# What the list of openings names besides.
COLUMNS: Names = {
    **SEALED,
    "name": _l("完整的姓名"),
    "picture": _l("证明的照片"),
    "card": _l("新卡的方码"),
}
# What somebody did, for the audit page: follows their name.
AUDITED: Names = {
    "end_place": _l("停用或恢复了一个地点"),
    "change_place": _l("改了一个地点的名称或地址"),
    "invite_user": _l("邀请了一位工作人员"),
    "confirm_invitation": _l("同意了邀请"),
    "withdraw_invitation": _l("收回了邀请"),
    "draw_invitation_code": _l("打印了邀请单"),
    "accept_invitation": _l("用邀请单开通了账号"),
    "add_organisations": _l("登记了合作单位"),
    "add_places": _l("登记了地点"),
    "add_proofs": _l("登记了证明"),
    "add_user": _l("开通了账号"),
    "answer_openings": _l("答复了查看提醒"),
    "ask_card": _l("提出办卡"),
    "ask_for_pin": _l("提出每次都要数字密码"),
    "ask_pin_reset": _l("提出重设数字密码"),
    "change_password": _l("改了密码"),
    "check_paper": _l("再看了一次证明"),
    "close_user": _l("结束了账号"),
    "confirm_second_factor": _l("设好了登录的第二步"),
    "draw_second_factor": _l("开始设置登录的第二步"),
    "end_pin_wish": _l("取消了每次都要数字密码"),
    "end_proof": _l("终止了证明"),
    "end_role": _l("终止了岗位"),
    "enrol_households": _l("登记了家庭"),
    "enrol_people": _l("登记了居民"),
    "forget_device": _l("移除了认得的设备"),
    "forget_pictures": _l("清除了到期的证明照片"),
    "forget_worn_out_device": _l("移除了很久没用的设备"),
    "found_community": _l("建立了社区"),
    "give_card": _l("办好了服务卡"),
    "grant_role": _l("给了岗位"),
    "issue_card": _l("办了服务卡"),
    "issue_cards": _l("办了一批服务卡"),
    "move_age_groups": _l("按生日更新了年龄段"),
    "prove": _l("证明了是本人"),
    "prove_refused": _l("没能证明是本人"),
    "read_card_issue": _l("看过了办卡通知"),
    "read_pin_reset": _l("看过了重设数字密码的通知"),
    "reset_pin": _l("重设了数字密码"),
    "reveal": _l("看了保密的资料"),
    "revoke_card": _l("停用了服务卡"),
    "set_card_preferences": _l("改了卡的语言和字号"),
    "set_pin": _l("设了数字密码"),
    "sign_in": _l("登录了"),
    "sign_in_refused": _l("没有登录成功"),
    "sign_out": _l("退出了登录"),
    "unlock": _l("解开了试错太多的限制"),
}
