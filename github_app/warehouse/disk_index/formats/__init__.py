"""One publisher's metadata per module: documents to what they list; pure."""
