"""Chinese texts of the weights of the index and of the half-monthly bulletin."""

from __future__ import annotations

from typing import Final

TEXTS: Final = {
    "analytics.index.by": "按期处置 {on_time} + 结案 {closure} + 无返工 {rework}",
    "weights.title": "考核权重",
    "weights.about": "部门综合指数 = 按期处置率、结案率、（1 − 返工率）各乘权重之和。"
                     "更改自生效日起执行，已过去的日子始终按当日权重计算。",
    "weights.less": "1 − {name}",
    "weights.new": "设定新权重",
    "weights.valid_from": "生效日",
    "weights.on_time": "按期处置",
    "weights.closure": "结案",
    "weights.rework": "无返工",
    "weights.reason": "理由",
    "weights.by": "设定人",
    "weights.at": "设定时间",
    "weights.put": "保存并记入审计",
    "weights.saved": "已保存。",
    "weights.history": "历次权重",
    "weights.never": "尚未更改，执行默认权重 60 / 30 / 10。",
    "weights.back": "返回研判分析",
    "weights.fault.on_time": "按期处置须为 0 至 100 的数。",
    "weights.fault.closure": "结案须为 0 至 100 的数。",
    "weights.fault.rework": "无返工须为 0 至 100 的数。",
    "weights.fault.sum": "三项权重之和须为 100。",
    "weights.fault.valid_from": "生效日不得早于今日（{today}），过去的日子不改。",
    "weights.fault.reason": "请写明理由，最多 200 字。",
}
