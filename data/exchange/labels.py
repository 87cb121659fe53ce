"""Chinese and English texts of every enumeration that the store uses.

One row of table ``label`` per code; ``sort`` is the order in which lists and
legends show the codes of one kind, starting at 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple


class Label(NamedTuple):
    """One code of an enumeration in both languages."""

    kind: str
    code: str
    zh: str
    en: str
    sort: int


_Texts = tuple[tuple[str, str, str], ...]

_AREAS: Final[Mapping[str, _Texts]] = {
    "area_level": (
        ("district", "区", "District"), ("street", "街道", "Subdistrict"),
        ("community", "社区", "Community"), ("grid", "网格", "Grid"),
    ),
    "grid_kind": (
        ("base", "基础网格", "Base grid"), ("work", "工作网格", "Work grid"),
        ("professional", "专业网格", "Professional grid"), ("unit", "万米单元网格", "Unit grid"),
        ("compound", "小区网格", "Compound grid"),
    ),
    "professional_field": (
        ("work_safety", "安全生产", "Work safety"), ("city_mgmt", "城市管理", "City management"),
        ("hazard", "隐患排查整治", "Hazard inspection"), ("care", "关爱人群服务", "Care for the vulnerable"),
        ("attention", "关注人员管理", "Persons of attention"),
    ),
    "road_class": (
        ("trunk", "快速路", "Trunk road"), ("primary", "主干路", "Primary road"),
        ("secondary", "次干路", "Secondary road"), ("tertiary", "支路", "Tertiary road"),
        ("residential", "居住区道路", "Residential road"), ("lane", "街巷", "Lane"),
    ),
    "building_kind": (
        ("residential", "住宅", "Residential"), ("office", "办公", "Office"),
        ("commercial", "商业", "Commercial"), ("industrial", "工业", "Industrial"),
        ("public", "公共建筑", "Public"), ("mixed", "商住混合", "Mixed use"),
    ),
    "feature_kind": (("water", "水域", "Water"), ("green", "绿地", "Green space")),
    "element": (
        ("people", "人", "People"), ("place", "地", "Places"), ("thing", "物", "Things"),
        ("event", "事", "Events"), ("organisation", "组织", "Organisations"),
    ),
}

_CASES: Final[Mapping[str, _Texts]] = {
    "state": (
        ("reported", "待受理", "Reported"), ("accepted", "已受理", "Accepted"),
        ("filed", "已立案", "Filed"), ("dispatched", "已派遣", "Dispatched"),
        ("handling", "处置中", "In handling"), ("verifying", "待核查", "Verifying"),
        ("closed", "已结案", "Closed"), ("verify_first", "核实中", "Checked before filing"),
        ("returned", "已退回", "Returned"), ("hanging", "缓办挂账", "On hold"),
        ("postponing", "延期待批", "Postponement asked"), ("rejected", "不予受理", "Rejected"),
        ("cancelled", "已作废", "Cancelled"),
    ),
    "act": (
        ("report", "上报", "Report"), ("verify_first", "核实", "Check before filing"),
        ("accept", "受理", "Accept"), ("reject", "不予受理", "Reject"), ("file", "立案", "File"),
        ("dispatch", "派遣", "Dispatch"), ("receive", "签收", "Receive"), ("return", "退回", "Return"),
        ("arrive", "到场", "Arrive"), ("feedback", "反馈", "Feedback"), ("handle", "处置完成", "Handled"),
        ("self_done", "自行处置", "Solved on the spot"), ("answer", "直接答复", "Answered at once"),
        ("check_pass", "核查通过", "Check passed"), ("check_fail", "核查不通过", "Check failed"),
        ("rework", "返工", "Rework"), ("close", "结案", "Close"),
        ("force_close", "强制结案", "Forced closure"),
        ("hang", "缓办", "Put on hold"), ("unhang", "恢复办理", "Resume"),
        ("ask_postpone", "申请延期", "Ask to postpone"), ("postpone", "同意延期", "Postpone"),
        ("refuse_postpone", "不同意延期", "Refuse to postpone"), ("escalate", "上报上级", "Escalate"),
        ("devolve", "下派", "Devolve"), ("joint", "会办", "Joint handling"),
        ("whistle", "吹哨报到", "Whistle"), ("split", "分解", "Split"), ("urge", "催办", "Urge"),
        ("supervise", "督办", "Supervise"), ("cancel", "作废", "Cancel"),
        ("visit", "回访", "Follow-up visit"),
    ),
    "case_kind": (
        ("component", "部件", "Component"), ("event", "事件", "Event"),
        ("social", "社会治理", "Social governance"),
        ("foreign", "外来分类", "Foreign"),  # categories that only an imported file knows
    ),
    "case_level": (
        ("grid", "网格", "Grid"), ("community", "社区", "Community"),
        ("street", "街道", "Subdistrict"), ("district", "区", "District"),
    ),
    "nature": (
        ("consult", "咨询", "Consultation"), ("help", "求助", "Request for help"),
        ("complaint", "投诉", "Complaint"), ("report", "举报", "Report"),
        ("suggestion", "建议", "Suggestion"), ("praise", "表扬", "Praise"),
    ),
    "urgency": (("1", "一般", "Ordinary"), ("2", "需协调", "Needs coordination"), ("3", "紧急", "Urgent")),
    "lamp": (
        ("green", "正常", "On time"), ("yellow", "临期", "Near the limit"), ("red", "超期", "Overdue"),
        ("grey", "停表", "Clock stopped"), ("blue", "办结", "Done"),
    ),
    "limit_unit": (
        ("urgent_hour", "紧急小时", "Hours around the clock"), ("work_hour", "工作小时", "Working hours"),
        ("work_day", "工作日", "Working days"), ("natural_day", "自然日", "Calendar days"),
    ),
    "domain": (
        ("dispute", "矛盾纠纷", "Disputes"), ("safety", "公共安全", "Public safety"),
        ("justice", "执法司法", "Justice"), ("service", "公共服务", "Public services"),
        ("self_gov", "基层自治", "Self-government"), ("city", "城市管理", "City management"),
        ("elderly", "养老关爱", "Elderly care"), ("census", "人口房屋", "Population and housing"),
    ),
    "mechanism": (
        ("command", "指挥协调大统筹", "Command"), ("resources", "管理资源大整合", "Resources"),
        ("patrol", "综治维稳大巡防", "Patrol"), ("mediation", "基层纠纷大调解", "Mediation"),
        ("service", "社会服务大集中", "Service"), ("enforcement", "行政执法大协同", "Enforcement"),
    ),
    "reporter_kind": (
        ("officer", "网格员", "Grid officer"), ("citizen", "市民", "Citizen"), ("device", "设备", "Device"),
        ("unit", "单位", "Unit"), ("leader", "领导", "Leader"), ("volunteer", "志愿者", "Volunteer"),
    ),
    "satisfaction": (
        ("100", "非常满意", "Very satisfied"), ("80", "满意", "Satisfied"), ("50", "一般", "Neutral"),
        ("0", "不满意", "Dissatisfied"), ("-100", "很不满意", "Very dissatisfied"),
    ),
    "cause_tag": (
        ("wrong_unit", "派遣错误", "Wrong unit"), ("weather", "天气影响", "Weather"),
        ("funding", "资金未落实", "No funding"), ("ownership", "权属不清", "Unclear ownership"),
        ("no_contact", "联系不上当事人", "Nobody reached"), ("repeat_site", "点位反复", "Recurring site"),
    ),
}

_CHANNELS: Final[Mapping[str, _Texts]] = {
    "channel_group": (
        ("patrol", "网格巡查", "Patrol"), ("hotline", "热线", "Hotlines"), ("internet", "互联网", "Internet"),
        ("device", "视频与物联网", "Video and sensors"), ("internal", "领导与部门", "Leaders and units"),
        ("offline", "线下", "In person"),
    ),
    # what sits in one office in a street's sub-centre, as the source names them
    "street_section": (
        ("governance", "综治科", "Public order"), ("community_building", "社建科", "Community building"),
        ("social_affairs", "社管科", "Social management"),
    ),
    "sub_platform": (
        ("minxin", "民心网", "Minxin web board"), ("minyi", "民意网", "Minyi web board"),
        ("hotline_12345", "12345热线服务平台", "12345 hotline platform"),
        ("smart_city", "智慧城管", "Smart urban management"), ("web", "民情互连网", "Minqing web board"),
        # the source counts eight and names no more
        ("platform_6", "分平台六(资料未具名)", "Sub-platform 6 (not named by the source)"),
        ("platform_7", "分平台七(资料未具名)", "Sub-platform 7 (not named by the source)"),
        ("platform_8", "分平台八(资料未具名)", "Sub-platform 8 (not named by the source)"),
    ),
}

_PEOPLE: Final[Mapping[str, _Texts]] = {
    "role": (
        ("grid_chief", "网格长", "Grid chief"), ("grid_officer", "网格员", "Grid officer"),
        ("special_officer", "专业网格员", "Specialist officer"), ("police", "民警", "Police officer"),
        ("aux_police", "辅警", "Auxiliary police"), ("publicist", "宣传员", "Publicist"),
        ("informant", "信息员", "Informant"), ("service_staff", "服务员", "Service staff"),
        ("building_chief", "楼栋长", "Building chief"), ("road_chief", "街长", "Street chief"),
        ("lane_chief", "巷长", "Lane chief"), ("community_worker", "社区工作者", "Community worker"),
        ("volunteer", "平安志愿者", "Safety volunteer"),
        ("dispatcher", "派遣员", "Dispatcher"), ("operator", "座席", "Operator"),
        ("verifier", "核查员", "Verifier"), ("leader", "领导", "Leader"),
        # actors of the case log that are no rows of table officer
        ("dept_desk", "部门受理岗", "Department desk"), ("street_desk", "街道受理岗", "Subdistrict desk"),
        ("officer", "网格员", "Officer"), ("reporter", "上报人", "Reporter"), ("system", "系统", "System"),
    ),
    "team_level": (
        ("0", "专业力量", "Professional force"), ("1", "一级网格员", "Level 1 officer"),
        ("2", "二级网格员", "Level 2 officer"), ("3", "三级网格员", "Level 3 officer"),
    ),
    "post": (
        ("manager", "网格管理员", "Manager"), ("police", "警务员", "Police"),
        ("publicity", "宣传员", "Publicity"),
        ("information", "信息员", "Information"), ("service", "服务员", "Service"),
    ),
    "staff_tier": (
        ("street_centre", "街道网格中心", "Subdistrict grid centre"),
        ("community_chief", "社区网格长", "Community grid chief"),
        ("full_time", "专职网格员", "Full-time officer"), ("informant", "网格信息员", "Grid informant"),
    ),
    "shift": (
        ("day", "白班", "Day"), ("evening", "晚班", "Evening"),
        ("flex2h", "弹性2小时", "Flexible two hours"), ("holiday", "节假日值班", "Holiday"),
    ),
}

_FORCES: Final[Mapping[str, _Texts]] = {
    "force_class": (("professional", "专业力量", "Professional forces"), ("mass", "群防群治", "Mass forces")),
    "resource_status": (
        ("idle", "空闲", "Idle"), ("assigned", "已派", "Assigned"), ("busy", "处置中", "Busy"),
        ("offline", "离线", "Offline"),
    ),
    "resource_kind": (
        ("police_car", "警车", "Police car"), ("patrol_car", "巡防车", "Patrol car"),
        ("ebike", "电动巡逻车", "E-bike"), ("drone", "无人机", "Drone"),
        ("fire_engine", "消防车", "Fire engine"), ("ambulance", "救护车", "Ambulance"),
        ("patrol_team", "综治巡防队", "Patrol team"),
        ("stability_team", "应急维稳队", "Emergency stability team"),
        ("camera", "视频监控", "Camera"), ("police_station", "派出所", "Police station"),
        ("fire_station", "消防站", "Fire station"), ("service_centre", "党群服务中心", "Service centre"),
        ("service_station", "便民服务站", "Service station"),
        ("comprehensive_station", "综合管理服务站", "Comprehensive station"),
        ("mediation_point", "连心驿站", "Mediation point"), ("mediation_room", "调解室", "Mediation room"),
        ("population_desk", "流动人口服务站", "Desk for floating residents"),
        ("court_yard", "坝坝法庭", "Courtyard court"),
        ("shelter", "应急避难场所", "Shelter"), ("hospital", "医院", "Hospital"),
        ("chv", "社区医院", "Community health centre"), ("volunteer_team", "志愿者队伍", "Volunteer team"),
        ("redband", "红袖套", "Red armbands"), ("terminal", "惠民通终端", "Service terminal"),
        ("hydrant", "消防栓", "Hydrant"), ("aed", "自动体外除颤器", "Defibrillator"),
        ("partner_unit", "驻区单位", "Resident unit"),
        ("smoke", "烟感探测器", "Smoke detector"), ("manhole", "智能井盖", "Manhole sensor"),
        ("water_meter", "智能水表", "Water meter"),
    ),
    "dept_tier": (
        ("city_center", "市级中心", "City centre"),
        ("district_center", "区级中心", "District centre"), ("dept_subcenter", "部门分中心", "Department"),
        ("street_subcenter", "街道分中心", "Subdistrict centre"),
        ("community_station", "社区工作站", "Community station"), ("grid", "网格", "Grid"),
    ),
    "dept_kind": (
        ("police", "公安", "Police"), ("urban_mgmt", "城管", "Urban management"),
        ("environment", "环保", "Environment"),
        ("health", "卫生健康", "Health"), ("work_safety", "安监应急", "Work safety"),
        ("civil", "民政", "Civil affairs"),
        ("hr", "人社", "Labour"), ("justice", "司法", "Justice"), ("disabled", "残联", "Disabled persons"),
        ("housing", "住建房管", "Housing"), ("market", "市场监管", "Market supervision"),
        ("water_gas_power", "水电气", "Utilities"), ("property", "物业", "Property"),
        ("committee", "党群机关", "Committees"), ("traffic", "交通", "Traffic"), ("parks", "园林", "Parks"),
        ("fire", "消防", "Fire brigade"), ("education", "教育", "Education"), ("culture", "文旅", "Culture"),
        ("economy", "经济", "Economy"), ("water", "水务", "Water"), ("planning", "规划", "Planning"),
        ("statistics", "统计", "Statistics"), ("petition", "信访", "Petitions"), ("data", "数据", "Data"),
        ("city_centre", "市级指挥中心", "City command centre"),
        ("operation_centre", "智慧城市运行管理中心", "City operation centre"),
        ("data_centre", "大数据中心", "Big-data centre"),
        ("grid_centre", "网格管理中心", "Grid management centre"),
        ("complaint_centre", "市民投诉中心", "Citizen complaint centre"),
        ("command_centre", "应急指挥中心", "Emergency command centre"),
        ("street_office", "街道办事处", "Subdistrict office"),
        ("party_service_centre", "党群服务中心", "Party-mass service centre"),
        ("governance_centre", "综合治理中心", "Governance centre"),
        ("enforcement_centre", "综合执法中心", "Enforcement centre"),
        ("comprehensive_station", "综合管理服务站", "Comprehensive station"),
    ),
}

GROUPS: Final = (_AREAS, _CASES, _CHANNELS, _PEOPLE, _FORCES)


def labels() -> Iterator[Label]:
    """Every label, kinds in a fixed order and codes in the order of their lists."""
    for group in GROUPS:
        for kind, texts in group.items():
            for sort, (code, zh, en) in enumerate(texts):
                yield Label(kind, code, zh, en, sort)


def codes(kind: str) -> tuple[str, ...]:
    """The codes of one enumeration in display order.

    Raises:
        KeyError: no enumeration of that name; the message lists the known ones.
    """
    for group in GROUPS:
        if kind in group:
            return tuple(code for code, _, _ in group[kind])
    known = sorted(name for group in GROUPS for name in group)
    raise KeyError(f"no label kind {kind!r}; known: {', '.join(known)}")
