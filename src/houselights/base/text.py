"""Folds text so that phrases can be found in it. Whole words only: it knows no stems, no synonyms and no word breaks
for scripts that write without spaces.
"""

import re
import unicodedata

_NOT_WORD_ASCII = re.compile(r"[^0-9a-z]+")


def fold(text: str) -> str:
    """Return the words of `text` in lower case, without accents, with one space before, between and after them.

    Compatibility forms are decomposed (NFKD), combining marks dropped, case folded; whatever is then neither letter
    nor digit separates words: `fold("Café-au-lait #Ünïcode!")` is `" cafe au lait unicode "`. Text without a letter
    or digit folds to one space. Folding twice changes nothing.
    """
    if text.isascii():  # most text is, and this path is some four times faster
        words = _NOT_WORD_ASCII.sub(" ", text.lower()).strip(" ")
    else:
        words = " ".join("".join(map(_letter_or_space, _folded_letters(text))).split())
    return f" {words} " if words else " "


def has_phrase(folded_text: str, folded_phrase: str) -> bool:
    """Say whether a folded phrase stands in a folded text, as a run of whole words.

    A phrase without words (it folds to one space) stands in no text; otherwise it would stand in every one.
    """
    return folded_phrase != " " and folded_phrase in folded_text


def _folded_letters(text: str) -> str:
    # Case folding can bring out characters that decompose again (and the other way round), hence the second round.
    once = unicodedata.normalize("NFKD", text).casefold()
    return unicodedata.normalize("NFKD", once).casefold()


def _letter_or_space(letter: str) -> str:
    if letter.isalnum():
        return letter
    if unicodedata.combining(letter):
        return ""
    # Vowel signs of Indic and Thai scripts are marks too, but they are part of the word and do not combine away.
    return letter if unicodedata.category(letter).startswith("M") else " "
