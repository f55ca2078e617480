"""Which stages hold with other customers, as the page of the interviews loads it."""

from django.urls import reverse

from buying_process import selectors
from buying_process.models import Stage
from interviews.models import Segment
from tests.factories import buying_process as make

URL = "buying_process:stages_held"


def words(response):
    return " ".join(response.content.decode().split())


def test_stages_of_the_newest_derivation_are_put_in_words(in_workspace, designer, django_assert_num_queries):
    draft = make.draft(in_workspace, designer)
    for position, stability in enumerate((0.9, 0.6, 0.59)):
        Stage.objects.filter(version=draft, position=position).update(stability=stability)
    make.tell(in_workspace, "ab", "won")
    with django_assert_num_queries(3):
        held = selectors.stages_held(designer)
    assert held.version == draft
    assert [one.word for one in held.stages] == ["solid", "shaky", "falls apart"]
    assert (held.solid, len(held.weak), held.interviews, held.newer) == (1, 2, 5, 1)
    Stage.objects.filter(version=draft).update(stability=None)
    assert {one.word for one in selectors.stages_held(designer).stages} == {"not known"}


def test_fragment_is_a_page_without_scripts_and_asks_to_derive(in_workspace, designer, manager, outsider, client_of):
    food = Segment.objects.create(workspace=in_workspace, name="Food")
    dora, mona = client_of(designer), client_of(manager)
    assert "Nothing was derived from all interviews yet. <a" in words(dora.get(reverse(URL)))
    draft = make.draft(in_workspace, designer)
    part = words(dora.get(reverse(URL), headers={"HX-Request": "true"}))
    assert "of 3 stages" in part
    assert "<html" not in part
    assert reverse("buying_process:stage", args=[draft.process_id, draft.number, draft.stages.first().pk]) in part
    assert "Nothing was derived" in words(mona.get(reverse(URL)))  # a draft is for those who shape it
    assert "No process was derived from Food alone" in words(dora.get(reverse(URL), {"segment": food.pk}))
    draft.derivation |= {"segment_id": food.pk}
    draft.save()
    assert "of 3 stages" in words(dora.get(reverse(URL), {"segment": food.pk}))
    assert "Nothing was derived" in words(dora.get(reverse(URL)))
    assert client_of(outsider).get(reverse(URL), {"segment": food.pk}).status_code == 404
    assert {dora.get(reverse(URL), {"segment": wrong}).status_code for wrong in ("9" * 5000, "x", "٣")} == {404}
