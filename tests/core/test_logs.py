"""Secrets do not reach the logs, wherever they stand."""

import pytest

from core.logs import mask_secrets


@pytest.mark.parametrize(
    ("event", "masked"),
    [
        ({"password": "calm"}, {"password": "***"}),
        ({"api_token": "x"}, {"api_token": "***"}),
        ({"request": "GET /join/sfl_Ab-c_9/"}, {"request": "GET /join/***/"}),
        (
            {"request": "GET /accounts/password/reset/key/1-abc-def/"},
            {"request": "GET /accounts/password/reset/key/***/"},
        ),
        ({"event": "sent Bearer sfl_abc", "count": 3}, {"event": "sent Bearer ***", "count": 3}),
        ({"request": "GET /deals/3/"}, {"request": "GET /deals/3/"}),
    ],
)
def test_secret_is_masked(event, masked):
    assert mask_secrets(None, "", dict(event)) == masked
