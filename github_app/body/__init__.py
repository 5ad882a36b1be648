"""The parts of a promotion pull request's body, one job a module. Pure."""
