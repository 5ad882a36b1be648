"""Disk images behind addresses: their versions and checksums, from their publishers' metadata."""
