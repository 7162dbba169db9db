"""Texts of messages: how a call ended, the ways, fields, and lines of the audit trail."""

from timebank.messages.rules import AWAY, CALL, EMAIL, REACHED, SLIP, SMS, WRONG_NUMBER
from web.reader import lazy_gettext as _l
from web.wording import Names, States

KINDS: Names = {
    "message": _l("消息"),
    "message_call": _l("电话通知"),
}
STATES: States = {
    ("message", "done"): _l("已经送到"),
    ("message", "due"): _l("正等着发"),
    ("message", "sending"): _l("正在发"),
    ("message", "failed"): _l("没有送到"),
    ("message", "dropped"): _l("不用再发"),
    ("message", "none"): _l("没有这样发过"),
    ("message_call", "ended"): _l("已经通知到，或者本人已经看了"),
}
FIELDS: Names = {
    "channel": _l("方式"),
    "email": _l("邮箱"),
    "outcome": _l("结果"),
    "message_ids": _l("消息"),
}
WHYS: Names = {
    "email": _l("这不像一个邮箱，例如 name@example.org。只能用英文字母、数字和常用符号。"),
}
WAYS: Names = {EMAIL: _l("邮件"), SMS: _l("短信"), CALL: _l("电话")}
OUTCOMES: Names = {
    REACHED: _l("接通了，说清楚了"),
    AWAY: _l("没有人接"),
    WRONG_NUMBER: _l("号码不对"),
    SLIP: _l("纸条已经送到"),
}
AUDITED: Names = {
    "choose_messages": _l("选了怎样收消息"),
    "record_message_call": _l("记下了一次电话通知"),
    "send_message_again": _l("让一条不清楚的消息再发一次"),
    "end_old_messages": _l("删掉了旧消息的内容"),
}
