"""Validates documents against JSON Schemas, by the validator that Python programs use.

Reads one JSON object from stdin: schemas by kind, and documents, a list of {what, kind, document}. Prints a list of what
is wrong, in words. Each document is validated three times: as it is; with more fields everywhere, as a later version may
print it; and against a schema that allows no field that it does not name, because a forgotten one would pass otherwise.
"""

import json
import re
import sys

from jsonschema import Draft202012Validator, FormatChecker

FORMATS = FormatChecker(formats=())


@FORMATS.checks("date-time")
def is_time_in_utc(text):
    return not isinstance(text, str) or bool(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", text))


def closed(schema):
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    schema = {name: closed(part) for name, part in schema.items()}
    if isinstance(schema.get("properties"), dict) and schema.get("type") == "object":
        schema["additionalProperties"] = False
    return schema


def grown(document):
    if isinstance(document, list):
        return [grown(part) for part in document]
    if not isinstance(document, dict):
        return document
    return {name: grown(part) for name, part in document.items()} | {"addedLater": "text"}


def complaints(given):
    for schema in given["schemas"].values():
        Draft202012Validator.check_schema(schema)
    validators = {kind: Draft202012Validator(schema, format_checker=FORMATS) for kind, schema in given["schemas"].items()}
    strict = {kind: Draft202012Validator(closed(schema)) for kind, schema in given["schemas"].items()}
    for item in given["documents"]:
        what, kind, document = item["what"], item["kind"], item["document"]
        for how, validator, seen in (
            ("", validators[kind], document),
            ("of a later version: ", validators[kind], grown(document)),
            ("has more than the schema names: ", strict[kind], document),
        ):
            for error in validator.iter_errors(seen):
                yield f"{what}: {how}{error.json_path}: {error.message}"


print(json.dumps(list(complaints(json.load(sys.stdin)))))
