"""Which rooms import each other, and which types two rooms that do so both call by one name."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path


class Rooms:
    """The packages below *root*: each folder with modules is a room."""

    def __init__(self, root: Path, *tops: str) -> None:
        paths = [path for top in tops for path in sorted((root / top).rglob("*.py"))]
        named = {_name(path.relative_to(root)): path for path in paths}
        self._rooms = {
            name: name if path.name == "__init__.py" else name.rpartition(".")[0]
            for name, path in named.items()
        }
        self._trees = {name: ast.parse(path.read_text()) for name, path in named.items()}
        self._taken = {
            (each.module, alias.name)
            for tree in self._trees.values()
            for each in ast.walk(tree)
            if isinstance(each, ast.ImportFrom) and each.module
            for alias in each.names
        }
        self._meeting = {frozenset({room}) for room in self._rooms.values()}
        self._meeting |= {frozenset(pair) for pair in self._arrows()}

    def namesakes(self) -> list[str]:
        """Return each public type whose name is that of another, in a room that it meets."""
        places = defaultdict[str, list[str]](list)
        for module, tree in self._trees.items():
            for name in self._types(module, tree):
                places[name].append(module)
        return [
            f"{name}: {one}, {other}"
            for name, modules in sorted(places.items())
            for one, other in combinations(modules, 2)
            if frozenset({self._rooms[one], self._rooms[other]}) in self._meeting
        ]

    def _types(self, module: str, tree: ast.Module) -> Iterator[str]:
        """Yield the classes of *module*, and those aliases of a type that others import."""
        for node in tree.body:
            match node:
                case ast.ClassDef(name=name) if not name.startswith("_"):
                    yield name
                case ast.Assign(targets=[ast.Name(id=name)]) if (module, name) in self._taken:
                    if name[0].isupper() and not name.isupper():
                        yield name

    def _arrows(self) -> Iterator[tuple[str, str]]:
        for name, tree in self._trees.items():
            for node in ast.walk(tree):
                if isinstance(node, ast.ImportFrom) and node.module:
                    for alias in node.names:
                        whole = f"{node.module}.{alias.name}"
                        found = whole if whole in self._rooms else node.module
                        if found in self._rooms:
                            yield self._rooms[name], self._rooms[found]


def _name(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")
