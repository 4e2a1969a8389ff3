"""Files that were not written by this package: refused in one line, never misread."""

from __future__ import annotations

import copy
import hashlib
import json
import math
import os
import random
from dataclasses import asdict

import pytest
from baseline_samples import BASELINES, baseline, everything
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_vlmperception.errors import BaselineError
from pytest_vlmperception.gate.baselines import read_baseline, write_baseline
from pytest_vlmperception.gate.baselines.text import MAX_BYTES, rendered


@pytest.fixture
def path(tmp_path):
    return write_baseline(tmp_path, baseline(), bless=False)


def signed(content):
    """The file as a forger who knows the format would make it."""
    lines = rendered({name: value for name, value in content.items() if name != "sha256"}, "") + "\n"
    digest = hashlib.sha256(lines.encode("utf-8", "surrogatepass")).hexdigest()
    return f'{{\n  "sha256": "{digest}",\n{lines[2:]}'.encode("utf-8", "surrogatepass")


def refusal(path):
    """Read a baseline; return it with an empty text, or None with the error."""
    try:
        return read_baseline(path.parent, "main"), ""
    except BaselineError as error:
        message = str(error)
    assert message.isprintable()
    assert f"baseline {path} is refused: " in message
    assert len(message) < len(str(path)) + 400
    return None, message


def test_the_forger_of_these_tests_can_write_baselines(path):
    assert signed(json.loads(path.read_bytes())) == path.read_bytes()


CHANGES = {
    "a digit": lambda data: data.replace(b"0.87", b"0.97"),
    "a digest": lambda data: data.replace(b'"sha256": "', b'"sha256": "0', 1),
    "a blank": lambda data: data.replace(b"  ", b"   ", 1),
    "an escape": lambda data: data.replace("日本".encode(), b"\\u65e5\\u672c"),
    "another way to write a number": lambda data: data.replace(b"0.87", b"8.7e-1"),
    "no last line end": lambda data: data[:-1],
    "more at the end": lambda data: data + b"\n",
    "order": lambda data: data.replace(b'"name": "main",\n', b"").replace(
        b'"reason"', b'"name": "main",\n  "reason"', 1
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_what_was_changed_by_hand_is_refused(path, change):
    before = path.read_bytes()
    path.write_bytes(change(before))
    assert path.read_bytes() != before
    remedy = "restore it from version control, or delete it and write it anew with --vlm-save main"
    with pytest.raises(BaselineError, match=f"refused: it was changed since it was written; {remedy}"):
        read_baseline(path.parent, "main")


ESTIMATE = ["measurements", 0, "estimate"]
FORGED = {
    "newer": (["format"], 2, r"written by a newer version of pytest-vlmperception \(format 2\); upgrade$"),
    "much newer": (["format"], 10**4000, r"newer version .*\(format 10000000000000000000\); upgrade$"),
    "older": (["format"], 0, "it has no format, as every baseline does"),
    "format true": (["format"], True, "it has no format"),
    "format a text": (["format"], "1", "it has no format"),
    "another name": (["name"], "other", "the baseline 'other' under another name"),
    "a path as name": (["name"], "../x", r"cannot be called '\.\./x'"),
    "bool for a count": ([*ESTIMATE, "n"], True, "measurements: estimate: n: expected a count"),
    "float for a count": ([*ESTIMATE, "n"], 20.0, "n: expected a count"),
    "negative count": ([*ESTIMATE, "missing"], -1, "missing: expected a count"),
    "count beyond measure": ([*ESTIMATE, "n"], 10**30, "n: expected a count"),
    "int for a number": ([*ESTIMATE, "value"], 1, "value: expected a number, null, 'inf' or '-inf'"),
    "bool for a number": ([*ESTIMATE, "value"], True, "value: expected a number"),
    "text for a number": ([*ESTIMATE, "replicates"], [0.5, "0.5"], "replicates: expected a number"),
    "list for a number": ([*ESTIMATE, "replicates"], [[0.5]], "replicates: expected a number"),
    "number for a list": ([*ESTIMATE, "replicates"], 0.5, "replicates: expected a list"),
    "object for a list": ([*ESTIMATE, "units"], {}, "units: expected a list"),
    "a row too short": ([*ESTIMATE, "units"], [["a"]], "units: expected a list of 2"),
    "number for a bool": ([*ESTIMATE, "unavailable"], 0, "unavailable: expected true or false"),
    "number for a text": ([*ESTIMATE, "reason"], 0, "reason: expected a text"),
    "unknown scale": ([*ESTIMATE, "scale"], "cubic", "scale: expected one of linear, log"),
    "list for a choice": (["measurements", 0, "comparator"], [], "comparator: expected one of >=, >, <=, <"),
    "no threshold": (["measurements", 0, "threshold"], None, "has a threshold, margin or level that is no such number"),
    "more": ([*ESTIMATE, "secret"], "abc", "estimate: there is more than value, low, high"),
    "list for an object": (ESTIMATE, [], "estimate: expected an object"),
    "list for a mapping": (["tests"], [], "tests: expected an object"),
    "outcome a number": (["tests"], {"a": 1}, "tests: expected a text"),
    "scoring": (["scoring"], 0, "scoring=0; expected a count"),
    "date": (["written"], "never", "written='never'; expected"),
    "two of a key": (["measurements"], "twice", "measured 2 times"),
}


@pytest.mark.parametrize(("place", "value", "reason"), FORGED.values(), ids=FORGED.keys())
def test_what_a_forger_signs_is_refused_by_its_place(path, place, value, reason):
    content = json.loads(path.read_bytes())
    part = content
    for step in place[:-1]:
        part = part[step]
    part[place[-1]] = part[place[-1]] * 2 if value == "twice" else value
    path.write_bytes(signed(content))
    assert refusal(path)[0] is None
    with pytest.raises(BaselineError, match=reason):
        read_baseline(path.parent, "main")


@pytest.mark.parametrize("field", ["scoring", "measurements", "name"])
def test_a_field_that_is_not_there_is_named(path, field):
    content = json.loads(path.read_bytes())
    del content[field]
    path.write_bytes(signed(content))
    with pytest.raises(BaselineError, match=f"refused: there is no '{field}'; restore it"):
        read_baseline(path.parent, "main")


RAW = {
    "empty": (b"", "no JSON"),
    "no json": (b"A cup.", "no JSON"),
    "no utf-8": (b"\xff\xfe{}", "it is not UTF-8"),
    "utf-16": ("{}".encode("utf-16"), "it is not UTF-8"),
    "byte order mark": (b"\xef\xbb\xbf{}", "no JSON: Unexpected UTF-8 BOM"),
    "a list": (b"[]", "it is no JSON object"),
    "no baseline": (b"{}", "it has no format"),
    "deep": (b"[" * 1_000_000, "no JSON"),
    "deep value": (b'{"format": 1, "name": ' + b"[" * 900 + b"]" * 900 + b"}", "there is no|no JSON"),
    "long number": (b'{"format": ' + b"1" * 10_000 + b"}", "no JSON"),
    "key twice": (b'{"format": 1, "format": 1}', "a key stands there twice"),
    "NaN": (b'{"format": NaN}', "NaN is no number"),
    "Infinity": (b'{"format": -Infinity}', "-Infinity is no number"),
    "conflict": (b'{\n<<<<<<< HEAD\n  "sha256": "a"\n=======\n>>>>>>> b\n}', "it holds a conflict of git"),
    "pickle": (b"\x80\x04cos\nsystem\n(S'false'\ntR.", "it is not UTF-8"),
}


@pytest.mark.parametrize(("data", "reason"), RAW.values(), ids=RAW.keys())
def test_what_is_no_baseline_is_refused(path, data, reason):
    path.write_bytes(data)
    assert refusal(path)[0] is None
    with pytest.raises(BaselineError, match=f"main.json is refused: .*({reason}).*; restore it .*--vlm-save main"):
        read_baseline(path.parent, "main")


def test_a_number_that_json_reads_as_infinite_is_refused(path):
    path.write_bytes(path.read_bytes().replace(b"0.87", b"1e999"))
    with pytest.raises(BaselineError, match="value: expected a number"):
        read_baseline(path.parent, "main")


def test_what_is_too_large_is_not_read(path):
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(BaselineError, match=r"it has 67,108,865 bytes; at most 67,108,864 are read"):
        read_baseline(path.parent, "main")


def test_no_content_of_a_foreign_file_is_shown(path):
    path.write_text('{"format": 1, "api_key": "sk-secret", "name": {"sk-secret": 1}}')
    assert "secret" not in refusal(path)[1]
    path.write_text("sk-secret")
    assert "secret" not in refusal(path)[1]


needs_links = pytest.mark.skipif(os.name == "nt", reason="needs links and pipes")


@needs_links
@pytest.mark.parametrize("kind", ["link", "dangling link", "loop", "pipe", "folder", "device"])
def test_what_is_no_file_is_refused_and_not_waited_for(path, tmp_path_factory, kind):
    outside = tmp_path_factory.mktemp("outside") / "main.json"
    path.rename(outside)
    match kind:
        case "link":
            path.symlink_to(outside)
        case "dangling link":
            path.symlink_to(outside.with_name("none"))
        case "loop":
            path.symlink_to(path)
        case "pipe":
            os.mkfifo(path)
        case "folder":
            path.mkdir()
        case "device":
            path.symlink_to("/dev/zero")
    with pytest.raises(BaselineError, match=r"main\.json is refused: it is no regular file; restore it"):
        read_baseline(path.parent, "main")
    with pytest.raises(BaselineError, match=r"there is a baseline 'main' .* already"):
        write_baseline(path.parent, baseline(), bless=False)
    with pytest.raises(BaselineError, match="it is no regular file"):
        write_baseline(path.parent, baseline(reason="why"), bless=True)
    assert outside.read_bytes()


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a user whom permissions bind")
def test_an_unreadable_file(path):
    path.chmod(0o000)
    with pytest.raises(BaselineError, match=r"refused: Permission denied; "):
        read_baseline(path.parent, "main")


# Mutations: each is read as what was written, or refused.

ODD = [
    None,
    True,
    False,
    0,
    -1,
    2,
    10**400,
    0.5,
    -0.0,
    1e308,
    "",
    "main",
    "1",
    "inf",
    "nan",
    "\x1b",
    [],
    [[]],
    [0.5],
    {},
]


def mutated_bytes(data, rng):
    """Flip, cut, double or insert a few bytes."""
    start, length = rng.randrange(len(data)), rng.choice([1, 1, 2, 9, 300])
    match rng.randrange(5):
        case 0:
            return data[:start] + bytes([data[start] ^ 1 << rng.randrange(8)]) + data[start + 1 :]
        case 1:
            return data[:start]
        case 2:
            return data[:start] + data[start + length :]
        case 3:
            return data[:start] + data[start : start + length] + data[start:]
        case _:
            return data[:start] + rng.randbytes(length) + data[start:]


def mutated_json(data, rng):
    """Change one value somewhere, and sign it as a forger would or leave it."""
    content = json.loads(data)
    parts, found = [content], []
    while parts:
        part = parts.pop()
        places = list(part) if isinstance(part, dict) else range(len(part))
        found += [(part, place) for place in places]
        parts += [part[place] for place in places if isinstance(part[place], dict | list)]
    part, place = rng.choice(found)
    match rng.randrange(5):
        case 0:
            del part[place]
        case 1 if isinstance(part, dict):
            part[rng.choice(["", "x", "format", "__class__", place.upper()])] = part[place]
        case 2 if isinstance(part, list):
            part.append(part[place])
        case 3:
            part[place] = copy.deepcopy(rng.choice(found)[0])
        case _:
            part[place] = rng.choice(ODD)
    return signed(content) if rng.random() < 0.8 else json.dumps(content, indent=2).encode()


def as_json(value):
    """What a baseline holds as JSON, by the rules in words: NaN is null, an infinite number a text, a tuple a list."""
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else str(value)
    if isinstance(value, dict):
        return {name: as_json(inner) for name, inner in value.items()}
    return list(map(as_json, value)) if isinstance(value, tuple) else value


def check(path, data, original):
    """A baseline that is read is what stands there, and unless a forger signed it, what was written."""
    found, _ = refusal(path)
    if found is None:
        return 0
    content = json.loads(data)
    assert {"sha256": content["sha256"], "format": 1, **as_json(asdict(found))} == content
    if everything(found) != original:
        assert signed(content) == data
        assert content["sha256"] not in original
    return 1


@pytest.mark.parametrize(("mutated", "fewest", "most"), [(mutated_bytes, 0, 99), (mutated_json, 100, 2500)])
def test_ten_thousand_mutations(path, monkeypatch, mutated, fewest, most):
    rng = random.Random(6)
    data, original = path.read_bytes(), everything(baseline())
    # Opening so many files would take most of the time.
    mutations = [mutated(data, rng) for _ in range(5000)]
    given_data = iter(mutations)
    monkeypatch.setattr("pytest_vlmperception.gate.baselines.folder.data_of", lambda _: next(given_data))
    # A forger may change a text or a number for another one; nobody else may change anything.
    assert fewest <= sum(check(path, mutation, original) for mutation in mutations) <= most


@settings(max_examples=100, suppress_health_check=list(HealthCheck), deadline=None)
@given(given_one=BASELINES, data=st.data())
def test_any_bit_of_any_baseline_counts(tmp_path_factory, given_one, data):
    path = write_baseline(tmp_path_factory.mktemp("baselines"), given_one, bless=False)
    content = bytearray(path.read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(content)
    assert refusal(path)[0] is None


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=200, suppress_health_check=list(HealthCheck), deadline=None)
@given(content=st.binary() | ANY_JSON.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_refused(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("baselines") / "main.json"
    path.write_bytes(content)
    assert refusal(path)[0] is None
