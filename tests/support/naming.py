"""What a message names, found by the types of its fields and not by a list of them."""

from datetime import date
from typing import NewType, get_args

from pydantic import BaseModel


def ids_of(kind, types):
    """Return the paths of all fields of *kind* that hold one of *types*, with its type."""
    return {path: each for path, each in _leaves(kind, (), ()) if each in types}


def days_of(kind):
    """Return the fields of *kind* itself that hold a day."""
    return {
        name for name, told in kind.model_fields.items() if date in _flat(told.annotation, set())
    }


def marked(kind):
    """Return a message of *kind* in which each text is the path of its field, unchecked."""
    return _marked(kind, ())


def _marked(kind, path):
    values = {}
    for name, told in kind.model_fields.items():
        inner = next((each for each in _flat(told.annotation, set()) if _is_model(each)), None)
        value = ".".join((*path, name))
        if inner is not None:
            value = _marked(inner, (*path, name)) if inner is not kind else None
        values[name] = (value,) if _is_several(told.annotation) else value
    return kind.model_construct(**values)


def _leaves(kind, path, seen):
    if isinstance(kind, NewType):
        yield ".".join(path), kind
    elif _is_model(kind) and kind not in seen:
        for name, told in kind.model_fields.items():
            yield from _leaves(told.annotation, (*path, name), (*seen, kind))
    else:
        for part in get_args(kind):
            yield from _leaves(part, path, seen)


def _flat(annotation, found):
    found.add(annotation) if isinstance(annotation, type) else None
    for part in get_args(annotation):
        _flat(part, found)
    return found


def _is_model(kind):
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _is_several(annotation):
    return getattr(annotation, "__origin__", None) is tuple
