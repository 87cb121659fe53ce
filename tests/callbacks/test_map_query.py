"""What the map asks for may be hostile: everything is refused by name, nothing is guessed."""

import pytest

from callbacks.map_query import known_only, read_filter, read_level, read_ref, read_tolerance, read_view
from data.filters import FilterError

WINDOW = {"since": "2026-11-21T00:00:00+08:00", "until": "2026-11-22T00:00:00+08:00"}


def test_a_blank_in_an_offset_is_the_plus_it_was():
    found = read_filter({**WINDOW, "since": "2026-11-21T00:00:00 08:00", "channels": "a,b,", "states": ""})
    assert found.since.isoformat() == WINDOW["since"]
    assert found.channels == {"a", "b"}
    assert found.states == frozenset()


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"until": WINDOW["until"]}, "since must be"),
        ({**WINDOW, "areas": "99'; DROP TABLE"}, "areas must be codes of 6, 9, 12 or 15 digits"),
        ({**WINDOW, "states": "nonsense"}, "states must be among"),
        ({**WINDOW, "since": "NaN"}, "since must be an ISO 8601 time"),
    ],
)
def test_hostile_filters(args, message):
    with pytest.raises(FilterError, match=message):
        read_filter(args)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"box": "1,2,3"}, "box must be 'west,south,east,north'"),
        ({"box": "nan,0,1,1"}, "four finite degrees"),
        ({"box": "0,0,inf,1"}, "four finite degrees"),
        ({"box": "2,0,1,1"}, "west<east"),
        ({"zoom": "1e400"}, "zoom must be a finite number"),
        ({"zoom": "-1"}, r"zoom must be 0\.\.22"),
        ({"detail": "9"}, "detail must be 0, 1 or 2"),
        ({"box": "-180,-85,180,85", "zoom": "20"}, "at most 200,000,000 pixels"),
    ],
)
def test_hostile_views(args, message):
    with pytest.raises(FilterError, match=message):
        read_view(args)


@pytest.mark.parametrize("text", ["", "-1", "0", "1.5", "²", "9" * 16, "nan"])
def test_hostile_handles(text):
    with pytest.raises(FilterError, match="ref must be a whole number"):
        read_ref({"ref": text})


def test_other_arguments_are_refused():
    with pytest.raises(FilterError, match=r"unknown arguments \['chanels'\]"):
        known_only({"chanels": "a"})
    with pytest.raises(FilterError, match="v must be a version"):
        known_only({"v": "<script>"})
    with pytest.raises(FilterError, match="level must be one of"):
        read_level({"level": "planet"})
    with pytest.raises(FilterError, match=r"tolerance must be 0\.\.1000"):
        read_tolerance({"tolerance": "1001"})
