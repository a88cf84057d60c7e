"""The scene in a browser: a page that a run serves on this machine (`--web`), or a file that plays a record.

Everything of the page is in assets/ and goes out as one file: it asks for nothing, from nobody.
"""
