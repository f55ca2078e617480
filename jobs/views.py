"""Pages of jobs: how far they are, and how to stop them."""

from collections.abc import Callable

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRedirect

from accounts import policies
from accounts.access import MemberRequest, members_only
from core.http import render_page
from jobs.choices import JobState
from jobs.models import Job
from jobs.selectors import jobs
from jobs.services import job_cancel, job_pause, job_resume

A_PAGE = 25


@require_GET
@members_only(policies.is_member)
def job_list(request: MemberRequest) -> HttpResponse:
    """List recent jobs."""
    page = Paginator(jobs(request.membership), A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "sees_all": policies.is_designer(request.membership),
        "under_way": any(not job.is_over for job in page),  # the list then asks again
    }
    return render_page(request, "jobs/list.html", context, fragment="rows")


@require_GET
@members_only(policies.is_member)
def detail(request: MemberRequest, pk: int) -> HttpResponse:
    """Show how far a job is: as a page, or as the part that asks again every second until the job is over."""
    job = get_object_or_404(jobs(request.membership), pk=pk)
    then = "go" if request.GET.get("then") == "go" else ""
    template = "jobs/detail.html"
    if request.htmx and not request.htmx.boosted:
        if then and job.state == JobState.DONE and job.result_url:
            return HttpResponseClientRedirect(job.result_url)
        template = "jobs/progress.html"
    response = render(request, template, {"job": job, "then": then, "is_headed": _is_headed(request, job)})
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_POST
@members_only(policies.is_member)
def cancel(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask a job to stop."""
    return _change(request, pk, job_cancel, "asked to stop")


@require_POST
@members_only(policies.is_member)
def pause(request: MemberRequest, pk: int) -> HttpResponse:
    """Have a job stand still."""
    return _change(request, pk, job_pause, "paused")


@require_POST
@members_only(policies.is_member)
def resume(request: MemberRequest, pk: int) -> HttpResponse:
    """Let a paused job go on."""
    return _change(request, pk, job_resume, "goes on")


def _is_headed(request: MemberRequest, job: Job) -> bool:
    """Tell whether the page that is open is the job's own, whose heading is the job's title."""
    here = request.htmx.current_url_abs_path if request.htmx else request.path
    return (here or "").partition("?")[0] == job.get_absolute_url()


def _change(request: MemberRequest, pk: int, service: Callable[..., None], said: str) -> HttpResponse:
    job = get_object_or_404(jobs(request.membership), pk=pk)
    service(job=job, actor=request.membership)
    if request.htmx:
        job.refresh_from_db()
        return render(request, "jobs/progress.html", {"job": job, "is_headed": _is_headed(request, job)})
    messages.success(request, f"{job.title}: {said}.")
    return redirect(job)
