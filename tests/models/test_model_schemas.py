"""Replies held to a schema, over HTTP with the real SDKs."""

from __future__ import annotations

import json

import pytest
import servers
from servers import Request, Response, says, serve

from pytest_vlmperception import Rubric, RubricQuestion, Stimulus
from pytest_vlmperception.calling.keys import key_of, key_parts
from pytest_vlmperception.errors import CallError, ModelError
from pytest_vlmperception.models import Provider, create, parse
from pytest_vlmperception.models.base import Identity
from pytest_vlmperception.records import Hint, Picture, Question
from pytest_vlmperception.tasks import grade_trials

RUBRIC = Rubric(
    "mixed",
    "Look.",
    (
        RubricQuestion("there", "Is there a ring?", check={"class": "ring", "at_least": 1}),
        RubricQuestion("a_last_one", "How good is it?", (0, 2)),
    ),
    "weighted",
)
PICTURE = Picture("x", lambda: ("image/png", b"pixels"))
(TRIAL,) = grade_trials((Stimulus("x", PICTURE),), RUBRIC, 1)
QUESTION = TRIAL.question

SCHEMA = {
    "type": "object",
    "properties": {
        "there": {"type": "string", "enum": ["yes", "no"]},
        "a_last_one": {"type": "integer", "enum": [0, 1, 2]},
    },
    "required": ["there", "a_last_one"],
    "additionalProperties": False,
}


def model(provider: str, url: str, query: str = "") -> Provider:
    return create(parse(f"{provider}/m?base_url={url}{query and '&' + query}", trusted=True))


def obedient(request: Request) -> Response:
    """Answer what the schema of the request allows, as a server that holds its model to it."""
    schema = schema_in(request)
    return says(request, json.dumps({name: least(value) for name, value in schema["properties"].items()}))


def schema_in(request: Request) -> dict:
    if request.api == "gemini":
        return request.body["generationConfig"]["responseSchema"]
    if request.api == "responses":
        return request.body["text"]["format"]["schema"]
    return request.body["response_format"]["json_schema"]["schema"]


def least(value: dict) -> object:
    return value["enum"][0] if "enum" in value else value["minimum"]


def test_chat_completions_get_a_response_format(openai_server):
    server = openai_server(obedient)
    reply = model("openai", server.url).ask(QUESTION)
    (request,) = server.requests
    assert request.body["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "answer", "strict": True, "schema": SCHEMA},
    }
    # Models answer in the order of the schema.
    assert list(schema_in(request)["properties"]) == ["there", "a_last_one"]
    assert reply.text == '{"there": "yes", "a_last_one": 0}'


def test_responses_get_a_text_format(openai_server):
    server = openai_server(obedient)
    reply = model("openai", server.url, "api=responses").ask(QUESTION)
    (request,) = server.requests
    assert request.body["text"] == {
        "format": {"type": "json_schema", "name": "answer", "strict": True, "schema": SCHEMA}
    }
    assert reply.text == '{"there": "yes", "a_last_one": 0}'


def test_gemini_gets_a_response_schema(gemini_server):
    server = gemini_server(obedient)
    reply = model("google", server.url).ask(QUESTION)
    (request,) = server.requests
    config = request.body["generationConfig"]
    assert config["responseMimeType"] == "application/json"
    schema = dict(config["responseSchema"])
    # The SDK writes this one field as in Python; the API takes either spelling.
    ordering = schema.pop("property_ordering", None) or schema.pop("propertyOrdering")
    assert ordering == ["there", "a_last_one"]
    assert schema == {
        "type": "OBJECT",
        "properties": {
            "there": {"type": "STRING", "format": "enum", "enum": ["yes", "no"]},
            "a_last_one": {"type": "INTEGER", "minimum": 0, "maximum": 2},
        },
        "required": ["there", "a_last_one"],
    }
    assert json.loads(reply.text) == {"there": "yes", "a_last_one": 0}


def test_anthropic_is_asked_by_the_prompt_alone(anthropic_server):
    server = anthropic_server(servers.letter('{"there": "no", "a_last_one": 1}'))
    assert model("anthropic", server.url).ask(QUESTION).text == '{"there": "no", "a_last_one": 1}'
    (request,) = server.requests
    assert set(request.body) == {"model", "messages", "max_tokens"}
    assert request.text == QUESTION.prompt


@pytest.mark.parametrize(
    ("provider", "query"), [("openai", ""), ("openai", "api=responses"), ("google", ""), ("anthropic", "")]
)
def test_checks_and_questions_without_a_schema_send_nothing_new(provider, query):
    plain = Question("Is there a ring?", (PICTURE,), task=Hint("describe"))
    hinted = Question("Is there a ring?", (PICTURE,), task=Hint("grade", checks=('{"check":"hidden"}',)))
    with serve({"google": "gemini"}.get(provider, provider)) as server:
        asked = model(provider, server.url, query)
        asked.ask(plain)
        asked.ask(hinted)
    one, two = (request.body for request in server.requests)
    assert one == two
    assert "hidden" not in json.dumps(two)
    assert not {"response_format", "text"} & set(one)
    assert "responseSchema" not in one.get("generationConfig", {})


def test_a_server_that_refuses_schemas_can_do_without(openai_server):
    def fussy(request: Request) -> Response:
        if "response_format" in request.body:
            return servers.error(400, "response_format is not supported", "unsupported_parameter")(request)
        return says(request, "{}")

    server = openai_server(fussy)
    with pytest.raises(CallError, match="response_format is not supported"):
        model("openai", server.url).ask(QUESTION)
    assert model("openai", server.url, "structured=off").ask(QUESTION).text == "{}"


def test_structured_is_on_or_off():
    with pytest.raises(ModelError, match="structured='maybe' cannot be used: expected one of on, off"):
        model("openai", "http://127.0.0.1:1/v1", "structured=maybe")


# Keys


def parts(identity: Identity, question: Question) -> dict:
    return key_parts(identity, question)


def test_a_schema_is_in_the_key_where_it_is_sent():
    url = "http://127.0.0.1:1"
    sent = [model("openai", f"{url}/v1"), model("google", url)]
    not_sent = [
        model("openai", f"{url}/v1", "structured=off"),
        model("anthropic", url),
        create(parse("observer", trusted=True)),
    ]
    assert all(parts(each.identity, QUESTION)["schema"] == QUESTION.schema for each in sent)
    assert not any("schema" in parts(each.identity, QUESTION) for each in not_sent)


def test_keys_of_other_questions_stay():
    question = Question("Which?", (PICTURE,), ("A", "B"), 0, Hint("compare", "contrast", "more", ("A", "B")))
    identity = Identity("openai", "m", {"api": "chat"}, "http://x/v1", 1, takes_schema=True)
    # Of the version before there were schemas and checks.
    assert key_of(parts(identity, question)) == key_of({
        "provider": "openai",
        "model": "m",
        "parameters": {"api": "chat"},
        "base_url": "http://x/v1",
        "adapter": 1,
        "prompt": "Which?",
        "choices": ["A", "B"],
        "pictures": [PICTURE.sha256],
        "repeat": 0,
    })
    observer = create(parse("observer", trusted=True)).identity
    assert parts(observer, question)["task"] == ["compare", "contrast", "more", ["A", "B"]]
    assert "checks" not in parts(observer, question)


def test_checks_are_in_the_observer_s_key_alone():
    observer = create(parse("observer", trusted=True)).identity
    assert parts(observer, QUESTION)["checks"] == [
        '{"check":{"at_least":1,"class":"ring"},"question":"there"}',
        '{"check":{},"question":"a_last_one"}',
    ]
    assert "checks" not in parts(Identity("openai", "m", takes_schema=True), QUESTION)


def test_turning_schemas_off_changes_no_other_key():
    plain = Question("Which?", (PICTURE,))
    on, off = (model("openai", "http://127.0.0.1:1/v1", query).identity for query in ("", "structured=off"))
    assert key_of(parts(on, plain)) == key_of(parts(off, plain))
    assert key_of(parts(on, QUESTION)) != key_of(parts(off, QUESTION))
