"""Texts of whole households: relations, moves, details."""

from timebank.people.rules.records import RELATIONS
from web.reader import lazy_gettext as _l
from web.wording import Names, States

RELATION_WORDS: Names = {
    "head": _l("户主"),
    "spouse": _l("配偶"),
    "child": _l("儿子、女儿"),
    "child_in_law": _l("儿媳、女婿"),
    "grandchild": _l("孙辈"),
    "parent": _l("父母、公婆、岳父母"),
    "sibling": _l("兄弟姐妹"),
    "other": _l("其他"),
}
assert set(RELATION_WORDS) == set(RELATIONS)
# What happened to somebody of a household: follows their name.
MOVE_WORDS: Names = {
    "moved": _l("搬到另一户"),
    "split": _l("分出来单独一户"),
    "joined": _l("全家并到另一户"),
    "left": _l("搬离社区"),
    "died": _l("去世"),
}
DETAIL_WORDS: Names = {
    "name": _l("姓名"),
    "id_no": _l("证件号码"),
    "phone": _l("电话"),
    "contacts": _l("紧急联系人"),
    "language": _l("语言"),
    "notes": _l("需要照顾的情况"),
    "relation": _l("和户主的关系"),
    "building": _l("楼栋"),
    "door": _l("门牌"),
}
CONSENT_WORDS: Names = {
    "register": _l("同意登记"),
    "sensitive": _l("单独同意：困难证明和需要照顾的情况"),
}
STATES: States = {
    ("consent", "given"): _l("已经同意过"),
    ("consent", "not_given"): _l("没有同意过，或者已经收回"),
    ("person", "moved"): _l("有同事刚刚把他搬到了另一户"),
    ("person", "merged"): _l("已经并到另一份登记里，请打开那一份"),
    ("person", "has_records"): _l("已经并过别的登记，请把它留下，并进另一份"),
    ("person", "two_documents"): _l("和另一份登记的证件号码不一样，是两个人"),
    ("person", "two_people"): _l("和另一份登记已经核对过，是两个人"),
    ("person", "hours_held"): _l("还有留着没用的时长，请先办完"),
    ("person_merge", "asked"): _l("有同事已经提出，等另一位同事"),
    ("person_merge", "over"): _l("已经过了时间，或者已经答复"),
    ("person_merge", "not_in_force"): _l("已经拆开，或者没有合并"),
    ("person_merge", "too_old"): _l("已经满三十天，不能再拆开"),
    ("person", "at_home"): _l("已经住在一户里，请打开那一户，按“搬家、分户”"),
    ("person", "left"): _l("已经搬离社区"),
    ("person", "died"): _l("已经去世"),
    ("user", "has_roles"): _l("还有工作岗位，请负责人先终止岗位"),
}
KINDS: Names = {"consent": _l("项同意"), "person_merge": _l("次核对")}
DEEDS: Names = {
    "person_merge": _l("两份登记合成一份"),
    "person_merge_undone": _l("合并的登记又拆开"),
}
FIELDS: Names = {
    "building_id": _l("楼栋"),
    "relation": _l("和户主的关系"),
    "contacts": _l("紧急联系人"),
    "notes": _l("需要照顾的情况"),
    "members": _l("家里有谁"),
    "papers": _l("带来的证明"),
    "consents": _l("同意登记"),
    "sensitive": _l("单独同意"),
    "happened_on": _l("哪一天"),
    "into_person_id": _l("另一份登记"),
    "answer": _l("是不是同一个人"),
}
WHYS: Names = {
    "consent": _l("请先读给住户听，住户同意了再打勾"),
    "consent_first": _l("请先到“同意过什么”那一页，读给本人听，记下他单独同意"),
    "two_heads": _l("一户只有一位户主，就是第一行"),
    "has_number": _l("已经登记过证件号码，这里不能再换"),
    "one_household": _l("一次只能搬同一户的人"),
    "whole_household": _l("家里要留下人才叫分户；全家都搬，请按“全家换了地址”"),
    "same_household": _l("他已经在这一户"),
    "keep_other": _l("住在一户里的那一份要留下，请从另一份开始办"),
}
AUDITED: Names = {
    "enrol_family": _l("登记了一户人家"),
    "move_members": _l("把家里的人搬了户"),
    "change_person": _l("改了居民的资料"),
    "change_home": _l("改了一户的住址"),
    "give_consent": _l("记下了一项同意"),
    "withdraw_consent": _l("收回了一项同意"),
    "ask_merge": _l("提出两份登记是同一个人"),
    "ask_merge_undone": _l("提出把合并的登记拆开"),
    "answer_merge": _l("答复了两份登记是不是同一个人"),
}
