"""What every answer carries, and what the body of a callback must look like."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

MAX_BODY: Final = 1_000_000  # bytes
MAX_QUERY: Final = 16_000  # bytes of the address
CALLBACKS: Final = "/_dash-update-component"
HEADERS: Final[Mapping[str, str]] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def content_policy(script_hashes: list[str], media: Sequence[str] = ()) -> str:
    """The Content-Security-Policy: own files only, no eval, inline scripts by hash.

    Args:
        media: origins whose pictures of cameras may be played.
    """
    return "; ".join(
        (
            "default-src 'none'",
            " ".join(("script-src 'self'", *script_hashes)),
            "style-src 'self' 'unsafe-inline'",  # dcc and plotly insert <style>; scripts stay strict
            "img-src 'self' data: blob:",
            "font-src 'self'",
            " ".join(("media-src 'self'", *media)),
            "connect-src 'self'",
            "worker-src 'self' blob:",
            "manifest-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


def callback_fault(body: Any, known: Mapping[str, Mapping[str, Any]]) -> str | None:
    """What is wrong with the body of a callback request; None = it fits its callback.

    Args:
        body: the decoded JSON, None where it was none.
        known: Dash's map from output to the inputs and states it was registered with.
    """
    if not isinstance(body, Mapping):
        return f"the body must be a JSON object, got {type(body).__name__}"
    output = body.get("output")
    if not isinstance(output, str) or output not in known:
        return f"output must be one of the page's outputs, got {str(output)[:80]!r}"
    changed = body.get("changedPropIds", [])
    if not isinstance(changed, list) or not all(isinstance(item, str) for item in changed):
        return f"changedPropIds must be a list of texts, got {str(changed)[:60]!r}"
    if not isinstance(body.get("outputs"), (Mapping, list)):
        return f"outputs must be an object or a list, got {type(body.get('outputs')).__name__}"
    for part, registered in (("inputs", "inputs"), ("state", "state")):
        fault = _values_fault(part, body.get(part, []), known[output].get(registered, []))
        if fault:
            return fault
    return _outputs_fault(output, body["outputs"])


def _values_fault(part: str, given: Any, expected: list[dict[str, Any]]) -> str | None:
    if not isinstance(given, list) or len(given) != len(expected):
        return f"{part} must be a list of {len(expected)} values, got {str(given)[:60]!r}"
    for value, wanted in zip(given, expected, strict=True):
        if str(wanted["id"]).startswith("{"):  # a pattern: matched by Dash itself
            items = value if isinstance(value, list) else [value]
        else:
            items = [value]
            if not isinstance(value, Mapping) or value.get("id") != wanted["id"]:
                return f"{part} must name {wanted['id']}, got {str(value)[:80]!r}"
        if not all(isinstance(item, Mapping) and "id" in item and "property" in item for item in items):
            return f"{part} must hold objects with id and property, got {str(value)[:80]!r}"
        if not str(wanted["id"]).startswith("{") and value.get("property") != wanted["property"]:
            got = str(value.get("property"))[:60]
            return f"{part} of {wanted['id']} must be {wanted['property']}, got {got!r}"
    return None


def _outputs_fault(output: str, given: Any) -> str | None:
    """The outputs must be exactly those that the key of the callback names."""
    parts = output.strip(".").split("...") if output.startswith("..") else [output]
    wanted = []
    for part in parts:
        key, _, name = part.rpartition(".")
        wanted.append({"id": json.loads(key) if key.startswith("{") else key, "property": name})
    if given != (wanted if output.startswith("..") else wanted[0]):
        return f"outputs must be those of {output[:80]}, got {str(given)[:80]!r}"
    return None
