"""Asking for an answer in a given shape, from the strictest way to the plainest, and reading what comes back."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, ValidationError

from stores.model import Said, Shape

Format = Literal["json_schema", "json_object", "plain"]
FORMATS: tuple[Format, ...] = ("json_schema", "json_object", "plain")

_FENCED = re.compile(r"```(?:json)?\s*(.*?)\s*```", re.S)
_THOUGHT = re.compile(r"\A\s*<think>.*?</think>", re.S)  # open models put their thoughts before the answer


def response_format(form: Format, shape: type[BaseModel]) -> dict[str, Any]:
    """The part of the request that names the format."""
    if form == "plain":
        return {}
    if form == "json_object":
        return {"response_format": {"type": "json_object"}}
    return {"response_format": {"type": "json_schema", "json_schema": {"name": shape.__name__, "strict": True, "schema": strict(shape)}}}


def asking(form: Format, prompt: Sequence[Said], shape: type[BaseModel]) -> list[Said]:
    """The prompt; where the format does not carry the schema, the last instruction does."""
    if form == "json_schema":
        return list(prompt)
    schema = json.dumps(strict(shape), ensure_ascii=False)
    wanted = f"Answer with one JSON object and nothing else, neither prose nor a code fence. It must fit this JSON schema:\n{schema}"
    first, rest = prompt[:1], prompt[1:]
    if first and first[0].role == "system":
        return [Said("system", f"{first[0].content}\n\n{wanted}"), *rest]
    return [Said("system", wanted), *prompt]


def read(text: str, shape: type[Shape]) -> Shape:
    """The answer in its shape. Thoughts and a code fence around it are forgiven. Raises pydantic's `ValidationError`."""
    text = _THOUGHT.sub("", text).strip()
    fenced = _FENCED.search(text) if not text.startswith("{") else None
    return shape.model_validate_json(fenced[1] if fenced else text)


def complaint(wrong: ValidationError) -> str:
    """What is wrong with an answer, for the model that gave it."""
    errors = wrong.errors(include_url=False, include_input=False, include_context=False)[:10]
    lines = [f"- {'.'.join(map(str, e['loc'])) or 'the whole answer'}: {e['msg']}" for e in errors]
    return "Your answer does not fit the schema. Give the whole answer again, corrected.\n" + "\n".join(lines)


def strict(shape: type[BaseModel]) -> dict[str, Any]:
    """The JSON schema as strict structured output wants it: each object closed, and each of its properties required. Titles, which
    repeat the names, are left out: each call pays for them.

    See https://platform.openai.com/docs/guides/structured-outputs
    """
    closed = _closed(shape.model_json_schema())
    assert isinstance(closed, dict)
    return closed


def _closed(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    parts = {name: _closed(part) for name, part in schema.items() if name != "default" and not (name == "title" and isinstance(part, str))}
    if "properties" in parts:
        parts |= {"additionalProperties": False, "required": list(parts["properties"])}
    return parts
