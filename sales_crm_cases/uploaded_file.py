"""Texts of files that users upload to import them: plain Python, no records."""

import io
import re
import zipfile
import zlib

TAG = re.compile(r"<[^>]*>")
# of one part of a workbook, unpacked: nobody imports more, and a bomb is no workbook
MAX_PART = 64 * 2**20


def read_upload(content, name=None):
    """The texts in which to look for a person.

    :param bytes content: a CSV file in whatever encoding, a workbook of Excel or LibreOffice
    :param name: of the file
    :return: generator of texts
    """
    yield name or ""
    parts = _unzip(content)
    for part in [content] if parts is None else parts:
        # old workbooks have bytes 0 between the letters, which the first reads, too
        for encoding in ("utf-8", "cp1252", "utf-16"):
            text = part.decode(encoding, errors="replace").replace("\0", "")
            yield TAG.sub(" ", text) if parts else text


def _unzip(content):
    """:return: list of bytes, one for each part of a workbook; None: it is no such file"""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return [archive.read(part) for part in archive.infolist() if part.file_size <= MAX_PART]
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError):
        return None
