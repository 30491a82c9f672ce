"""The part of YAML that is JSON: mappings, lists, strings, numbers, true, false and null.

YAML 1.1, as PyYAML reads it, makes `no` a boolean, `1e-3` a string and `1:30` a number of seconds. Here an
unquoted word is null, true, false or a JSON number where it looks like one, and a string otherwise. Tags are
refused. The text is taken event by event, without recursion, and a node that is used again through an alias
counts again, so that neither deep nesting nor an alias bomb does harm.
"""

import re
from typing import Any

from backproof.errors import SpecError

MAX_DEPTH = 100
MAX_NODES = 1_000_000

_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}
_INTEGER = re.compile(r"[-+]?[0-9]{1,400}")
_NUMBER = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?")


class _Collection:
    """A mapping or list that is still being read."""

    def __init__(self, is_mapping: bool, anchor: str | None) -> None:
        self.value: Any = {} if is_mapping else []
        self.anchor = anchor
        self.key: Any = None
        self.awaits_key = is_mapping
        self.nodes = 1


def loads_yaml(text: str, source: str) -> Any:
    """Return the data of one YAML document.

    Raises
    ------
    SpecError
        With line and column, if the text is no YAML, has more than one document or none, repeats a key, uses a
        tag, is nested more than `MAX_DEPTH` deep or unfolds to more than `MAX_NODES` nodes.
    """
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return _build(yaml.parse(text, Loader=loader), source)
    except yaml.MarkedYAMLError as error:
        raise _problem(source, error.problem_mark, error.problem or str(error)) from None
    except yaml.YAMLError as error:
        raise SpecError(f"{source}: {' '.join(str(error).split())}") from None


def dumps_yaml(data: Any) -> str:
    """Return `data` as YAML that both this module and a YAML 1.1 reader take for the same."""
    import yaml

    class Dumper(yaml.SafeDumper):
        """Quotes what only this module would take for a number, such as the string `1e5`."""

        def ignore_aliases(self, data: Any) -> bool:
            return True

    Dumper.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(f"^{_NUMBER.pattern}$"), None)
    return yaml.dump(data, Dumper=Dumper, sort_keys=False, allow_unicode=True)


def _build(events: Any, source: str) -> Any:
    import yaml

    open_ones: list[_Collection] = []
    anchors: dict[str, tuple[Any, int]] = {}
    documents: list[Any] = []

    def add(value: Any, nodes: int, mark: Any) -> None:
        if not open_ones:
            documents.append(value)
            return
        parent = open_ones[-1]
        parent.nodes += nodes
        if parent.nodes > MAX_NODES:
            raise _problem(source, mark, f"expected at most {MAX_NODES:,} nodes, aliases unfolded")
        if isinstance(parent.value, list):
            parent.value.append(value)
        elif parent.awaits_key:
            if not isinstance(value, str):
                raise _problem(source, mark, f"expected a string as key, found {value!r:.40}")
            if value in parent.value:
                raise _problem(source, mark, f"the key {value!r:.40} appears twice")
            parent.key, parent.awaits_key = value, False
        else:
            parent.value[parent.key], parent.awaits_key = value, True

    for event in events:
        mark = event.start_mark
        if isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent) and event.tag:
            raise _problem(source, mark, f"tags are not allowed, found {event.tag[:60]}")
        if isinstance(event, yaml.DocumentStartEvent) and documents:
            raise _problem(source, mark, "expected one document, found another")
        if isinstance(event, yaml.ScalarEvent):
            value = _scalar(event.value) if event.implicit[0] else event.value
            if event.anchor:
                anchors[event.anchor] = value, 1
            add(value, 1, mark)
        elif isinstance(event, yaml.AliasEvent):
            if event.anchor not in anchors:
                raise _problem(source, mark, f"the alias *{event.anchor} stands for nothing that is complete")
            add(*anchors[event.anchor], mark)
        elif isinstance(event, yaml.CollectionStartEvent):
            if len(open_ones) == MAX_DEPTH:
                raise _problem(source, mark, f"nested more than {MAX_DEPTH} deep")
            open_ones.append(_Collection(isinstance(event, yaml.MappingStartEvent), event.anchor))
        elif isinstance(event, yaml.CollectionEndEvent):
            done = open_ones.pop()
            if done.anchor:
                anchors[done.anchor] = done.value, done.nodes
            add(done.value, done.nodes, mark)
    if not documents:
        raise SpecError(f"{source}: expected one document, found none")
    return documents[0]


def _scalar(text: str) -> Any:
    """Return what an unquoted word stands for."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else text


def _problem(source: str, mark: Any, message: str) -> SpecError:
    place = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
    return SpecError(f"{source}{place}: {message}")
