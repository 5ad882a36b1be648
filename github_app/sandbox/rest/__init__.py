"""The REST side: one module per resource, one table of routes, complete shapes."""
