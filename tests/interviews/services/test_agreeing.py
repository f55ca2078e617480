"""Several coders: whose coding is whose, what both have read, what is settled, and that nothing is lost."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from accounts.choices import Role
from core import scope
from core.exceptions import ConflictError
from interviews import services
from interviews.models import AlsoCoded, Excerpt, Reading, Ruling, Suggestion
from interviews.selectors import agreement_view, differences, settled
from tests.factories import interviews as factory
from tests.factories.accounts import MembershipFactory

TEXT = "We walked the line. Finance joined us. The board said yes. Nobody wrote it down. It rained. We bought it."


@pytest.fixture
def ben(designer):
    return MembershipFactory(workspace=designer.workspace, role=Role.DESIGNER, user__full_name="Ben Second")


@pytest.fixture
def made(in_workspace, designer):
    return factory.interview(designer, texts={3: TEXT})


def code(made, quote, name, *actors):
    return [factory.coded(made, quote, name, actor=actor) for actor in actors][-1]


def read(made, *actors, **options):
    for actor in actors:
        services.reading_mark(answer=factory.answer(made), actor=actor, **options)


def coders(excerpt):
    return {excerpt.coded_by, *(row.coder for row in excerpt.also_coded.all())}


def test_same_coding_by_two_is_one_excerpt_with_two_names(made, designer, ben):
    excerpt = code(made, "walked the line", "Walk", designer, ben, ben)
    assert Excerpt.objects.count() == 1
    assert coders(excerpt) == {designer, ben}


def test_removal_takes_ones_own_name_and_the_last_takes_the_excerpt(made, designer, ben):
    excerpt = code(made, "walked the line", "Walk", designer, ben)
    token = services.excerpt_remove(excerpt=excerpt, actor=designer)
    excerpt.refresh_from_db()
    assert coders(excerpt) == {ben}
    services.excerpt_restore(token=token, actor=designer)
    assert coders(Excerpt.objects.get()) == {designer, ben}
    services.excerpt_remove(excerpt=excerpt, actor=ben)
    services.excerpt_remove(excerpt=excerpt, actor=designer)
    assert not Excerpt.objects.exists()
    with pytest.raises(ConflictError, match="already"):
        services.excerpt_remove(excerpt=excerpt, actor=ben)


def test_excerpt_comes_back_with_those_who_coded_it(made, designer, ben):
    excerpt = code(made, "walked the line", "Walk", ben)
    token = services.excerpt_remove(excerpt=excerpt, actor=designer)
    assert services.excerpt_restore(token=token, actor=designer).coded_by == ben


def test_both_accept_one_suggestion_and_each_undoes_their_own(made, designer, ben):
    suggestion = factory.suggestion(made, "The board said yes.", "Get the nod", actor=designer)
    excerpt = services.suggestion_accept(suggestion=suggestion, actor=designer)
    assert services.suggestion_accept(suggestion=suggestion, actor=ben) == excerpt
    assert coders(excerpt) == {designer, ben}
    services.suggestion_reopen(suggestion=suggestion, actor=designer)
    excerpt.refresh_from_db()
    suggestion.refresh_from_db()
    assert (coders(excerpt), suggestion.state) == ({ben}, "open")


def test_second_persons_other_view_of_a_decided_suggestion_is_kept(made, designer, ben):
    refused = factory.suggestion(made, "The board said yes.", "Get the nod", actor=designer)
    services.suggestion_refuse(suggestion=refused, actor=designer)
    excerpt = services.suggestion_accept(suggestion=refused, actor=ben)
    refused.refresh_from_db()
    assert (refused.state, refused.decided_by, excerpt.coded_by) == ("refused", designer, ben)
    accepted = factory.suggestion(made, "We bought it.", "Buy", actor=designer)
    services.suggestion_accept(suggestion=accepted, actor=designer)
    with pytest.raises(ConflictError, match="Dora Designer has accepted “Buy” here already"):
        services.suggestion_refuse(suggestion=accepted, actor=ben)


def test_undone_coding_lets_the_suggestion_that_it_answered_wait_again(made, designer):
    suggestion = factory.suggestion(made, "The board said yes.", "Get the nod", actor=designer)
    excerpt = code(made, "board said", "Get the nod", designer)
    suggestion.refresh_from_db()
    assert suggestion.state == "accepted"
    services.excerpt_undo(excerpt=excerpt, actor=designer)
    suggestion.refresh_from_db()
    assert (suggestion.state, suggestion.decided_at, Excerpt.objects.count()) == ("open", None, 0)


def test_agreement_counts_only_what_both_have_read_as_it_stands(made, designer, ben):
    code(made, "walked the line", "Walk", designer, ben)
    code(made, "Finance joined us", "Walk", designer)
    read(made, designer)
    assert agreement_view(designer).passages == 0
    read(made, ben, alone=True)
    view = agreement_view(designer)
    assert (view.passages, view.interviews, view.alone) == (6, 1, 0)
    # of 6 passages one is given by both and one by one: 3 yes and 9 no, 2 of 12 judgements stand against another
    (row,) = view.codes
    assert (row.both, row.apart) == (1, 1)
    assert row.alpha == pytest.approx(1 - (2 / 12) / (2 * 3 * 9 / (12 * 11)))
    assert row.words == "used too rarely to judge"
    services.answer_save(answer=factory.answer(made), text=f"{TEXT} Twice.", version=None, actor=designer)
    assert agreement_view(designer).passages == 0
    read(made, designer, ben)
    assert agreement_view(designer).passages == 7


def test_same_code_on_other_words_of_a_sentence_is_no_difference(made, designer, ben):
    code(made, "walked the line", "Walk", designer)
    code(made, "We walked the line.", "Walk", ben)
    read(made, designer, ben)
    assert differences(designer) == []
    assert agreement_view(designer).codes[0].both == 1


def test_differences_name_each_side_and_join_what_one_excerpt_spans(made, designer, ben):
    code(made, "walked the line. Finance joined", "Walk", designer)
    code(made, "Finance joined us.", "Bring finance in", ben)
    code(made, "board", "Board", designer, ben)
    read(made, designer, ben)
    (found,) = differences(designer)
    assert found.quote == "We walked the line. Finance joined us."
    sides = {side.coder: [row.name for row in side.codes] for side in found.sides}
    assert sides == {designer: ["Walk"], ben: ["Bring finance in"]}


@pytest.mark.parametrize(
    ("choice", "left"),
    [("designer", {"Walk", "Board"}), ("ben", {"Finance", "Board"}), (None, {"Walk", "Finance", "Board"})],
)
def test_settled_passage_keeps_the_chosen_coding_and_the_figure(made, designer, ben, choice, left):
    code(made, "walked the line", "Walk", designer)
    code(made, "walked", "Finance", ben)
    code(made, "board", "Board", designer, ben)
    read(made, designer, ben)
    before = agreement_view(designer).codes
    (found,) = differences(designer)
    chosen = {"designer": designer, "ben": ben, None: None}[choice]
    ruling = services.ruling_make(answer=found.answer, start=found.start, end=found.end, chosen=chosen, actor=designer)
    assert {row.code.name for row in Excerpt.objects.select_related("code")} == left
    assert differences(designer) == []
    assert agreement_view(designer).codes == before
    assert settled(designer) == [ruling]
    with pytest.raises(ConflictError, match="meanwhile"):
        services.ruling_make(answer=found.answer, start=found.start, end=found.end, chosen=chosen, actor=ben)
    services.ruling_undo(ruling=ruling, actor=designer)
    (again,) = differences(designer)
    assert (again.start, again.end, again.sides) == (found.start, found.end, found.sides)
    assert agreement_view(designer).codes == before


def test_ruling_moves_with_its_words_and_goes_with_them(made, designer, ben):
    code(made, "board", "Board", designer)
    read(made, designer, ben)
    (found,) = differences(designer)
    services.ruling_make(answer=found.answer, start=found.start, end=found.end, chosen=None, actor=designer)
    services.answer_save(answer=factory.answer(made), text=f"Well. {TEXT}", version=None, actor=designer)
    assert Ruling.objects.get().start == found.start + 6
    read(made, designer, ben)
    assert differences(designer) == []
    services.answer_save(
        answer=factory.answer(made), text=TEXT.replace("The board", "Their board"), version=None, actor=designer
    )
    assert not Ruling.objects.exists()


def test_who_has_not_read_a_passage_is_not_chosen_and_loses_nothing(made, designer, ben):
    third = MembershipFactory(workspace=designer.workspace, role=Role.DESIGNER)
    code(made, "board", "Board", designer)
    code(made, "board", "Third view", third)
    read(made, designer, ben)
    (found,) = differences(designer)
    place = {"answer": found.answer, "start": found.start, "end": found.end, "actor": ben}
    with pytest.raises(ConflictError, match="not read"):
        services.ruling_make(**place, chosen=third)
    services.ruling_make(**place, chosen=ben)
    assert [row.code.name for row in Excerpt.objects.all()] == ["Third view"]


def test_reading_is_taken_back(made, designer):
    read(made, designer, designer)
    assert Reading.objects.count() == 1
    services.reading_unmark(answer=factory.answer(made), actor=designer)
    services.reading_unmark(answer=factory.answer(made), actor=designer)
    assert not Reading.objects.exists()
    assert not AlsoCoded.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_at_the_same_moment_lose_nothing(made, designer, ben):
    """One goes through suggestions while the other codes the same sentences by hand, again and again."""
    sentences = [f"{words}." for words in TEXT.split(".") if words]
    rows = [factory.suggestion(made, row.strip(), "Tell it", actor=designer) for row in sentences]
    code = factory.code(designer, "Tell it")
    answer = factory.answer(made)
    together = Barrier(2)

    def accept():
        for row in rows:
            together.wait(20)
            services.suggestion_accept(suggestion=row, actor=designer)

    def add():
        for row in rows:
            together.wait(20)
            services.excerpt_add(answer=answer, code=code, start=row.start, end=row.end, actor=ben)

    def work(act):
        try:
            with scope.in_workspace(designer.workspace_id):
                act()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        for done in [threads.submit(work, act) for act in (accept, add)]:
            done.result(60)
    assert [coders(row) for row in Excerpt.objects.all()] == [{designer, ben}] * len(rows)
    assert {row.state for row in Suggestion.objects.all()} == {"accepted"}
