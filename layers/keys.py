"""The layers of the map: their keys, order and names. One row per layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

LayerKey = Literal[
    "raster",
    "basemap",
    "areas",
    "buildings",
    "zones",
    "chiefs",
    "heat",
    "clusters",
    "reach",
    "traces",
    "cases",
    "changes",
    "resources",
    "officers",
    "alerts",
    "whistles",
    "labels",
]
#: From the bottom of the picture to its top.
KEYS: Final[tuple[LayerKey, ...]] = get_args(LayerKey)


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerInfo:
    """What the layer panel shows of a layer.

    Attributes:
        shown: whether it is on before anybody chose.
    """

    key: LayerKey
    zh: str
    en: str
    shown: bool


LAYERS: Final = (
    LayerInfo(key="raster", zh="影像瓦片", en="Raster tiles", shown=False),
    LayerInfo(key="basemap", zh="底图", en="Base map", shown=True),
    LayerInfo(key="areas", zh="网格统计", en="Areas", shown=True),
    LayerInfo(key="buildings", zh="建筑", en="Buildings", shown=False),
    LayerInfo(key="zones", zh="巡防分区", en="Patrol zones", shown=False),
    LayerInfo(key="chiefs", zh="街长巷长", en="Road chiefs", shown=False),
    LayerInfo(key="heat", zh="热力", en="Heat", shown=False),
    LayerInfo(key="clusters", zh="时空聚集", en="Clusters", shown=False),
    LayerInfo(key="reach", zh="路程圈", en="Reach", shown=True),
    LayerInfo(key="traces", zh="轨迹", en="Traces", shown=True),
    LayerInfo(key="cases", zh="案件", en="Cases", shown=False),
    LayerInfo(key="changes", zh="最新动态", en="Latest changes", shown=True),
    LayerInfo(key="resources", zh="资源", en="Resources", shown=True),
    LayerInfo(key="officers", zh="力量", en="Officers", shown=True),
    LayerInfo(key="alerts", zh="预警", en="Alerts", shown=True),
    LayerInfo(key="whistles", zh="吹哨", en="Whistles", shown=True),
    LayerInfo(key="labels", zh="注记", en="Labels", shown=True),
)
