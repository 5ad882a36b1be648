"""The GraphQL side: our part of GitHub's schema, one table of resolvers per area, mutations in order."""
