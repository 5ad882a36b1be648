"""Argo CD's word on what runs: told to the App, or asked of Argo CD's API."""
