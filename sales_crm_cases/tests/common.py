from odoo.tests import TransactionCase, new_test_user

# a PNG of one pixel
PIXEL = b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


class SalesCrmCommon(TransactionCase):
    """A team in four levels; every employee but the stranger's line is below ``boss``.

    ::

        boss (manager's manager)          other_boss
          └── manager                       └── stranger
                ├── anna   customer_anna          customer_stranger
                └── bert   customer_bert

    ``accounts`` approves, ``crm_admin`` administers, ``clerk`` has no right in Sales.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(
            context=dict(cls.env.context, tracking_disable=True, no_reset_password=True)
        )
        cls.employees = {}
        cls.boss = cls._make_person("boss")
        cls.manager = cls._make_person("manager", cls.boss)
        cls.anna = cls._make_person("anna", cls.manager)
        cls.bert = cls._make_person("bert", cls.manager)
        cls.other_boss = cls._make_person("other_boss")
        cls.stranger = cls._make_person("stranger", cls.other_boss)
        cls.accounts = cls._make_user(
            "accounts", "sales_crm_cases.group_customer_approver,account.group_account_invoice"
        )
        cls.accounts2 = cls._make_user("accounts2", "sales_crm_cases.group_customer_approver")
        cls.crm_admin = cls._make_user("crm_admin", "sales_team.group_sale_manager")
        cls.clerk = cls._make_user("clerk", "base.group_user")
        cls.customer_anna = cls._make_customer("Hopfner Brewery", cls.anna)
        cls.customer_bert = cls._make_customer("Kindler Toys", cls.bert)
        cls.customer_stranger = cls._make_customer("Secret Metals", cls.stranger)

    @classmethod
    def _make_user(cls, login, groups):
        return new_test_user(cls.env, login=f"scc_{login}", groups=groups, name=login.capitalize())

    @classmethod
    def _make_person(cls, login, manager=None):
        """A restricted salesman with an employee record; returns his user."""
        user = cls._make_user(login, "sales_team.group_sale_salesman")
        cls.employees[user] = cls.env["hr.employee"].create(
            {
                "name": login.capitalize(),
                "user_id": user.id,
                "parent_id": manager and cls.employees[manager].id,
            }
        )
        return user

    @classmethod
    def _make_customer(cls, name, *salesmen, status="active", **values):
        """A customer, the first of the salesmen the main one."""
        customer = cls.env["res.partner"].create(
            {"name": name, "is_company": True, "approval_status": status, **values}
        )
        cls.env["customer.salesman"].create(
            [
                {
                    "customer_id": customer.id,
                    "employee_id": cls.employees[user].id,
                    "is_main": user == salesmen[0],
                }
                for user in salesmen
            ]
        )
        return customer

    @classmethod
    def _show_team(cls, user, show=True):
        cls.env["res.users.settings"]._find_or_create_for_user(user).show_subordinates = show

    def _empty_caches(self):
        """Empty the caches of records and of environments, as a call from outside finds them.

        An environment remembers its company, and lives until Python collects circles of
        references: whether the next call reads it again would be chance.
        """
        self.env.flush_all()
        self.env.transaction.reset()

    def _measure_queries(self, call):
        """:return: how many queries a call takes, with writing what it leaves pending"""
        self._empty_caches()
        before = self.cr.sql_log_count
        call()
        self.env.flush_all()
        return self.cr.sql_log_count - before

    def _visible(self, user, model_name="res.partner", domain=()):
        return self.env[model_name].with_user(user).search(list(domain)).with_env(self.env)

    def assertSees(self, user, record, msg=None):
        """By search and by access check."""
        self.assertIn(record, self._visible(user, record._name, [("id", "in", record.ids)]), msg)
        self.assertTrue(record.with_user(user).has_access("read"), msg)

    def assertSeesNot(self, user, record, msg=None):
        self.assertFalse(self._visible(user, record._name, [("id", "in", record.ids)]), msg)
        self.assertFalse(record.with_user(user).has_access("read"), msg)
