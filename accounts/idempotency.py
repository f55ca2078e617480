"""`Idempotency-Key` on POST: a request that is sent again, because its answer was lost, is not done again."""

import hashlib
import json
import re
from typing import Any, ClassVar

from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.services.idempotency import KeptAnswer, key_claim, key_keep

HEADER = "Idempotency-Key"
KEY = re.compile(r"[!-~]{1,200}")
DESCRIBING = ("CONTENT_TYPE", "HTTP_CONTENT_ENCODING")


class Replay(Exception):  # noqa: N818  no error: the way out of a view that need not run
    """The request was answered before."""

    def __init__(self, answer: KeptAnswer) -> None:
        super().__init__()
        self.answer = answer


class IdempotentPosts(APIView):
    """Mixed into a view before the others: its POSTs honour `Idempotency-Key`.

    Answers of success are kept. After a refusal nothing was written, so the same key may come again, put right.
    """

    is_idempotent: ClassVar[bool] = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Do the request and keep its answer in one transaction."""
        if request.method != "POST" or HEADER not in request.headers:
            return super().dispatch(request, *args, **kwargs)
        with transaction.atomic():
            response = super().dispatch(request, *args, **kwargs)
            if response.status_code >= 400:  # noqa: PLR2004  refusals
                transaction.set_rollback(True)
            elif isinstance(response, Response) and "Idempotent-Replayed" not in response.headers:
                response.render()
                body = json.loads(response.content) if response.content else None
                key_keep(**self._claimed, status=response.status_code, body=body)
        return response

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Once the token may do this at all, claim its key."""
        super().initial(request, *args, **kwargs)
        if request.method != "POST" or HEADER not in request.headers:
            return
        key = request.headers[HEADER]
        if not KEY.fullmatch(key):
            raise exceptions.ParseError(f"{HEADER} is 1 to 200 visible characters of ASCII.")
        self._claimed: dict[str, Any] = {
            "token": request.auth,
            "key": key,
            "request_hash": _fingerprint(request._request),
        }
        answer = key_claim(**self._claimed)
        if answer is not None:
            raise Replay(answer)

    def handle_exception(self, exc: Exception) -> Response:
        """Give a kept answer again."""
        if isinstance(exc, Replay):
            return Response(exc.answer.body, status=exc.answer.status, headers={"Idempotent-Replayed": "true"})
        response = super().handle_exception(exc)
        if getattr(exc, "code", "") == "idempotency_key_in_use":
            response.headers["Retry-After"] = "1"
        return response


def _fingerprint(request: HttpRequest) -> str:
    told = hashlib.sha256(request.get_full_path().encode())
    for name in DESCRIBING:
        told.update(b"\0" + str(request.META.get(name, "")).encode("utf-8", "surrogateescape"))
    told.update(b"\0" + request.body)
    return told.hexdigest()
