"""Amazon's published models: which requests its services accept."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path

import fastjsonschema

from .exchange import Call

FOLDER = Path(__file__).parent / "schemas" / "amazon"
#: formats that Amazon writes where it means a plain number or a text
_LOOSE_FORMATS = ("int32", "int64", "double", "float", "date-time", "uri")
_ANYTHING = r"^"
_DRAFT = "http://json-schema.org/draft-04/schema#"


@dataclass
class Operation:
    """One operation of a model.

    api: name of the model's file; path: expression that matches its paths
    """

    api: str
    name: str
    method: str
    path: re.Pattern
    parameters: list[dict]
    answer: dict
    definitions: dict = field(repr=False)

    @cached_property
    def _check_body(self):
        for parameter in self.parameters:
            if parameter["in"] == "body":
                return self.compile(parameter["schema"])
        return None

    def compile(self, schema: dict):
        """A function that raises for what a schema of this model does not allow."""
        return fastjsonschema.compile(
            {"$schema": _DRAFT, "allOf": [schema], "definitions": self.definitions},
            formats=dict.fromkeys(_LOOSE_FORMATS, _ANYTHING),
        )

    def refusal(self, call: Call) -> str:
        """What is wrong with a call, empty when the model allows it."""
        for parameter in self.parameters:
            if parameter["in"] == "query":
                wrong = _wrong_parameter(parameter, call.query.get(parameter["name"]))
                if wrong:
                    return wrong
        if self._check_body is None:
            return ""
        try:
            self._check_body(body(call))
        except ValueError:
            return "The request body is not valid JSON."
        except fastjsonschema.JsonSchemaValueException as error:
            return str(error.message).replace("data", "body", 1)
        return ""


def body(call: Call):
    """JSON of a call's body; explicit nulls count as absent, as Amazon takes them."""
    return _without_nulls(json.loads(call.body or b"null"))


class Models:
    """All operations of the models in a folder."""

    def __init__(self, folder: Path = FOLDER):
        self.operations = [
            operation for path in sorted(folder.glob("*.json")) for operation in _read(path)
        ]
        self._known: dict[tuple[str, str], Operation] = {
            (one.method, one.path.pattern): one
            for one in self.operations
            if "(" not in one.path.pattern
        }

    def find(self, method: str, path: str) -> Operation | None:
        """The operation of an address, None for none."""
        known = self._known.get((method, re.escape(path)))
        if known:
            return known
        for operation in self.operations:
            if operation.method == method and operation.path.fullmatch(path):
                return operation
        return None


def _read(path: Path):
    model = json.loads(path.read_text(encoding="utf-8"))
    for address, methods in model["paths"].items():
        expression = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(address))
        for method, operation in methods.items():
            yield Operation(
                api=path.stem,
                name=operation["operationId"],
                method=method.upper(),
                path=re.compile(expression),
                parameters=operation["parameters"],
                answer=operation["responses"]["200"]["schema"],
                definitions=model.get("definitions", {}),
            )


def _wrong_parameter(parameter: dict, given: list[str] | None) -> str:
    name = parameter["name"]
    if given is None or given == [""]:
        return f"Missing required parameter: {name}." if parameter.get("required") else ""
    if len(given) > 1:
        return f"{name}: repeated; lists are comma-separated."
    if parameter["type"] != "array":
        return _wrong_value(name, parameter, given[0])
    values = given[0].split(",")
    most, least = parameter.get("maxItems"), parameter.get("minItems", 0)
    if not least <= len(values) <= (most or len(values)):
        return f"{name}: {len(values)} values, at most {most} are allowed."
    wrong = (_wrong_value(name, parameter["items"], value) for value in values)
    return next(filter(None, wrong), "")


def _wrong_value(name: str, schema: dict, text: str) -> str:
    if schema["type"] == "integer":
        if not text.lstrip("-").isdigit():
            return f"{name}: {text!r} is not an integer."
        if not schema.get("minimum", -1e18) <= int(text) <= schema.get("maximum", 1e18):
            return f"{name}: {text} is out of range."
    if schema["type"] == "boolean" and text not in ("true", "false"):
        return f"{name}: {text!r} is not a boolean."
    if schema.get("format") == "date-time":
        try:
            datetime.fromisoformat(text)
        except ValueError:
            return f"{name}: {text!r} is not a date."
    if "enum" in schema and text not in schema["enum"]:
        return f"{name}: {text!r} is none of {', '.join(schema['enum'])}."
    return ""


def _without_nulls(value):
    if isinstance(value, dict):
        return {name: _without_nulls(one) for name, one in value.items() if one is not None}
    if isinstance(value, list):
        return [_without_nulls(one) for one in value]
    return value
