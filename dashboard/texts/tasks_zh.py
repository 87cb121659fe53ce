"""Chinese texts of one's tasks, and of the first page."""

from __future__ import annotations

from typing import Final

TEXTS: Final = {
    "nav.tasks": "我的任务",
    "tasks.title": "我的任务",
    "tasks.about": "召集您的任务：报名、退出、上报现场情况",
    "tasks.none": "目前没有召集您的任务；有新任务时本页自动显示",
    "tasks.live": "实时 · {time}",
    "tasks.lost": "连接中断，内容截至 {time}",
    "tasks.places": "名额 {n} 人",
    "tasks.signed": "已报名 {n} / {of}",
    "tasks.in": "您已报名",
    "tasks.full": "名额已满",
    "tasks.sign_up": "我要报名",
    "tasks.past": "已结束的任务",
    "account.first": "首页",
    "account.first.help": "登录后在这台设备上首先打开的页面",
    "account.first.wall": "一幅图",
    "account.first.tasks": "我的任务",
    "account.first.open": "打开",
    "account.first.keep": "保存",
    "account.first.done": "首页已保存",
}
