"""English texts of one's tasks, and of the first page."""

from __future__ import annotations

from typing import Final

TEXTS: Final = {
    "nav.tasks": "My tasks",
    "tasks.title": "My tasks",
    "tasks.about": "Tasks you are called to: sign up, withdraw, report from the site",
    "tasks.none": "Nothing calls you now; a new task shows up here by itself",
    "tasks.live": "Live · {time}",
    "tasks.lost": "Connection lost, as of {time}",
    "tasks.places": "{n} places",
    "tasks.signed": "{n} of {of} signed up",
    "tasks.in": "You are signed up",
    "tasks.full": "All places are taken",
    "tasks.sign_up": "Sign me up",
    "tasks.past": "Tasks that are over",
    "account.first": "First page",
    "account.first.help": "What opens first on this device after signing in",
    "account.first.wall": "The wall",
    "account.first.tasks": "My tasks",
    "account.first.open": "Open",
    "account.first.keep": "Keep",
    "account.first.done": "The first page is kept",
}
