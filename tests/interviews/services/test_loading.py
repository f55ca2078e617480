"""Accounts from a folder of text files."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from audit.models import AuditEvent
from core import scope
from interviews.models import Code, Excerpt, Interview, Suggestion
from interviews.selectors import moment_views
from interviews.services.passages import UnreadableAccount, account_read, paragraphs

MILL = """Customer: Quayside Mill
Outcome: no_decision
Questions: 1,6
Title: How it went
Source: https://example.org/2024/05/17/quayside/

# Before

Our old filters were slow,
unreliable and **failed** every month. People [complained](https://example.org) a lot.

- Asha
- We called another company that had bought the same thing and learned from its mistakes.

The end
-------

> We asked the vendors in for a demonstration and compared what they offer.

Our old filters failed again, and the people complained about them being slow and unreliable.

The board approved the money for it and then took it back.
"""


def load(folder, workspace, **options):
    out, err = StringIO(), StringIO()
    call_command("load_interviews", str(folder), workspace=workspace.slug, stdout=out, stderr=err, **options)
    return out.getvalue(), err.getvalue()


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "mill.txt").write_text(MILL, encoding="utf-8")
    return tmp_path


def test_account_is_read_without_the_noise_of_its_markup():
    account = account_read(MILL)
    assert (account.customer, account.outcome, account.questions) == ("Quayside Mill", "no_decision", {1, 6})
    assert account.held_on == date(2024, 5, 17)
    assert account.paragraphs[0] == (
        "Our old filters were slow, unreliable and failed every month. People complained a lot."
    )
    assert account.paragraphs[2].startswith("We asked the vendors in")
    assert len(account.paragraphs) == 5


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("", "empty"),
        ("  \n\n ", "empty"),
        ("Outcome: won\n\nText enough to be one.", "Customer"),
        ("Customer: A\nOutcome: bought\n\nText enough to be one.", "no outcome"),
        ("Customer: A\nQuestions: 1,9\n\nText enough to be one.", "no questions"),
        ("Customer: A\nDate: soon\n\nText enough to be one.", "no date"),
        ("Customer: A", "no text"),
        ("Dear all\n\nText enough to be one.", "no header line"),
    ],
)
def test_account_that_cannot_be_read_says_why(source, reason):
    with pytest.raises(UnreadableAccount, match=reason):
        account_read(source)


def test_paragraphs_keep_underscores_and_stars_inside_words():
    assert paragraphs("The snake_case_name costs 3 * 4 * 5 in total.") == [
        "The snake_case_name costs 3 * 4 * 5 in total."
    ]


def test_folder_becomes_interviews_with_suggestions(folder, workspace, designer):
    out, _ = load(folder, workspace)
    with scope.in_workspace(workspace.pk):
        made = Interview.objects.get(external_id="mill.txt")
        texts = "\n\n".join(made.answers.exclude(text="").values_list("text", flat=True))
        assert sorted(texts.split("\n\n")) == sorted(made.account.split("\n\n"))
        assert Code.objects.filter(kind="activity").count() == 24
        assert Suggestion.objects.count() > 0
        assert Excerpt.objects.count() == 0
    assert "1 interviews made, 0 there already" in out


def test_same_folder_twice_changes_nothing(folder, workspace, designer):
    load(folder, workspace)
    with scope.in_workspace(workspace.pk):
        before = list(Suggestion.objects.values()), list(Interview.objects.values()), AuditEvent.objects.count()
    out, _ = load(folder, workspace)
    with scope.in_workspace(workspace.pk):
        after = list(Suggestion.objects.values()), list(Interview.objects.values()), AuditEvent.objects.count()
    assert after == before
    assert "0 interviews made, 1 there already" in out


def test_accepting_is_done_in_a_persons_name_and_tells_the_story_in_order(folder, workspace, designer):
    load(folder, workspace, accept_over=0.45, email=designer.user.email)
    with scope.in_workspace(workspace.pk):
        made = Interview.objects.get()
        story = [(moment.name, moment.is_return) for moment in moment_views(made)]
        assert ("Notice what no longer works", True) in story
        assert next(name for name, again in story if not again) == "Notice what no longer works"
        assert set(Excerpt.objects.values_list("coded_by", flat=True)) == {designer.pk}
        accepted = AuditEvent.objects.filter(verb="suggestion.accept")
        assert set(accepted.values_list("actor_id", flat=True)) == {designer.pk}
        assert accepted.count() == Excerpt.objects.count()


def test_wrong_and_empty_files_are_named_and_skipped(folder, workspace, designer):
    (folder / "a-empty.txt").write_text("")
    (folder / "b-wrong.txt").write_text("Customer: B\nOutcome: maybe\n\nSome words of text here.")
    (folder / "c-bytes.txt").write_bytes(b"\xff\xfe\x00")
    out, err = load(folder, workspace)
    assert "a-empty.txt: the file is empty." in err
    assert "b-wrong.txt: “maybe” is no outcome" in err
    assert "c-bytes.txt: it is not a text in UTF-8." in err
    assert "1 interviews made, 0 there already, 3 skipped" in out


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"accept_over": 0.5}, "--as"),
        ({"accept_over": 2.0, "email": "x@example.com"}, "score"),
        ({"email": "nobody@example.com"}, "not a designer"),
    ],
)
def test_command_says_what_is_wrong_with_its_options(folder, workspace, designer, options, reason):
    with pytest.raises(CommandError, match=reason):
        load(folder, workspace, **options)


def test_only_a_designer_answers_for_accepting(folder, workspace, rep):
    with pytest.raises(CommandError, match="not a designer"):
        load(folder, workspace, accept_over=0.5, email=rep.user.email)
