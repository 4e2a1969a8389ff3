"""What the client of OpenAI's SDK trusts."""

from __future__ import annotations

import ssl

import pytest

from pytest_vlmperception.models.openai_client import trusted


def test_no_certificate_is_read_for_a_server_without_tls():
    context = trusted("http://localhost:8000/v1")
    assert isinstance(context, ssl.SSLContext)
    # Should a connection be encrypted after all, it is refused.
    assert context.cert_store_stats()["x509"] == 0
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


@pytest.mark.parametrize("url", ["https://api.openai.com/v1", "HTTPS://host.example/v1"])
def test_a_server_with_tls_is_checked_as_the_sdk_does(url):
    assert trusted(url) is True


@pytest.mark.parametrize("name", ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY"])
def test_a_proxy_may_speak_tls(monkeypatch, name):
    monkeypatch.setenv(name, "https://proxy.example:3128")
    assert trusted("http://models.example/v1") is True


def test_hosts_without_a_proxy_are_no_proxy(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "localhost")
    assert isinstance(trusted("http://localhost:8000/v1"), ssl.SSLContext)
