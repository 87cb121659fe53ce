"""What is sealed opens with its own key for its own account only."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.access.seal import Sealer, SealError

KEY = b"kT9xVq2mZr7LwB4nYc8HsJd3FgP6uXe1AoRiQyWbNvM"


@given(text=st.text(max_size=80), owner=st.integers(0, 2**40))
def test_what_was_sealed_opens_again(text, owner):
    assert Sealer(KEY).open(Sealer(KEY).seal(text, owner=owner), owner=owner) == text


def test_it_opens_with_no_other_key_and_for_nobody_else():
    sealed = Sealer(KEY).seal("JBSWY3DPEHPK3PXP", owner=7)
    assert b"JBSW" not in sealed
    with pytest.raises(SealError, match="with this secret key"):
        Sealer(KEY[:-1] + b"N").open(sealed, owner=7)
    with pytest.raises(SealError, match="belong to this account"):
        Sealer(KEY).open(sealed, owner=8)


def _another_letter(sealed: bytes) -> bytes:
    return sealed[:20] + (b"B" if sealed[20:21] == b"A" else b"A") + sealed[21:]


@pytest.mark.parametrize("damage", [lambda sealed: sealed[:-1], lambda sealed: b"", lambda sealed: b"x" * 100,
                                    _another_letter])
def test_damage_is_found(damage):
    with pytest.raises(SealError):
        Sealer(KEY).open(damage(Sealer(KEY).seal("secret", owner=7)), owner=7)


def test_the_same_text_is_never_sealed_alike():
    assert Sealer(KEY).seal("a", owner=1) != Sealer(KEY).seal("a", owner=1)


def test_a_sealer_shows_no_key():
    assert repr(Sealer(KEY)) == "Sealer(…)"
