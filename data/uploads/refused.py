"""The one error of a file that must not come in."""

from __future__ import annotations

from collections.abc import Mapping


class UploadError(ValueError):
    """A file is refused; the message names the file, what is expected and what was found.

    Attributes:
        code: a word that the screens translate, see ``upload.CODE`` in their texts.
        name: the file, cut short and without control signs.
        expected: the rule or the limit.
        got: what was found.
    """

    def __init__(self, code: str, name: str, *, expected: str, got: object) -> None:
        self.code, self.name = code, plain(name)
        self.expected, self.got = expected, plain(got, 120)
        super().__init__(f"{self.name} must {self.expected}, got {self.got}")

    def as_dict(self) -> dict[str, str]:
        """Plain texts, for the way between processes; `of` is the inverse."""
        return {"code": self.code, "name": self.name, "expected": self.expected, "got": self.got}

    @classmethod
    def of(cls, told: Mapping[str, str]) -> UploadError:
        """The error that another process told of."""
        return cls(str(told["code"]), str(told["name"]), expected=plain(told["expected"], 300),
                   got=told["got"])


def plain(value: object, length: int = 80) -> str:
    """A value as one line of printable text, at most ``length`` signs."""
    text = "".join(sign if sign.isprintable() else "\ufffd" for sign in str(value)[: length + 1])
    return text if len(text) <= length else f"{text[: length - 1]}…"
