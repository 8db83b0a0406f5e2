"""`make docs`: writes every generated page anew."""

from tools.docs.pages import PAGES, path_of

for name, text in PAGES.items():
    path_of(name).write_text(text(), encoding="utf-8")
