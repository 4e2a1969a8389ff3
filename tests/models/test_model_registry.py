"""Names of models: what they mean, what is refused, what is shown, and who is found."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_vlmperception.errors import ModelError
from pytest_vlmperception.models import ModelSpec, create, parse

NAMED = {
    "lab": {
        "model": "openai/Qwen/Qwen3-VL-32B?detail=low",
        "base_url": "http://gpu.example:8000/v1",
        "api_key_env": "LAB_KEY",
        "identity": "lab-qwen",
        "temperature": 0.5,
        "seed": 3,
    },
    "quiet": {"model": "observer?noise=0.5", "seed": 7},
}


@pytest.mark.parametrize(
    ("name", "provider", "model", "parameters"),
    [
        ("observer", "observer", "", {}),
        ("observer?noise=0.5&seed=1", "observer", "", {"noise": "0.5", "seed": "1"}),
        ("openai/gpt-5.2", "openai", "gpt-5.2", {}),
        ("openai/Qwen/Qwen3-VL-32B", "openai", "Qwen/Qwen3-VL-32B", {}),
        ("openai/hf.co/org/model:Q4_K_M?detail=low", "openai", "hf.co/org/model:Q4_K_M", {"detail": "low"}),
        ("other/m%3Fx", "other", "m?x", {}),
        ("other/m?note=a%26b%25+c", "other", "m", {"note": "a&b%+c"}),
        ("other/m?note=a=b", "other", "m", {"note": "a=b"}),
        ("other/m?note=", "other", "m", {"note": ""}),
        ("  openai/gpt-5.2 ", "openai", "gpt-5.2", {}),
        ("openai/m?", "openai", "m", {}),
    ],
)
def test_a_name_is_taken_apart(name: str, provider: str, model: str, parameters: dict[str, str]) -> None:
    spec = parse(name, trusted=True)
    assert (spec.provider, spec.model, dict(spec.parameters)) == (provider, model, parameters)
    assert (spec.base_url, spec.api_key_env, spec.base_url_trusted) == ("", "", False)


def test_base_url_and_key_variable_are_no_parameters() -> None:
    spec = parse("openai/m?base_url=http://localhost:8000/v1&api_key_env=MY_KEY&seed=1", trusted=True)
    assert (spec.base_url, spec.api_key_env) == ("http://localhost:8000/v1", "MY_KEY")
    assert dict(spec.parameters) == {"seed": "1"}


@pytest.mark.parametrize(
    ("query", "base_url"),
    [
        ("base_url=http://h/v1?api-version=1&seed=1", "http://h/v1?api-version=1"),
        ("base_url=http://h/v1?a=1%26b=2&seed=1", "http://h/v1?a=1&b=2"),
        ("seed=1&base_url=https://h:8/v1%3Fa=1", "https://h:8/v1?a=1"),
        ("base_url=http://[::1]:8000/v1&seed=1", "http://[::1]:8000/v1"),
    ],
)
def test_a_base_url_may_have_a_query_of_its_own(query: str, base_url: str) -> None:
    spec = parse(f"openai/m?{query}", trusted=True)
    assert spec.base_url == base_url
    assert dict(spec.parameters) == {"seed": "1"}


def test_the_name_shows_no_query_of_a_base_url() -> None:
    spec = parse("openai/m?base_url=http://h:8000/v1/?code=hush#frag&seed=1", trusted=True)
    assert spec.name == "openai/m?base_url=http://h:8000/v1&seed=1"
    assert spec.base_url.endswith("?code=hush#frag")


@pytest.mark.parametrize("trusted", [True, False])
def test_only_a_trusted_name_has_a_trusted_base_url(trusted: bool) -> None:
    assert parse("openai/m?base_url=http://h/v1", trusted=trusted).base_url_trusted is trusted


@given(
    model=st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20),
    values=st.dictionaries(st.sampled_from(["detail", "seed", "note"]), st.text("aé%&?=#+/", max_size=8)),
)
def test_the_shown_name_means_the_same(model: str, values: dict[str, str]) -> None:
    def escaped(text: str) -> str:
        return text.replace("%", "%25").replace("&", "%26").replace("?", "%3F")

    query = "&".join(f"{name}={escaped(value)}" for name, value in values.items())
    spec = parse(f"other/{escaped(model)}?{query}", trusted=True)
    assert (spec.model, dict(spec.parameters)) == (model, values)
    assert parse(spec.name, trusted=True) == spec


# Refusals


@pytest.mark.parametrize(
    ("name", "match"),
    [
        ("", "neither provider/model"),
        ("opena", r"did you mean 'openai'\? known: anthropic, google, observer, openai"),
        ("/m", "neither provider/model"),
        ("openai/", "neither provider/model"),
        ("openai/m?seed", "name=value pairs"),
        ("openai/m?=1", "name=value pairs"),
        ("openai/m?se ed=1", "name=value pairs"),
        ("openai/m?seed=1&seed=2", "seed is given twice"),
        ("openai/m%FF", "write % as %25"),
        ("openai/m%0A", "write % as %25"),
        ("openai/m?base_url=localhost:8000", "write it as http://host:port/v1"),
        ("openai/m?base_url=", "write it as http://host:port/v1"),
        ("openai/m?base_url=ftp://h/", "write it as http://host:port/v1"),
        ("openai/m?base_url=file:///etc/passwd", "write it as http://host:port/v1"),
        ("openai/m?base_url=http://h:99999/v1", "is no URL"),
        ("openai/m?base_url=http://[::1/v1", "is no URL"),
        ("openai/m?base_url=http://a b/v1", "write it as http://host:port/v1"),
        ("openai/m?base_url=http://evil.example%5C.api.openai.com/v1", "write it as http://host:port/v1"),
        ("openai/m?base_url=http://аpi.openai.com/v1", "write it as http://host:port/v1"),
        ("openai/m?api_key_env=hush", "in capitals"),
        ("openai/m?api_key_env=", "in capitals"),
        ("openai/m?api_key=hush", "name its variable with api_key_env"),
        ("openai/m?token=hush", "name its variable with api_key_env"),
    ],
)
def test_a_name_is_refused(name: str, match: str) -> None:
    with pytest.raises(ModelError, match=match) as caught:
        parse(name, trusted=True)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    "base_url",
    [
        "http://user:hush@localhost:8000/v1",
        "http://user%3Ahush%40localhost:8000/v1",
        "http://hush@localhost/v1",
        "https://api.openai.com@hush.example/v1",
        "https://user:hush@[::1]/v1",
    ],
)
def test_user_information_is_refused_without_repeating_it(base_url: str) -> None:
    with pytest.raises(ModelError, match="holds user information") as caught:
        parse(f"openai/m?base_url={base_url}", trusted=True)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    "name",
    [
        "openai/sk-proj-0123456789abcdef",
        "openai/m?note=sk-0123456789abcdef",
        "openai/m?api_key_env=AIzaSyA0123456789abcdefghi",
    ],
)
def test_a_key_in_a_name_is_refused_without_repeating_it(name: str) -> None:
    with pytest.raises(ModelError, match="looks like a key") as caught:
        parse(name, trusted=True)
    assert "0123456789" not in str(caught.value)


# Named models


def test_a_named_model_is_what_its_table_says() -> None:
    assert parse("lab", trusted=True, named=NAMED) == ModelSpec(
        name="lab",
        provider="openai",
        model="Qwen/Qwen3-VL-32B",
        parameters={"detail": "low", "temperature": "0.5", "seed": "3"},
        base_url="http://gpu.example:8000/v1",
        api_key_env="LAB_KEY",
        base_url_trusted=False,
        identity="lab-qwen",
    )


def test_a_query_goes_before_the_table() -> None:
    spec = parse("lab?seed=4&base_url=http://other:1/v1", trusted=True, named=NAMED)
    assert spec.name == "lab?seed=4&base_url=http://other:1/v1"
    assert spec.parameters["seed"] == "4"
    assert (spec.base_url, spec.base_url_trusted) == ("http://other:1/v1", True)


def test_a_table_may_name_a_provider_alone_and_hold_booleans() -> None:
    spec = parse("x", trusted=True, named={"x": {"model": "observer?noise=0.5", "flag": True}})
    assert (spec.provider, dict(spec.parameters)) == ("observer", {"noise": "0.5", "flag": "true"})


@pytest.mark.parametrize(
    ("name", "table", "match"),
    [
        ("x", {}, "says no model"),
        ("x", {"model": "openai/m", "seed": [1]}, "seed is a list; expected a text, number or boolean"),
        ("x", {"model": "openai/m", "base_url": "http://u:hush@h/v1"}, "holds user information"),
        ("x", {"model": "openai/m", "api_key": "hush"}, "name its variable with api_key_env"),
        ("x", {"model": "nowhere"}, "neither provider/model"),
        ("observer", {"model": "openai/m"}, "hides a model of that name"),
        ("openai/m", {"model": "openai/n"}, "hides a model of that name"),
    ],
)
def test_a_table_is_refused(name: str, table: dict[str, object], match: str) -> None:
    with pytest.raises(ModelError, match=match) as caught:
        parse(name, trusted=True, named={name: table})
    assert "hush" not in str(caught.value)


def test_a_mistyped_name_is_guessed_among_the_named() -> None:
    with pytest.raises(ModelError, match="did you mean 'quiet'"):
        parse("quite", trusted=True, named=NAMED)


# Providers


@pytest.mark.parametrize("name", ["anthropic/claude-haiku-4-5", "openai/gpt-5.2", "google/gemini-3.1-pro", "observer"])
def test_built_in_providers_are_made_without_key_or_call(name: str) -> None:
    provider = create(parse(name, trusted=True))
    assert provider.identity.provider == name.partition("/")[0]


def test_an_unknown_provider_is_guessed() -> None:
    with pytest.raises(ModelError, match=r"no provider 'gogle'; did you mean 'google'\?"):
        create(parse("gogle/gemini", trusted=True))


def test_making_models_imports_nothing_heavy() -> None:
    code = """
import sys
from pytest_vlmperception.models import create, parse
for name in ("anthropic/m", "openai/m", "google/m", "observer"):
    create(parse(name, trusted=True))
print(*{"anthropic", "openai", "google.genai", "numpy", "PIL", "scipy", "pytest"} & set(sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


@pytest.mark.parametrize("name", ["anthropic", "openai", "google"])
def test_a_vendor_needs_a_model(name: str) -> None:
    with pytest.raises(ModelError, match=f"names no model; write {name}/MODEL"):
        create(parse(name, trusted=True))


def install(folder: Path, code: str, *, dist: str = "vlm-echo", provider: str = "echo") -> None:
    """Lay out an installed distribution with a provider."""
    module = dist.replace("-", "_")
    (folder / f"{module}.py").write_text(code, encoding="utf-8")
    info = folder / f"{module}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {dist}\nVersion: 1.0\n", encoding="utf-8")
    entry = f"[pytest_vlmperception.models]\n{provider} = {module}:make\n"
    (info / "entry_points.txt").write_text(entry, encoding="utf-8")


ECHO = """
class make:
    def __init__(self, spec):
        self.spec = spec
"""


def test_a_third_party_provider_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, ECHO, dist="vlm-found")
    monkeypatch.syspath_prepend(tmp_path)
    provider = create(parse("echo/m?loud=1", trusted=True))
    assert provider.spec.parameters["loud"] == "1"  # type: ignore[attr-defined]
    assert create(parse("echo", trusted=True)).spec.model == ""  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("code", "match"),
    [
        ("import no_such_module", "of vlm-broken cannot be imported: ModuleNotFoundError"),
        ("def (", "of vlm-broken cannot be imported: SyntaxError"),
        ("raise RuntimeError('boom')", "entry point echo = vlm_broken:make of vlm-broken cannot be .* boom"),
        ("", "of vlm-broken cannot be imported: AttributeError"),
        ("def make(spec): raise RuntimeError('boom')", "of vlm-broken failed: RuntimeError: boom"),
        ("make = 3", "of vlm-broken failed: TypeError"),
    ],
)
def test_a_broken_provider_is_named(code: str, match: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, code, dist="vlm-broken")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "vlm_broken", raising=False)
    with pytest.raises(ModelError, match=match):
        create(parse("echo/m", trusted=True))


def test_no_third_party_can_take_a_built_in_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, "raise RuntimeError('imported')", dist="vlm-thief", provider="openai")
    monkeypatch.syspath_prepend(tmp_path)
    assert type(create(parse("openai/m", trusted=True))).__name__ == "OpenAIModel"


def test_two_providers_of_one_name_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, ECHO, dist="vlm-one")
    install(tmp_path, ECHO, dist="vlm-two")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModelError, match=r"more than one provider 'echo': .*vlm-one and .*vlm-two; uninstall one"):
        create(parse("echo/m", trusted=True))
