"""English texts of the status board of feeds."""

from __future__ import annotations

from typing import Final

TEXTS: Final = {
    "nav.feeds": "Feeds",
    "feeds.title": "State of the feeds",
    "feeds.about": "The last record of each channel, of each department's system and of the positions. "
                   "A feed is judged by its own rate at each hour over the last 28 days: late once 3 records "
                   "should have come, silent from 6.9 on (a chance below one in a thousand). Positions are "
                   "late after 5 minutes, silent after 15; readings of sensors after 2 and 6 hours.",
    "feeds.as_of": "as of {time}",
    "feeds.failed": "Reading fails since {time}; this is the last state known",
    "feeds.stop": "Stop refreshing every {n} s",
    "feeds.go": "Refresh every {n} s",
    "feeds.positions": "Officers' positions",
    "feeds.kind.channel": "channel",
    "feeds.kind.department": "department's system",
    "feeds.kind.positions": "positions",
    "feeds.kind.readings": "sensors",
    "feeds.state.ok": "well",
    "feeds.state.late": "late",
    "feeds.state.silent": "silent",
    "feeds.column.state": "State",
    "feeds.column.name": "Feed",
    "feeds.column.kind": "Kind",
    "feeds.column.last": "Last record",
    "feeds.column.silence": "Silent for",
    "feeds.column.today": "Today",
    "feeds.column.usual": "A day",
    "feeds.column.missed": "Missed",
}
