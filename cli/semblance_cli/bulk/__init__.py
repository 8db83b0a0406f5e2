"""Folders of photos through the input bucket: import-folder and search-folder."""
