"""Whose address is believed behind proxies."""

from __future__ import annotations

import pytest
from flask import Flask, request

from app import behind


@pytest.mark.parametrize(("proxies", "named", "seen"), [
    (0, "10.0.0.7", "127.0.0.1"), (1, None, "127.0.0.1"), (1, "10.0.0.7", "10.0.0.7"),
    (1, "6.6.6.6, 10.0.0.7", "10.0.0.7"), (2, "6.6.6.6, 10.0.0.7, 10.0.0.1", "10.0.0.7"),
    (2, "10.0.0.7", "127.0.0.1")])
def test_only_what_our_own_proxies_added_is_believed(proxies, named, seen):
    server = Flask("behind")
    server.add_url_rule("/", "address", lambda: f"{request.remote_addr} {request.host}")
    behind(server, proxies)
    headers = {"X-Forwarded-Host": "evil.example"} | ({"X-Forwarded-For": named} if named else {})
    assert server.test_client().get("/", headers=headers).text == f"{seen} localhost"
