import pytest

from dashboard.components.hits import hits_list
from dashboard.texts import speaker
from tests.dashboard.asserts import texts


def hit(kind, code):
    return {"kind": kind, "code": code, "title": "甲", "subtitle": code}


@pytest.mark.parametrize(
    ("kind", "code", "word"),
    [
        ("area", "510108005", "街道"),
        ("area", "510108005001", "社区"),
        ("area", "510108005001002", "网格"),
        ("area", "510108005W001", "工作网格"),
        ("area", "510108005P001", "专业网格"),
        ("case", "20261122010800229", "案件"),
        ("officer", "G1", "人员"),
        ("building", "B1", "楼栋"),
    ],
)
def test_a_hit_says_what_it_is(kind, code, word):
    assert texts(hits_list([hit(kind, code)], speaker("zh")))[-1] == word


def test_nothing_asked_and_nothing_found_are_two_sentences():
    assert texts(hits_list(None, speaker("zh"))) != texts(hits_list([], speaker("zh")))
