import base64
import gzip
import io
import os
import re
import shutil
import subprocess
import zipfile
import zlib
from unittest.mock import patch

import odoo
from odoo.modules.registry import Registry
from odoo.tests import TransactionCase, tagged
from odoo.tests.common import get_db_name
from odoo.tools import config
from werkzeug.test import Client

from ..personal_data import LEGAL_IDENTITY
from .postgres_programs import find_programs, get_server_options
from .privacy_common import MARK, MARKER, PrivacyCommon

PROGRAMS = ("createdb", "dropdb", "pg_dump", "pg_restore")
MARKERS = re.compile(rf"{MARKER}\d+x".encode(), re.IGNORECASE)


def make_needles(words):
    """A pattern that finds the words as they are, as hexadecimal digits, and in base64."""
    plain = [re.escape(word.encode()) for word in words]
    plain += [form(word).encode().hex().encode() for word in words for form in (str, str.lower)]
    coded = []
    for word in {form(word) for word in words for form in (str, str.lower)}:
        for shift in range(3):
            text = base64.b64encode(b"x" * shift + word.encode())
            coded.append(re.escape(text[-(-shift * 8 // 6) : (shift + len(word)) * 8 // 6]))
    return re.compile(b"(?i:%b)|%b" % (b"|".join(plain), b"|".join(coded)))


NEEDLES = make_needles(PrivacyCommon.MARKERS)


def unpack(content):
    """A file as it is, and what is compressed in it."""
    yield content
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", content, re.DOTALL):
        try:
            yield zlib.decompressobj().decompress(stream)
        except zlib.error:
            continue
    if content.startswith(b"\x1f\x8b"):
        yield gzip.decompress(content)
    if content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                yield name.encode()
                yield archive.read(name)


@tagged("post_install", "-at_install")
class TestPrivacyProof(PrivacyCommon):
    """In a copy of the database, where everything is committed: a person leaves traces by real
    ways and is anonymised; then the dump of the database and the file store are searched (G3)."""

    @classmethod
    def setUpClass(cls):
        cls.bindir = find_programs(*PROGRAMS)
        source = get_db_name()
        cls.database = f"{source}_proof"
        cls._copy_database(source)
        with patch("odoo.tests.common.get_db_name", lambda: cls.database):
            super().setUpClass()
        # requests find the copy, too
        cls.startClassPatcher(patch("odoo.http.db_filter", lambda names, host=None: [*names]))
        # the copy is thrown away
        cls.commit_patcher.stop()

    def setUp(self):
        # without the savepoint of other tests, which a commit would end
        super(TransactionCase, self).setUp()

    @classmethod
    def _copy_database(cls, source):
        cls.addClassCleanup(cls._drop_database)
        cls._call("createdb", cls.database)
        with subprocess.Popen(
            [cls.bindir / "pg_dump", *get_server_options(), "-Fc", "-Z0", source],
            stdout=subprocess.PIPE,
        ) as dump:
            cls._call("pg_restore", "--no-owner", "-d", cls.database, stdin=dump.stdout)
        # the files never change: both may have the same
        shutil.copytree(
            config.filestore(source), config.filestore(cls.database), copy_function=os.link
        )
        # tests that rolled back left some
        cls.files_before = set(cls._find_in_file_store())

    @classmethod
    def _drop_database(cls):
        odoo.sql_db.close_db(cls.database)
        Registry.delete(cls.database)
        cls._call("dropdb", "--if-exists", "--force", cls.database)
        shutil.rmtree(config.filestore(cls.database), ignore_errors=True)

    @classmethod
    def _call(cls, name, *arguments, **options):
        subprocess.run(
            [cls.bindir / name, *get_server_options(), *arguments], check=True, **options
        )

    def _commit(self):
        # a scratch database
        self.env.cr.commit()  # pylint: disable=invalid-commit

    # ------------------------------------------------------------------
    # Search
    # ------------------------------------------------------------------

    def _find_in_dump(self):
        """:return: dict ``{(table, id): {column: text}}`` of what pg_dump writes and names her"""
        dump = subprocess.run(
            [self.bindir / "pg_dump", *get_server_options(), self.database],
            check=True,
            capture_output=True,
        ).stdout
        found, table, columns = {}, None, []
        for line in dump.split(b"\n"):
            if match := re.match(rb"COPY public\.(\S+) \((.*)\) FROM stdin;", line):
                table = match[1].decode().strip('"')
                columns = [name.strip('"') for name in match[2].decode().split(", ")]
            elif NEEDLES.search(line):
                row = dict(zip(columns, line.split(b"\t"), strict=False))
                key = (table, int(row["id"]) if "id" in row else line)
                found[key] = {name: text for name, text in row.items() if NEEDLES.search(text)}
        return found

    @classmethod
    def _find_in_file_store(cls):
        """:return: dict ``{name of the file: texts}`` of files that name her"""
        root = config.filestore(cls.database)
        found = {}
        for folder, _dirs, names in os.walk(root):
            for name in names:
                path = os.path.join(folder, name)
                with open(path, "rb") as file:
                    texts = [text for text in unpack(file.read()) if NEEDLES.search(text)]
                if texts:
                    found[os.path.relpath(path, root)] = texts
        return found

    @staticmethod
    def _get_markers(dump, files):
        texts = [text for row in dump.values() for text in row.values()]
        texts += [text for texts_of_file in files.values() for text in texts_of_file]
        return {match.lower() for text in texts for match in MARKERS.findall(text)}

    # ------------------------------------------------------------------
    # Further traces
    # ------------------------------------------------------------------

    def _post_in_portal(self, order):
        """She signs in and writes below her quote, by the routes that the portal uses."""
        self.portal_user.password = "kettle-kettle"
        token = order._portal_ensure_token()
        self._commit()
        client = Client(odoo.http.root)
        for url, params in (
            (
                "/web/session/authenticate",
                {"db": self.database, "login": self.EMAIL, "password": "kettle-kettle"},
            ),
            (
                "/mail/message/post",
                {
                    "thread_model": "sale.order",
                    "thread_id": order.id,
                    "token": token,
                    "post_data": {
                        "body": f"{MARK} asks in the portal",
                        "message_type": "comment",
                        "subtype_xmlid": "mail.mt_comment",
                    },
                },
            ),
        ):
            response = client.post(
                url,
                json={"jsonrpc": "2.0", "params": params},
                environ_base={"REMOTE_ADDR": "127.0.0.1"},
            )
            self.assertNotIn("error", response.json, response.json)
        self.env.invalidate_all()
        self.assertIn("asks in the portal", str(order.message_ids.mapped("body")))
        self.assertIn(self.portal_user.partner_id, order.message_ids.author_id)

    def _make_invoiced_order(self, person):
        order = self._make_quote(person)
        order.action_confirm()
        invoice = order._create_invoices()
        invoice.ref = f"{MARK} ref"
        invoice.action_post()
        pdf = self.env["ir.attachment"].create(
            {
                "name": f"{MARK}.pdf",
                "raw": f"%PDF-1.4 {MARK}".encode(),
                "res_model": "account.move",
                "res_id": invoice.id,
            }
        )
        invoice.message_post(body=f"{MARK} has the invoice", attachment_ids=pdf.ids)
        return order, invoice, pdf

    def test_dump_and_file_store_hold_the_listed_invoice_data_only(self):
        person = self._make_person_of_interest()
        self._leave_traces(person)
        self._make_invoice(person, post=False)
        order, invoice, pdf = self._make_invoiced_order(person)
        self._post_in_portal(self._make_quote(person))
        person.export_data(["name", "email", "phone", "comment"])
        self._commit()
        dump, files = self._find_in_dump(), self._find_in_file_store()
        self.assertGreaterEqual(len(self._get_markers(dump, files)), 60, "the traces are there")
        self.assertGreaterEqual(len(files), 5)

        request = self._anonymize(person)
        self._commit()
        self.assertEqual(request.state, "done", request.line_ids.mapped("error"))
        dump, files = self._find_in_dump(), self._find_in_file_store()
        kept = request.line_ids.kept
        self.assertEqual(kept["account.move"], invoice.ids)
        self.assertEqual(kept["sale.order"], order.ids)
        listed = {
            ("res_partner", person.id),
            ("account_move", invoice.id),
            *(("account_move_line", line.id) for line in invoice.line_ids),
            ("sale_order", order.id),
            *(("sale_order_line", line.id) for line in order.order_line),
            ("ir_attachment", pdf.id),
        }
        self.assertEqual(dump.keys() - listed, set(), {k: dump[k] for k in dump.keys() - listed})
        self.assertLessEqual(dump["res_partner", person.id].keys(), set(LEGAL_IDENTITY))
        self.assertEqual(set(files) - self.files_before, {pdf.store_fname})
