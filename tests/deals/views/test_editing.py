"""Making a deal and changing what it says of itself, also at the same time as somebody else."""

import html

import pytest
from django.urls import reverse

from accounts.models import Membership
from core.exceptions import ApplicationError
from deals import services
from deals.models import Deal
from tests.factories import deals as factory

pytestmark = pytest.mark.django_db


def test_new_deal_and_edit(rep, colleague, client_of):
    client = client_of(rep)
    client.post(
        reverse("deals:new"),
        {"name": "Mill", "owner": rep.pk, "amount": "12.50", "currency": "EUR", "channels": ["partner"],
         "shared_with": [colleague.pk]},
    )  # fmt: skip
    made = Deal.objects.get(name="Mill")
    assert (made.owner, made.channels, list(made.shared_with.all())) == (rep, ["partner"], [colleague])
    wrong = client.post(reverse("deals:new"), {"name": "", "amount": "-1", "currency": "euro"})
    assert wrong.status_code == 422
    Membership.objects.filter(pk=colleague.pk).update(role="manager")
    edited = {"name": "Mill 2", "owner": rep.pk, "shared_with": [colleague.pk]}
    assert client.post(reverse("deals:edit", args=[made.pk]), edited).status_code == 302
    assert Deal.objects.get(pk=made.pk).name == "Mill 2"
    assert made.shared_with.get() == colleague, "who is no rep any more keeps what is shared until it is taken away"


def seen_in(response):
    return html.unescape(response.content.decode().split('name="seen" value="')[1].split('"')[0])


def test_edit_shows_what_somebody_changed_meanwhile(deal, rep, designer, client_of):
    client, url = client_of(rep), reverse("deals:edit", args=[deal.pk])
    seen = seen_in(client.get(url))
    services.deal_update(deal=Deal.objects.get(pk=deal.pk), actor=designer, account="Theirs Ltd", amount=0)
    mine = {"name": deal.name, "account": "Mine Ltd", "owner": rep.pk, "seen": seen}
    response = client.post(url, mine)
    assert response.status_code == 422
    page = response.content.decode()
    assert "Theirs Ltd" in page
    assert "Amount: 0.00" in page, "nothing and zero are not the same"
    assert "Mine Ltd" in page
    mine["seen"] = seen_in(response)
    assert client.post(url, mine).status_code == 302
    assert Deal.objects.get(pk=deal.pk).account == "Mine Ltd"


def test_edit_put_right_or_disputed_in_one_field_keeps_theirs_in_the_others(deal, rep, designer, client_of):
    client, url = client_of(rep), reverse("deals:edit", args=[deal.pk])
    mine = {"name": deal.name, "owner": rep.pk, "amount": "-1", "currency": "EUR", "seen": seen_in(client.get(url))}
    services.deal_update(deal=Deal.objects.get(pk=deal.pk), actor=designer, account="Theirs Ltd")
    wrong = client.post(url, mine)
    assert wrong.status_code == 422
    mine |= {"amount": "5", "seen": seen_in(wrong)}
    assert client.post(url, mine).status_code == 302
    assert Deal.objects.get(pk=deal.pk).account == "Theirs Ltd", "what was put right in one field changes no other"

    mine |= {"account": "Theirs Ltd", "seen": seen_in(client.get(url)), "name": "My name"}
    services.deal_update(deal=Deal.objects.get(pk=deal.pk), actor=designer, name="Their name", amount=7)
    disputed = client.post(url, mine)
    assert "Their name" in disputed.content.decode()
    mine["seen"] = seen_in(disputed)
    assert client.post(url, mine).status_code == 302
    now = Deal.objects.get(pk=deal.pk)
    assert (now.name, now.amount) == ("My name", 7), "saved again, the name that was disputed is mine, and no more"


def test_edit_keeps_what_somebody_else_changed_in_other_fields(deal, rep, colleague, designer, client_of):
    client, url = client_of(rep), reverse("deals:edit", args=[deal.pk])
    seen = seen_in(client.get(url))
    services.deal_share(deal=deal, members=[colleague], actor=designer)
    services.deal_update(deal=Deal.objects.get(pk=deal.pk), actor=designer, channels=["partner"])
    services.deal_log_stage(deal=deal, stage=factory.stage(deal.version, 3), actor=designer)
    mine = {"name": deal.name, "account": "Mine Ltd", "owner": rep.pk, "seen": seen}
    assert client.post(url, mine).status_code == 302
    now = Deal.objects.get(pk=deal.pk)
    assert (now.account, now.channels, list(now.shared_with.all())) == ("Mine Ltd", ["partner"], [colleague])


def test_nobody_loses_a_deal_by_leaving_it_to_nobody(deal, rep, designer, client_of):
    client = client_of(rep)
    for url in (reverse("deals:new"), reverse("deals:edit", args=[deal.pk])):
        response = client.post(url, {"name": "Whose", "owner": ""})
        assert response.status_code == 422
        assert "owner" in response.context["form"].errors
    with pytest.raises(ApplicationError) as refused:
        services.deal_update(deal=deal, actor=rep, owner=None)
    assert list(refused.value.fields) == ["owner"]
    services.deal_update(deal=deal, actor=designer, owner=None)
    assert Deal.objects.get(pk=deal.pk).owner is None
