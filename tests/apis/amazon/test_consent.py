"""Consent strings: those published by others as samples, and ones made here bit by bit."""

import base64

import pytest

from houselights.apis.amazon.consent import gpp_denies, tcf_denies

# A sample of the framework's own documentation: consent for purposes 1, 2 and 3, and to vendors 2, 6 and 8.
SAMPLE_ONE_TO_THREE = (
    "COvFyGBOvFyGBAbAAAENAPCAAOAAAAAAAAAAAEEUACCKAAA.IFoEUQQgAIQwgIwQABAEAAAAOIAACAIAAAAQAIAgEAACEAAAAAgAQBAAAAAAAGBA"
    "AgAAAAAAAFAAECAAAgAAQARAEQAAAAAJAAIAAgAAAYQEAAAQmAgBC3ZAYzUw"
)
# The vendor's sample: nothing is consented to.
SAMPLE_NOTHING = "CQB4ySFQB4ySFBlAAAENCZCAAAAAAAAAAAAAAAAAAAAA.II7Nd_X__bX9n"
# The vendor's sample: three sections, the European one without a consent, nobody opted out in the United States.
SAMPLE_GPP = (
    "DBADMZg~CQB2TAAQB2TAAPoABABGA9EAAAAAAAAAAAAAAAAAAAAA.QAAA.IAAA~BQB2TAAQB2TAAPoABABGBZCAAAAAAAgAAAAAAAAAAA."
    "YAAAAAAAAAA~BAAAAAAAAQA.QA"
)


def packed(bits: str) -> str:
    """Write bits as these strings do: URL-safe base64 without padding."""
    whole = bits + "0" * (-len(bits) % 24)
    return base64.urlsafe_b64encode(int(whole, 2).to_bytes(len(whole) // 8, "big")).decode().rstrip("=")


def tcf(*purposes: int, one_treatment: bool = False, version: int = 2) -> str:
    consents = "".join("1" if purpose in purposes else "0" for purpose in range(1, 25))
    return packed(f"{version:06b}" + "0" * 146 + consents + "0" * 24 + str(int(one_treatment)) + "0" * 40)


def fibonacci(number: int) -> str:
    """Write a number in Fibonacci coding, lowest digit first, the slow way: try every sum without neighbours."""
    weights = [1, 2, 3, 5, 8, 13, 21]
    for choice in range(1, 1 << len(weights)):
        digits = f"{choice:b}"[::-1]
        if "11" not in digits and sum(w for w, d in zip(weights, digits, strict=False) if d == "1") == number:
            return digits + "1"
    raise AssertionError(number)


def gpp(*sections: tuple[int, str]) -> str:
    """Write a GPP string with these sections, whose numbers ascend, each in the header by itself."""
    header, last = f"{3:06b}{1:06b}{len(sections):012b}", 0
    for number, _ in sections:
        header, last = header + "0" + fibonacci(number - last), number
    return "~".join([packed(header), *(text for _, text in sections)])


def united_states(sale: int = 2, sharing: int = 2, advertising: int = 2, browser: int | None = None) -> str:
    core = packed(f"{1:06b}" + "0" * 12 + "".join(f"{each:02b}" for each in (sale, sharing, advertising)) + "0" * 36)
    return core if browser is None else f"{core}.{packed(f'01{browser}')}"


@pytest.mark.parametrize(
    ("text", "denied"),
    [
        (SAMPLE_NOTHING, True),
        (SAMPLE_ONE_TO_THREE, True),  # not purpose 4
        (tcf(1, 3, 4), False),
        (tcf(1, 2, 3, 4, 5, 6, 7, 8, 9, 10), False),
        (tcf(1, 3), True),
        (tcf(1, 4), True),
        (tcf(3, 4), True),
        (tcf(3, 4, one_treatment=True), False),
        (tcf(3, one_treatment=True), True),
    ],
)
def test_a_tc_string_needs_purposes_one_three_and_four(text: str, denied: bool) -> None:
    assert tcf_denies(text) is denied


def test_a_published_string_is_read_where_its_purposes_stand() -> None:
    """It says yes to 1, 2 and 3 only; with one more bit set, that of purpose 4, nothing is missing."""
    core = SAMPLE_ONE_TO_THREE.partition(".")[0]
    bits = "".join(f"{byte:08b}" for byte in base64.urlsafe_b64decode(core + "=" * (-len(core) % 4)))
    assert bits[152:176] == "111" + "0" * 21
    assert not tcf_denies(packed(bits[:155] + "1" + bits[156:]))


@pytest.mark.parametrize(
    ("text", "denied"),
    [
        (SAMPLE_GPP, True),
        (gpp((2, tcf(1, 3, 4))), False),
        (gpp((2, tcf(1, 3, 4)), (7, united_states())), False),
        (gpp((7, united_states(sale=1))), True),
        (gpp((7, united_states(sharing=1))), True),
        (gpp((7, united_states(advertising=1))), True),
        (gpp((7, united_states(browser=0))), False),
        (gpp((7, united_states(browser=1))), True),
        (gpp((5, "BQ"), (7, united_states())), False),  # a section that is not read
        (gpp((8, "BQ"), (9, "BQ"), (20, "BQ")), False),
    ],
)
def test_a_gpp_string_is_read_by_section(text: str, denied: bool) -> None:
    assert gpp_denies(text) is denied


def test_a_header_may_list_sections_by_range() -> None:
    """6 and 7, as a range: its first by distance from the section before, its last by distance from its first."""
    header = packed(f"{3:06b}{1:06b}{1:012b}" + "1" + fibonacci(6) + fibonacci(1))
    assert gpp_denies(f"{header}~1YNN~{united_states(sale=1)}")
    assert not gpp_denies(f"{header}~1YNN~{united_states()}")


def test_a_header_cannot_speak_of_more_sections_than_there_are() -> None:
    """A few characters can spell a number with a hundred digits."""
    endless = packed(f"{3:06b}{1:06b}{1:012b}" + "1" + fibonacci(1) + "0" * 600 + "11")
    for header in (endless, packed(f"{3:06b}{1:06b}{4000:012b}" + "1" * 600)):
        with pytest.raises(ValueError, match=r"section|cut short"):
            gpp_denies(f"{header}~a")


def test_only_the_beginning_of_a_string_is_read() -> None:
    assert not tcf_denies(tcf(1, 3, 4) + "A" * 6_000_000)


@pytest.mark.parametrize("text", ["", "string", "CQ", tcf(1, version=1), "ü", "C Q B 4"])
def test_what_is_no_tc_string_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="string"):
        tcf_denies(text)


@pytest.mark.parametrize("text", ["", "DBADMZg", "DBADMZg~a", "CQB4~a", f"{gpp((2, tcf(1)))}~more"])
def test_what_is_no_gpp_string_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="string"):
        gpp_denies(text)
