"""Text to pins, and text and artifacts to text with every byte outside the pins kept.

Nothing is imported here: the sidecar needs the reader of YAML texts and no finder.
"""
