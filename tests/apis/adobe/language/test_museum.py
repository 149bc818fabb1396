"""Bad inputs, and the whole error that each earns: place, message, caret, hint."""

import pytest

from tests.apis.adobe.language.museum_pieces import Piece, all_pieces, error_of, shown

PIECES = all_pieces()


@pytest.mark.parametrize("piece", PIECES, ids=lambda piece: piece.name)
def test_the_error_is_the_one_on_show(piece: Piece) -> None:
    error = error_of(piece.text)
    assert error is not None, "it is accepted"
    assert shown(error) == piece.error


def test_the_error_knows_its_line() -> None:
    error = error_of('plan = "trial"\n  and regoin = "emea"')
    assert error is not None
    assert shown(error) == [
        '2:7 there is no field "regoin" in the profile',
        '  and regoin = "emea"',
        "      ^^^^^^",
        'did you mean "region"?',
    ]
