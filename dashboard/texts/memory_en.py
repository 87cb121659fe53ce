"""English texts of notes on days and of surveys."""

from __future__ import annotations

from typing import Final

TEXTS: Final = {
    "notes.title": "Notes on days",
    "notes.about": "What a day was like (heavy rain, an event, no water), for whoever looks at a curve later."
                   " The whole district reads them; numbers of telephones are hidden.",
    "notes.new": "Write one",
    "notes.day": "Day",
    "notes.text": "Note",
    "notes.by": "Written by",
    "notes.at": "Written at",
    "notes.act": "Act",
    "notes.put": "Write down",
    "notes.saved": "Written down.",
    "notes.withdraw": "Withdraw",
    "notes.none": "No notes yet.",
    "notes.no_note": "none in this period",
    "notes.more": "{text} and more, {n} in all",
    "notes.failed": "Notes cannot be read at present",
    "notes.fault.day": "The day must be from 1990-01-01 to today ({today}).",
    "notes.fault.text": "Write something, in at most {n} signs.",
    "surveys.title": "Surveys",
    "surveys.about": "Who knows of the service and who is content with it: those who never reported anything"
                     " stand in no case, they are asked.",
    "surveys.facts": "Sums of the last twelve months; where the whole district was asked, of that alone."
                     " Intervals are of 95 % (Wilson).",
    "surveys.before": "the twelve months before {share}",
    "surveys.kind.awareness": "Awareness",
    "surveys.kind.satisfaction": "Satisfaction (surveys)",
    "surveys.new": "Enter a survey",
    "surveys.kind": "What was asked",
    "surveys.day": "Last day",
    "surveys.area": "Where",
    "surveys.whole": "Whole district",
    "surveys.asked": "Answers",
    "surveys.agreed": "Aware / content",
    "surveys.share": "Share",
    "surveys.band": "95 % interval",
    "surveys.line": "Who asked, and how",
    "surveys.by": "Entered by",
    "surveys.act": "Act",
    "surveys.put": "Save, on record",
    "surveys.saved": "Saved.",
    "surveys.withdraw": "Withdraw",
    "surveys.none": "No survey was entered yet.",
    "surveys.fault.kind": "Choose what was asked.",
    "surveys.fault.day": "The last day must be from 1990-01-01 to today ({today}).",
    "surveys.fault.area": "Choose a street or community of the district.",
    "surveys.fault.asked": "Answers must be a whole number from 1 to 10,000,000.",
    "surveys.fault.agreed": "Aware / content must be a whole number from 0 to the answers.",
    "surveys.fault.about": "Say who asked, and how, in at most 120 signs.",
}
