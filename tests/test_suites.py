"""The suites that ship: offline, again, with a worse observer, and over both wire protocols."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import servers
from PIL import Image
from skimage.color import rgb2lab

ROOT = Path(__file__).parent.parent
CONTRAST = ["-k", "test_alignment and contrast"]


def run(tmp_path, *options):
    command = [
        sys.executable,
        "-m",
        "pytest",
        str(ROOT / "suites"),
        "-p",
        "no:cacheprovider",
        f"--vlm-cache-dir={tmp_path}",
    ]
    result = subprocess.run([*command, *options], capture_output=True, text=True, timeout=300)
    return result.returncode, result.stdout


def totals(output):
    return re.search(r"(\d+) calls, (\d+) hits, (.*), tokens", output).groups()


# All suites twice: the first time they run in CI anyway, as README says.
@pytest.mark.slow
def test_offline_and_again(tmp_path):
    code, output = run(tmp_path)
    assert code == 0, output
    assert_whole(output)
    calls, hits, failures = totals(output)
    # Two blank pictures, no picture, and a portrait; two where matplotlib is installed. And 24 that nobody painted.
    assert re.fullmatch("failures: 2[89] cannot judge", failures)
    assert (int(calls) > 0, hits) == (True, "0")
    code, output = run(tmp_path, "-n", "2")
    assert (code, totals(output)) == (0, ("0", calls, failures))


def assert_whole(output):
    """Each part of the image-quality suite has told its number."""
    # Of preference the observer makes 0.6 of colorfulness and 0.4 of contrast.
    for told in (
        r"weight of contrast 0\.\d+ .* > 0, ",
        r"dominance of colorfulness over contrast (1|0\.9\d+) \[.*\] >= 0\.9",
        # Without noise no answer is wrong: all there is to know is that the threshold is below the smallest step.
        r"threshold at most 0\.03 \[0, 0\.03\] <= 0\.2, n = 216 trials",
    ):
        assert re.search(f"^passed  +{told}", output, re.MULTILINE), output
    for reason in ("give --vlm-model twice or more  3 tests", "then give --vlm-data people=PATH  6 tests"):
        assert re.search(f"^skipped .*{reason}$", output, re.MULTILINE), output
    # Node ids hold no model: they are the same before and after an upgrade.
    names = re.findall(r"  observer  (suites/\S+)", output)
    assert len(names) > 20
    assert not [name for name in names if "observer" in name]


def test_a_worse_observer_fails_with_the_reason(tmp_path):
    code, output = run(tmp_path, "--vlm-model=observer?noise=20", *CONTRAST)
    assert code == 1
    assert re.search(r"Spearman rho 0\.\d+ >= 0\.8 does not hold \(policy point\)", output)
    assert re.search(r"95 % interval \[.*\], n = 7 scenes", output)
    assert re.search(r"worst scenes: \w+ -?0\.\d+, ", output)


def rms_contrast(data):
    """The measure by another library, computed once for each picture."""
    return rgb2lab(np.asarray(Image.open(io.BytesIO(data)).convert("RGB")))[..., 0].std()


@pytest.mark.parametrize("wire", ["openai", "google"])
def test_over_the_wire(tmp_path, openai_server, gemini_server, wire):
    known: dict[bytes, float] = {}

    def judge(pictures):
        first, second = (
            known.setdefault(data, rms_contrast(data)) if data not in known else known[data] for data in pictures
        )
        return "A" if first > second else "B"

    server = (openai_server if wire == "openai" else gemini_server)(servers.judged(judge))
    code, output = run(tmp_path, f"--vlm-model={wire}/x?base_url={server.url}", *CONTRAST)
    assert code == 0, output
    assert "Spearman rho 1 [0.988, 1] >= 0.8" in output
    # 7 scenes x 21 pairs x 2 orders x 3 repeats, whose pictures arrived byte for byte
    assert len(server.requests) == 882
    assert len(known) == 49
