"""Folding: what counts as the same word, and that a phrase is found only as whole words."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from houselights.base.text import fold, has_phrase


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("like this", " like this "),
        ("Café-au-lait #Ünïcode!", " cafe au lait unicode "),
        ("#VeganLife", " veganlife "),
        ("snake_case", " snake case "),
        ("STRASSE Straße", " strasse strasse "),
        ("İstanbul", " istanbul "),
        ("ﬁne № ½", " fine no 1 2 "),
        ("fullwidth ＡＢＣ１２３", " fullwidth abc123 "),
        ("हिन्दी में", " हिनदी में "),
        ("it's", " it s "),
        ("  \t\n ", " "),
        ("🎉🎉", " "),
        ("", " "),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_every_character_folds_to_something_that_stays_as_it_is() -> None:
    for point in range(sys.maxunicode + 1):
        folded = fold(chr(point))
        assert fold(folded) == folded, hex(point)


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(alphabet=st.characters(max_codepoint=127)))
def test_the_fast_path_for_ascii_agrees_with_the_general_one(text: str) -> None:
    assert fold(text + "é") == fold(text + "e")


@given(st.text(), st.text(), st.text())
def test_a_phrase_is_found_between_other_words(before: str, phrase: str, after: str) -> None:
    found = has_phrase(fold(f"{before} {phrase} {after}"), fold(phrase))
    assert found is (fold(phrase) != " ")


def test_a_part_of_a_word_is_not_a_phrase() -> None:
    assert has_phrase(fold("my cat sat"), fold("Cat"))
    assert not has_phrase(fold("concatenate"), fold("cat"))
    assert not has_phrase(fold("anything"), fold("!!"))


def letter_by_letter_is_no_shortcut(text: str) -> str:
    """Fold a text as a whole, by the words of `fold`'s docstring."""
    for _ in range(2):
        text = unicodedata.normalize("NFKD", text).casefold()

    def kept(letter: str) -> str:
        if letter.isalnum():
            return letter
        if unicodedata.combining(letter):
            return ""
        return letter if unicodedata.category(letter).startswith("M") else " "

    words = " ".join("".join(map(kept, text)).split())
    return f" {words} " if words else " "


@given(st.text())
def test_folding_letters_one_by_one_is_folding_the_text(text: str) -> None:
    assert fold(text) == letter_by_letter_is_no_shortcut(text)


def test_every_letter_there_is_folds_as_in_a_text() -> None:
    for start in range(0, sys.maxunicode, 997):
        stretch = "".join(map(chr, range(start, min(start + 997, sys.maxunicode + 1))))
        assert fold(stretch) == letter_by_letter_is_no_shortcut(stretch)
