"""Questions over HTTP to whoever others name: how far they may lead, and how much may come."""
