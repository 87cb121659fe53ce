"""Chinese texts of the centres from which the wall is looked at."""

from __future__ import annotations

from typing import Final

TEXTS: Final = {
    "seat.leave": "返回本账号辖区",
    "topic": "专题",
    "topic.none": "全部（不限专题）",
    "topic.help": "本页只统计该专题的案件；专题与案件领域的对应关系在数据库中维护",
    "filter.domains": "领域",
    "filter.mechanisms": "工作机制",
    "card.mechanism": "工作机制",
    "card.mechanism.help": "只看同一工作机制的案件",
    "seat.lang": "zh",
    "seat.help": "切换中心：只看某个分中心、部门或社区的部分",
    "seat.loading": "正在读取……",
    "seat.failed": "中心列表读取失败",
    "seat.own": "本级全部范围",
    "seat.title.whole": "{name}社会治理指挥中心（本级全部范围）",
    "seat.title.street": "{name}社会治理分中心",
    "seat.title.community": "{name}综合管理服务站",
    "seat.title.grid": "{name}网格工作站",
    "seat.title.dept": "{name}分中心",
    "seat.tier.district": "区级指挥中心",
    "seat.tier.street": "街道分中心 {n} 个、社区工作站 {m} 个、网格工作站 {k} 个",
    "seat.tier.dept": "部门分中心 {n} 个",
    "seat.note": "三级平台：区级中心、街道与部门分中心、社区工作站；四级网络：区、街道、社区、网格。"
                 "“六级力量”在来源中没有列出名目。切换只会缩小、不会扩大本账号的范围。",
}
