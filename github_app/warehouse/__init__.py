"""What is new: selection rules, and how registries are asked."""
