"""The comparison of schemas must be able to fail: every kind of difference is named."""

from __future__ import annotations

import pytest
from graphql import build_schema

from tests.contracts.subset import differences

WHOLE = """
    type Query { node(id: ID!, deep: Boolean = false): Node  pets(first: Int): [Pet!]! }
    type Mutation { rename(input: RenameInput!): Node }
    interface Node { id: ID! }
    type Dog implements Node { id: ID!  name: String!  mood: Mood }
    type Cat implements Node { id: ID!  name: String }
    union Pet = Dog | Cat
    enum Mood { GLAD SAD }
    input RenameInput { id: ID!  name: String!  note: String }
    scalar URI
"""


def test_a_schema_is_a_part_of_itself() -> None:
    assert differences(build_schema(WHOLE), build_schema(WHOLE)) == []


def test_types_fields_optional_arguments_values_and_members_may_be_left_out() -> None:
    part = """
        type Query { node(id: ID!): Node }
        interface Node { id: ID! }
        type Dog implements Node { id: ID!  mood: Mood }
        union Pet = Dog
        enum Mood { GLAD }
    """
    assert differences(build_schema(part), build_schema(WHOLE)) == []


@pytest.mark.parametrize(
    ("old", "new", "difference"),
    [
        ("mood: Mood", "mood: Mood!", "Dog.mood: is Mood!, in the whole Mood"),
        ("name: String!  mood", "name: String  mood", "Dog.name: is String, in the whole String!"),
        ("[Pet!]!", "[Pet]!", "Query.pets: is [Pet]!, in the whole [Pet!]!"),
        ("(first: Int)", "(last: Int)", "Query.pets(last): not an input"),
        ("id: ID!, deep", "id: ID, deep", "Query.node(id): is ID, in the whole ID!"),
        ("= false", "= true", "Query.node(deep): defaults to true, in the whole false"),
        ("note: String", "memo: String", "RenameInput(memo): not an input"),
        ("name: String!  note", "note", "RenameInput(name): required in the whole, left out"),
        ("GLAD SAD", "GLAD BAD", "Mood.BAD: not a value"),
        ("Dog | Cat", "Dog | Bird  type Bird { id: ID! }", "Pet: Bird is not a member"),
        ("type Cat implements Node {", "type Cat { purrs: Int", "Cat.purrs: not a field"),
        ("scalar URI", "type URI { id: ID! }", "URI: is a GraphQLScalarType in the whole"),
        ("scalar URI", "scalar URL", "URL: not a type of the whole"),
        ("scalar URI", "directive @own on FIELD", "@own: not a directive"),
    ],
)
def test_every_other_difference_is_named(old: str, new: str, difference: str) -> None:
    part = WHOLE.replace(old, new)
    assert part != WHOLE
    assert difference in differences(build_schema(part), build_schema(WHOLE))
