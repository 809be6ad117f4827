"""A YAML file as plain data that remembers where everything stands.

Nothing is constructed but str, int, float, bool and None, so no tag can run code. Scalars follow YAML 1.2 where 1.1
surprises: `on` and `no` are words, dates and `1:30` are text, so a rule may have the key `on` without quotes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import yaml

from taxonomy.errors import Problem, TaxonomyError

_MAX_BYTES = 8_000_000
_BaseLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C parser is ten times faster where it is built

Location = tuple[str | int, ...]


class _Loader(_BaseLoader):  # type: ignore[misc]  # which base it is depends on the build of PyYAML
    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012  # PyYAML's own contract


for _tag, _form, _first in (
    ("tag:yaml.org,2002:null", r"^(?:~|null|)$", ["~", "n", ""]),
    ("tag:yaml.org,2002:bool", r"^(?:true|false)$", ["t", "f"]),
    ("tag:yaml.org,2002:int", r"^[-+]?(?:0|[1-9][0-9]*)$", list("-+0123456789")),
    ("tag:yaml.org,2002:float", r"^[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$", list("-+.0123456789")),
):
    _Loader.add_implicit_resolver(_tag, re.compile(_form), _first)


class Source:
    """The content of one YAML file, and the position of each of its values."""

    def __init__(self, file: str, content: bytes) -> None:
        """Raise TaxonomyError where it is not UTF-8, not YAML, has a key twice or uses what taxonomies do without."""
        self.file = file
        self._problems: list[Problem] = []
        self._seen: set[int] = set()
        self._root = self._compose(content)
        self.data: Any = self._value(self._root)
        if self._problems:
            raise TaxonomyError(self._problems)

    def problem(self, location: Sequence[str | int], message: str, advice: str, *, key: bool = False) -> Problem:
        """A problem at the value that `location` leads to (its nearest existing parent); with `key`, at its key."""
        node = self._find(location, key)
        return self._at(node, message, advice)

    def _compose(self, content: bytes) -> yaml.Node:
        if len(content) > _MAX_BYTES:
            raise TaxonomyError([self._whole("the file is larger than 8 MB", "Split it; a taxonomy is far smaller")])
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = content[: error.start].count(b"\n") + 1
            problem = Problem(self.file, line, 1, "the file is not UTF-8", "Save it with the encoding UTF-8")
            raise TaxonomyError([problem]) from error
        try:
            root = yaml.compose(text, Loader=_Loader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line, column = (mark.line, mark.column) if mark else (0, 0)
            what = " ".join(part for part in (error.context, error.problem) if part)
            advice = "Mend the YAML here or on the line above: indentation, quotes, a colon inside a bare text"
            raise TaxonomyError(
                [Problem(self.file, line + 1, column + 1, f"this is not YAML: {what}", advice)]
            ) from error
        except (yaml.YAMLError, RecursionError) as error:
            advice = "Remove control characters and deep nesting"
            raise TaxonomyError([self._whole(f"this is not YAML: {error}", advice)]) from error
        if root is None:
            raise TaxonomyError([self._whole("the file is empty", "Start from docs/taxonomy.md")])
        return root

    def _value(self, node: yaml.Node) -> Any:
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        if id(node) in self._seen:
            self._problems.append(self._at(node, "an alias (*name) is used", "Write the value out"))
            return None
        self._seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            return [self._value(item) for item in node.value]
        return self._mapping(node)

    def _mapping(self, node: yaml.Node) -> dict[str, Any]:
        found: dict[str, Any] = {}
        first: dict[str, int] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._problems.append(self._at(key_node, "a key is not a word", "Use a plain word before the colon"))
                continue
            key = str(key_node.value)
            if key in first:
                what = f"the key {key!r} stands here twice, first on line {first[key]}"
                self._problems.append(self._at(key_node, what, "Remove one, or put both values into one"))
                continue
            first[key] = key_node.start_mark.line + 1
            found[key] = self._value(value_node)
        return found

    def _scalar(self, node: yaml.ScalarNode) -> str | int | float | bool | None:
        kind = node.tag.removeprefix("tag:yaml.org,2002:")
        text = str(node.value)
        if kind == "str":
            return text
        if kind == "null":
            return None
        if kind == "bool" and text in ("true", "false"):
            return text == "true"
        try:
            if kind == "int":
                return int(text)
            if kind == "float":
                return float(text)
        except ValueError:
            pass
        self._problems.append(self._at(node, f"the tag {node.tag} is not known here", "Write a plain value"))
        return None

    def _find(self, location: Sequence[str | int], key: bool) -> yaml.Node:
        """Walk down as far as the file goes; what pydantic adds to a location (union tags) has no node: passed over."""
        node, mark = self._root, self._root
        for step in location:
            if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
                node = mark = node.value[step]
            elif isinstance(node, yaml.MappingNode):
                for key_node, value_node in node.value:
                    if isinstance(key_node, yaml.ScalarNode) and key_node.value == step:
                        node, mark = value_node, key_node
                        break
        return mark if key else node

    def _at(self, node: yaml.Node, message: str, advice: str) -> Problem:
        return Problem(self.file, node.start_mark.line + 1, node.start_mark.column + 1, message, advice)

    def _whole(self, message: str, advice: str) -> Problem:
        return Problem(self.file, None, None, message, advice)
