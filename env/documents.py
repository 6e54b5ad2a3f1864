"""Check the documentation, or copy quoted files into it: documents.py check|fix FOLDER

The README of the addon is made of its folder ``readme``. What stands behind
``<!-- file: PATH -->`` is that file. Pictures and documents that are named exist, and all
pictures are named by a document and made by ./dev screenshots.
"""

import ast
import re
import sys
from pathlib import Path

QUOTE = re.compile(r"(<!-- file: (\S+) -->\n```\w*\n)(.*?)(```\n)", re.DOTALL)
# pictures and links of reStructuredText, links of Markdown
LINKS = (r"image:: (\S+)", r"<([^<>\s#]+)(?:#[^<>\s]*)?>`_", r"\]\(([^()\s#]+)(?:#[^()\s]*)?\)")
ADDRESS = re.compile(r"[a-z]+:")
# the fragments of a README with their titles, as OCA orders them
FRAGMENTS = {
    "DESCRIPTION": "",
    "CONTEXT": "Context",
    "INSTALL": "Installation",
    "CONFIGURE": "Configuration",
    "USAGE": "Usage",
    "ROADMAP": "Known limits",
    "HISTORY": "Changes",
    "CONTRIBUTORS": "Contributors",
}


def quote(root, text):
    """The text, with the files as they are."""
    return QUOTE.sub(lambda m: m[1] + (root / m[2]).read_text() + m[4], text)


def make_readme(addon):
    """reStructuredText, for Odoo's list of apps. Of Markdown the fragments use what is the same in
    both, besides code and headings of the second level."""
    manifest = ast.literal_eval((addon / "__manifest__.py").read_text())
    line = "=" * len(manifest["name"])
    parts = [f"{line}\n{manifest['name']}\n{line}\n"]
    for name, title in FRAGMENTS.items():
        text = (addon / "readme" / f"{name}.md").read_text()
        text = re.sub(r"`([^`]+)`", r"``\1``", text)
        text = re.sub(
            r"^## (.+)$", lambda m: f"{m[1]}\n{'-' * len(m[1])}", text, flags=re.MULTILINE
        )
        parts.append(f"{title}\n{'=' * len(title)}\n\n{text}" if title else text)
    return "\n".join([*parts, f"License: {manifest['license']}.\n"])


def find_dead_links(root, path, text):
    for link in (link for pattern in LINKS for link in re.findall(pattern, text)):
        target = path.parent / link
        if not ADDRESS.match(link) and not target.exists():
            yield f"{path.relative_to(root)}: {link} does not exist"


def check(root, fix):
    """Print what is wrong; returns the number of findings."""
    documents = [root / "README.rst", *sorted((root / "docs").rglob("*.*"))]
    documents = [path for path in documents if path.suffix in (".md", ".rst")]
    findings, everything = [], (root / "env/screenshots/pictures.py").read_text()
    taken = set(re.findall(r'Picture\(\s*"(\w+)"', everything))
    named = set()
    texts = {path: quote(root, path.read_text()) for path in documents}
    readme = root / "sales_crm_cases/README.rst"
    texts[readme] = make_readme(readme.parent)
    for path, text in texts.items():
        if text != path.read_text() and fix:
            path.write_text(text)
        elif text != path.read_text():
            findings.append(f"{path.relative_to(root)}: a file that it takes in differs, see --fix")
        findings += find_dead_links(root, path, text)
        named |= set(re.findall(r"images/(\w+)\.png", text))
    pictures = {path.stem for path in (root / "docs/images").glob("*.png")}
    findings += [f"docs/images/{name}.png: in no document" for name in sorted(pictures - named)]
    findings += [f"docs/images/{name}.png: not in pictures.py" for name in sorted(pictures - taken)]
    print("\n".join(findings), end="\n" if findings else "")
    return len(findings)


if __name__ == "__main__":
    command, folder = sys.argv[1:]
    sys.exit(bool(check(Path(folder), command == "fix")))
