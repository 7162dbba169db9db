"""The rights of ``people``, in words for the table of who may do what."""

from web.reader import lazy_gettext as _l
from web.wording import Names

RIGHTS: Names = {
    "people": _l("人和岗位"),  # The heading of the group.
    "people.add_places": _l("登记网格、楼栋、地点"),
    "people.add_organisations": _l("登记合作单位"),
    "people.enrol_people": _l("登记居民"),
    "people.enrol_households": _l("登记家庭"),
    "people.keep_papers": _l("登记和终止证明"),
    "people.move_age_groups": _l("按生日换年龄段（系统自己做）"),
    "people.check_papers": _l("再看一次证明（不能是登记的人）"),
    "people.allow_openings": _l("答复查看资料的提醒"),
    "people.reveal": _l("写明原因，看电话和住址"),
    "people.add_staff_user": _l("建社区时开通工作人员的账号"),
    "people.add_resident_user": _l("开通居民的账号"),
    "people.invite_staff": _l("邀请工作人员"),
    "people.confirm_staff": _l("看工作人员名单，同意要紧的岗位"),
    "people.grant_role": _l("给岗位（不能给自己和家里人）"),
    "people.end_role": _l("停止岗位（不能停自己和家里人的）"),
    "people.close_user": _l("关掉账号（不能关自己和家里人的）"),
    "people.keep_representatives": _l("请单位的代表，停掉代表"),
    "people.reset_password": _l("重设登录密码（两个人一起）"),
    "people.serve_cards": _l("办卡、设数字密码（两个人一起）、停卡"),
    "people.search": _l("找人"),
    "people.read_masked_names": _l("看遮住一部分的姓名"),
    "people.reveal_names": _l("写明原因，看完整的姓名"),
    "people.read_full_names": _l("看完整的姓名"),
    "people.keep_mandates": _l("登记、核对和停掉代办人（两个人一起）"),
    "people.merge_people": _l("合并重复的登记，再拆开（两个人一起）"),
    "people.keep_relations": _l("登记和终止亲属关系"),
}
