"""Block Kit's limits, as Slack checks them (https://docs.slack.dev/reference/block-kit/blocks)."""

import re
from collections.abc import Iterator
from typing import Any

from .errors import ApiError
from .journal import Json

TYPES = {
    *("actions", "alert", "call", "card", "carousel", "context", "context_actions", "data_table", "divider", "file", "header", "image"),
    *("input", "markdown", "plan", "rich_text", "section", "table", "task_card", "video"),
}
TEXT_LIMITS = {"section": 3000, "header": 150, "markdown": 12_000}
ELEMENT_LIMITS = {"actions": 25, "context": 10, "context_actions": 5}
MOST_BLOCKS = 50
LONGEST_LABEL = 2000
LONGEST_INPUT = 3000


def checked(blocks: Any) -> list[Json] | None:
    """Return the blocks with ids for those that have none; None for none. Raises ApiError invalid_blocks or invalid_blocks_format."""
    if blocks is None:
        return None
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        raise ApiError("invalid_blocks_format")
    problems = list(_problems(blocks))
    if problems:
        raise ApiError("invalid_blocks", errors=problems, response_metadata={"messages": [f"[ERROR] {problem}" for problem in problems]})
    ids = [block.get("block_id") or f"b{number}" for number, block in enumerate(blocks)]
    return [{**block, "block_id": ids[number], **_named_elements(block, number)} for number, block in enumerate(blocks)]


def _named_elements(block: Json, number: int) -> Json:
    """Give an action_id to what can be clicked and has none, as Slack does."""
    if block["type"] == "input":
        return {"element": {"action_id": f"a{number}", **block["element"]}}
    if block["type"] not in ("actions", "context_actions"):
        return {}
    return {"elements": [{"action_id": f"a{number}_{turn}", **element} for turn, element in enumerate(block["elements"])]}


def _problems(blocks: list[Json]) -> Iterator[str]:
    if len(blocks) > MOST_BLOCKS:
        yield f"no more than {MOST_BLOCKS} items allowed [json-pointer:/blocks]"
    ids = [block["block_id"] for block in blocks if block.get("block_id")]
    if len(ids) != len(set(ids)):
        yield "block_id must be unique [json-pointer:/blocks]"
    for number, block in enumerate(blocks):
        for problem in _block_problems(block):
            yield f"{problem} [json-pointer:/blocks/{number}]"


def _block_problems(block: Json) -> Iterator[str]:
    type = block.get("type")
    if type not in TYPES:
        yield f"unsupported type: {type}"
        return
    if len(str(block.get("block_id", ""))) > 255:
        yield "block_id must be at most 255 characters"
    yield from _text_problems(type, block)
    if type in ELEMENT_LIMITS:
        elements = block.get("elements")
        if not isinstance(elements, list) or not elements or len(elements) > ELEMENT_LIMITS[type]:
            yield f"elements must have 1 to {ELEMENT_LIMITS[type]} items"
            return
        if type != "context":
            yield from (problem for element in elements for problem in _element_problems(element))
    if type == "section" and block.get("accessory"):
        yield from _element_problems(block["accessory"])
    if type == "input":
        yield from _input_problems(block)


def _text_problems(type: str, block: Json) -> Iterator[str]:
    if type not in TEXT_LIMITS:
        return
    text = block.get("text") if type != "markdown" else {"text": block.get("text")}
    fields = block.get("fields") if type == "section" else None
    if text is None and fields:
        if len(fields) > 10 or any(len(each.get("text", "")) > 2000 for each in fields):
            yield "fields must have at most 10 items of at most 2000 characters"
    elif not isinstance(text, dict) or not text.get("text"):
        yield "missing required field: text"
    elif len(text["text"]) > TEXT_LIMITS[type]:
        yield f"must be less than {TEXT_LIMITS[type] + 1} characters"


def _input_problems(block: Json) -> Iterator[str]:
    """https://docs.slack.dev/reference/block-kit/blocks/input-block and …/block-elements/plain-text-input-element"""
    label, element = block.get("label") or {}, block.get("element") or {}
    if label.get("type") != "plain_text" or not 0 < len(label.get("text", "")) <= LONGEST_LABEL:
        yield f"an input's label must be plain_text of 1 to {LONGEST_LABEL} characters"
    if element.get("type") != "plain_text_input":
        yield f"unsupported element of an input: {element.get('type')}"
        return
    yield from _element_problems(element)
    longest = element.get("max_length", LONGEST_INPUT)
    if not 0 < longest <= LONGEST_INPUT or len(element.get("initial_value", "")) > longest:
        yield f"max_length must be 1 to {LONGEST_INPUT}, and initial_value no longer than that"


def _element_problems(element: Any) -> Iterator[str]:
    if not isinstance(element, dict) or not element.get("type"):
        yield "missing required field: type"
        return
    if len(element.get("action_id", "")) > 255:
        yield "action_id must be at most 255 characters"
    if len(str(element.get("value", ""))) > 2000:
        yield "value must be at most 2000 characters"
    if element["type"] == "button":
        label = (element.get("text") or {}).get("text", "")
        if not label or len(label) > 75:
            yield "a button's text must have 1 to 75 characters"
        if (element.get("text") or {}).get("type") != "plain_text":
            yield "a button's text must be plain_text"
        if element.get("style", "primary") not in ("primary", "danger"):
            yield "style must be primary or danger"


def entered(blocks: list[Json], typed: Json) -> Json:
    """Return what stands in the fields of a message, as a click tells it: `typed` by action, else what stood there first."""
    fields = [(block, block["element"]) for block in blocks if block["type"] == "input"]
    found: Json = {}
    for block, element in fields:
        value = str(typed.get(element["action_id"], element.get("initial_value", "")))[: element.get("max_length", LONGEST_INPUT)]
        found[block["block_id"]] = {element["action_id"]: {"type": element["type"], "value": value or None}}
    return found


def clickables(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Return each (block, element) that can be clicked."""
    for block in blocks:
        elements = block.get("elements", []) if block["type"] in ("actions", "context_actions") else []
        for element in [*elements, *([block["accessory"]] if block.get("accessory") else [])]:
            yield block, element


def labels(element: Json) -> dict[str, Json]:
    """Return what a click on each of the element's labels adds to the action: a button's value, a menu's option."""
    if element["type"] == "feedback_buttons":
        parts = [element[key] for key in ("positive_button", "negative_button") if key in element]
        return {part["text"]["text"]: {"value": part.get("value"), "text": part["text"]} for part in parts}
    options = element.get("options")
    if options:
        return {option["text"]["text"]: {"selected_option": option} for option in options}
    own: Json = {key: element[key] for key in ("value", "text", "style", "url") if key in element}
    name = (element.get("text") or {}).get("text") or element.get("alt_text") or element.get("accessibility_label") or element["type"]
    return {_without_emoji_codes(name): own} | ({name: own} if name else {})


def _without_emoji_codes(label: str) -> str:
    return re.sub(r":[a-z0-9_+-]+:\s*", "", label).strip() or label
