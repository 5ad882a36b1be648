"""The kinds of subscription, a module for each; none knows another."""
