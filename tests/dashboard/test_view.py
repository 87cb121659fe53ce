import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.view import (
    GRID_KINDS,
    MEASURES,
    MODES,
    PRESETS,
    SCALES,
    THEMES,
    View,
    ViewError,
    from_query,
    from_store,
    selection_from_query,
    selection_from_store,
)
from data.filters import FilterError
from layers.keys import KEYS

cameras = st.none() | st.fixed_dictionaries(
    {
        "lon": st.floats(-180, 180),
        "lat": st.floats(-90, 90),
        "zoom": st.floats(0, 22),
        "pitch": st.floats(0, 70),
        "bearing": st.floats(-180, 180),
    }
)
views = st.builds(
    View,
    area=st.none() | st.from_regex(r"\A[0-9]{6}([0-9]{3}){0,3}\Z"),
    measure=st.sampled_from(MEASURES),
    mode=st.sampled_from(MODES),
    grids=st.sampled_from(GRID_KINDS),
    scale=st.sampled_from(SCALES),
    lang=st.sampled_from(("zh", "en")),
    theme=st.sampled_from(THEMES),
    preset=st.sampled_from(PRESETS),
    layers=st.fixed_dictionaries(dict.fromkeys(KEYS, st.booleans())),
    camera=cameras,
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


@given(views)
def test_store_round_trip(view):
    assert from_store(json.loads(json.dumps(view.to_store()))) == view


@given(
    st.dictionaries(
        st.sampled_from(["area", "measure", "mode", "lang", "layers", "camera", "preset", "theme"]),
        json_values,
    )
    | json_values
)
def test_hostile_stores_are_refused_by_name_or_read(stored):
    try:
        assert isinstance(from_store(stored), View)
    except ViewError as error:
        assert "got" in str(error)


@given(json_values)
def test_hostile_selections_are_refused_or_read(stored):
    try:
        selection_from_store(stored)
    except ViewError as error:
        assert "got" in str(error)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"area": "12"}, "area must be a code"),
        ({"mode": "4d"}, "mode must be one of 2d, 3d; got '4d'"),
        ({"camera": "nan,1,2,3,4"}, "camera.lon must be a number within ±180, got 'nan'"),
        ({"camera": "1,inf,2,3,4"}, "camera.lat"),
        ({"camera": "1,2"}, "camera must be lon,lat,zoom"),
        ({"layers": "heat,evil"}, "layers must be among"),
        ({"lang": "fr"}, "lang must be one of"),
    ],
)
def test_bad_addresses_are_refused_by_name(query, message):
    with pytest.raises(FilterError, match=message):
        from_query(query)


def test_address_without_a_preset_but_with_a_window_is_custom():
    assert from_query({"since": "2026-01-01T00:00:00+08:00"}).preset == "custom"


def test_layers_of_an_address_are_the_only_ones_on():
    view = from_query({"layers": "heat,areas"})
    assert {key for key, on in view.layers.items() if on} == {"heat", "areas"}


def test_selection_of_an_address():
    assert selection_from_query({"sel": "case:20261122010800001"}) == {
        "kind": "case",
        "code": "20261122010800001",
    }
    with pytest.raises(ViewError, match=r"selection.kind must be one of"):
        selection_from_query({"sel": "person:1"})
