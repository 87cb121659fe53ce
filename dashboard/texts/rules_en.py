"""English texts of the page of the rules of alerts."""

from __future__ import annotations

from typing import Final

TEXTS: Final = {
    "nav.rules": "Alert rules",
    "rules.title": "Alert rules",
    "rules.about": "A change holds from the next look on; each change stands in the audit log.",
    "rules.narrow": "This account's scope is not the whole district: rules can be read only.",
    "rules.saved": "Saved: {name}",
    "rules.on": "On",
    "rules.off": "Off",
    "rules.is_on": "State",
    "rules.color": "Level",
    "rules.threshold": "Threshold",
    "rules.window": "Window (minutes)",
    "rules.area": "Area code (prefix)",
    "rules.area.hint": "Empty: the whole district; 6, 9, 12 or 15 digits",
    "rules.cat": "Category (prefix)",
    "rules.cat.hint": "Empty: every category; such as S13",
    "rules.roles": "Roles that are told",
    "rules.save": "Save",
    "rules.save.of": "Save the rule {name}",
    "rules.changed": "Changed {at} by {by}",
    "rules.untouched": "Never changed",
    "rules.span.d": "{n} d",
    "rules.span.h": "{n} h",
    "rules.span.min": "{n} min",
    "rules.fault.is_on": "The state must be on or off.",
    "rules.fault.color": "The level must be red, orange, yellow or blue.",
    "rules.fault.threshold": "The threshold must be a number from 0 to 1000000.",
    "rules.fault.window_s": "The window must be 1 to 525600 minutes.",
    "rules.fault.area_code": "The area code must be 6, 9, 12 or 15 digits.",
    "rules.fault.cat_code": "The category must be the beginning of a code, such as S13.",
    "rules.fault.roles": "At least one role must be told.",
    "rules.when.case_urgent":
        "an open case reported within the window is at least as urgent as the threshold",
    "rules.when.case_due_soon":
        "a dispatched case, clock running, is within the threshold (hours) of its limit",
    "rules.when.case_overdue":
        "an unhandled case, clock running, is past its limit by the threshold (minutes)",
    "rules.when.case_130": "not deployed a day after acceptance, or not answered three days after it",
    "rules.when.case_rework": "an open case was sent back as often as the threshold",
    "rules.when.case_repeat":
        "cases of one category within 50 m or of one building reach the threshold in the window",
    "rules.when.case_surge":
        "a street's cases today exceed the mean of the window by the threshold (deviations), at least 5",
    "rules.when.case_cluster": "the space-time scan found a cluster with a p of at most the threshold",
    "rules.when.officer_sos": "a device asks for help; told at once",
    "rules.when.officer_offline": "somebody on duty who was heard is silent for the window",
    "rules.when.officer_still": "somebody on duty stays within the threshold (metres) for the window",
    "rules.when.officer_out":
        "somebody on duty is further than the threshold (metres) from the own grid for the window",
    "rules.when.officer_missed": "the hours of a patrol point are over, its people were heard, none came by",
    "rules.when.grid_unmanned":
        "none of a grid's people is heard for the window, half the street's grids are manned",
    "rules.when.camera_silent": "a camera is offline or lost",
    "rules.when.feed_silent": "a channel, a department, the positions or the sensors are silent",
    "rules.when.smoke": "the last reading of a detector is at least the threshold (dB/m)",
    "rules.when.manhole": "a cover is tilted at least as far as the threshold (degrees)",
    "rules.when.water":
        "a meter at an elder's home counts less than the threshold (m³) in the window, telling all the while",
    "rules.when.sensor_silent": "a sensor heard within a week says nothing for the window",
}
