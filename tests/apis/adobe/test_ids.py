"""Ids as UUIDs and back."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from houselights.apis.adobe.ids import id_of, uuid_of


@given(st.integers(0, 2**63 - 1))
def test_an_id_comes_back(number: int) -> None:
    text = uuid_of(number)
    assert id_of(text) == number
    assert (UUID(text).version, str(UUID(text))) == (4, text)


@given(st.uuids())
def test_a_uuid_made_elsewhere_is_no_id(made: UUID) -> None:
    assert id_of(str(made)) is None


def test_other_spellings_are_no_ids() -> None:
    text = uuid_of(123456789012345678)
    for other in (text.upper(), text.replace("-", ""), f"{{{text}}}", "", "seg-vip"):
        assert id_of(other) is None
