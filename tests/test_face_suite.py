"""The facial-expression suite: with the observer, with a worse one, and with a model that sees a smile in everything."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import lookalikes
import servers

ROOT = Path(__file__).parent.parent
SUITE = ROOT / "suites" / "facial_expression"

GRIN = (
    "The eyebrows are raised, the eyes are narrowed and the corners of the mouth are turned up in a broad smile. "
    "The person looks very happy."
)


def run(tmp_path: Path, *options: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "pytest", str(SUITE), "-p", "no:cacheprovider", f"--vlm-cache-dir={tmp_path}"]
    result = subprocess.run([*command, *options], capture_output=True, text=True, timeout=300)
    return result.returncode, result.stdout


def test_the_observer_passes_and_says_what_it_skips(tmp_path: Path) -> None:
    code, output = run(tmp_path, "-rs")
    assert code == 0, output
    assert "few plain areas, as photographs do" in output
    assert re.search("--vlm-data[ =]caer_s=", output)
    assert re.search(r"Spearman rho 0\.9\d+ \[.*\] >= 0\.8, n = 6 identities", output)
    # A face that is asked about alone is drawn and asked alone.
    code, output = run(tmp_path / "alone", "-k", "test_polarity and ada-fear-E and not stays")
    assert code == 0, output
    assert re.search(r"\b1 calls?, 0 hits", output)


def test_photographs_of_a_data_set(tmp_path: Path, openai_server) -> None:
    happy = "The corners of the mouth are turned up in a smile. The person looks happy."
    server = openai_server(lambda request: servers.says(request, happy))
    frames = lookalikes.caer_s(tmp_path / "caer", frames=20)
    model = f"--vlm-model=openai/x?base_url={server.url}"
    code, output = run(tmp_path / "cache", model, f"--vlm-data=caer_s={frames}", "-k", "caer_s", "-rA")
    assert code == 1
    outcomes = dict(outcomes_of(output))
    assert outcomes["test_polarity[happiness]"] == outcomes["test_identifies_nobody"] == "PASSED"
    assert outcomes["test_polarity[sadness]"] == outcomes["test_polarity[anger]"] == "FAILED"
    # A sentence is none of the labels: that decides nothing.
    assert re.search(r"^inconclusive .*test_caer_s\.py::test_labels", output, re.MULTILINE)


def test_a_worse_observer_fails(tmp_path: Path) -> None:
    code, output = run(tmp_path, "--vlm-model=observer?noise=8", "-k", "valence or balanced or overall")
    assert code == 1
    assert re.search(r"Spearman rho -?0\.\d+ .*>= 0\.8", output)
    assert re.search(r"balanced accuracy 0\.\d+ .*>= 0\.7", output)


def test_a_model_that_always_sees_a_smile_fails_where_it_should(tmp_path: Path, openai_server) -> None:
    server = openai_server(lambda request: servers.says(request, GRIN))
    selected = "overall or names or cites or nobody or mirrored or no_emotion or ada-happiness or ada-fear"
    code, output = run(tmp_path, f"--vlm-model=openai/x?base_url={server.url}", "-k", selected, "-rA")
    assert code == 1
    outcomes = dict(outcomes_of(output))
    assert {name for name, outcome in outcomes.items() if outcome == "FAILED"} >= {
        "test_polarity[ada-fear-C]",
        "test_polarity_overall",
        "test_names_the_emotion[often confused]",
        "test_names_the_emotion[hardly classifiable]",
        "test_sees_no_emotion_where_there_is_no_face[blank-255]",
        "test_sees_no_emotion_where_there_is_no_face[text-only]",
    }
    assert {name for name, outcome in outcomes.items() if outcome == "PASSED"} >= {
        "test_polarity[ada-happiness-C]",
        "test_cites_the_features",
        "test_identifies_nobody",
        "test_polarity_stays[mirrored]",
    }
    # The text-only control is asked without a picture.
    assert [len(request.pictures) for request in server.requests].count(0) == 1


def outcomes_of(output: str) -> list[tuple[str, str]]:
    """Return the names of tests, without their model, and their outcomes."""
    found = re.findall(r"^(PASSED|FAILED) \S+?::([^\n]+?)(?: - .*)?$", output, re.MULTILINE)
    return [(name, outcome) for outcome, name in found]
