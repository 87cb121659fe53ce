import re

import pytest

from dashboard.texts import CATALOGUES, maybe, speaker, text


def test_both_catalogues_have_the_same_keys():
    assert set(CATALOGUES["zh"]) == set(CATALOGUES["en"])


@pytest.mark.parametrize("key", sorted(CATALOGUES["zh"]))
def test_both_catalogues_have_the_same_fields(key):
    fields = [set(re.findall(r"{(\w+)}", CATALOGUES[lang][key])) for lang in ("zh", "en")]
    assert fields[0] == fields[1]


def test_unknown_key_is_named():
    with pytest.raises(KeyError, match=r"no text 'kpi.nothing' in the catalogue 'zh'"):
        text("zh", "kpi.nothing")


def test_unknown_language_is_named():
    with pytest.raises(KeyError, match=r"lang must be one of .* got 'fr'"):
        text("fr", "search")


def test_maybe_falls_back_to_the_code():
    assert maybe(speaker("en"), "kind.Z", "Z") == "Z"
