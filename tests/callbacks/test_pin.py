from callbacks.pin import place_of
from tests.fake_readers import CASE, STREET, desk


def test_the_mark_is_where_the_case_is_and_areas_have_none():
    at = desk()
    found = place_of({"kind": "case", "code": CASE["case_no"]}, desk=at)
    assert found == {"lon": CASE["lon"], "lat": CASE["lat"], "grid": CASE["grid_code"]}
    assert place_of({"kind": "area", "code": STREET}, desk=at) is None
    assert place_of({"kind": "case", "code": "nobody"}, desk=at) is None
    assert place_of(None, desk=at) is None
