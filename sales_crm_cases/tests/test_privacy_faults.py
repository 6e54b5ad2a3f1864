import re
from collections import Counter
from contextlib import contextmanager

from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import SQL

from .fault_common import PATIENCE, FaultCommon, RestartCommon
from .privacy_common import find_marker

PEOPLE = 5
STEP_SIZE = 2
STEM = "Zyxfault"


class PrivacyFaultCommon(FaultCommon):
    """Five people with traces in many tables, who wait for the scheduled action; it does two in
    each step, and something happens in the second."""

    _script = "privacy_process.py"

    @classmethod
    def _delete_data(cls, env, customers):
        """Each test deletes its own people."""
        env.cr.execute("DELETE FROM customer_code_counter WHERE prefix LIKE 'ZYX%'")

    @classmethod
    def _make_people(cls):
        with cls._session() as env:
            people = env["res.partner"].create(
                [
                    {
                        "name": f"{STEM}{number} Somebody",
                        "email": f"{STEM}{number}@{STEM}{number}.example",
                        "phone": f"+32 455 00 020{number}",
                        "comment": f"{STEM}{number} comment",
                        "approval_status": "active",
                        "salesman_ids": [Command.set(list(cls.employees.values()))],
                        "child_ids": [Command.create({"name": f"{STEM}{number} Junior"})],
                    }
                    for number in range(PEOPLE)
                ]
            )
            cases = env["crm.lead"].create(
                [
                    {"name": person.name, "type": "opportunity", "partner_id": person.id}
                    for person in people
                ]
            )
            for person, case in zip(people, cases, strict=True):
                case.message_post(
                    body=f"{person.name} said so",
                    attachments=[(f"{person.name}.txt", person.name.encode())],
                )
            # somebody else's text that names all of them
            notice = env["crm.lead"].create(
                {"name": ", ".join(people.mapped("name")), "type": "opportunity"}
            )
            request = env["privacy.request"]._log("anonymize", people)
            cls.people_ids, cls.request_id = people.ids, request.id
            cls.case_ids = (cases | notice).ids

    @classmethod
    def _delete_people(cls):
        with cls._session() as env:
            env["privacy.request"].browse(cls.request_id).unlink()
            env["crm.lead"].browse(cls.case_ids).unlink()
            people = env["res.partner"].with_context(active_test=False)
            people = people.search([("id", "child_of", cls.people_ids)])
            people.child_ids.unlink()
            people.exists().unlink()

    @contextmanager
    def _cursor(self):
        with self._session() as env:
            yield env.cr

    def _start_process(self, stop_at="", **environment):
        return super()._start_process(stop_at, CRON="ir_cron_privacy", **environment)

    def _count_traces(self):
        """:return: Counter of the columns in which each of the people is found, by number"""
        with self._cursor() as cursor:
            found = find_marker(cursor, STEM)
        # what browsers are told, which is thrown away as a whole
        found.pop("bus_bus.message", None)
        return Counter(
            number
            for rows in found.values()
            for row in rows
            for number in set(re.findall(rf"{STEM}(\d)", str(row), re.IGNORECASE))
        )

    def _get_states(self):
        with self._cursor() as cursor:
            query = SQL(
                "SELECT state FROM privacy_request_line WHERE request_id = %s ORDER BY id",
                self.request_id,
            )
            cursor.execute(query.code, query.params)
            return [state for [state] in cursor.fetchall()]

    def _check_first_step_is_done(self, before):
        """The people of the first step are gone; of the others each trace is there."""
        after = self._count_traces()
        waiting = {str(number) for number in range(STEP_SIZE, PEOPLE)}
        self.assertEqual(set(after), waiting)
        self.assertEqual(after, Counter({number: before[number] for number in waiting}))
        self.assertEqual(self._get_states(), ["done"] * 2 + ["waiting"] * 3)

    def _check_all_are_done(self):
        self._expect(self._start_process(), "done")
        self.assertEqual(self._count_traces(), Counter())
        self.assertEqual(self._get_states(), ["done"] * PEOPLE)


@tagged("post_install", "-at_install")
class TestPrivacyFaults(PrivacyFaultCommon):
    """Whatever happens in the middle, each person is whole or anonymised, never half (G3)."""

    def setUp(self):
        super().setUp()
        self._make_people()
        self.addCleanup(self._delete_people)
        self.before = self._count_traces()
        self.assertEqual(len(self.before), PEOPLE)
        self.assertGreater(min(self.before.values()), 8)

    def test_a_killed_process(self):
        process = self._start_process(stop_at="2")
        self._expect(process, "half-way")
        self._kill(process)
        self._check_first_step_is_done(self.before)
        self._check_all_are_done()

    def test_a_lost_connection(self):
        process = self._start_process(stop_at="2")
        self._expect(process, "half-way")
        self._disconnect()
        self.assertNotEqual(process.wait(PATIENCE), 0)
        self._check_first_step_is_done(self.before)
        self._check_all_are_done()

    def test_an_exception(self):
        process = self._start_process(FAIL_FOR=str(self.people_ids[2]))
        self._expect(process, "done")
        self.assertEqual(self._count_traces(), Counter({"2": self.before["2"]}))
        self.assertEqual(self._get_states(), ["done", "done", "failed", "done", "done"])


@tagged("post_install", "-at_install")
class TestPrivacyDatabaseRestart(RestartCommon, PrivacyFaultCommon):
    """PostgreSQL is restarted while somebody is being anonymised (G3)."""

    @classmethod
    def _make_cluster(cls):
        cls._make_people()
        cls.addClassCleanup(cls._delete_people)
        return super()._make_cluster()

    def test_a_restart(self):
        before = self._count_traces()
        self.assertEqual(len(before), PEOPLE)
        process = self._start_process(stop_at="2")
        self._expect(process, "half-way")
        self._control("restart", "-m", "immediate")
        self.assertNotEqual(process.wait(PATIENCE), 0)
        self._check_first_step_is_done(before)
        self._check_all_are_done()
