"""The GraphQL side: our part of GitHub's schema, its resolvers by area, its mutations."""
