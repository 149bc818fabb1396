"""Large bodies: the same faults as elsewhere, with the same care for their places."""

from typing import Annotated, Literal

import msgspec
import pytest

from houselights.apis.amazon.bodies import body_documented, decoded
from houselights.apis.amazon.errors import Rejected
from houselights.apis.amazon.wire import QUOTED_ID


class Part(msgspec.Struct, rename="camel"):
    first_name: str | None = None


class Line(msgspec.Struct, rename="camel"):
    action: Literal["CREATE", "DELETE"]
    parts: Annotated[list[Part], msgspec.Meta(min_length=1, max_length=2)]
    word: Annotated[str, msgspec.Meta(pattern=QUOTED_ID)] = "1"


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
        (b'{"audienceId":"1","lines":[]}', "audienceId", 'expected a whole number, found "1"'),
        (b'{"audienceId":1,"lines":[%b,{"parts":[{}]}]}' % GOOD, "lines[1].action", "required"),
        (b'{"audienceId":1,"lines":[{"action":"X","parts":[{}]}]}', "lines[0].action",
         'expected one of "CREATE", "DELETE", found "X"'),
        (b'{"audienceId":1,"lines":[%b,{"action":"CREATE","parts":[{},{"firstName":3}]}]}' % GOOD,
         "lines[1].parts[1].firstName", "expected a text, found 3"),
        (b'{"audienceId":1,"lines":[{"action":"CREATE","parts":[]}]}', "lines[0].parts",
         "expected a list of 1 to 2 items, found a list of 0 items"),
        (b'{"audienceId":1,"lines":[%b,%b,%b,%b]}' % (GOOD, GOOD, GOOD, GOOD), "lines",
         "expected a list of 0 to 3 items, found a list of 4 items"),
        (b'{"audienceId":1,"lines":[{"action":"CREATE","parts":[{}],"word":"x"}]}', "lines[0].word",
         'expected 1 to 19 digits in quotes, found "x"'),
        (b'{"audienceId":1,"lines":[{"action":"CREATE","parts":[{}],"word":"%b"}]}' % (b"y" * 99), "lines[0].word",
         f'found "{"y" * 60}" and 39 characters more'),
        (b'{"audienceId":"x","lines":', None, "not valid JSON"),
        (b"[]", None, "expected an object, found a list of 0 items"),
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
