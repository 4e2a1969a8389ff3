"""Where keys may go, and that nothing shows them."""

from __future__ import annotations

import pytest

from pytest_vlmperception.errors import CallError, ModelError
from pytest_vlmperception.models import create, parse
from pytest_vlmperception.models.addresses import is_loopback, shown
from pytest_vlmperception.models.keys import check_destination, key_for

OPENAI = {
    "vendor_hosts": ("api.openai.com",),
    "vendor_variables": ("OPENAI_API_KEY",),
    "default_base_url_env": "OPENAI_BASE_URL",
}
GOOGLE = {
    "vendor_hosts": ("generativelanguage.googleapis.com",),
    "vendor_variables": ("GOOGLE_API_KEY", "GEMINI_API_KEY"),
    "default_base_url_env": "GOOGLE_GEMINI_BASE_URL",
}
ENV = {"OPENAI_API_KEY": "the-vendors-key", "LAB_KEY": "the-labs-key"}


def spec(base_url: str = "", api_key_env: str = "", *, trusted: bool = False):
    query = "&".join(f"{k}={v}" for k, v in {"base_url": base_url, "api_key_env": api_key_env}.items() if v)
    return parse(f"openai/m?{query}", trusted=trusted)


@pytest.mark.parametrize(
    "base_url",
    [
        "",
        "https://api.openai.com/v1",
        "https://API.OpenAI.com:443/v1",
        "https://eu.api.openai.com/v1",
        "http://localhost:8000/v1",
        "http://127.0.0.1:8000/v1",
        "http://127.8.9.10/v1",
        "http://[::1]:8000/v1",
    ],
)
def test_the_vendors_key_goes_to_the_vendor_and_to_this_machine(base_url: str) -> None:
    assert key_for(spec(base_url), **OPENAI, env=ENV) == "the-vendors-key"


@pytest.mark.parametrize(
    "base_url",
    [
        "https://evil.example/v1",
        "https://api.openai.com.evil.example/v1",
        "https://evil-api.openai.com/v1",
        "https://openai.com/v1",
        "https://notapi.openai.com/v1",
        "https://api.openai.com.:8443.evil.example/v1",
        "https://127.0.0.1.evil.example/v1",
        "https://localhost.evil.example/v1",
        "http://10.0.0.1:8000/v1",
        "http://0.0.0.0:8000/v1",
        "http://api.openai.com/v1",
        "https://evil.example/api.openai.com/v1",
        "https://evil.example/?https://api.openai.com/v1",
        "https://evil.example#.api.openai.com",
        "https://generativelanguage.googleapis.com/v1beta/openai",
    ],
)
def test_the_vendors_key_goes_nowhere_else(base_url: str) -> None:
    with pytest.raises(ModelError) as caught:
        check_destination(spec(base_url), **OPENAI, env=ENV)
    assert "the-vendors-key" not in str(caught.value)


def test_the_refusal_says_what_to_do() -> None:
    with pytest.raises(
        ModelError,
        match=r"key in OPENAI_API_KEY is not sent to https://evil\.example/v1, which only a file names; "
        "name a variable of its own with api_key_env, or give the base_url on the command line",
    ):
        key_for(spec("https://evil.example/v1?x=1"), **OPENAI, env=ENV)


@pytest.mark.parametrize("variable", ["OPENAI_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY", "ANTHROPIC_API_KEY"])
def test_a_vendors_variable_is_no_variable_of_its_own(variable: str) -> None:
    with pytest.raises(ModelError, match=f"key in {variable} is not sent to https://evil.example/v1"):
        check_destination(spec("https://evil.example/v1", variable), **OPENAI, env=ENV)


@pytest.mark.parametrize("variable", ["GEMINI_API_KEY", "ANTHROPIC_API_KEY"])
def test_one_vendors_key_does_not_go_to_another(variable: str) -> None:
    with pytest.raises(
        ModelError, match=f"{variable} is another vendor's and is not sent to api.openai.com; name the right variable"
    ):
        check_destination(spec(api_key_env=variable), **OPENAI, env=ENV)


def test_a_vendors_key_goes_to_that_vendor_through_another_protocol() -> None:
    model = spec("https://generativelanguage.googleapis.com/v1beta/openai", "GEMINI_API_KEY")
    assert key_for(model, **OPENAI, env={"GEMINI_API_KEY": "g"}) == "g"


@pytest.mark.parametrize("base_url", ["https://gpu.example/v1", "http://gpu.example:8000/v1"])
def test_a_key_of_its_own_goes_where_the_file_says(base_url: str) -> None:
    assert key_for(spec(base_url, "LAB_KEY"), **OPENAI, env=ENV) == "the-labs-key"


def test_the_command_line_may_send_the_vendors_key_anywhere() -> None:
    assert key_for(spec("http://gpu.example:8000/v1", trusted=True), **OPENAI, env=ENV) == "the-vendors-key"


@pytest.mark.parametrize("base_url", ["", "https://gateway.example/other"])
def test_the_environment_may_send_the_vendors_key_anywhere(base_url: str) -> None:
    env = {**ENV, "OPENAI_BASE_URL": "https://gateway.example/v1"}
    assert key_for(spec(base_url), **OPENAI, env=env) == "the-vendors-key"


@pytest.mark.parametrize(
    "base_url", ["http://gateway.example/v1", "https://gateway.example:8443/v1", "https://x.example"]
)
def test_the_environment_names_one_place_only(base_url: str) -> None:
    env = {**ENV, "OPENAI_BASE_URL": "https://gateway.example/v1"}
    with pytest.raises(ModelError, match="is not sent to"):
        key_for(spec(base_url), **OPENAI, env=env)


@pytest.mark.parametrize(
    ("base_url", "api_key_env", "rules", "variables"),
    [
        ("", "", OPENAI, "OPENAI_API_KEY"),
        ("", "", GOOGLE, "GOOGLE_API_KEY or GEMINI_API_KEY"),
        ("https://gpu.example/v1", "LAB_KEY", OPENAI, "LAB_KEY"),
    ],
)
def test_a_missing_key_names_the_variables(base_url: str, api_key_env: str, rules: dict, variables: str) -> None:
    with pytest.raises(CallError, match=f"no key; set {variables}$") as caught:
        key_for(spec(base_url, api_key_env), **rules, env={"OPENAI_API_KEY": " "})
    error = caught.value
    assert (error.kind, error.whole_model, error.sent, error.transient) == ("key", True, False, False)


@pytest.mark.parametrize("api_key_env", ["", "LAB_KEY"])
def test_this_machine_needs_no_key(api_key_env: str) -> None:
    assert key_for(spec("http://localhost:8000/v1", api_key_env), **OPENAI, env={}) == "none"


def test_the_sdks_order_of_variables() -> None:
    assert key_for(spec(), **GOOGLE, env={"GOOGLE_API_KEY": "first", "GEMINI_API_KEY": "second"}) == "first"
    assert key_for(spec(), **GOOGLE, env={"GOOGLE_API_KEY": "", "GEMINI_API_KEY": " second\n"}) == "second"


@pytest.mark.parametrize("key", ["clé-hush", "hush\nx: y", "hush hush", "“hush”"])
def test_what_no_header_can_carry_is_no_key(key: str) -> None:
    with pytest.raises(CallError, match="OPENAI_API_KEY holds characters that no key has") as caught:
        key_for(spec(), **OPENAI, env={"OPENAI_API_KEY": key})
    assert "hush" not in str(caught.value)
    assert caught.value.kind == "key"


@pytest.mark.parametrize("provider", ["openai", "google"])
def test_a_misplaced_key_is_refused_when_the_model_is_made(provider: str) -> None:
    with pytest.raises(ModelError, match="which only a file names"):
        create(parse(f"{provider}/m?base_url=https://evil.example/v1", trusted=False))


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.255.0.3", True),
        ("::1", True),
        ("128.0.0.1", False),
        ("0.0.0.0", False),
        ("127.0.0.1.example", False),
        ("localhost.example", False),
        ("::2", False),
        ("", False),
    ],
)
def test_what_this_machine_is(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


def test_what_is_shown_of_a_base_url() -> None:
    assert shown("https://Host.Example:8/v1/?key=hush#hush") == "https://host.example:8/v1"
    assert shown("https://u:hush@host/v1") == "https://host/v1"
