"""What a viewer sees of persons, whatever part of the store exists for them."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from data.access.roles import Permission

if TYPE_CHECKING:
    from data.access.viewer import Viewer


class Sight(StrEnum):
    """What a viewer sees of persons, the most first; see `data.access.masks`."""

    PEOPLE = "people"  # who has `Permission.VIEW_PEOPLE`: masked names and phones, whole addresses
    PLACES = "places"  # who has not: no person, addresses as far as the street, texts without house numbers
    SCREEN = "screen"  # nobody in front of it: no free text either

    @classmethod
    def of(cls, viewer: Viewer) -> Sight:
        """The sight of a viewer; a screen has the least, whoever issued its token."""
        if viewer.is_screen:
            return cls.SCREEN
        return cls.PEOPLE if viewer.may(Permission.VIEW_PEOPLE) else cls.PLACES

    @property
    def sees_people(self) -> bool:
        """Cards, masked names and ids of officers are there."""
        return self is Sight.PEOPLE
