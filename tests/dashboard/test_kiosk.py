"""What the address of a wall display means, and what it shows in turn."""

from __future__ import annotations

import pytest

from dashboard.kiosk import Kiosk, Stop, from_query, ring, stops_of, tour_of
from dashboard.texts import speaker
from data.filters import FilterError

SAY = speaker("en")


@pytest.mark.parametrize(("query", "found"), [
    ({}, None),
    ({"kiosk": "0", "every": "nonsense"}, None),
    ({"kiosk": "1"}, Kiosk(every_s=60, tour="none")),
    ({"kiosk": "1", "every": "5", "tour": "areas"}, Kiosk(every_s=5, tour="areas")),
])
def test_an_address_says_how_a_display_behaves(query, found):
    assert from_query(query) == found


@pytest.mark.parametrize(("query", "named"), [
    ({"kiosk": "yes"}, "kiosk must be 1 or 0, got 'yes'"),
    ({"kiosk": "1", "every": "4"}, "every must be 5..3600 whole seconds, got '4'"),
    ({"kiosk": "1", "every": "3601"}, "every must be"),
    ({"kiosk": "1", "every": "1e3"}, "every must be"),
    ({"kiosk": "1", "every": "٦٠"}, "every must be"),
    ({"kiosk": "1", "tour": "moon"}, "tour must be one of none, areas; got 'moon'"),
])
def test_what_cannot_be_is_named(query, named):
    with pytest.raises(FilterError, match=named.replace(".", r"\.")):
        from_query(query)


def test_this_page_comes_first_then_its_areas_then_other_pages():
    pages = [("/", "wall"), ("/cases", "cases")]
    assert stops_of([("510108002", "a street")], whole="district", here="/", pages=pages) == [
        Stop(name="district"), Stop(name="a street", area="510108002"), Stop(name="cases", page="/cases")]


@pytest.mark.parametrize(("here", "query", "page", "every", "fault"), [
    ("/modules", {"kiosk": "1", "every": "20"}, "/feeds", 20, ""),
    ("/feeds", {"kiosk": "1"}, "/", 60, ""),
    ("/feeds", {}, "/", 0, ""),
    ("/feeds", {"kiosk": "x"}, "/", 0, "kiosk must be 1 or 0, got 'x'"),
])
def test_a_plain_page_of_a_display_goes_on_to_the_next(here, query, page, every, fault):
    pages = [("/", "wall"), ("/modules", "modules"), ("/feeds", "feeds")]
    found = tour_of(query, here=here, pages=pages, again_s=30)
    assert (found.stop.page, found.every_s, found.again_s, found.fault) == (page, every, 30, fault)


def test_nothing_is_counted_where_nothing_follows():
    alone = ring(Kiosk(), [Stop(name="district")], SAY)
    assert [part.className for part in alone] == ["kiosk-ended"]
    assert len(ring(Kiosk(), [Stop(name="district"), Stop(name="x", area="510108002")], SAY)) == 3
