"""Spans as people say them."""

import pytest

from callbacks.emergency_words import span
from dashboard.texts import speaker


@pytest.mark.parametrize(("minutes", "said"), [
    (None, "—"), (0.9, "0 分钟"), (59.9, "59 分钟"), (61, "1 小时 1 分"), (1441, "1 天 0 小时"),
    (3000, "2 天 2 小时")])
def test_a_span_is_said_in_its_largest_units(minutes, said):
    assert span(minutes, speaker("zh")) == said
