"""The light theme: the same spec, other values, nothing else touched."""

import json

import pandas as pd

from layers import areas, palette, theme
from layers.measures import measure


def spec():
    values = pd.DataFrame({"area_code": ["510108001001001"], "name": ["第1网格"], "value": [0.0]})
    return areas.area_layer(values, measure("accepted"), shapes_url="/s", focus={"bounds": [1, 2, 3, 4]})


def test_every_dark_colour_has_its_twin_and_the_rest_stays():
    dark, light = spec(), theme.lit(spec())
    assert light["layer"][0]["styles"] == {"510108001001001": [217, 230, 240, palette.RAMP[0][3], 0]}
    assert light["legend"]["entries"][0]["colour"] == "#d9e6f0"
    assert light["focus"] == dark["focus"]
    assert light["layer"][0]["tips"] == dark["layer"][0]["tips"]
    assert not set(theme._CSS) & set(json.dumps(light).replace(chr(34), " ").split())


def test_no_colour_stands_for_two():
    assert len(set(theme.TWINS.values())) == len(theme.TWINS)
