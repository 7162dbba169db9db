"""Texts of importing: refusals, states, kinds of sheet, and what was expected of a cell."""

from collections.abc import Mapping

from timebank.imports.shapes import CellFault
from timebank.sheets.reading import SheetUnfit
from web.reader import lazy_gettext as _l
from web.wording import Names, States, Table, Text, entry
from web.words import words_of

REFUSALS: Table = {
    "SHEET_KNOWN": entry(
        _l("这张表已经传过"),
        _l("里面的每一行都和以前传的一张一样，没有再收一次。"),
        advice=_l("请在下面的“传过的表”里找到那一张。要重新传，先把那一张收回或退回。"),
    ),
    "SHEET_FAULTY": entry(
        _l("这张表现在有不对的地方"),
        _l("上传以后有人登记了新的内容，第 %(row)s 行和现在的登记对不上。什么都没有入账。"),
        _l("表里有不对的地方。什么都没有入账。"),
        advice=_l("请上传的同事收回这张表，改好再传。"),
    ),
    "SHEET_BUILT_ON": entry(
        _l("已经有后来的记录，不能整批退回"),
        _l("这一批里的人、物品或时间，后来已经有人用过、改过或记过，退回会让后来的记录落空。"),
        advice=_l("什么都没有变。请把个别的错一条一条改正，以前的记录会留着。"),
    ),
}  # fmt: skip
KINDS: Names = {"import_batch": _l("张表"), "sheet_kind": _l("种表")}
STATES: States = {
    ("import_batch", "columns"): _l("还要说明哪一列是什么"),
    ("import_batch", "faulty"): _l("有不对的地方，要改好再传"),
    ("import_batch", "waiting"): _l("等另一位签字"),
    ("import_batch", "over"): _l("三天里没有人签，已经删掉"),
    ("import_batch", "booked"): _l("已经入账"),
    ("import_batch", "undo_asked"): _l("已入账，有人要求退回"),
    ("import_batch", "undone"): _l("已经整批退回"),
    ("import_batch", "withdrawn"): _l("已经收回"),
    ("import_batch", "past_undo"): _l("过了可以退回的日子"),
}
FIELDS: Names = {"sheet": _l("要传的表"), "places": _l("哪一列是什么"), "heading": _l("标题行")}
WHYS: Names = {
    "column_needed": _l("这一项必须有一列"),
    "column_twice": _l("同一列不能当两样用"),
}
# What stands in the books.
DEEDS: Names = {
    "hours_opening": _l("旧账转入"),
    "hours_opening_reversal": _l("退回旧账转入"),
    "stock_opening": _l("开张时的库存"),
    "stock_opening_reversal": _l("退回开张时的库存"),
}
AUDITED: Names = {
    "stage_sheet": _l("上传了一张表"),
    "match_sheet": _l("说明了一张表的各列"),
    "book_sheet": _l("签字，让一张表入了账"),
    "withdraw_sheet": _l("收回了一张表"),
    "ask_undo_sheet": _l("要求退回一批"),
    "undo_sheet": _l("签字，整批退回"),
}
KIND_WORDS: Mapping[str, tuple[Text, Text]] = {
    "people": (_l("人和家庭"), _l("一行一个人，同一个门牌是一家")),
    "items": (_l("物品目录"), _l("店里收哪些物品，一行一样")),
    "stock": (_l("架上的物品"), _l("开张时店里已经有多少，一行一批")),
    "hours": (_l("带来的时间"), _l("以前攒下的时间，一行一个人")),
    "records": (_l("服务记录"), _l("以前的服务，导入后照常等两边确认")),
    "volunteers": (_l("志愿者"), _l("已经登记的人，从哪天起做志愿者")),
    "to_members": (_l("TimeOverflow 的会员"), _l("它导出的会员表，没有标题行")),
    "to_transfers": (_l("TimeOverflow 的转账"), _l("先导入会员；每人剩下的时间转入存折")),
    "firms": (_l("企业和团体"), _l("给社区帮忙、捐物的单位，一行一家")),
}
TOTAL_WORDS: Names = {
    "households": _l("家庭"),
    "people": _l("人"),
    "firms": _l("单位"),
    "items": _l("物品"),
    "volunteers": _l("志愿者"),
    "transfers": _l("转账"),
    "records": _l("服务记录"),
    "moved_minutes": _l("转账一共多少时间"),
    "lots": _l("批"),
    "pieces": _l("表里一共几件"),
    "opening_pieces": _l("账上从“旧账转入”转出几件"),
    "minutes": _l("表里一共多少时间"),
    "served_minutes": _l("表里累计服务"),
    "opening_minutes": _l("账上从“旧账转入”转出多少时间"),
}
UNFIT_WORDS: Names = {
    "empty": _l("这个文件是空的。"),
    "large": _l("这个文件超过 %(most_mb)s MB，请分成几张表。"),
    "unpacked": _l("这个文件打开以后超过 %(most_mb)s MB，没有读。请另存成一张只有数据的表。"),
    "old_office": _l("这是旧的 .xls，或者加了密码。请另存为没有密码的 .xlsx 再传。"),
    "macros": _l("这个文件里有宏。请另存为 .xlsx（不带宏）再传。"),
    "kind": _l("这不是表格。请传 .xlsx 或 .csv。"),
    "broken": _l("这个文件打不开，可能没有传完。请重新保存后再传。"),
    "formula": _l("%(cell)s 里是公式。请把公式换成数值（复制，再“选择性粘贴—数值”），再传。"),
    "rows": _l("超过 %(most)s 行，请分成几张表。"),
    "columns": _l("第 %(row)s 行超过 %(most)s 列，请删掉用不着的列。"),
    "cell": _l("第 %(row)s 行有一格超过 %(most)s 个字，可能少了一个引号。"),
    "encoding": _l("读不出里面的字。请另存为 .xlsx，或者 UTF-8 的 .csv，再传。"),
}  # fmt: skip
EXPECTED_WORDS: Names = {
    "needed": _l("这一格必须填"),
    "no_rows": _l("标题行下面没有内容"),
    "too_long": _l("最多 %(most)s 个字"),
    "scientific": _l("号码成了科学记数，位数丢了。请把这一列设成“文本”，重新填完整的号码"),
    "whole": _l("只写整数，例如 12"),
    "range": _l("不在允许的范围里：%(most)s"),
    "day": _l("日期写成 2026-06-10"),
    "day_two_ways": _l("这个日期有两种读法，请写成 2026-06-10"),
    "no_such_day": _l("没有这一天"),
    "yes_no": _l("写“是”或“否”"),
    "choice": _l("只能是：%(most)s"),
    "hours": _l("写成 12、12.5 或 12:30"),
    "whole_minutes": _l("要是整分钟"),
    "seconds": _l("写成秒的整数，要大于零"),
    "seconds_whole": _l("要是整分钟的秒数，例如 3600，而且大于零"),
    "amount": _l("写成 8 或 8.50"),
    "amount_two_ways": _l("这个金额有两种读法，请写成 1230.99"),
    "name_length": _l("姓名要有 1 到 40 个字"),
    "name_characters": _l("姓名里有无法显示的字"),
    "id_length": _l("身份证号要有 18 位"),
    "id_check": _l("身份证号的校验位不对，请看着证件核对"),
    "id_birth": _l("身份证号和出生日期对不上"),
    "id_sex": _l("身份证号和性别对不上"),
    "id_known": _l("这个身份证号已经登记过，或者在表里出现两次"),
    "namesake_known": _l(
        "有人同名同生日。是同一个人就删掉这一行；"
        "是两个人，两行都填身份证号，或者在“确认是另一个人”写“是”"
    ),
    "phone_known": _l(
        "这个电话是别家的人登记的。是同一个人就删掉这一行；不是，在“确认是另一个人”写“是”"
    ),
    "phone": _l("写电话号码，3 到 15 位数字"),
    "phone_zero": _l("开头的 0 可能丢了。请把这一列设成“文本”，补上区号的 0；境外号码以 + 开头"),
    "building": _l("没有这栋楼。请写登记过的楼号，例如 11"),
    "two_heads": _l("一家只能有一个户主，第 %(most)s 行已经是了"),
    "name_known": _l("这个名称已经登记过，或者在表里出现两次"),
    "item_known": _l("目录里已经有这样物品，或者在表里出现两次"),
    "food_days": _l("食品要写保质天数，别的不写"),
    "item": _l("目录里没有这样物品，请照目录写名称或编号"),
    "store": _l("没有这个店。请写店的名字或代码"),
    "best_before": _l("食品要写保质期到哪天，别的不写"),
    "past": _l("已经过期，不能上架"),
    "nobody": _l("没有登记过这个人，或者证件、生日、电话对不上"),
    "many_people": _l("有几个人都对得上，请加上身份证号、生日或电话"),
    "row_twice": _l("和第 %(most)s 行是同一个人"),
    "hours_known": _l("这个人以前的时间已经转入过"),
    "own_hours": _l("这是您自己、家里人或亲属，请别的同事上传这一行"),
    "volunteer_known": _l("这个人已经是志愿者"),
    "no_guardian": _l("未满十八岁，要先登记监护人同意"),
    "future": _l("这一天还没有到"),
    "number_known": _l("这个会员号已经导入过，或者在表里出现两次"),
    "member": _l("没有导入过这个会员号"),
    "to_oneself": _l("两边是同一个"),
    "would_owe": _l("会员 %(most)s 给出的比收到的多，会欠时间；这里的存折不能是负的"),
    "one_person": _l("没有登记过这个人，或者有几个人都叫这个名字"),
    "service": _l("没有这种服务。请照服务清单写名称或代码"),
    "clock": _l("写成 9:30"),
    "no_hours": _l("两栏都是零，请删掉这一行"),
    "length": _l("字数不对"),
    "characters": _l("里面有无法显示的字"),
    "unknown": _l("没有这一种"),
    "digits": _l("只写数字"),
}  # fmt: skip


def unfit_word(unfit: SheetUnfit) -> str:
    """The sentence for a file that cannot be read."""
    return str(UNFIT_WORDS[unfit.why]) % unfit.facts


def expected_word(fault: CellFault) -> str:
    """What was expected of a cell."""
    if fault.expected == "refused":  # What the rules say of the row, by the code of the refusal.
        return str(words_of(fault.most).heading)
    word = EXPECTED_WORDS.get(fault.expected, EXPECTED_WORDS["unknown"])
    return str(word) % {"most": fault.most}
