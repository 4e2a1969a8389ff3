"""Every comparison of an estimate is judged by the policy, wherever it stands, and shown."""

from __future__ import annotations

import pytest

# 2 of 2 scenes are valid: the value is 1, Wilson's lower bound 0.342. Only the policy `confident` says no.
SOFT = 'vlm.compare(stimuli("levels").pairs(within="scene"), prompts["more_contrast"]).valid_share()'

PLACES = {
    "body": f"def test_it(vlm, stimuli, prompts):\n    assert {SOFT} >= 0.9",
    "getfixturevalue": f"def test_it(request, stimuli, prompts):\n    vlm = request.getfixturevalue('vlm')\n    assert {SOFT} >= 0.9",
    "late import": "def test_it():\n    from pytest_vlmperception import Estimate\n    assert Estimate(1.0, 0.3, 1.0, 2) >= 0.9",
    "thread": f"""
def test_it(vlm, stimuli, prompts):
    import contextvars
    assert contextvars.copy_context().run(lambda: {SOFT} >= 0.9)
""",
    "async": f"""
import pytest

@pytest.fixture(scope="module")
def anyio_backend():
    return "asyncio"

@pytest.fixture(scope="module")
async def prepared(anyio_backend):
    return 1

@pytest.mark.anyio
async def test_it(prepared, vlm, stimuli, prompts):
    assert {SOFT} >= 0.9
""",
    "class": f"class TestIt:\n    def test_it(self, vlm, stimuli, prompts):\n        assert {SOFT} >= 0.9",
}


@pytest.mark.parametrize("source", PLACES.values(), ids=PLACES.keys())
def test_policy_reaches(suite, source):
    suite.makepyfile(source)
    suite.runpytest("--vlm-gate=point").assert_outcomes(passed=1)
    result = suite.runpytest("--vlm-gate=confident")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["failed * >= 0.9 (confident), n = 2 *"])


FIXTURES = {
    "setup": f"""
import pytest

@pytest.fixture
def gate(vlm, stimuli, prompts):
    assert all([{SOFT} >= 0.9])

def test_it(gate): pass
""",
    "teardown": f"""
import pytest

@pytest.fixture
def gate(vlm, stimuli, prompts):
    yield
    assert {SOFT} >= 0.9

def test_it(gate): pass
""",
}


@pytest.mark.parametrize("source", FIXTURES.values(), ids=FIXTURES.keys())
def test_policy_reaches_fixtures(suite, source):
    suite.makepyfile(source)
    result = suite.runpytest("--vlm-gate=confident")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines([
        "*valid share 1 >= 0.9 does not hold (policy confident: *",
        "failed * valid share 1 *",
    ])


def test_a_comparison_that_fails_no_test_is_not_called_failed(suite):
    suite.makepyfile(f"def test_it(vlm, stimuli, prompts):\n    assert not {SOFT} < 0.5")
    result = suite.runpytest()
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["not held      valid share 1 [[]0.342, 1] < 0.5, *"])


def test_unittest_cases_are_judged_and_skipped_like_any_other(suite):
    suite.makepyfile(
        """
        import unittest
        from pytest_vlmperception import Estimate
        from pytest_vlmperception.errors import CannotJudge

        class TestIt(unittest.TestCase):
            def test_estimate(self):
                self.assertTrue(Estimate(1.0, 0.3, 1.0, 2) >= 0.9)

            def test_skip(self):
                raise CannotJudge("no measure")
        """
    )
    suite.runpytest("--vlm-gate=confident").assert_outcomes(failed=1, skipped=1)


BACKGROUND = """
import time
from pytest_vlmperception import StimulusSet

LEVELS = StimulusSet.load("stimuli/levels.toml", beside=__file__)

def test_model(vlm):
    vlm.compare(LEVELS.pairs(), "Which has more contrast?")
    vlm.describe(LEVELS, "What is it?")["cup1"].text

def test_plain():
    time.sleep(0.3)
"""


def test_calls_in_the_background_of_a_plain_test_do_not_make_it_one_of_a_model(suite):
    suite.makepyfile(BACKGROUND)
    result = suite.runpytest()
    result.assert_outcomes(passed=1, skipped=1)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["no test was judged, so the run is not green*"])


def test_an_expected_failure_that_was_inconclusive_is_no_judgement(suite):
    suite.makepyfile(
        """
        import pytest
        from pytest_vlmperception import Estimate

        @pytest.mark.xfail
        def test_it(vlm):
            assert Estimate(float("nan"), reason="no data") >= 0.9
        """
    )
    assert suite.runpytest().ret == pytest.ExitCode.TESTS_FAILED


OWN = {
    "parametrize": "@pytest.mark.parametrize('vlm', ['observer'], indirect=True)\ndef test_it(vlm): assert vlm.name == 'observer'",
    "list": "@pytest.mark.parametrize(['vlm', 'n'], [('observer', 1)], indirect=['vlm'])\ndef test_it(vlm, n): pass",
    "keyword": "@pytest.mark.parametrize(argnames='vlm', argvalues=['observer'], indirect=True)\ndef test_it(vlm): pass",
    "foreign fixture": "@pytest.fixture\ndef vlm(tmp_path): return tmp_path\n\ndef test_it(vlm): assert vlm.is_dir()",
    "foreign parameters": "@pytest.fixture(params=[1])\ndef vlm(request): return request.param\n\ndef test_it(vlm): assert vlm == 1",
    "built on ours": "@pytest.fixture\ndef vlm(vlm): return vlm.name\n\ndef test_it(vlm): assert vlm == 'observer'",
    "array beside it": "import numpy\n@pytest.fixture(scope='module')\ndef said(vlm, stimuli): return vlm.describe(stimuli('levels'), 'x')\n\n@pytest.mark.parametrize('w', [numpy.array([1., 2.])])\ndef test_it(said, w): assert len(said) == 8",
}


@pytest.mark.parametrize("source", OWN.values(), ids=OWN.keys())
def test_a_suite_may_have_its_own(suite, source):
    suite.makepyfile(f"import pytest\n\n{source}")
    suite.runpytest().assert_outcomes(passed=1)


def test_a_model_that_is_not_under_test_is_named(suite):
    suite.makepyfile(
        "import pytest\n\n@pytest.mark.parametrize('vlm', ['obsrver'], indirect=True)\ndef test_it(vlm): pass"
    )
    result = suite.runpytest()
    result.stdout.fnmatch_lines(["*'obsrver' is none of the models under test; did you mean 'observer'?*"])


def test_a_secret_in_a_base_url_is_shown_nowhere(comparing, openai_server):
    server = openai_server()
    url = f"{server.url}?token=hunter2"
    result = comparing.runpytest(f"--vlm-model=openai/x?base_url={url}", "--junitxml=j.xml", "-v", "-rA")
    shown = result.stdout.str() + result.stderr.str() + (comparing.path / "j.xml").read_text()
    stored = b"".join(
        path.read_bytes() for path in comparing.path.rglob("*") if path.is_file() and path.name != "j.xml"
    )
    assert "hunter2" not in shown
    assert b"hunter2" not in stored
    assert server.requests[0].path.endswith("token=hunter2")


def test_ends_without_a_verdict_in_a_rehearsal(comparing):
    assert comparing.runpytest("--setup-plan").ret == 0
