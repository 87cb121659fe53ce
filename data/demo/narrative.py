"""Numbers, titles, addresses and reporters of the demo's cases. All of it is invented."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data.demo.draws import Ints, pick_key
from data.demo.ground import Ground
from data.demo.intake import CATEGORIES, Intake, channel_groups
from data.demo.mix import NATURES
from data.demo.profiles import LOCAL, Profile

Strings = npt.NDArray[np.object_]

SURNAMES: Final = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹"
_DETAILS: Final = ("影响居民出行", "附近居民反映强烈", "请尽快到现场处理", "已持续两天", "范围约十平方米",
                   "早晚时段尤为明显", "存在安全隐患", "希望相关部门核实")
_REPORTERS: Final = {"patrol": "officer", "hotline": "citizen", "internet": "citizen", "device": "device",
                     "internal": "unit", "offline": "citizen"}


def case_numbers(intake: Intake, adcode: str) -> Strings:
    """``YYYYMMDD`` of the local day, last four digits of the district, five digits counting in the day."""
    if not intake.reported.size:
        return np.empty(0, dtype=object)
    local = pd.DatetimeIndex(intake.reported).tz_localize("UTC").tz_convert(LOCAL)
    day = local.normalize().tz_localize(None).to_numpy()
    starts = np.flatnonzero(np.concatenate([[True], day[1:] != day[:-1]]))
    serial = np.arange(day.size) - np.repeat(starts, np.diff(np.append(starts, day.size))) + 1
    days, position = np.unique(day, return_inverse=True)
    texts = np.array([pd.Timestamp(value).strftime("%Y%m%d") + adcode[2:] for value in days], dtype=object)
    padded = pc.utf8_lpad(pa.array(serial).cast(pa.string()), 5, "0")
    joined = pc.binary_join_element_wise(pa.array(texts).take(pa.array(position)), padded, "")
    return np.asarray(joined.to_numpy(zero_copy_only=False), dtype=object)


def stories(profile: Profile, ground: Ground, intake: Intake,
            rng: np.random.Generator) -> dict[str, pa.Array]:
    """The columns of a case that people read, and what kind of person or device reported it."""
    size = intake.reported.size
    names = pa.array([row.sub_name for row in CATEGORIES]).take(pa.array(intake.category))
    addresses = _addresses(ground, intake)
    details = pa.array(_DETAILS).take(pa.array(rng.integers(0, len(_DETAILS), size)))
    groups = channel_groups(profile)[intake.channel]
    order = sorted(_REPORTERS)
    kinds = pa.array([_REPORTERS[group] for group in order]).take(pa.array(np.searchsorted(order, groups)))
    citizen = np.isin(groups, ["hotline", "internet", "offline"])
    masked = pa.array([f"{name}*" for name in SURNAMES]).take(pa.array(rng.integers(0, len(SURNAMES), size)))
    return {
        "title": pc.binary_join_element_wise(addresses, names, ""),
        "description": pc.binary_join_element_wise(addresses, "发现", names, ",", details, "。", ""),
        "address": addresses,
        "nature": pa.array(_natures(intake, groups, rng)),
        "reporter_kind": kinds,
        "reporter_masked": pc.if_else(pa.array(citizen), masked, None),
    }


def _addresses(ground: Ground, intake: Intake) -> pa.Array:
    """The building's address, or the street and community's number where a case lies on a road."""
    on_road = pa.array([f"{name}路段" for name in ground.street_names]).take(
        pa.array(ground.street[intake.grid]))
    if not ground.building_id.size:
        return on_road
    housed = pa.array(ground.building_address, pa.string()).take(pa.array(np.maximum(intake.building, 0)))
    return pc.if_else(pa.array(intake.building >= 0), housed, on_road)


def _natures(intake: Intake, groups: npt.NDArray[np.str_], rng: np.random.Generator) -> npt.NDArray[np.str_]:
    """What the reporter wants; questions and praise follow from the category."""
    public = np.isin(groups, ["hotline", "internet", "offline"])
    drawn = np.where(public, pick_key(rng, {key: share for key, share in NATURES.items()
                                            if key in ("complaint", "report", "help")}, intake.category.size),
                     "report")
    codes = np.array([row.cat_code for row in CATEGORIES])[intake.category]
    classes = codes.astype("<U3")
    for prefix, nature in (("S14", "consult"), ("S10", "help"), ("S13", "help")):
        drawn = np.where(public & (classes == prefix), nature, drawn)
    drawn = np.where(codes == "S1501", "suggestion", drawn)
    return np.where(codes == "S1502", "praise", drawn)


def urgencies(intake: Intake, level: Ints, rng: np.random.Generator) -> npt.NDArray[np.int16]:
    """1 ordinary, 2 needs coordination, 3 urgent."""
    urgent = np.array([row.urgent_default for row in CATEGORIES])[intake.category]
    draw = rng.random(level.size)
    found = np.where(urgent | (draw < 0.008), 3, np.where((level >= 2) & (draw < 0.35), 2, 1))
    return found.astype(np.int16)
