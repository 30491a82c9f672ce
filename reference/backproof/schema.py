"""The published JSON Schema of a spec: `python -m backproof.schema` writes it anew."""

import json
from pathlib import Path
from typing import Any

from backproof.spec import ModelSpec

PATH = Path(__file__).with_name("model_spec.schema.json")
DIALECT = "https://json-schema.org/draft/2020-12/schema"
ID = "urn:backproof:model-spec:1"


def build() -> dict[str, Any]:
    """Return the schema. What no schema can say (that shapes fit, that names differ) is checked on reading."""
    schema = ModelSpec.model_json_schema()
    schema["title"] = "backproof model spec"
    return {"$schema": DIALECT, "$id": ID, **schema}


def text() -> str:
    """Return the schema as it is written to the file."""
    return json.dumps(build(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PATH.write_text(text(), encoding="utf-8")
