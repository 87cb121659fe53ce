"""The classification of cases (案件分类): components, events, social governance.

Limits are data, never code: cities differ by an order of magnitude for the same
subclass, so the table is seeded once and edited by the operator afterwards.
Classes 01-06 follow the public standards for city management, 07-15 add the
domains of social governance.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple


class Category(NamedTuple):
    """A row of table ``category``; ``limit_value`` is counted in ``limit_unit``.

    ``cat_code`` is the kind's letter, two digits of the class and two of the
    subclass, so every node of the tree is a prefix of its leaves.
    """

    cat_code: str
    kind: str
    class_code: str
    class_name: str
    sub_code: str
    sub_name: str
    name_en: str
    domain: str
    mechanism: str
    limit_value: float
    limit_unit: str
    first_dept_id: str
    close_condition: str
    urgent_default: bool


class CategoryClass(NamedTuple):
    """A class and what its subclasses share."""

    letter: str
    code: str
    name: str
    name_en: str
    domain: str
    mechanism: str
    dept_id: str
    close_condition: str
    subs: tuple[tuple[object, ...], ...]


#: Units of limits, shortened for the table below.
_UNIT: Final = {"uh": "urgent_hour", "wh": "work_hour", "wd": "work_day", "nd": "natural_day"}
_KIND: Final = {"C": "component", "E": "event", "S": "social"}

# A subclass: code, name, English, limit, unit[, department other than the class's][, "!" = urgent].
CLASSES: Final = (
    CategoryClass("C", "01", "公用设施", "Public utilities", "city", "enforcement", "water_gas_power",
                  "设施修复", (
        ("01", "上水井盖", "Water cover", 1, "wd"), ("02", "雨水井盖", "Rainwater cover", 1, "wd", "water"),
        ("03", "污水井盖", "Sewer cover", 1, "wd", "water"), ("04", "电力井盖", "Power cover", 1, "wd"),
        ("05", "通信井盖", "Telecom cover", 1, "wd"), ("06", "燃气井盖", "Gas cover", 1, "wd"),
        ("07", "雨水箅子", "Storm drain grate", 1, "wd", "water"),
        ("08", "消防栓", "Hydrant", 2, "wd", "fire"),
        ("09", "路灯", "Street lamp", 2, "wd", "urban_mgmt"), ("10", "电杆", "Pole", 3, "wd"),
        ("11", "变压器", "Transformer box", 3, "wd"),
        ("12", "健身设施", "Fitness equipment", 5, "wd", "culture"),
        ("13", "报刊亭信箱", "Kiosk or letter box", 5, "wd"),
    )),
    CategoryClass("C", "02", "道路交通设施", "Road facilities", "city", "enforcement", "traffic",
                  "设施修复", (
        ("01", "停车设施", "Parking facility", 3, "wd"), ("02", "公交站亭", "Bus shelter", 3, "wd"),
        ("03", "过街天桥", "Footbridge", 5, "wd"), ("04", "地下通道", "Underpass", 5, "wd"),
        ("05", "道路护栏", "Guard rail", 2, "wd"), ("06", "警示柱", "Bollard", 2, "wd"),
        ("07", "交通标志牌", "Traffic sign", 2, "wd"),
        ("08", "交通信号灯", "Traffic light", 4, "uh", "traffic", "!"),
        ("09", "路名牌", "Street name plate", 5, "wd"),
        ("10", "人行道破损", "Broken pavement", 3, "wd", "urban_mgmt"),
    )),
    CategoryClass("C", "03", "市容环境设施", "Sanitation facilities", "city", "enforcement", "urban_mgmt",
                  "设施修复", (
        ("01", "公共厕所", "Public toilet", 2, "wd"), ("02", "化粪池", "Septic tank", 1, "wd"),
        ("03", "垃圾间", "Refuse room", 2, "wd"), ("04", "果皮箱", "Litter bin", 2, "wd"),
        ("05", "灯箱霓虹灯", "Light box", 3, "wd"), ("06", "广告牌匾", "Sign board", 3, "wd"),
    )),
    CategoryClass("C", "04", "园林绿化设施", "Parks and trees", "city", "enforcement", "parks", "设施修复", (
        ("01", "行道树", "Street tree", 2, "wd"), ("02", "护树设施", "Tree guard", 3, "wd"),
        ("03", "花架花钵", "Planter", 3, "wd"), ("04", "绿地", "Green", 3, "wd"),
        ("05", "街头座椅", "Bench", 5, "wd"), ("06", "古树名木", "Ancient tree", 2, "wd"),
    )),
    CategoryClass("C", "05", "其他设施", "Other facilities", "city", "enforcement", "housing", "设施修复", (
        ("01", "人防工事", "Civil defence", 7, "wd"), ("02", "公房地下室", "Public basement", 5, "wd"),
        ("03", "水域附属设施", "Waterside facility", 5, "wd", "water"),
    )),
    CategoryClass("E", "01", "市容环境", "City appearance", "city", "enforcement", "urban_mgmt",
                  "现场清理完毕", (
        ("01", "私搭乱建", "Illegal structure", 7, "wd"), ("02", "暴露垃圾", "Exposed rubbish", 4, "wh"),
        ("03", "积存垃圾渣土", "Piled rubbish or soil", 2, "wd"), ("04", "道路不洁", "Dirty road", 2, "wh"),
        ("05", "水域不洁", "Dirty water", 2, "wd", "water"),
        ("06", "绿地脏乱", "Dirty green", 4, "wh", "parks"),
        ("07", "废弃车辆", "Abandoned vehicle", 5, "wd"), ("08", "废弃家具设备", "Dumped furniture", 1, "wd"),
        ("09", "非装饰性树挂", "Rubbish in trees", 1, "wd", "parks"),
        ("10", "道路破损", "Broken road", 5, "wd"),
        ("15", "焚烧垃圾树叶", "Burning rubbish", 2, "wh"), ("19", "乱堆物堆料", "Piled goods", 4, "wh"),
    )),
    CategoryClass("E", "02", "宣传广告", "Advertising", "city", "enforcement", "urban_mgmt", "广告清除", (
        ("01", "非法小广告", "Illegal stickers", 4, "wh"),
        ("02", "违章张贴悬挂广告牌匾", "Illegal posters", 2, "wd"),
        ("03", "占道广告牌", "Board on the pavement", 4, "wh"), ("04", "街头散发广告", "Leaflets", 2, "wh"),
    )),
    CategoryClass("E", "03", "施工管理", "Construction", "city", "enforcement", "housing", "现场整改", (
        ("01", "施工扰民", "Construction noise", 4, "wh", "environment"),
        ("02", "工地扬尘", "Construction dust", 4, "wh", "environment"),
        ("03", "道路遗撒", "Spilled load", 4, "wh", "urban_mgmt"),
        ("04", "施工废弃料", "Construction waste", 1, "wd"),
        ("05", "无证掘路占道", "Digging without permit", 1, "wd", "urban_mgmt"),
    )),
    CategoryClass("E", "04", "突发事件", "Emergencies", "city", "command", "water", "险情排除", (
        ("01", "路面塌陷", "Road collapse", 4, "uh", "urban_mgmt", "!"),
        ("02", "自来水管破裂", "Burst water main", 4, "uh", "water_gas_power", "!"),
        ("03", "燃气管破裂", "Gas leak", 2, "uh", "water_gas_power", "!"),
        ("04", "下水道堵塞", "Blocked sewer", 12, "uh"),
        ("05", "热力管破裂", "Burst heating pipe", 4, "uh", "water_gas_power", "!"),
        ("06", "道路积水", "Flooded road", 4, "uh"),
        ("07", "积雪结冰", "Snow and ice", 4, "uh", "urban_mgmt"),
        ("08", "架空线缆损坏", "Damaged cable", 4, "uh", "water_gas_power"),
    )),
    CategoryClass("E", "05", "街面秩序", "Street order", "city", "enforcement", "urban_mgmt", "秩序恢复", (
        ("01", "无照经营游商", "Unlicensed vendor", 2, "wh"), ("02", "流浪乞讨", "Begging", 4, "wh", "civil"),
        ("04", "店外经营", "Trade outside the shop", 2, "wh"),
        ("05", "机动车乱停放", "Badly parked car", 4, "wh", "police"),
        ("06", "非机动车乱停放", "Badly parked bicycle", 4, "wh"),
        ("08", "露天烧烤", "Open-air barbecue", 2, "wh"),
        ("09", "沿街晾挂", "Laundry on the street", 4, "wh"),
        ("12", "商业噪音", "Commercial noise", 4, "wh", "environment"),
    )),
    CategoryClass("E", "06", "扩展事件", "Local extension", "city", "service", "urban_mgmt", "处置完毕", (
        ("01", "共享单车淤积", "Shared bicycles piling up", 4, "wh", "traffic"),
        ("02", "其他事件", "Other", 2, "wd", "urban_mgmt"),
    )),
    CategoryClass("S", "07", "矛盾纠纷", "Disputes", "dispute", "mediation", "justice",
                  "达成协议或引导诉讼", (
        ("01", "邻里纠纷", "Neighbours", 7, "nd"),
        ("02", "物业纠纷", "Property management", 7, "nd", "housing"),
        ("03", "家庭纠纷", "Family", 7, "nd"), ("04", "劳资纠纷", "Labour", 10, "nd", "hr"),
        ("05", "征拆纠纷", "Demolition", 15, "nd", "housing"),
        ("06", "消费纠纷", "Consumers", 7, "nd", "market"),
    )),
    CategoryClass("S", "08", "治安隐患", "Public order", "safety", "patrol", "police", "隐患消除", (
        ("01", "盗抢线索", "Theft clue", 1, "nd"), ("02", "可疑人员", "Suspicious person", 4, "uh"),
        ("03", "群租隐患", "Group renting", 5, "wd"), ("04", "电信诈骗线索", "Fraud clue", 1, "nd"),
    )),
    CategoryClass("S", "09", "安全生产与消防", "Work and fire safety", "safety", "enforcement",
                  "work_safety", "隐患整改", (
        ("01", "消防通道堵塞", "Blocked fire lane", 1, "wd", "fire"),
        ("02", "电动车违规充电", "Unsafe e-bike charging", 2, "wd", "fire"),
        ("03", "危险用电", "Dangerous wiring", 2, "wd"), ("04", "生产安全隐患", "Work hazard", 3, "wd"),
        ("05", "高空坠物隐患", "Falling objects", 2, "wd", "housing"),
    )),
    CategoryClass("S", "10", "民生诉求", "Residents' requests", "service", "service", "civil", "答复并回访", (
        ("01", "小区物业管理", "Compound management", 3, "wd", "housing"),
        ("02", "供水供电供气", "Utilities", 1, "nd", "water_gas_power"),
        ("03", "房屋漏水维修", "Leaks and repairs", 3, "wd", "housing"),
        ("04", "社会救助", "Social assistance", 5, "wd"),
        ("05", "就业社保", "Work and insurance", 5, "wd", "hr"),
        ("06", "教育入学", "Schools", 5, "wd", "education"),
        ("07", "医疗卫生", "Health care", 3, "wd", "health"),
        ("08", "证照办理", "Certificates", 3, "wd", "data"),
    )),
    CategoryClass("S", "11", "环境保护", "Environment", "city", "enforcement", "environment",
                  "达标或停止排放", (
        ("01", "生活噪音", "Noise", 1, "wd"), ("02", "油烟污染", "Cooking fumes", 2, "wd"),
        ("03", "污水排放", "Waste water", 2, "wd"), ("04", "空气异味", "Smell", 1, "wd"),
    )),
    CategoryClass("S", "12", "人口房屋核查", "Population and housing", "census", "resources", "police",
                  "信息核实", (
        ("01", "流动人口登记", "Floating population", 5, "wd"),
        ("02", "出租房屋核查", "Rented homes", 5, "wd"),
        ("03", "空置房核查", "Vacant homes", 7, "wd", "housing"),
    )),
    CategoryClass("S", "13", "养老助残关爱", "Elderly and disabled", "elderly", "service", "civil",
                  "服务到位", (
        ("01", "独居老人关爱", "Elders alone", 1, "nd"), ("02", "助餐助浴", "Meals and bathing", 2, "wd"),
        ("03", "残疾人服务", "Disabled persons", 3, "wd", "disabled"),
        ("04", "走失求助", "Missing elder", 2, "uh", "police", "!"),
    )),
    CategoryClass("S", "14", "政策咨询", "Policy questions", "service", "service", "data", "答复", (
        ("01", "户籍政策", "Household registration", 1, "wd", "police"),
        ("02", "社保医保政策", "Insurance policy", 1, "wd", "hr"),
        ("03", "其他咨询", "Other questions", 1, "wd"),
    )),
    CategoryClass("S", "15", "建议表扬", "Suggestions and praise", "self_gov", "service", "petition",
                  "答复", (
        ("01", "意见建议", "Suggestion", 5, "wd"), ("02", "表扬感谢", "Praise", 5, "wd"),
    )),
)


def categories() -> Iterator[Category]:
    """Every subclass as a row of the table, in the order of the codes within a class."""
    for group in CLASSES:
        for code, name, name_en, limit, unit, *rest in group.subs:
            depts = [str(item) for item in rest if item != "!"]
            yield Category(
                cat_code=f"{group.letter}{group.code}{code}", kind=_KIND[group.letter],
                class_code=group.code, class_name=group.name, sub_code=str(code), sub_name=str(name),
                name_en=str(name_en), domain=group.domain, mechanism=group.mechanism,
                limit_value=float(str(limit)), limit_unit=_UNIT[str(unit)],
                first_dept_id=depts[0] if depts else group.dept_id,
                close_condition=group.close_condition, urgent_default="!" in rest,
            )


def class_names() -> dict[str, tuple[str, str]]:
    """Chinese and English name of every class by its prefix, such as ``E01``."""
    return {f"{group.letter}{group.code}": (group.name, group.name_en) for group in CLASSES}
