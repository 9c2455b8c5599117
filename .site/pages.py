"""The pages of the site: `python .site/pages.py` writes them into .site/pages, and `mkdocs build` makes HTML of them.

The pages of docs/ are written for GitHub, where `../spec/rx.py` leads to the file.  Here the README is the first page,
and each file of the tree that a page links to has a page that shows it.  A link that leads nowhere stays as it is, and
a strict build ends with it.  Nothing here depends on the generator.
"""

from __future__ import annotations

import posixpath
import re
import shutil
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGES = Path(__file__).parent / "pages"
LINK = re.compile(r"(?<=\]\()(?!\w+:|#)[^)\s#]+|(?<= src=\")(?!\w+:)[^\"]+|(?<= srcset=\")(?!\w+:)[^\"]+")
"""Where a link within the tree leads to: of Markdown, and of pictures that stand in HTML."""
BLOCK = re.compile(r"^(```|~~~).*?^\1|`[^`\n]+`", re.M | re.S)
"""Code, in which nothing is a link."""
LANGUAGES = {".py": "python", ".c": "c", ".h": "c", ".toml": "toml", ".yml": "yaml", ".md": "markdown"}


def links(markdown: str) -> list[re.Match[str]]:
    """The links of a page."""
    code = [found.span() for found in BLOCK.finditer(markdown)]
    return [link for link in LINK.finditer(markdown) if not any(a <= link.start() < b for a, b in code)]


def in_tree(page: str, link: str) -> str:
    """What a link of a page leads to, both from the top of the tree."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(page), link))


def place(path: str) -> str:
    """Where a file of the tree stands on the site."""
    if path == "README.md":
        return "index.md"
    return path.removeprefix("docs/") if path.startswith("docs/") else f"tree/{path}.md"


def on_site(page: str, markdown: str) -> str:
    """The text of a page with the links of the site in the place of those of the tree."""
    for link in reversed(links(markdown)):
        if (ROOT / (path := in_tree(page, link[0]))).is_file():
            there = posixpath.relpath(place(path), posixpath.dirname(place(page)) or ".")
            markdown = f"{markdown[: link.start()]}{there}{markdown[link.end() :]}"
    return markdown


def shown(path: str) -> str:
    """A page with a file of the tree; the search of the site leaves it out."""
    language, text = LANGUAGES.get(Path(path).suffix, "text"), (ROOT / path).read_text(encoding="utf-8")
    return f"---\nsearch: {{exclude: true}}\n---\n# `{path}`\n\n~~~~{language}\n{text}~~~~\n"


def pages() -> dict[str, str]:
    """All pages by their place on the site."""
    sources = ["README.md", *sorted(p.relative_to(ROOT).as_posix() for p in (ROOT / "docs").rglob("*.md"))]
    texts = {path: (ROOT / path).read_text(encoding="utf-8") for path in sources}
    linked = {in_tree(path, link[0]) for path, text in texts.items() for link in links(text)}
    files = [path for path in linked if (ROOT / path).is_file() and not path.startswith("docs/") and path not in texts]
    return {place(p): on_site(p, text) for p, text in texts.items()} | {place(p): shown(p) for p in files}


def write(folder: Path) -> None:
    """Write them, with the pictures of docs/ and what the site looks like."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "docs", folder, ignore=shutil.ignore_patterns("*.md"))
    shutil.copy(Path(__file__).parent / "site.css", folder)
    for path, text in pages().items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(PAGES)
