"""Large bodies: the same faults as elsewhere, with the same care for their places."""

from typing import Annotated, Literal

import msgspec
import pytest

from houselights.apis.amazon.bodies import body_documented, decoded
from houselights.apis.amazon.errors import Rejected


class Part(msgspec.Struct, rename="camel"):
    first_name: str | None = None


class Line(msgspec.Struct, rename="camel"):
    action: Literal["CREATE", "DELETE"]
    parts: Annotated[list[Part], msgspec.Meta(min_length=1, max_length=2)]
    word: Annotated[str, msgspec.Meta(pattern="^[a-z]+$")] = "a"


class Whole(msgspec.Struct, rename="camel"):
    audience_id: int
    lines: Annotated[list[Line], msgspec.Meta(max_length=3)]


DECODER = msgspec.json.Decoder(Whole)
GOOD = b'{"action":"CREATE","parts":[{}]}'


def test_what_has_the_shape_is_decoded_and_ids_keep_their_digits() -> None:
    whole = decoded(DECODER, b'{"audienceId":413642381039213537,"lines":[' + GOOD + b'],"more":1}')
    assert whole == Whole(413642381039213537, [Line("CREATE", [Part()])])


@pytest.mark.parametrize(
    ("body", "field", "message"),
    [
        (b'{"lines":[]}', "audienceId", "required"),
        (b'{"audienceId":"1","lines":[]}', "audienceId", "Expected 'int'"),
        (b'{"audienceId":1,"lines":[%b,{"parts":[{}]}]}' % GOOD, "lines[1].action", "required"),
        (b'{"audienceId":1,"lines":[{"action":"X","parts":[{}]}]}', "lines[0].action", "Invalid enum value"),
        (b'{"audienceId":1,"lines":[%b,{"action":"CREATE","parts":[{},{"firstName":3}]}]}' % GOOD,
         "lines[1].parts[1].firstName", "Expected"),
        (b'{"audienceId":1,"lines":[{"action":"CREATE","parts":[]}]}', "lines[0].parts", "length >= 1"),
        (b'{"audienceId":1,"lines":[%b,%b,%b,%b]}' % (GOOD, GOOD, GOOD, GOOD), "lines", "length <= 3"),
        (b'{"audienceId":1,"lines":[{"action":"CREATE","parts":[{}],"word":"9"}]}', "lines[0].word", "regex"),
        (b"[]", None, "Expected 'object'"),
        (b"{", None, "not valid JSON"),
        (b"", None, "not valid JSON"),
        (b"\xff", None, "not valid JSON"),
        (b'{"x":' * 100_000, None, "not valid JSON"),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_place(body: bytes, field: str | None, message: str) -> None:
    with pytest.raises(Rejected) as refused:
        decoded(DECODER, body)
    (detail,) = refused.value.details
    assert detail.field == field
    assert message in detail.message


def test_the_shape_can_be_shown_without_references() -> None:
    shown = body_documented(Whole, "application/vnd.x+json")["requestBody"]["content"]
    line = shown["application/vnd.x+json"]["schema"]["properties"]["lines"]["items"]
    assert line["properties"]["parts"]["items"]["properties"]["firstName"]
    assert "$ref" not in str(shown)
