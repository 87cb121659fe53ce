"""Chinese texts of acts upon a case."""

from __future__ import annotations

from typing import Final

TEXTS: Final = {
    "act.title": "处置操作",
    "act.more": "更多操作 ({n})",
    "act.dept": "承办部门",
    "act.level": "层级",
    "act.days": "延长",
    "act.days.n": "{n} 天",
    "act.score": "满意度",
    "act.reason": "理由（必填）",
    "act.note": "备注",
    "act.go": "确认{act}",
    "act.done": "已记录",
    "act.failed": "未能提交，请重试",
    "act.refused.details": "内容不完整或无效，请检查后再提交",
    "act.refused.state": "案件状态已变化或角色不允许此操作",
    "score.100": "非常满意",
    "score.80": "满意",
    "score.50": "一般",
    "score.0": "不满意",
    "score.-100": "很不满意",
}
