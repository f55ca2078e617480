"""Excerpts follow their words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interviews.models import Excerpt
from interviews.services import answer_save, reanchor
from tests.factories import interviews as factory

WORDS = st.text(alphabet="abc déλ😀.\n", max_size=30)
QUOTES = st.text(alphabet="XYZ😀", min_size=1, max_size=8).map(lambda text: f"<{text}>")


@given(before=WORDS, quote=QUOTES, after=WORDS, new_before=WORDS, new_after=WORDS)
def test_quote_untouched_by_a_change_around_it_is_found_again(before, quote, after, new_before, new_after):
    old, new = before + quote + after, new_before + quote + new_after
    span = reanchor(old=old, new=new, start=len(before), end=len(before) + len(quote))
    assert span is not None
    assert new[slice(*span)] == quote


@given(old=st.text(min_size=1, max_size=40), new=st.text(max_size=40), data=st.data())
def test_any_change_gives_a_span_of_the_new_text_or_none(old, new, data):
    start = data.draw(st.integers(0, len(old) - 1))
    end = data.draw(st.integers(start + 1, len(old)))
    span = reanchor(old=old, new=new, start=start, end=end)
    if span is not None:
        assert 0 <= span[0] < span[1] <= len(new)
    if old == new:
        assert span == (start, end)


@given(before=WORDS, quote=QUOTES, after=WORDS)
def test_quote_that_is_gone_is_lost(before, quote, after):
    old = before + quote + after
    new = before + after
    span = reanchor(old=old, new=new, start=len(before), end=len(before) + len(quote))
    assert span is None or new[slice(*span)].strip()
    if quote not in new and not set("XYZ<>") & set(before + after):
        assert span is None


@pytest.mark.parametrize(
    ("old", "new", "quote", "kept"),
    [
        ("we walkd the line", "we walked the line", "walkd the line", "walked the line"),
        ("we walked the line. Again.", "Once we walked the line. Again.", "walked the line", "walked the line"),
        ("line one. line two.", "line two.", "line two", "line two"),
        ("a b. a b. a b.", "a b. x a b. a b.", "a b", "a b"),
        ("we walked the whole line together", "we walked the whole road", "the whole line together", None),
        ("we walked the long line together", "we walked the long line", "the long line together", "the long line"),
    ],
)
def test_change_inside_the_words(old, new, quote, kept):
    start = old.index(quote)
    span = reanchor(old=old, new=new, start=start, end=start + len(quote))
    assert (new[slice(*span)] if span else None) == kept


def test_repeated_words_keep_to_their_own_place():
    old, new = "we met. we left. we met.", "we met. we then left. we met."
    start = old.rindex("we met")
    assert reanchor(old=old, new=new, start=start, end=start + 6) == (new.rindex("we met"), new.rindex("we met") + 6)


def test_saving_an_answer_moves_its_excerpts_and_drops_the_lost(in_workspace, designer):
    made = factory.told_interview(designer)
    answer = factory.answer(made)
    text = "Well. " + answer.text.replace("We wrote down half the requirements. ", "")
    answer_save(answer=answer, text=text, version=answer.version, actor=designer)
    excerpts = Excerpt.objects.filter(answer=answer).order_by("start")
    assert [excerpt.quote for excerpt in excerpts] == [
        "each department measured something else",
        "walked the line together",
        "our maintenance lead",
        "walked the line together",
    ]
    assert all(text[excerpt.start : excerpt.end] == excerpt.quote for excerpt in excerpts)


def test_two_excerpts_that_come_to_stand_on_the_same_words_become_one(in_workspace, designer):
    made = factory.interview(designer, texts={3: "we walked the line. we walked the line."})
    first = factory.coded(made, "walked the line", "Walk", actor=designer)
    factory.coded(made, "walked the line", "Walk", actor=designer, nth=1)
    answer = factory.answer(made)
    answer_save(answer=answer, text="we walked the line.", version=answer.version, actor=designer)
    assert list(Excerpt.objects.values_list("pk", flat=True)) == [first.pk]
