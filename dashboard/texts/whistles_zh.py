"""Chinese texts of whistles inside cards and on the map."""

from __future__ import annotations

from typing import Final

TEXTS: Final = {
    "whistle.title": "吹哨报到",
    "whistle.came": "到场 {n}/{of}",
    "whistle.ended": "{at} 收哨",
    "whistle.end": "收哨",
    "whistle.end.help": "结束本次吹哨",
    "whistle.at": "{at} 吹哨 · 限 {due} 分钟到场",
    "whistle.answered": "应答 {n} 分",
    "whistle.answered.not": "应答 —",
    "whistle.arrived": "到场 {n} 分",
    "whistle.arrived.not": "到场 —",
    "whistle.late": "超时到场",
    "whistle.missed": "超时未到",
    "whistle.there": "已到场",
    "whistle.waits": "待到场",
    "whistle.place": "地点（必填）",
    "whistle.message": "事由（必填）",
    "whistle.due": "到场时限",
    "whistle.minutes": "{n} 分钟",
    "whistle.blow": "确认吹哨",
    "whistle.mark": "吹哨 {place}",
    "whistle.refused.details": "请填写地点、事由，并至少选择一个部门",
    "whistle.refused.state": "已登记或已收哨，请看最新状态",
    "whistle.refused.unknown": "不在本辖区内",
}
