"""The pieces that pages are built from. A builtin library: templates need no `{% load %}` for it.

Tags give HTML without inline styles, handlers or scripts, as the content security policy asks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

from django import template
from django.forms import BoundField
from django.forms.boundfield import BoundWidget
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()

TONES = frozenset({"plain", "customer", "us", "settled", "lost", "danger"})
CONTROL_CLASSES = {
    "checkbox": "form-check-input",
    "radio": "form-check-input",
    "select": "form-select",
    "hidden": "",
    "range": "form-range",
    "color": "form-control form-control-color",
}


@register.simple_tag
@lru_cache(maxsize=512)
def icon(name: str, label: str = "") -> SafeString:
    """Draw the icon `name` of the sprite; silent beside a word, or an image called `label` where it stands alone."""
    # The outer address is resolved by the static files' storage, so the sprite may be cached for ever.
    href = f"{static('icons.svg')}#{name.replace('/', '-')}"
    if label:
        return format_html('<svg class="icon" role="img" aria-label="{}"><use href="{}"></use></svg>', label, href)
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}"></use></svg>', href)


def known_tone(tone: str) -> str:
    """Return `tone`, or say which tones there are."""
    if tone not in TONES:
        message = f"No such tone: {tone}. Choose from {', '.join(sorted(TONES))}."
        raise template.TemplateSyntaxError(message)
    return tone


@register.simple_tag
def pill(text: object, tone: str = "plain", name: str = "", url: str = "") -> SafeString:
    """Give a word in a round box: amber `customer`, indigo `us`, green `settled`, grey `lost`, red `danger`."""
    inner = format_html("{}{}", icon(name) if name else "", text)
    if url:
        return format_html('<a class="pill pill--{}" href="{}">{}</a>', known_tone(tone), url, inner)
    return format_html('<span class="pill pill--{}">{}</span>', known_tone(tone), inner)


@register.simple_tag
def bar(value: float | None, label: str, tone: str = "us") -> SafeString:
    """Draw a share from 0 to 1 as a bar called `label`."""
    return format_html(
        '<progress class="bar bar--{}" max="100" value="{}" aria-label="{}"></progress>',
        known_tone(tone),
        round(100 * min(max(value or 0.0, 0.0), 1.0)),
        label,
    )


@register.filter
def percent(share: float | None, digits: int = 0) -> str:
    """Write a share from 0 to 1 as a percentage; nothing known is a dash."""
    return "–" if share is None else f"{100 * share:.{digits}f}%"


@register.filter
def signed(value: float | None, digits: int = 0) -> str:
    """Write a change with its sign, by a true minus."""
    if value is None:
        return "–"
    figure = f"{abs(value):.{digits}f}"
    if float(figure) == 0:
        return "±0"
    return f"+{figure}" if value > 0 else f"−{figure}"


@register.filter
def clock(milliseconds: int | None) -> str:
    """Write a time of a recording: 3:07, or 1:02:07."""
    if milliseconds is None:
        return ""
    minutes, seconds = divmod(milliseconds // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


@register.filter
def initials(name: str) -> str:
    """Give the first letters of the first and the last word."""
    words = name.split()
    return "".join(word[0].upper() for word in (words[:1] + words[1:][-1:]))


@register.filter
def tint(share: float | None) -> str:
    """Give the stepped class, `tint-0` to `tint-20`, for a share from 0 to 1."""
    return f"tint-{round(20 * min(max(share or 0.0, 0.0), 1.0))}"


@register.inclusion_tag("components/stat.html")
def stat(value: object, label: str, detail: str = "", url: str = "") -> dict[str, object]:
    """Show a figure with the words that make sense of it."""
    return {"value": value, "label": label, "detail": detail, "url": url}


@register.inclusion_tag("components/empty.html")
def empty(
    title: str, text: str, url: str = "", action: str = "", name: str = "bulb", *, primary: bool = True
) -> dict[str, object]:
    """Show what to do where there is nothing yet; not `primary` on a page that has a primary button already."""
    return {"title": title, "text": text, "url": url, "action": action, "icon_name": name, "primary": primary}


@register.inclusion_tag("components/breadcrumbs.html")
def breadcrumbs(*pairs: object) -> dict[str, object]:
    """Lead back: label and URL in turn, `{% breadcrumbs "Deals" deals_url "Harbour Mills" plan_url %}`."""
    return {"links": list(zip(pairs[::2], pairs[1::2], strict=True))}


@register.inclusion_tag("components/notice.html")
def notice(text: str, tone: str = "info", title: str = "") -> dict[str, str]:
    """Say something that stays on the page; `tone` is info, customer, warning, error or success."""
    names = {"success": "circle-check", "error": "alert-circle", "warning": "alert-triangle"}
    return {"text": text, "tone": tone, "title": title, "icon_name": names.get(tone, "info-circle")}


@dataclass(frozen=True)
class OutcomePart:
    """A stretch of the outcome bar, in percent."""

    name: str
    words: str
    x: float
    width: float


@register.inclusion_tag("components/outcome_bar.html")
def outcome_bar(
    won: float, lost: float, no_decision: float, still_open: float = 0.0, note: str = ""
) -> dict[str, object]:
    """Draw how it may end, or how many ended: shares from 0 to 1, or counts."""
    total = (won + lost + no_decision + still_open) or 1.0
    parts, x = [], 0.0
    for name, words, share in (
        ("won", "won", won),
        ("lost", "lost", lost),
        ("none", "no decision", no_decision),
        ("open", "still open", still_open),
    ):
        if share > 0:
            parts.append(
                OutcomePart(name, f"{words} {round(100 * share / total)}%", round(x, 2), round(100 * share / total, 2))
            )
        x += 100 * share / total
    return {"parts": parts, "likeliest": max(parts, key=lambda part: part.width, default=None), "note": note}


@register.inclusion_tag("components/sparkline.html")
def sparkline(values: Sequence[float], label: str) -> dict[str, object]:
    """Draw a course over time in a small line; it shows the shape, its words the figures."""
    low, high = min(values, default=0.0), max(values, default=0.0)
    span = max(high - low, 10.0)  # a change of a point or two is no mountain
    middle = (low + high) / 2
    step = 120 / max(len(values) - 1, 1)
    points = [(round(i * step, 1), round(18 - 28 * (value - middle) / span, 1)) for i, value in enumerate(values)]
    line = " ".join(f"{'L' if i else 'M'}{x} {y}" for i, (x, y) in enumerate(points))
    return {"line": line, "points": points, "last": points[-1] if points else None, "label": label}


@register.inclusion_tag("components/score.html")
def score(
    value: float | None,
    reason: str,
    label: str = "Alignment",
    trend: Sequence[float] = (),
    change: float | None = None,
    url: str = "",
) -> dict[str, object]:
    """Show a score of 0 to 100 with its sentence, its course, and a way to its parts."""
    words = [signed(later - earlier) for earlier, later in pairwise(trend)][-1:]
    return {
        "value": None if value is None else round(value),
        "reason": reason,
        "label": label,
        "trend": list(trend),
        "trend_label": f"{label} over time, last change {words[0]}" if words else f"{label} over time",
        "change": None if change is None else signed(change),
        "url": url,
    }


@register.inclusion_tag("components/pager.html", takes_context=True)
def pager(context: template.Context, page: Any, name: str = "page", target: str = "") -> dict[str, object]:
    """Lead through the pages of a `Page`; with `target`, htmx swaps only that element."""
    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    request = context.get("request")
    links = [(number, address(request, name, number) if isinstance(number, int) else "") for number in numbers]
    return {
        "page": page,
        "links": links,
        "previous": address(request, name, page.previous_page_number()) if page.has_previous() else "",
        "next": address(request, name, page.next_page_number()) if page.has_next() else "",
        "target": target,
    }


def address(request: Any, name: str, number: int) -> str:
    """Give this page's address with another page number."""
    query = request.GET.copy() if request is not None else None
    if query is None:
        return f"?{name}={number}"
    query[name] = str(number)
    return f"?{query.urlencode()}"


@register.inclusion_tag("components/cursor_pager.html")
def cursor_pager(previous: str = "", following: str = "", target: str = "") -> dict[str, str]:
    """Lead to the previous and the following stretch of a long list by their URLs."""
    return {"previous": previous, "following": following, "target": target}


@register.inclusion_tag("components/confirm_button.html", takes_context=True)
def confirm_button(
    context: template.Context,
    url: str,
    label: str,
    question: str,
    *,
    tone: str = "plain",
    name: str = "",
    value: str = "",
) -> dict[str, object]:
    """Give a button that posts to `url` once `question` is answered with yes (without scripts: at once)."""
    button = {"plain": "btn", "danger": "btn btn-danger", "quiet": "btn btn-quiet"}[tone]
    return {
        "url": url,
        "label": label,
        "question": question,
        "button_class": button,
        "icon_name": name,
        "value": value,
        "csrf_token": context.get("csrf_token"),
    }


@register.simple_block_tag
def dialog(content: str, *, id: str, title: str, wide: bool = False) -> SafeString:  # noqa: A002 - the attribute's name
    """Wrap its content in a dialog; anything with `data-dialog-open="#id"` opens it."""
    return format_html(
        '<dialog class="dialog{}" id="{}" aria-labelledby="{}-title">'
        '<div class="dialog__head"><h2 id="{}-title">{}</h2>'
        '<button type="button" class="btn btn-quiet btn-icon" data-dialog-close aria-label="Close">{}</button></div>'
        '<div class="dialog__body">{}</div></dialog>',
        " dialog--wide" if wide else "",
        id,
        id,
        id,
        title,
        icon("x"),
        content,
    )


@register.simple_block_tag
def dialog_content(content: str, *, title: str) -> SafeString:
    """Wrap a fragment that is loaded into a dialog: its heading, a way to close it, and the content."""
    return format_html(
        '<div class="dialog__head"><h2>{}</h2>'
        '<button type="button" class="btn btn-quiet btn-icon" data-dialog-close aria-label="Close">{}</button></div>'
        '<div class="dialog__body">{}</div>',
        title,
        icon("x"),
        content,
    )


@register.simple_tag
def field(bound: BoundField, label: str = "", help_text: str = "") -> SafeString:
    """Render a form's field with label, help and errors; `label` and `help_text` replace the form's own."""
    if label:
        bound.label = label
    if help_text:
        bound.help_text = help_text
    return bound.as_field_group()


@register.inclusion_tag("components/error_summary.html")
def error_summary(form: Any) -> dict[str, object]:
    """List what has to be put right at the top of a form laid out by hand; it takes the focus."""
    return {"form": form, "problems": [bound for bound in form if bound.errors and not bound.is_hidden]}


@register.filter
def control_class(widget: dict[str, Any]) -> str:
    """Give a control's classes by its kind, before those that the form itself asks for."""
    own = str(widget.get("attrs", {}).get("class", ""))
    kind = "select" if str(widget.get("template_name", "")).endswith("/select.html") else str(widget.get("type", ""))
    return " ".join(filter(None, (CONTROL_CLASSES.get(kind, "form-control"), own)))


@register.filter
def control_kind(bound: BoundField | BoundWidget) -> str:
    """Tell how a field is laid out: `check` (one box), `group` (several controls), `hidden` or `plain`."""
    widget = bound.field.widget if isinstance(bound, BoundField) else bound.data
    if getattr(widget, "is_hidden", False):
        return "hidden"
    if getattr(widget, "input_type", "") == "checkbox" and not getattr(widget, "allow_multiple_selected", False):
        return "check"
    return "group" if getattr(widget, "use_fieldset", False) else "plain"


@register.simple_tag
def attributes(pairs: dict[str, object]) -> SafeString:
    """Write a mapping as HTML attributes; True gives the bare name, False and None nothing."""
    bare = format_html_join("", " {}", ((name,) for name, value in pairs.items() if value is True))
    kept = ((n, v) for n, v in pairs.items() if v is not True and v is not False and v is not None)
    return bare + format_html_join("", ' {}="{}"', kept)
