"""Check the documentation, or copy quoted files into it: documents.py check|fix FOLDER

What stands behind ``<!-- file: PATH -->`` is that file. Pictures and documents that are named
exist, and all pictures are named by a document and made by ./dev screenshots.
"""

import re
import sys
from pathlib import Path

QUOTE = re.compile(r"(<!-- file: (\S+) -->\n```\w*\n)(.*?)(```\n)", re.DOTALL)
# pictures and links of reStructuredText, links of Markdown
LINKS = (r"image:: (\S+)", r"<([^<>\s#]+)(?:#[^<>\s]*)?>`_", r"\]\(([^()\s#]+)(?:#[^()\s]*)?\)")
ADDRESS = re.compile(r"[a-z]+:")


def quote(root, text):
    """The text, with the files as they are."""
    return QUOTE.sub(lambda m: m[1] + (root / m[2]).read_text() + m[4], text)


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
    for path in documents:
        text = path.read_text()
        current = quote(root, text)
        if current != text and fix:
            path.write_text(current)
        elif current != text:
            findings.append(f"{path.relative_to(root)}: a quoted file differs, see --fix")
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
