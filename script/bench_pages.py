"""The pages that the benchmark of lists asks for: every list that grows with the deals, and all that shows one deal."""

from typing import Any

SORTED = ("name", "owner", "alignment", "gap", "chaos", "outlook", "stage", "segment", "amount", "opened")
EVERYBODY = ("designer", "manager", "rep0")
Asked = list[tuple[str, str]]  # who asks, and for what


def lists(version: Any, who: dict[str, Any]) -> Asked:
    """Give the list of deals in every order, by every filter, and kept as a view."""
    from django.urls import reverse

    from deals.services import list_view_save
    from interviews.models import Segment

    url = reverse("deals:list")
    stages = [stage.pk for stage in version.stages.order_by("position")]
    first, last = stages[0], stages[-1]
    asked = [(person, url) for person in EVERYBODY]
    asked += [("designer", f"{url}?sort={sign}{sort}") for sort in SORTED for sign in ("", "-")]
    asked += [(person, f"{url}?sort={sort}") for person in ("manager", "rep0") for sort in ("alignment", "-chaos")]
    narrowed = (
        "q=harbour", "q=mills 4711", "band=low", "band=none", "band=unseen", "gap=ahead&sort=-gap", "chaos=circles",
        "chance=likely", "alert=any", "alert=silent&sort=alignment",
        f"stage={first}", f"stage={first}&likely={last}&sort=alignment",
        "stage=0", f"segment={Segment.objects.earliest('pk').pk}&sort=-amount", f"version={version.pk}&sort=owner",
        f"owner={who['rep0'].pk}&sort=gap", f"team={who['team'].pk}&band=low&sort=alignment",
        "outcome=all&sort=-amount", "outcome=won", "q=zzzz&outcome=all",
    )  # fmt: skip
    asked += [("designer", f"{url}?{each}") for each in narrowed]
    asked += [("rep0", f"{url}?alert=any&owner={who['rep0'].pk}")]
    view = list_view_save(actor=who["designer"], name="Benchmark", query="band=low&gap=ahead&sort=alignment")
    return [*asked, ("designer", view.get_absolute_url())]


def glances(version: Any, who: dict[str, Any]) -> Asked:
    """Give the board, the team's page, Today and the search, as each role sees them."""
    from django.urls import reverse

    asked = [(person, reverse(f"deals:{page}")) for page in ("board", "team", "today") for person in EVERYBODY]
    board, team = reverse("deals:board"), reverse("deals:team")
    asked += [
        ("designer", f"{board}?version={version.pk}"),
        ("designer", f"{team}?team={who['team'].pk}&version={version.pk}"),
        ("manager", f"{team}?version={version.pk}"),
    ]
    asked += [(person, reverse("deals:alerts_today")) for person in EVERYBODY]
    asked += [(person, reverse("deals:search") + "?q=harb") for person in EVERYBODY]
    asked += [("designer", reverse("search") + "?q=mills"), ("designer", reverse("deals:delay"))]
    return asked


def deal_pages(deals: dict[str, Any]) -> Asked:
    """Give the pages of deals: of one with much logged on it, and of one with very many signals."""
    from django.urls import reverse

    pages = ("deal", "state", "explained", "edit", "log_signal", "log_effort", "log_stage")
    return [
        *[("designer", reverse(f"deals:{page}", args=[deal.pk])) for deal in deals.values() for page in pages],
        ("rep0", reverse("deals:deal", args=[deals["own"].pk])),
    ]


def others(version: Any) -> Asked:
    """Give the pages of other rooms that count deals, or list what was done to them."""
    from django.urls import reverse

    process, number = version.process_id, version.number
    pages: tuple[tuple[str, list[int]], ...] = (
        ("buying_process:list", []), ("buying_process:process", [process]), ("buying_process:derive", [process]),
        ("buying_process:version", [process, number]),
        ("jobs:list", []),
    )  # fmt: skip
    record = reverse("audit:events")
    return [
        *[("designer", reverse(name, args=args)) for name, args in pages],
        *[("admin", f"{record}{query}") for query in ("", "?verb=deal.log_stage", "?query=harbour", "?query=zzzz")],
    ]


def of_the_api(deals: dict[str, Any], version: Any) -> Asked:
    """Give the API's lists; whoever asks has a token."""
    from django.urls import reverse

    url = reverse("deal-list")
    asks = (
        "", "?ordering=opened_at", "?ordering=-updated_at", "?ordering=name", "?outcome=lost",
        "?external_id=bench-777", f"?version={version.pk}&page_size=100", "?updated_after=2020-01-01T00:00:00Z",
    )  # fmt: skip
    one = [reverse(name, args=[deals["busy"].pk]) for name in ("deal-detail", "deal-alignment", "deal-signal-list")]
    return [
        *[("api designer", f"{url}{ask}") for ask in asks],
        ("api rep0", url),
        *[("api designer", each) for each in one],
    ]


def asked_of(version: Any, who: dict[str, Any], deals: dict[str, Any]) -> Asked:
    """Give all that is measured."""
    return [
        *lists(version, who),
        *glances(version, who),
        *deal_pages(deals),
        *others(version),
        *of_the_api(deals, version),
    ]
