"""Whether a change is more than chance."""

from __future__ import annotations

import math

from data.analytics.intervals import Z95, wilson


def share_changed(part: int, whole: int, part_before: int, whole_before: int) -> bool | None:
    """Whether two shares differ by more than chance, at 95 %; None where one has no cases.

    Newcombe (1998), Stat. Med. 17, 873-890, method 10: the interval of the difference from the two
    Wilson intervals. Shares must be parts of their wholes.
    """
    now, earlier = wilson(part, whole), wilson(part_before, whole_before)
    if now is None or earlier is None:
        return None
    share, share_before = part / whole, part_before / whole_before
    gain = share - share_before
    low = gain - math.hypot(share - now[0], earlier[1] - share_before)
    high = gain + math.hypot(now[1] - share, share_before - earlier[0])
    return low > 0 or high < 0


def count_changed(count: int, before: int) -> bool | None:
    """Whether two counts of spans of one length differ by more than chance, at 95 %; None for none at all.

    The counts as Poisson, their difference set against its square root.
    """
    if not count and not before:
        return None
    return abs(count - before) > Z95 * math.sqrt(count + before)
