"""The rights of ``policy``, in words for the table of who may do what."""

from web.reader import lazy_gettext as _l
from web.wording import Names

RIGHTS: Names = {
    "policy": _l("规则"),  # The heading of the group.
    "policy.set_parameter": _l("改一项设定"),
    "policy.load_preset": _l("选用一套规则"),
    "policy.draft_rule": _l("起草规则"),
    "policy.redraft_rule": _l("修改规则草稿"),
    "policy.rehearse_rule": _l("试算规则"),
    "policy.approve_rule": _l("同意规则（不能是起草的人）"),
    "policy.schedule_rule": _l("定规则从哪天起"),
    "policy.retire_rule": _l("停用规则"),
    "policy.turn_rules": _l("到日子换规则（系统自己做）"),
    "policy.record_decision": _l("记下按规则算的结果"),
}
