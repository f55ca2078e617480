from datetime import UTC
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from core.columns import CellError, guess_columns
from crm.services.mapping import HINTS, RowReader, guess_owners, guess_stage_values


def reader(**changes):
    plain = {
        "columns": {
            "external_id": "id",
            "name": "name",
            "account": "account",
            "stage": "stage",
            "amount": "amount",
            "opened_at": "opened",
            "closed_at": "closed",
            "currency": "currency",
            "segment": "segment",
        },
        "stage_values": {"Won": "outcome:won", "Talking": "outcome:open"},
        "stages": {},
        "owners": {},
        "segments": {},
        "version": None,
        "dates": "day",
        "zone": ZoneInfo("Europe/Berlin"),
        "account_in_name": True,
    }
    return RowReader(**(plain | changes))


def test_columns_guessed_from_a_crm_export():
    headers = [
        "opportunity_id",
        "sales_agent",
        "product",
        "account",
        "deal_stage",
        "engage_date",
        "close_date",
        "close_value",
    ]
    assert guess_columns(headers, HINTS) == {
        "external_id": "opportunity_id",
        "owner": "sales_agent",
        "name": "product",
        "account": "account",
        "stage": "deal_stage",
        "opened_at": "engage_date",
        "closed_at": "close_date",
        "amount": "close_value",
    }


def test_outcomes_guessed_from_words():
    values = ["Closed Won", "Closed Lost", "Cancelled by customer", "Negotiation"]
    assert guess_stage_values(values, None) == {
        "Closed Won": "outcome:won",
        "Closed Lost": "outcome:lost",
        "Cancelled by customer": "outcome:no_decision",
        "Negotiation": "outcome:open",
    }


def test_owners_guessed_by_name_and_mail(rep):
    assert guess_owners(["rolf rep", rep.user.email.upper(), "Somebody"], [rep]) == {
        "rolf rep": rep.pk,
        rep.user.email.upper(): rep.pk,
        "Somebody": None,
    }


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1054", "1054"),
        ("12,500.00", "12500"),
        ("12.500,50", "12500.50"),
        ("€ 1 250", "1250"),
        ("1,054", "1054"),
        ("0.5", "0.5"),
        ("1'250.50 CHF", "1250.50"),
        ("US$ 900", "900"),
        ("250k", "250000"),
        ("€1.5M", "1500000"),
        ("1,5 m EUR", "1500000"),
        ("900 KRW", "900"),
    ],
)
def test_amount_in_each_notation(text, amount):
    assert reader().read({"id": "1", "amount": text}).amount == Decimal(amount)


@pytest.mark.parametrize(
    ("dates", "text", "iso"),
    [
        ("day", "2026-04-03", "2026-04-03"),
        ("month", "2026-04-03", "2026-04-03"),
        ("day", "03/04/2026", "2026-04-03"),
        ("month", "03/04/2026", "2026-03-04"),
        ("day", "03.04.2026", "2026-04-03"),
    ],
)
def test_date_in_each_notation(dates, text, iso):
    opened = reader(dates=dates).read({"id": "1", "opened": text}).opened_at
    assert opened.isoformat()[:10] == iso
    assert opened.utcoffset().total_seconds() in {3600, 7200}


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-03-02T09:30:00.000Z", "2026-03-02T09:30:00+00:00"),
        ("2026-03-02 09:30:00 UTC", "2026-03-02T09:30:00+00:00"),
        ("2026-03-02T09:30:00+0500", "2026-03-02T04:30:00+00:00"),
        ("2026-03-02T09:30:00.5-03:00", "2026-03-02T12:30:00.500000+00:00"),
        ("2026-03-02 09:30", "2026-03-02T08:30:00+00:00"),
        ("2026-03-02", "2026-03-02T11:00:00+00:00"),
    ],
)
def test_moment_keeps_the_zone_that_it_names(text, utc):
    assert reader().read({"id": "1", "opened": text}).opened_at.astimezone(UTC).isoformat() == utc


def test_expected_close_date_of_an_open_deal_is_no_day_of_its_life():
    read = reader().read({"id": "1", "stage": "Talking", "closed": "2026-02-01"})
    assert (read.opened_at, read.closed_at) == (None, None)
    assert reader().read({"id": "1", "closed": "2026-02-01"}).opened_at is None
    ended = reader().read({"id": "1", "stage": "Won", "closed": "2026-02-01"})
    assert ended.opened_at == ended.closed_at


def test_name_takes_the_account_before_it():
    row = {"id": "1", "name": "Line 3", "account": "Mill"}
    assert reader().read(row).name == "Mill – Line 3"
    assert reader(account_in_name=False).read(row).name == "Line 3"
    assert reader().read({"id": "1", "account": "Mill"}).name == "Mill"


def test_open_deal_has_no_close_date():
    read = reader().read({"id": "1", "stage": "Talking", "opened": "2026-01-01", "closed": "2026-02-01"})
    assert (read.outcome, read.closed_at) == ("open", None)


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ({"id": ""}, "id", "The deal's ID is missing."),
        ({"id": "1", "stage": "Odd"}, "stage", "Nobody said yet what “Odd” means: map it to a stage or an outcome."),
        ({"id": "1", "amount": "much"}, "amount", "“much” is not an amount."),
        ({"id": "1", "amount": "12%"}, "amount", "“12%” is not an amount."),
        ({"id": "1", "amount": "1,250k"}, "amount", "“1,250k” is not an amount."),
        ({"id": "1", "amount": "(500)"}, "amount", "“(500)” is not an amount."),
        ({"id": "1", "amount": "3 B"}, "amount", "“3 B” is not an amount."),
        ({"id": "1", "amount": "-5"}, "amount", "An amount is 0 or more."),
        (
            {"id": "1", "opened": "31/31/2026"},
            "opened",
            "“31/31/2026” is not a date that we read; 2026-11-22 always works.",
        ),
        ({"id": "1", "currency": "Euro"}, "currency", "A currency has three letters, such as EUR."),
        (
            {"id": "1", "segment": "Moon"},
            "segment",
            "There is no segment “Moon”. Make it first, or leave the column out.",
        ),
    ],
)
def test_cell_that_cannot_be_read(row, column, reason):
    with pytest.raises(CellError) as caught:
        reader().read(row)
    assert (caught.value.column, caught.value.reason) == (column, reason)
