"""The GitHub stand-in and the registry of `towline demo` and the tests; never for production.

The stand-in keeps its world in memory, its Git repositories on disk without any quota, and hands a
token with every right to whoever creates a user. It binds nothing by itself: whoever serves it
chooses the address, and that should be 127.0.0.1.
"""
