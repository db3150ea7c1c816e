"""Keys and passwords appear in nothing that the program says, logs or stores."""

import json
import logging
from dataclasses import replace

import pytest

from assistant import Assistant, UserError
from assistant.doctor import as_text, examine
from assistant.secrets import without_secrets
from assistant.settings import Settings
from tests.fakes_chat import ScriptedChat

KEY = "sk-very-secret-0123456789"
QUESTION = "When did Northfield Hospital appoint its first chief medical officer?"


def test_values_of_variables_that_hold_keys_are_masked() -> None:
    environment = {"OPENAI_API_KEY": KEY, "HF_TOKEN": KEY[:12], "DB_PASSWORD": "abc", "PATH": "/usr/bin/env"}
    masked = without_secrets(f"{KEY} and {KEY[:12]} in /usr/bin/env, abc", environment=environment)
    assert masked == "*** and *** in /usr/bin/env, abc"


def test_a_provider_that_repeats_the_key_does_not_leak_it(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    caplog.set_level(logging.DEBUG)
    failing = ScriptedChat(script=[RuntimeError(f"401: incorrect key {KEY} for http://me:{KEY}@host/v1")])
    answer = replace(assistant, chat=failing, model="scripted").answer(QUESTION)
    assert answer.status == "answered"
    assert "401" in answer.reason
    assert KEY not in json.dumps(answer.to_dict())
    with pytest.raises(UserError) as told:
        replace(assistant, chat=failing, model="scripted", fallback=False).answer(QUESTION)
    assert KEY not in str(told.value)
    assert KEY not in caplog.text


def test_the_doctor_shows_addresses_without_their_passwords(
    small_index: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    settings = Settings(index=str(small_index), base_url=f"http://me:{KEY}@127.0.0.1:9/v1")
    findings = examine(settings)
    assert KEY not in json.dumps(findings)
    assert "http://***@127.0.0.1:9/v1" in as_text(findings)
