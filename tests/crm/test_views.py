import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from crm.models import DealImport
from tests.factories.crm import EXPORT, run, upload


@pytest.fixture
def found(in_workspace, designer):
    return upload(designer)


def file(text=EXPORT, name="deals.csv"):
    return SimpleUploadedFile(name, text.encode(), content_type="text/csv")


@pytest.mark.parametrize("person", ["rep", "manager", "admin"])
def test_pages_refuse_other_roles(person, request, client_of, found):
    client = client_of(request.getfixturevalue(person))
    assert client.get(reverse("crm:imports")).status_code == 403
    assert client.get(found.get_absolute_url()).status_code == 403


def test_page_is_not_found_in_another_workspace(client_of, outsider, found):
    client = client_of(outsider)
    assert client.get(found.get_absolute_url()).status_code == 404
    assert client.post(reverse("crm:start", args=[found.pk])).status_code == 404
    assert EXPORT[:7] not in client.get(reverse("crm:imports")).content.decode()


def test_page_offers_to_forget_the_file(client_of, designer, found):
    content = client_of(designer).get(found.get_absolute_url()).content.decode()
    assert f'action="{reverse("crm:delete", args=[found.pk])}"' in content


def test_upload_leads_to_the_columns(client_of, designer, in_workspace):
    response = client_of(designer).post(reverse("crm:imports"), {"file": file()}, follow=True)
    assert response.status_code == 200
    assert response.redirect_chain == [(DealImport.objects.get().get_absolute_url(), 302)]
    assert "Harbour Mills" in response.content.decode()


def test_upload_of_a_wrong_file_says_why(client_of, designer):
    response = client_of(designer).post(reverse("crm:imports"), {"file": file("id,id\n1,2")})
    assert response.status_code == 422
    assert "more than one column named “id”" in response.content.decode()


def test_columns_with_a_fault_keep_what_was_chosen(client_of, designer, found):
    data = {"column_external_id": "Deal ID", "column_name": "Deal ID", "dates": "month"}
    response = client_of(designer).post(reverse("crm:columns", args=[found.pk]), data)
    assert response.status_code == 422
    assert response.context["columns_form"]["dates"].value() == "month"
    assert "chosen twice" in response.content.decode()


def test_values_start_a_check(client_of, designer, found):
    response = client_of(designer).post(reverse("crm:values", args=[found.pk]), {"stage_0": "outcome:won"}, follow=True)
    found.refresh_from_db()
    assert (found.state, found.is_dry_run, found.stage_mapping["Talking"]) == ("running", True, "outcome:won")
    assert b"<progress" in response.content


def test_errors_download_runs_no_formula(client_of, designer, in_workspace):
    found = upload(designer, "id,amount\n1,=1+1\n")
    run(found, designer, dry_run=True)
    text = client_of(designer).get(reverse("crm:errors", args=[found.pk])).getvalue().decode("utf-8-sig")
    assert text.splitlines()[0] == "row,column,value,reason"
    assert "'=1+1" in text


def test_delete_keeps_the_deals(client_of, designer, found):
    from deals.models import Deal

    run(found, designer, dry_run=False)
    client_of(designer).post(reverse("crm:delete", args=[found.pk]))
    assert (DealImport.objects.count(), Deal.objects.count()) == (0, 3)


@pytest.mark.parametrize("count", [1, 3])
def test_list_has_constant_queries(client_of, designer, in_workspace, django_assert_num_queries, count):
    for number in range(count):
        upload(designer, name=f"deals-{number}.csv")
    client = client_of(designer)
    client.get(reverse("crm:imports"))
    with django_assert_num_queries(6):
        client.get(reverse("crm:imports"))
