"""Image generators as a user meets them: made, stored, recorded, shown to other models, planned and paid."""

from __future__ import annotations

import itertools
import re
import sqlite3
import time
from contextlib import closing

import pytest
import servers
from fakes import plain_png

SUITE = """
    import pytest

    @pytest.fixture(scope="module")
    def made(image_model):
        return image_model.generate(["a cat", "a dog"], repeats=2)

    def test_made(made):
        assert made.valid_share() == 1.0

    def test_seen(vlm, made):
        described = vlm.describe(made.stimuli, "Describe it.")
        assert described.valid_share() >= 0.99

    def test_rounds(image_model, made):
        stimuli = made.stimuli
        for instruction in ("Make it night.", "Add snow."):
            edited = image_model.edit(stimuli, instruction)
            stimuli = edited.stimuli
        assert edited.valid_share() == 1.0
        assert len({stimulus.sha256 for stimulus in stimuli}) == 4
"""
CALLS = {"images": 4 + 2 * 4, "chat": 4}


def draws_and_sees(draw=None, words="a picture"):
    """Answer as a generator of pictures that all differ, and as a model that sees."""
    count = itertools.count()
    draws = servers.draws(draw or (lambda request: plain_png(f"{request.text} {next(count)}")))
    return lambda request: draws(request) if request.api == "images" else servers.says(request, words)


@pytest.fixture
def server(openai_server):
    return openai_server(draws_and_sees())


def models(server, query=""):
    return (
        f"--vlm-image-model=openai/gpt-image-2?base_url={server.url}{query}",
        f"--vlm-model=openai/x?base_url={server.url}",
    )


def calls(server):
    return {api: sum(request.api == api for request in server.requests) for api in ("images", "chat")}


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["one process", "two workers"])
def test_a_run_makes_shows_and_edits_and_the_next_one_asks_nothing(pytester, server, workers):
    pytester.makepyfile(SUITE)
    result = pytester.runpytest_subprocess(*models(server), *workers)
    result.assert_outcomes(passed=3)
    assert calls(server) == CALLS
    server.requests.clear()
    result = pytester.runpytest_subprocess(*models(server), *workers)
    result.assert_outcomes(passed=3)
    assert not server.requests


def rows(pytester):
    with closing(sqlite3.connect(pytester.path / ".vlm/cache/cache.db")) as connection:
        return dict(connection.execute("SELECT key, value FROM Cache WHERE key LIKE 'picture/%'").fetchall())


@pytest.mark.parametrize("change", ["value = X'00'", "value = X'89504E470D0A1A0A'", "key = 'lost/' || rowid"])
def test_pictures_are_stored_once_and_what_is_damaged_is_made_anew(pytester, server, change):
    server.respond = draws_and_sees(lambda request: plain_png(request.text))
    pytester.makepyfile(SUITE)
    pytester.runpytest(*models(server), "-k", "test_made").assert_outcomes(passed=1)
    # Four replies, but two different pictures.
    stored = rows(pytester)
    assert sorted(stored.values()) == sorted([plain_png("a cat"), plain_png("a dog")])
    with closing(sqlite3.connect(pytester.path / ".vlm/cache/cache.db")) as connection, connection:
        connection.execute(f"UPDATE Cache SET {change} WHERE key LIKE 'picture/%'")
    server.requests.clear()
    pytester.runpytest(*models(server), "-k", "test_made").assert_outcomes(passed=1)
    assert calls(server) == {"images": 4, "chat": 0}
    assert rows(pytester) == stored


# Recordings


def record(pytester, server):
    pytester.makepyfile(SUITE)
    pytester.runpytest(*models(server), "--vlm-record=r.jsonl").assert_outcomes(passed=3)
    server.requests.clear()
    return pytester.path / "r.jsonl.pictures"


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["one process", "two workers"])
def test_a_recording_holds_the_pictures_beside_it(pytester, server, workers):
    folder = record(pytester, server)
    names = [path.name for path in folder.iterdir()]
    assert len(names) == CALLS["images"]
    assert all(re.fullmatch(r"[0-9a-f]{64}\.png", name) for name in names)
    folder.chmod(0o500)
    result = pytester.runpytest_subprocess(*models(server), "--vlm-replay=r.jsonl", *workers)
    folder.chmod(0o700)
    result.assert_outcomes(passed=3)
    assert not server.requests


def test_recording_again_replaces_the_pictures(pytester, server):
    folder = record(pytester, server)
    before = {path.name for path in folder.iterdir()}
    (folder / "notes.txt").write_text("mine")
    pytester.runpytest(*models(server), "--vlm-record=r.jsonl", "--vlm-cache=refresh", "-k", "test_made")
    after = {path.name for path in folder.iterdir()}
    assert len(after) == 4 + 1
    assert after & before == set()
    assert "notes.txt" in after
    pytester.runpytest(*models(server), "--vlm-replay=r.jsonl", "-k", "test_made").assert_outcomes(passed=1)


def other_picture(path):
    path.write_bytes(plain_png("another"))


def no_picture(path):
    path.write_bytes(b"no picture")


def cut_off(path):
    path.write_bytes(path.read_bytes()[:-1])


def link(path):
    copy = path.parent.parent / "copy.png"
    path.rename(copy)
    path.symlink_to(copy)


def huge(path):
    with path.open("wb") as file:
        file.truncate(33 * 2**20)


@pytest.mark.parametrize(
    ("tamper", "message"),
    [
        (other_picture, "was changed since it was recorded"),
        (no_picture, "was changed since it was recorded"),
        (cut_off, "was changed since it was recorded"),
        (link, "is a link"),
        (huge, "has more than 33554432 bytes"),
        (lambda path: path.unlink(), "cannot be read"),
        (lambda path: (path.unlink(), path.mkdir()), "cannot be read"),
    ],
    ids=["other picture", "no picture", "cut off", "link", "huge", "lost", "folder"],
)
def test_a_picture_that_was_tampered_with_is_refused(pytester, server, tamper, message):
    folder = record(pytester, server)
    tamper(min(folder.iterdir()))
    result = pytester.runpytest(*models(server), "--vlm-replay=r.jsonl")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*recording *r.jsonl, line * is refused: its picture *{message}*record again*"])


def test_a_folder_of_pictures_that_is_a_link_is_refused(pytester, server):
    folder = record(pytester, server)
    folder.rename(pytester.path / "elsewhere")
    folder.symlink_to(pytester.path / "elsewhere")
    result = pytester.runpytest(*models(server), "--vlm-replay=r.jsonl")
    result.stderr.fnmatch_lines(["*the folder of its pictures, r.jsonl.pictures, is a link or no folder*"])
    result = pytester.runpytest(*models(server), "--vlm-record=r.jsonl")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*recording *r.jsonl cannot be written: the folder of its pictures, *is a link*"])
    assert not server.requests


# Outcomes


OUTCOME = """
    def test_made(image_model):
        made = image_model.generate(["a cat", "a gun"], min_valid=0.5)
        assert made.valid_share() >= 0.5
        made["a gun"].value

    def test_seen(vlm, image_model):
        made = image_model.generate(["a cat", "a gun"])
        described = vlm.describe(made.stimuli, "Describe it.", min_valid=0.5)
        assert described["a-cat-0"].text == "a picture"
        assert described.share(lambda stimulus, said: said.text == "a picture") == 1.0
        described["a-gun-0"].text
"""


def sometimes(respond, word="gun"):
    usual = draws_and_sees()
    return lambda request: respond(request) if word in request.text else usual(request)


@pytest.mark.parametrize(
    ("respond", "query", "outcome", "reason"),
    [
        (servers.blocked_prompt("moderation_blocked"), "", "inconclusive", "filtered: Your request was rejected*"),
        (
            servers.draws(lambda request: plain_png("x")[:50]),
            "",
            "inconclusive",
            "truncated: *is no whole PNG picture*",
        ),
        (servers.draws_base64(lambda request: "iVBORw0"), "", "inconclusive", "truncated: the picture is broken*"),
        (
            servers.draws(lambda request: plain_png("x", (24, 16))),
            "&size=16x16",
            "inconclusive",
            "wrong size: asked 16x16, got 24x16*",
        ),
        (servers.error(400, "Bad request.", "bad"), "", "unavailable", "request: *HTTP 400: Bad request.*"),
    ],
    ids=["moderation", "half-finished", "broken base64", "wrong size", "request"],
)
def test_each_failure_is_told_and_costs_the_others_nothing(pytester, server, respond, query, outcome, reason):
    server.respond = sometimes(respond)
    pytester.makepyfile(OUTCOME)
    result = pytester.runpytest(*models(server, query))
    assert result.ret == {"inconclusive": 10, "unavailable": 11}[outcome]
    result.stdout.fnmatch_lines([f"{outcome} *{reason}", f"{outcome} *picture a-gun-0 was not made: {reason}"])
    assert calls(server) == {"images": 2, "chat": 1}


def test_busy_and_broken_servers_are_asked_again(pytester, server):
    usual = draws_and_sees()
    server.respond = servers.first(2, servers.busy("0.1"), servers.first(2, servers.broken(), usual))
    pytester.makepyfile(SUITE)
    pytester.runpytest(*models(server), "-k", "test_made").assert_outcomes(passed=1)
    assert calls(server)["images"] == 4 + 4


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["one process", "two workers"])
def test_a_failed_test_does_not_wait_for_what_is_put_off(pytester, server, workers):
    server.respond = servers.slow(1.0, draws_and_sees())
    pytester.makepyfile("""
        def test_fails(vlm, image_model):
            made = image_model.generate(["a cat", "a dog"])
            for k in range(20):
                made = image_model.edit(made.stimuli, f"Change {k}.")
            vlm.describe(made.stimuli, "Describe it.")
            assert False
    """)
    begin = time.monotonic()
    result = pytester.runpytest_subprocess(*models(server), "-x", *workers, timeout=60)
    result.assert_outcomes(failed=1)
    assert time.monotonic() - begin < 20
    assert calls(server)["images"] <= 2
    assert calls(server)["chat"] == 0


# Names, plan and money


def test_tests_run_once_for_each_model(pytester, server):
    pytester.makepyfile("""
        def test_one(image_model):
            assert image_model.generate("a cat").valid_share() == 1.0

        def test_all(image_models):
            assert [model.generate("a cat").valid_share() for model in image_models.values()] == [1.0, 1.0]
    """)
    other = f"--vlm-image-model=openai/flux?base_url={server.url}"
    result = pytester.runpytest(*models(server), other, "-v")
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines([
        f"*::test_one?openai/gpt-image-2?base_url={server.url}? PASSED*",
        f"*::test_one?openai/flux?base_url={server.url}? PASSED*",
        "*::test_all PASSED*",
    ])
    result = pytester.runpytest(*models(server), "-v", "-k", "test_one")
    result.stdout.fnmatch_lines(["*::test_one PASSED*"])


def test_snapshots_hold_no_model(pytester, server):
    server.respond = draws_and_sees(words="The woman smiles happily.")
    pytester.makepyfile("""
        def test_sees(vlm, image_model, percept_snapshot):
            described = vlm.describe(image_model.generate("a cat").stimuli, "Describe it.")
            assert described["a-cat-0"] == percept_snapshot
    """)
    result = pytester.runpytest(*models(server), "--snapshot-update")
    result.stdout.fnmatch_lines(["*1 snapshot generated*"])
    other = f"--vlm-image-model=openai/flux?base_url={server.url}"
    result = pytester.runpytest(*models(server), other)
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["*1 snapshot passed*"])


def test_verdicts_name_the_models(pytester, server):
    pytester.makepyfile(SUITE)
    result = pytester.runpytest(*models(server))
    result.stdout.fnmatch_lines([f"passed *openai/gpt-image-2?base_url={server.url} + openai/x*test_seen"])


def test_only_what_the_selected_tests_need_is_made(pytester, server):
    pytester.makepyfile("""
        import pytest

        from pytest_vlmperception import Prompt

        PROMPTS = [Prompt(name, f"a photo of a {name}") for name in ("cat", "dog", "cow")]

        @pytest.fixture(scope="module")
        def made(image_model):
            return image_model.generate(PROMPTS)

        @pytest.mark.parametrize("prompt", PROMPTS, ids=str)
        def test_made(made, prompt):
            assert made[prompt].status == "answered"
    """)
    pytester.runpytest(*models(server), "-k", "dog").assert_outcomes(passed=1, deselected=2)
    assert [request.text for request in server.requests] == ["a photo of a dog"]


PRICES = """
[tool.pytest_vlmperception.prices."openai/gpt-image-2"]
input_usd_per_million = 5
output_usd_per_million = 30

[tool.pytest_vlmperception.prices."openai/x"]
input_usd_per_million = 1
output_usd_per_million = 1
"""


def test_a_plan_counts_what_it_knows(pytester, server):
    pytester.makepyfile(SUITE)
    pytester.makepyprojecttoml(PRICES)
    result = pytester.runpytest(*models(server, "&size=1024x1024&quality=low"), "--vlm-plan")
    assert (result.ret, server.requests) == (0, [])
    result.assert_outcomes(skipped=3)
    lines = [line for line in result.outlines if line.startswith("plan ")]
    # Four pictures, four first edits of them, and what comes after that reading is not known.
    assert re.search(r"openai/gpt-image-2\S*: at least 12 calls, 0 stored", lines[0])
    assert f"{12 * 272} out" in lines[0]
    assert re.search(r"openai/x\S*: at least 4 calls, 0 stored", lines[1])


def test_a_run_says_what_its_pictures_cost(pytester, server):
    pytester.makepyfile(SUITE)
    pytester.makepyprojecttoml(PRICES)
    result = pytester.runpytest(*models(server), "-k", "test_made")
    # Four times 10 tokens in at USD 5 and 1056 out at USD 30 a million.
    result.stdout.fnmatch_lines(["openai/gpt-image-2*4 calls*USD 0.13*"])


def test_a_budget_holds_for_pictures(pytester, server):
    pytester.makepyfile(SUITE)
    pytester.makepyprojecttoml(PRICES)
    # A picture of medium quality is reserved at 1056 tokens, some USD 0.032, and costs as much.
    query = "&size=1024x1024&quality=medium"
    result = pytester.runpytest(*models(server, query), "-k", "test_made", "--vlm-budget=0.07")
    assert calls(server)["images"] == 2
    assert result.ret == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--vlm-image-model=opnai/x"], "*no provider 'opnai'; did you mean 'openai'*"),
        (["--vlm-image-model=openai/gpt-image-2?size=big"], "*size='big' cannot be used: expected a size such as*"),
        (["--vlm-image-model=openai/flux", "--vlm-budget=1"], "*the price of 'openai/flux' is not known; set it in*"),
    ],
)
def test_what_cannot_be_used_is_refused_before_collection(pytester, options, message):
    pytester.makepyfile("def test_it(): pass")
    result = pytester.runpytest(*options)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([message])


# The built-in painter

SHAPES = """
    def test_shapes(vlm, image_model):
        made = image_model.generate(["a red circle", "two blue squares"], repeats=2)
        edited = image_model.edit(made.stimuli.select(["a-red-circle-0"]), "make the circle green")
        assert made.valid_share() >= 0.99
        assert edited.valid_share() >= 0.99
        vlm.describe([*made.stimuli, *edited.stimuli], "Describe it.").wait()

    def test_what_it_cannot_draw(vlm, image_model):
        made = image_model.generate("the meaning of life")
        assert vlm.describe(made.stimuli, "Describe it.").valid_share() >= 0.99
"""


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["one process", "two workers"])
def test_the_painter_is_the_default_and_its_refusals_skip_a_test(pytester, server, workers):
    pytester.makepyfile(SHAPES)
    result = pytester.runpytest_subprocess(models(server)[1], *workers)
    result.assert_outcomes(passed=1, skipped=1)
    result.stdout.fnmatch_lines(["skipped *picture the-meaning-of-life-0 was not made: *the painter draws*"])
    assert calls(server) == {"images": 0, "chat": 5}


def test_the_painter_stands_in_for_itself_in_a_plan(pytester, server):
    pytester.makepyfile(SHAPES)
    result = pytester.runpytest(models(server)[1], "--vlm-plan", "-k", "test_shapes")
    assert (result.ret, server.requests) == (0, [])
    result.stdout.fnmatch_lines_random(["plan  painter: *5 calls, 0 stored, *", "plan  openai/x*: *5 calls, 0 stored*"])
    assert not rows(pytester)


def test_other_generators_plans_are_known_up_to_their_pictures(pytester, server):
    pytester.makepyfile("""
        def test_rounds(vlm, image_model):
            made = image_model.generate(["a cat", "a dog"])
            again = image_model.edit(made.stimuli, "Make it night.")
            described = vlm.describe(again.stimuli, "Describe it.")
            described.wait()
    """)
    result = pytester.runpytest(*models(server), "--vlm-plan")
    assert (result.ret, server.requests) == (0, [])
    result.stdout.fnmatch_lines_random([
        "plan  openai/gpt-image-2*: at least 4 calls, 0 stored, *",
        "plan  openai/x*: at least 2 calls, 0 stored, *what follows from answers that are not there yet is not known",
    ])
