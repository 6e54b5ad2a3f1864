import threading
from contextlib import contextmanager
from unittest.mock import patch

from odoo.api import SUPERUSER_ID, Environment
from odoo.modules.registry import DummyRLock, Registry
from odoo.service.model import retrying
from odoo.tests import new_test_user
from odoo.tests.common import BaseCase, get_db_name
from odoo.tools import mute_logger

SESSIONS = 8
TIMEOUT = 20


class ConcurrencyCommon(BaseCase):
    """Sessions at the same time, each with a database connection of its own.

    What they need and what they do is committed, so it is deleted afterwards, by
    :meth:`_delete_data`.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry = Registry(get_db_name())
        # a session that lost waits a moment before it tries again: here a short one
        cls.startClassPatcher(patch("odoo.service.model.random.uniform", return_value=0.01))
        # the runner holds the lock that every new environment takes for a moment
        cls.startClassPatcher(patch.object(Registry, "_lock", DummyRLock()))
        cls.addClassCleanup(cls._delete_all)
        cls.users, cls.employees = {}, {}

    @classmethod
    def _make_user(cls, env, login, groups):
        user = new_test_user(
            env, login=f"scc_concurrent_{login}", groups=groups, notification_type="inbox"
        )
        cls.users[login] = user.id

    @classmethod
    def _make_salesman(cls, env, login):
        cls._make_user(env, login, "sales_team.group_sale_salesman")
        employee = env["hr.employee"].create(
            {"name": f"Concurrent {login}", "user_id": cls.users[login]}
        )
        cls.employees[login] = employee.id

    @classmethod
    @contextmanager
    def _session(cls, login=None):
        """Environment of a connection that is committed at the end."""
        with cls.registry.cursor() as cr:
            yield Environment(cr, cls.users[login] if login else SUPERUSER_ID, {"lang": "en_US"})

    @classmethod
    def _delete_all(cls):
        with mute_logger("odoo.models.unlink"), cls._session() as env:
            customers = env["res.partner"].search(
                [("name", "like", "Concurrent %"), ("is_customer", "=", True)]
            )
            cls._delete_data(env, customers)
            customers.unlink()
            env["hr.employee"].browse(cls.employees.values()).unlink()
            users = env["res.users"].browse(cls.users.values())
            partners = users.partner_id
            users.unlink()
            partners.unlink()
            env.cr.execute("DELETE FROM customer_code_counter WHERE prefix ~ '^(CON|X.C)$'")

    @classmethod
    def _delete_data(cls, env, customers):
        """Delete what was made for the customers, whose names begin with "Concurrent "."""

    def _run(self, *acts):
        """Run each ``(login, function of env)`` in a session of its own, all at once, as a
        request does: with another attempt after a failure to serialise.

        :return: what each returned, or raised
        """
        results = [None] * len(acts)

        def run(index, login, act):
            try:
                with self._session(login) as env:
                    results[index] = retrying(lambda: act(env), env)
            except Exception as error:  # noqa: BLE001 the test looks at it
                results[index] = error

        threads = [
            threading.Thread(target=run, args=(i, *act), daemon=True) for i, act in enumerate(acts)
        ]
        with mute_logger("odoo.sql_db", "odoo.service.model"):
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(2 * TIMEOUT)
        self.assertFalse([thread for thread in threads if thread.is_alive()], "a session hangs")
        return results

    def _meet(self, number):
        """Function with which ``number`` sessions wait for one another, each in its first
        attempt only."""
        barrier, met = threading.Barrier(number, timeout=TIMEOUT), set()

        def meet():
            thread = threading.get_ident()
            if thread not in met:
                met.add(thread)
                barrier.wait()

        return meet
