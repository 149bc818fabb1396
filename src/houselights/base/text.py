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
        words = " ".join(text.translate(_FOLDED).split())
    return f" {words} " if words else " "


def has_phrase(folded_text: str, folded_phrase: str) -> bool:
    """Say whether a folded phrase stands in a folded text, as a run of whole words.

    A phrase without words (it folds to one space) stands in no text; otherwise it would stand in every one.
    """
    return folded_phrase != " " and folded_phrase in folded_text


class _Folded(dict[int, str]):
    """What each letter becomes, by its code, found out when it is first seen.

    Letters can be folded one by one: folding case knows no neighbours, and all that decomposition moves past each other
    are combining marks, which are dropped.
    """

    def __missing__(self, code: int) -> str:
        # Case folding can bring out characters that decompose again (and the other way round), hence the second round.
        once = unicodedata.normalize("NFKD", chr(code)).casefold()
        folded = self[code] = "".join(map(_letter_or_space, unicodedata.normalize("NFKD", once).casefold()))
        return folded


def _letter_or_space(letter: str) -> str:
    if letter.isalnum():
        return letter
    if unicodedata.combining(letter):
        return ""
    # Vowel signs of Indic and Thai scripts are marks too, but they are part of the word and do not combine away.
    return letter if unicodedata.category(letter).startswith("M") else " "


_FOLDED = _Folded()
