"""Codes, excerpts, and what happens to suggestions and moments with them."""

import pytest

from core.exceptions import ApplicationError, ConflictError
from interviews import services
from interviews.models import Code, Excerpt
from tests.factories import interviews as factory


def test_excerpt_counts_code_points_and_trims_space(in_workspace, designer):
    made = factory.interview(designer, texts={1: "😀 We counted the hours. 😀"})
    answer = factory.answer(made, 1)
    excerpt = services.excerpt_add(answer=answer, code=factory.code(designer), start=1, end=24, actor=designer)
    assert (excerpt.start, excerpt.end, excerpt.quote) == (2, 23, "We counted the hours.")


@pytest.mark.parametrize(("start", "end"), [(5, 5), (9, 3), (0, 10_000), (8, 9)])
def test_excerpt_of_no_words_is_refused(in_workspace, designer, start, end):
    answer = factory.answer(factory.interview(designer, texts={1: "At first nothing."}), 1)
    with pytest.raises(ApplicationError, match="Select some words"):
        services.excerpt_add(answer=answer, code=factory.code(designer), start=start, end=end, actor=designer)


def test_excerpt_selected_in_an_older_text_is_a_conflict(in_workspace, designer):
    answer = factory.answer(factory.interview(designer))
    with pytest.raises(ConflictError):
        services.excerpt_add(
            answer=answer, code=factory.code(designer), start=0, end=5, actor=designer, version=answer.version - 1
        )


def test_same_words_and_code_again_give_what_stands(in_workspace, designer):
    made = factory.interview(designer)
    first = factory.coded(made, "walked the line", "Walk", actor=designer)
    assert factory.coded(made, "walked the line", "walk", actor=designer) == first


def test_removed_excerpt_comes_back_with_its_place_in_the_timeline(in_workspace, designer):
    made = factory.told_interview(designer)
    moment = made.moments.get(position=3)
    excerpt = moment.excerpt
    token = services.excerpt_remove(excerpt=excerpt, actor=designer)
    moment.refresh_from_db()
    assert moment.excerpt is None
    restored = services.excerpt_restore(token=token, actor=designer)
    moment.refresh_from_db()
    assert (moment.excerpt, restored.quote) == (restored, "wrote down half the requirements")


def test_removal_cannot_be_undone_once_the_answer_changed(in_workspace, designer):
    made = factory.told_interview(designer)
    token = services.excerpt_remove(excerpt=Excerpt.objects.first(), actor=designer)
    services.answer_save(answer=factory.answer(made), text="All else.", version=None, actor=designer)
    with pytest.raises(ConflictError):
        services.excerpt_restore(token=token, actor=designer)
    with pytest.raises(ApplicationError, match="no longer"):
        services.excerpt_restore(token=f"{token}x", actor=designer)


def test_activity_that_a_timeline_uses_stays_an_activity(in_workspace, designer):
    made = factory.told_interview(designer)
    code = made.moments.first().code
    with pytest.raises(ApplicationError, match="stays an activity"):
        services.code_update(code=code, actor=designer, kind="role")
    services.code_update(code=code, actor=designer, name="Renamed", job="solve")
    code.refresh_from_db()
    assert (code.kind, code.name, code.job) == ("activity", "Renamed", "solve")


def test_starter_codebook_adds_only_what_is_missing(in_workspace, designer):
    services.code_create(actor=designer, kind="activity", name="secure the MONEY")
    added = services.starter_codebook_add(actor=designer)
    assert added == Code.objects.count() - 1
    assert services.starter_codebook_add(actor=designer) == 0
