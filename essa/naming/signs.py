"""What two labels tell of a step between them, whatever the night: of its words, their letters and what is done."""

from __future__ import annotations

import re

from essa.naming.actors import are_done_to, head, may_act
from essa.naming.exact import Group
from essa.naming.forms import is_past, root
from essa.naming.helping import small_words
from essa.naming.lexicon import is_common, is_listed, is_word
from essa.naming.marks import spellings_of
from essa.naming.reading import prepare
from essa.naming.repair import Step
from essa.naming.slips import alike_ends, stem
from essa.naming.words import LANGUAGES, Words, listed, pure_verbs, verb_forms, vocabulary, word_list

LETTERS_DIFFER = ("slip", "vowel", "edit", "edge", "unlisted", "unlisted slip", "seldom")
FORMS = ("form", "order")  # the same words
LETTERS = re.compile(r"[^\W\d_]+")
SHORT_LETTER_COUNT = 5
CODE_LETTERS = 4
SWAP_LETTERS = 6
OTHER_LETTERS = 8  # that two labels share, at least: fewer are no proof that a word of three letters is another


def signs(step: Step, one: Group, other: Group, words: Words) -> str:
    """What the two labels tell of a step, whatever the night: acronym, name, doubtful, foreign, of a foreign act of the
    lists, listed, mended plainly; of a form whether an analyst calls a thing what it is done to, or whether who is
    named could be the one who acts ("Driver called") or the word may be no verb; of a spelling whether the American one
    may be an act ("Check deposit"); of a system's name whether it may be words or a word and
    a number ("Wave2").
    """
    if step.rule in FORMS and _is_told_thing(one, other, words):
        return "t"
    if step.rule in FORMS:
        is_somebody = any(_is_somebody(word, words) for word in prepare(one.name).words)
        are_sure = _is_of_verb(step, one, other) and _is_done_to_a_thing(one, other)
        return "w" if is_somebody or not are_sure else ""
    if step.rule == "spelling":
        return "v" if _may_be_act(step, one, other) else ""
    if step.rule in ("everyday word", "confused"):
        return "o" if _is_of_object(step, other, words) else ""
    if step.rule == "system":
        return (
            "u" if re.search(r"\d", step.was) or words.known.intersection(LETTERS.findall(step.was.casefold())) else ""
        )
    if step.rule not in LETTERS_DIFFER:
        return ""
    found = {
        "a": _is_acronym(step.means, other) or _is_acronym(step.was, one) or _is_code(step, words),
        "n": _is_name(step.means, other) or _is_other_short_word(step, words),
        "d": _is_short_name(step, words)
        if step.rule in ("slip", "vowel")
        else step.rule in ("edit", "edge") and _is_doubtful(step, one, other, words),
        "f": bool(prepare(other.name).language) or _is_of_another_language(step, words),
        "k": step.rule == "edit" and step.edits == 1 and _is_foreign_verb(step.means, other),
        "l": step.means in vocabulary(prepare(other.name).language),
        "m": _is_plainly_mended(step, one, other, words),
    }
    return "".join(sign for sign, is_so in found.items() if is_so)


def _is_of_object(step: Step, other: Group, words: Words) -> bool:
    """Whether a word people say stands for another, a thing that something is done to: "Pack boot", "Pack boat".

    Of an everyday word that lost a letter or got one too many the log may tell; of two that are often confused it may
    not.
    """
    is_act = step.means in prepare(other.name).words[:1] or prepare(other.name).action == stem(step.means)
    is_of_thing = not is_act and small_words().isdisjoint((step.was, step.means))
    is_swapped = step.rule == "confused" or len(step.was) == len(step.means)
    return is_of_thing and is_swapped and is_common(step.was, words.lexicons)


def _is_done_to_a_thing(one: Group, other: Group) -> bool:
    """Whether the act alone stands elsewhere, and what it is done to is a thing: not so in "Ward paid" and "Pay ward",
    "Request approval" and "Approve request", "Move 3 to 4" and "Move 4 to 3".
    """
    these, those = prepare(one.name).words, prepare(other.name).words
    acts = set(these) ^ set(those)
    rest = [word for word in these if word not in acts]
    if not acts or rest != [word for word in those if word not in acts]:
        return False
    if (these[0] in acts) == (those[0] in acts):
        return True  # in its place: "Cancelled reservation", "Cancel reservation"
    is_act = verb_forms().get(rest[0], ("", ""))[1] == "base" and rest[0] not in listed("verbs", "mostly_things")
    things = [word for word in rest if word[0].isalpha()]
    return not is_act and are_done_to(things, stem(min(acts)), prepare(one.name).language)


def _is_told_thing(one: Group, other: Group, words: Words) -> bool:
    """Whether something is done, said in front in the one and behind in the other, to what an analyst calls a thing."""
    this, that = prepare(one.name), prepare(other.name)
    if words.things and this.action and this.action == that.action:
        return this.objects == that.objects and head(this.objects, this.language) in words.things
    for these, those in ((this.words, that.words), (that.words, this.words)) if words.things else ():
        is_moved = these[1:] == those[:-1] and root(these[0]) == root(those[-1]) and is_past(those[-1])
        if is_moved and these[1:] and head(these[1:], this.language) in words.things:
            return True
    return False


def _is_somebody(word: str, words: Words) -> bool:
    """Whether a word names whoever may act, or says that the label names somebody: "Ward called"."""
    is_told = stem(word) in listed("verbs", "addressed")
    return may_act(word) or is_told or word in words.people or word in listed("meaning", "deciders")


def believed(step: Step, one: Group, other: Group, words: Words) -> Step:
    """The same, or a question where a word is known in no language that the rest of its label is of.

    "Note" beside "Compila" is not English, and "notte" no slip of it. A letter struck twice and two changed about in
    short words or in front make another word in many a language, seldom a name in an English label.
    """
    is_swapped = step.edits == 1 and sorted(step.was) == sorted(step.means)
    is_long = len(step.means) >= SWAP_LETTERS and step.was[:1] == step.means[:1]
    if step.rule in ("struck", "unlisted slip"):
        is_sure = step.rule != "struck" and (is_long or not is_swapped)
        rest = _rest(step, other)
        is_english = rest and 2 * len(rest & vocabulary()) > len(rest)
        return step._replace(rule="unlisted slip" if is_english or is_sure else "unlisted")
    if step.rule not in ("slip", "vowel", "edit", "edge") or _is_of_its_language(step, one, other, words):
        return step
    return step._replace(rule="unlisted slip" if is_swapped and is_long else "unlisted")


def _rest(step: Step, other: Group) -> set[str]:
    return {word for word in prepare(other.name).words if word.isalpha() and len(word) > 2} - {step.means, step.was}


def _is_of_its_language(step: Step, one: Group, other: Group, words: Words) -> bool:
    if len(step.means) >= SHORT_LETTER_COUNT and stem(step.means, any_language=True) in pure_verbs(
        prepare(other.name).language
    ):
        return True
    rest = _rest(step, other)
    if not rest:
        return words.is_right(step.means) or len(step.means) >= SHORT_LETTER_COUNT
    for language in ("", *LANGUAGES):
        listed_words = vocabulary(language)
        if not rest.isdisjoint(listed_words) and (step.means in listed_words or not language):
            return True
    heard = (one for one in words.lexicons if is_word(step.means, (one,)))
    return any(is_word(word, (language,)) for language in heard for word in rest)


def _is_of_verb(step: Step, one: Group, other: Group) -> bool:
    """Whether a form is of a verb the lists hold, or of what is done: "Dresses clipped", "Clip dresses".

    Elsewhere an ending as often makes another thing: "House claim", "Housing claim".
    """
    if step.rule == "order" or verb_forms().keys() >= {step.was, step.means}:
        return True
    these, those = prepare(one.name).words, prepare(other.name).words
    is_done = is_past(step.was) and (these[-1], those[0]) == (step.was, step.means)
    return is_done or (is_past(step.means) and (those[-1], these[0]) == (step.means, step.was))


def _may_be_act(step: Step, one: Group, other: Group) -> bool:
    """Whether a word that names a thing where it is spelt otherwise ("cheque") may be what is done in a label."""
    things = word_list("spelling")["things"]
    word, label = (step.means, other) if step.was in things else (step.was, one)
    is_thing = word in things.values() and word in verb_forms()
    return is_thing and prepare(label.name).action in ("", stem(word))


def _is_plainly_mended(step: Step, one: Group, other: Group, words: Words) -> bool:
    """Whether a slip of one word stands in the one label and the word itself in the other; what both say is right."""
    shared, those = set(prepare(one.name).words), prepare(other.name).words
    is_slip = step.rule in ("slip", "vowel") and step.was in shared
    return is_slip and all(words.is_right(word) for word in those if word.isalpha() and word not in shared)


def _is_of_another_language(step: Step, words: Words) -> bool:
    """Whether a word is known, but in a language whose other words no list of labels holds ("délai", "relai")."""
    is_english = words.is_right(step.means) or is_listed(step.means, ("en",))
    return step.rule in ("edit", "edge") and not is_english


def _is_foreign_verb(word: str, group: Group) -> bool:
    language = prepare(group.name).language
    return bool(language) and word in verb_forms(language).keys() - verb_forms().keys()


def _is_doubtful(step: Step, one: Group, other: Group, words: Words) -> bool:
    """Whether letters cannot tell a slip: of a short form, of a short word that is one, by a letter English lacks.

    Of short forms a letter makes another ("fwd", "bwd"), and few runs of few letters are no word anywhere.
    """
    if step.means in words.short and step.means not in words.known and not is_common(step.means, words.lexicons):
        return True
    is_code_long = max(len(step.was), len(step.means)) < CODE_LETTERS
    if is_code_long and len(prepare(one.name).letters) - len(step.was) < OTHER_LETTERS:
        return True
    if len(step.was) <= SHORT_LETTER_COUNT and is_listed(step.was, words.lexicons):
        return True
    return _has_foreign_letter(step.was, step.means, one) or _has_foreign_letter(step.means, step.was, other)


def _has_foreign_letter(word: str, other: str, group: Group) -> bool:
    """Whether what a word has and another lacks is written with a letter outside ASCII, as "aç" beside "aş"."""
    if all(text.isascii() for text in group.bare):
        return False
    start, end = alike_ends(word, other)
    spellings = {spelling[: len(word)] for text in group.bare for spelling in spellings_of(text, (word, word + "s"))}
    return any(not spelling[start : len(word) - end].isascii() for spelling in spellings)


def _is_acronym(word: str, group: Group) -> bool:
    """Whether a group writes a word in capitals where it writes others in small letters."""
    return any(word.upper() in LETTERS.findall(text) for text in group.bare[:1] if text != text.upper())


def _is_code(step: Step, words: Words) -> bool:
    """Whether a word is so short that a letter makes another: xls and xlsx, pcr and pcb, iv and vi, bid and tid."""
    if step.rule in ("slip", "vowel"):
        return False
    shorter, longer = sorted((len(step.was), len(step.means)))
    if shorter <= CODE_LETTERS and not is_common(step.means, words.lexicons):
        return True
    is_unheard = step.was.isalpha() and not is_listed(step.was, words.lexicons)
    return longer < CODE_LETTERS and is_unheard and not words.tells(step.means)


def _is_short_name(step: Step, words: Words) -> bool:
    """Whether so short a word is heard, if seldom: "corp" beside "crop"."""
    return len(step.was) <= CODE_LETTERS and is_listed(step.was, words.lexicons)


def _is_other_short_word(step: Step, words: Words) -> bool:
    """Whether a letter of three is another and makes a word: "roe" beside "row"; what lost a letter may be a slip."""
    return len(step.was) == len(step.means) < CODE_LETTERS and is_listed(step.was, words.lexicons)


def _is_name(word: str, group: Group) -> bool:
    """Whether a group writes a word with a capital inside a label whose other words have none."""
    for text in group.bare[:1]:
        _, *rest = LETTERS.findall(text) or [""]
        others = [one for one in rest if one.casefold() != word and len(one) > 2]
        if word.capitalize() in rest and others and all(one.islower() for one in others):
            return prepare(text).language != "german"
    return False
