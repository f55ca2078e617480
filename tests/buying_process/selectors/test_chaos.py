import pytest

from buying_process import selectors, services
from buying_process.selectors.wishes import SAID
from tests.factories import buying_process as make


@pytest.fixture
def draft(in_workspace, designer):
    return make.draft(in_workspace, designer)


def test_loops_name_who_told_it_the_other_way_round(draft):
    loops = {loop.sentence: loop for loop in selectors.explained(draft).loops}
    told = loops["Most tell “b” before “c”, 1 of 5 the other way round."]
    assert [(step.speaker.customer, step.before, step.after) for step in told.steps] == [("Customer 3", "c", "b")]
    assert told.steps[0].before_quote == "Then we came to c."


def test_returns_are_those_of_the_map_with_the_moments_behind_them(draft):
    ways = selectors.explained(draft).returns
    for way in ways:
        assert len(way.steps) == way.transition.seen
        assert way.transition.to_stage.position < way.transition.from_stage.position
    assert [(way.transition.from_stage.name, way.transition.seen) for way in ways] == [("Solve: c", 2)]
    assert {(step.before, step.after) for step in ways[0].steps} == {("c", "b"), ("c", "a")}


def test_it_dies_where_an_undecided_story_ends(draft):
    found = selectors.explained(draft)
    assert [(way.transition.from_stage.name, [step.speaker.customer for step in way.steps]) for way in found.ends] == [
        ("Commit: f", ["Customer 4"])
    ]
    assert found.undecided == 1


def test_steps_are_those_of_the_transitions_own_page(draft):
    found = selectors.explained(draft)
    for way in (*found.returns, *found.ends):
        own = selectors.quotes_of_transition(way.transition)
        assert sorted(map(str, own)) == sorted(map(str, way.steps))


def test_long_stages_and_obstacles_stand_out_and_say_what_would_have_helped(in_workspace, designer):
    for number in range(3):
        told = make.tell(
            in_workspace,
            ["a", "b", "c", "d"],
            "no_decision" if number else "won",
            days=[0, 2, 42, 44],
            customer=f"Plant {number}",
            jobs={"a": "recognise", "b": "solve", "c": "align", "d": "commit"},
        )
        make.beside(
            told,
            "Waiting for legal",
            "obstacle",
            "Then we came to b.",
            at=told.answers.get().text.index("Then we came to b"),
        )
    draft = make.draft(in_workspace, designer, stages=4)
    found = selectors.explained(draft)
    stuck = [stand for stand in found.standstills if stand.reasons]
    assert [(stand.stage.name, stand.reasons) for stand in stuck] == [
        ("Solve: b", ("it takes 40 days, where 2 are usual", "3 of 3 tell of “Waiting for legal” here"))
    ]
    help_there = next(help_ for help_ in found.helps if help_.stage.name == "Solve: b")
    assert [quote.speaker.outcome for quote in help_there.obstacles] == ["no_decision", "no_decision", "won"]


def test_version_without_activities_is_explained_too(in_workspace, draft, designer):
    stage = services.stage_add(version=draft, name="Empty", actor=designer)
    assert next(stand for stand in selectors.explained(draft).standstills if stand.stage == stage).reasons == ()


def test_what_customers_said_would_have_helped_stands_at_its_stage_undecided_first(in_workspace, designer):
    said = ["A list would have helped us.", "Nothing else happened.", "I wish we had asked, as if it had mattered."]
    for number, words in enumerate(said):
        interview = make.tell(
            in_workspace,
            ["a", "b", "c"],
            "no_decision" if number == 2 else "won",
            customer=f"Plant {number}",
            jobs={"a": "recognise", "b": "solve", "c": "commit"},
        )
        answer = interview.answers.get()
        answer.text += words
        answer.save()
    draft = make.draft(in_workspace, designer, stages=3)
    helps = [help_ for help_ in selectors.explained(draft).helps if help_.wishes]
    assert [(help_.stage.name, [quote.text for quote in help_.wishes]) for help_ in helps] == [
        ("Commit: c", ["I wish we had asked, as if it had mattered.", "A list would have helped us."])
    ]
    assert not any(help_.wishes for help_ in selectors.explained(draft, reads_interviews=False).helps)


@pytest.mark.parametrize(
    ("sentence", "says_so"),
    [
        ("What I lacked was a figure.", True),
        ("If somebody had told me, I would have signed.", True),
        ("I’d have liked to see one.", True),
        ("Had we known the lead time, May was fine.", True),
        ("She asked again, as if the sheet had never existed.", False),
        ("We had known it for years.", False),
        ("We went back to the line.", False),
    ],
)
def test_sentences_that_say_what_would_have_helped(sentence, says_so):
    assert bool(SAID.search(sentence)) == says_so
