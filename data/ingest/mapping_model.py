"""What a mapping says, as values: kinds, fields, and the place and words that a file is about."""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field
from typing import Final

KINDS: Final = ("areas", "buildings", "roads", "cases", "resources", "officers", "fixes")
#: What a column may be mapped to, by kind.
FIELDS: Final[MappingOf[str, frozenset[str]]] = {
    "cases": frozenset(
        {
            "source_id",
            "status",
            "category",
            "category_class",
            "channel",
            "department",
            "nature",
            "urgency",
            "reported",
            "accepted",
            "filed",
            "dispatched",
            "received",
            "handled",
            "closed",
            "updated",
            "deadline",
            "lon",
            "lat",
            "address",
            "title",
            "description",
            "street",
            "community",
            "grid",
            "reporter_kind",
            "reporter_name",
            "reporter_phone",
            "reporter_address",
            "on_time",
            "overtime",
            "in_progress",
            "cancelled",
        }
    ),
    "areas": frozenset(
        {
            "area_code",
            "name",
            "level",
            "parent_code",
            "grid_kind",
            "professional_field",
            "households",
            "residents",
            "floating",
            "chief_officer_id",
            "lon",
            "lat",
            "members",
        }
    ),
    "buildings": frozenset(
        {
            "building_id",
            "name",
            "address",
            "kind",
            "floors",
            "units",
            "height_m",
            "built_year",
            "households",
            "chief_id",
            "compound_id",
            "lon",
            "lat",
        }
    ),
    "roads": frozenset({"road_id", "road_from", "road_to", "name", "class_code", "chief_id", "length_m"}),
    "resources": frozenset(
        {
            "resource_id",
            "kind",
            "force_class",
            "name",
            "dept_id",
            "lon",
            "lat",
            "alt",
            "status",
            "capacity",
            "stream_url",
        }
    ),
    "officers": frozenset(
        {
            "officer_id",
            "name",
            "name_masked",
            "role",
            "team_level",
            "post",
            "dept_id",
            "lead_officer_id",
            "device_id",
            "phone",
            "phone_masked",
            "on_duty",
            "shift",
            "street_code",
            "community_code",
            "grid_code",
            "lon",
            "lat",
        }
    ),
    "fixes": frozenset(
        {
            "officer_id",
            "at",
            "lon",
            "lat",
            "speed_mps",
            "heading",
            "accuracy_m",
            "battery",
        }
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class District:
    """The place that a file is about; ``bounds`` are west, south, east, north in degrees."""

    code: str = "999999"
    name: str = ""
    name_en: str = ""
    lon: float | None = None
    lat: float | None = None
    bounds: tuple[float, float, float, float] | None = None
    projected_zero: str | None = None  # CRS whose (0, 0), turned into degrees, means "no place"


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryWord:
    """The category that a word of the file stands for."""

    code: str
    name: str
    name_en: str
    class_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelRow:
    """A channel that the mapping brings along."""

    code: str
    name: str
    name_en: str
    group: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """A checked mapping file.

    ``columns`` gives per field the names that its column may have, the first
    present one wins. ``formats`` are tried in their order; ``iso``, ``epoch_s``,
    ``epoch_ms`` and ``excel`` are words for what strptime cannot say.
    """

    name: str
    kind: str
    source_system: str
    crs: str = "wgs84"
    time_zone: str = "Asia/Shanghai"
    times_in: str = ""  # zone of times without an offset, where it is not the district's
    case_prefix: str = ""
    nulls: frozenset[str] = frozenset({"", "-"})
    columns: MappingOf[str, tuple[str, ...]] = field(default_factory=dict)
    formats: tuple[str, ...] = ("iso",)
    formats_of: MappingOf[str, tuple[str, ...]] = field(default_factory=dict)
    local_labelled_utc: bool = False
    states: MappingOf[str, str] = field(default_factory=dict)
    values: MappingOf[str, MappingOf[str, str]] = field(default_factory=dict)
    defaults: MappingOf[str, str] = field(default_factory=dict)
    categories: MappingOf[str, CategoryWord] = field(default_factory=dict)
    class_name: str = ""
    channels: MappingOf[str, ChannelRow] = field(default_factory=dict)
    reference: bool = False  # the reference rows of Chinese city management come along
    place: str = "point"  # point: lon and lat; names: the names of street and community
    district: District = field(default_factory=District)

    @property
    def zone_of_times(self) -> str:
        """The zone of times that carry no offset."""
        return self.times_in or self.time_zone

    def time_formats(self, field_name: str) -> tuple[str, ...]:
        """The formats of one time column."""
        return self.formats_of.get(field_name, self.formats)
