"""What people ask for by comment or button: read, judged, answered. Pure."""
