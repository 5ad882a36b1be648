"""Every way in which one GraphQL schema is not a part of another.

A part may leave out types, fields, optional arguments, enum values and union members; what it has
must be the same: types with their lists and nullability, default values, what is required.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    is_introspection_type,
    is_specified_scalar_type,
    print_ast,
)
from graphql.type import is_required_argument, is_required_input_field

_Fielded = GraphQLObjectType | GraphQLInterfaceType


def differences(part: GraphQLSchema, whole: GraphQLSchema) -> list[str]:
    """A sentence for each difference; [] when `part` is a part of `whole`."""
    found = []
    for name, ours in sorted(part.type_map.items()):
        if is_introspection_type(ours) or is_specified_scalar_type(ours):
            continue
        theirs = whole.type_map.get(name)
        if theirs is None:
            found.append(f"{name}: not a type of the whole")
        elif type(ours) is not type(theirs):
            found.append(f"{name}: is a {type(theirs).__name__} in the whole")
        else:
            found += _type_differences(name, ours, theirs)
    return [*found, *_root_differences(part, whole)]


def _root_differences(part: GraphQLSchema, whole: GraphQLSchema) -> Iterator[str]:
    for root in ("query_type", "mutation_type", "subscription_type"):
        ours, theirs = getattr(part, root), getattr(whole, root)
        if ours is not None and (theirs is None or ours.name != theirs.name):
            yield f"{root}: {ours.name} is not that of the whole"
    known = {directive.name for directive in whole.directives}
    yield from (f"@{d.name}: not a directive" for d in part.directives if d.name not in known)


def _type_differences(name: str, ours: GraphQLNamedType, theirs: Any) -> Iterator[str]:
    match ours:
        case GraphQLObjectType() | GraphQLInterfaceType():
            yield from _member_differences(name, "interface", ours.interfaces, theirs.interfaces)
            yield from _field_differences(name, ours.fields, theirs.fields)
        case GraphQLInputObjectType():
            yield from _input_differences(name, ours.fields, theirs.fields)
        case GraphQLUnionType():
            yield from _member_differences(name, "member", ours.types, theirs.types)
        case GraphQLEnumType():
            strange = sorted(ours.values.keys() - theirs.values.keys())
            yield from (f"{name}.{value}: not a value" for value in strange)
        case _:
            pass


def _member_differences(
    name: str, what: str, ours: tuple[GraphQLNamedType, ...], theirs: tuple[GraphQLNamedType, ...]
) -> Iterator[str]:
    known = {each.name for each in theirs}
    yield from (f"{name}: {each.name} is not a {what}" for each in ours if each.name not in known)


def _field_differences(
    name: str, ours: Mapping[str, GraphQLField], theirs: Mapping[str, GraphQLField]
) -> Iterator[str]:
    for key, field in ours.items():
        place = f"{name}.{key}"
        if key not in theirs:
            yield f"{place}: not a field"
            continue
        if str(field.type) != str(theirs[key].type):
            yield f"{place}: is {field.type}, in the whole {theirs[key].type}"
        yield from _input_differences(place, field.args, theirs[key].args)


_Input = GraphQLArgument | GraphQLInputField


def _input_differences(
    place: str, ours: Mapping[str, _Input], theirs: Mapping[str, _Input]
) -> Iterator[str]:
    for key, value in ours.items():
        known = theirs.get(key)
        if known is None:
            yield f"{place}({key}): not an input"
        elif str(value.type) != str(known.type):
            yield f"{place}({key}): is {value.type}, in the whole {known.type}"
        elif _default(value) != _default(known):
            yield f"{place}({key}): defaults to {_default(value)}, in the whole {_default(known)}"
    for key in theirs.keys() - ours.keys():
        if _is_required(theirs[key]):
            yield f"{place}({key}): required in the whole, left out"


def _is_required(value: _Input) -> bool:
    if isinstance(value, GraphQLArgument):
        return is_required_argument(value)
    return is_required_input_field(value)


def _default(value: _Input) -> str:
    node = value.ast_node
    return print_ast(node.default_value) if node and node.default_value else "nothing"
