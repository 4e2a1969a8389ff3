"""A provider that changes or retires a model behind its name is noticed."""

from __future__ import annotations

import itertools
import threading

import pytest
import servers

DATED = ("m-2026-01", "m-2026-03")


class Aliased:
    """Answers A as the model of `name`, or each request in turn as the next of `names`."""

    def __init__(self, *names):
        self.lock = threading.Lock()
        self.names = itertools.cycle(names)

    def __call__(self, request):
        with self.lock:
            name = next(self.names)
        return servers.says(request, "A", model=name)


@pytest.fixture
def asked(openai_server):
    """The server, and the option that names its model."""
    server = openai_server(Aliased(DATED[0]))
    server.option = f"--vlm-model=openai/m?base_url={server.url}"
    return server


def warnings(result):
    return [line for line in result.outlines if " answered as " in line]


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["one process", "workers"])
def test_a_model_that_changes_in_the_middle_of_a_run_is_named(comparing, asked, workers):
    asked.respond = Aliased(*DATED)
    result = comparing.runpytest_subprocess(asked.option, *workers)
    (line,) = warnings(result)
    assert " answered as m-2026-01 (12 new replies) and m-2026-03 (12 new replies): " in line
    assert "the provider changed the model in the middle of this run; " in line
    assert "--vlm-cache=refresh" in line


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["one process", "workers"])
def test_stored_replies_of_another_model_are_told_from_new_ones(comparing, asked, workers):
    comparing.runpytest(asked.option, "-k", "test_valid")
    asked.respond = Aliased(DATED[1])
    prompt = comparing.path / "prompts" / "less_contrast.md"
    prompt.write_text("---\nattribute: contrast\ndirection: less\n---\nWhich has less contrast? A or B.")
    comparing.makepyfile(
        test_less="""
        def test_less(vlm, stimuli, prompts):
            vlm.compare(stimuli("levels").pairs(within="scene"), prompts["less_contrast"]).wins()
        """
    )
    (line,) = warnings(comparing.runpytest_subprocess(asked.option, *workers))
    assert " answered as m-2026-01 (24 stored replies) and m-2026-03 (24 new replies): " in line
    assert line.endswith("the provider changed the model since they were stored; ask all anew with --vlm-cache=refresh")
    # Now all are stored, and still of two models.
    (line,) = warnings(comparing.runpytest(asked.option))
    assert " answered as m-2026-01 (24 stored replies) and m-2026-03 (24 stored replies): " in line
    # What the advice does.
    assert warnings(comparing.runpytest(asked.option, "--vlm-cache=refresh")) == []


def test_an_alias_that_stays_one_model_is_no_news(comparing, asked):
    assert warnings(comparing.runpytest(asked.option)) == []
    assert warnings(comparing.runpytest(asked.option)) == []


def test_a_recording_of_two_models_is_to_be_recorded_anew(comparing, asked):
    asked.respond = Aliased(*DATED)
    comparing.runpytest(asked.option, "--vlm-record=r.jsonl")
    (line,) = warnings(comparing.runpytest(asked.option, "--vlm-replay=r.jsonl"))
    assert "m-2026-01 (12 stored replies) and m-2026-03 (12 stored replies)" in line
    assert line.endswith("ask all anew with --vlm-cache=refresh, and record that with --vlm-record")


@pytest.mark.parametrize("wire", ["anthropic", "google", "openai"])
def test_every_vendor_s_own_field_is_read(comparing, anthropic_server, gemini_server, openai_server, wire):
    server = {"anthropic": anthropic_server, "google": gemini_server, "openai": openai_server}[wire](Aliased(*DATED))
    (line,) = warnings(comparing.runpytest(f"--vlm-model={wire}/m?base_url={server.url}"))
    assert "m-2026-01 (12 new replies) and m-2026-03 (12 new replies)" in line


GONE = {
    "no such model": servers.no_model(),
    "gone": servers.error(410, "Gone."),
    "words": servers.error(404, "The model `m` has been deprecated."),
}


@pytest.mark.parametrize("gone", GONE.values(), ids=GONE)
@pytest.mark.parametrize("wire", ["anthropic", "google", "openai"])
def test_a_retired_model_is_unavailable_and_says_so(
    comparing, anthropic_server, gemini_server, openai_server, wire, gone
):
    server = {"anthropic": anthropic_server, "google": gemini_server, "openai": openai_server}[wire](gone)
    result = comparing.runpytest(f"--vlm-model={wire}/m?base_url={server.url}")
    assert result.ret == 11
    words = gone(servers.Request("POST", "/v1/chat/completions", {}, {}, "", (), 0.0)).body["error"]["message"]
    result.stdout.fnmatch_lines([
        f"unavailable *HTTP 4*: {words.rstrip('.')}; is it retired? name another with --vlm-model, *test_order",
        f"{wire}/m*: * failures: 24 model, *",
    ])


def test_an_address_without_a_model_may_be_wrong(comparing, openai_server):
    server = openai_server(servers.error(404, "Not Found"))
    result = comparing.runpytest(f"--vlm-model=openai/m?base_url={server.url}/v2")
    assert result.ret == 11
    result.stdout.fnmatch_lines(["unavailable *HTTP 404: Not Found; is base_url right, and the model not retired?*"])
