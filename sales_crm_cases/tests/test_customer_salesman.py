from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import SalesCrmCommon


@tagged("post_install", "-at_install")
class TestCustomerSalesman(SalesCrmCommon):
    def test_a_linked_salesman_sees_and_an_unlinked_one_does_not(self):
        self.assertSees(self.anna, self.customer_anna)
        self.assertSeesNot(self.anna, self.customer_bert)
        self.customer_bert.salesman_ids |= self.employees[self.anna]
        self.assertSees(self.anna, self.customer_bert)
        self.customer_bert.salesman_ids -= self.employees[self.anna]
        self.assertSeesNot(self.anna, self.customer_bert)

    def test_contacts_follow_their_customer(self):
        contact = self.env["res.partner"].create(
            {"name": "Eve", "parent_id": self.customer_anna.id}
        )
        self.assertEqual(contact.customer_id, self.customer_anna)
        self.assertSees(self.anna, contact)
        self.assertSeesNot(self.bert, contact)

    def test_the_first_link_is_the_main_one_and_another_follows_it(self):
        customer = self._make_customer("Two of them", self.anna, self.bert)
        self.assertEqual(customer.main_salesman_id, self.employees[self.anna])
        self.assertEqual(customer.user_id, self.anna)
        customer.salesman_ids = self.employees[self.bert]
        self.assertEqual(customer.main_salesman_id, self.employees[self.bert])
        self.assertEqual(customer.user_id, self.bert)
        customer.salesman_ids = False
        self.assertFalse(customer.main_salesman_id)
        self.assertFalse(customer.user_id)

    def test_a_second_main_salesman_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "one main salesman"):
            self.env["customer.salesman"].create(
                {
                    "customer_id": self.customer_anna.id,
                    "employee_id": self.employees[self.bert].id,
                    "is_main": True,
                }
            )
            self.env.flush_all()
        self.assertEqual(self.customer_anna.salesman_ids, self.employees[self.anna])

    def test_an_archived_salesman_is_not_linked(self):
        self.employees[self.bert].active = False
        with self.assertRaisesRegex(ValidationError, "archived"):
            self.customer_anna.salesman_ids |= self.employees[self.bert]

    def test_nobody_links_himself_to_a_foreign_customer(self):
        me = self.employees[self.anna].id
        as_anna = self.env["res.partner"].with_user(self.anna)
        foreign = as_anna.browse(self.customer_bert.id)
        attempts = [
            lambda: (
                self.env["customer.salesman"]
                .with_user(self.anna)
                .create({"customer_id": foreign.id, "employee_id": me})
            ),
            lambda: foreign.write({"salesman_ids": [(4, me)]}),
            lambda: foreign.write({"salesman_link_ids": [(0, 0, {"employee_id": me})]}),
            lambda: foreign.write({"main_salesman_id": me}),
            lambda: self.customer_anna.with_user(self.anna).salesman_link_ids.write(
                {"customer_id": foreign.id}
            ),
            foreign.action_maintain_salesmen,
            lambda: (
                self.env["customer.salesman.wizard"]
                .with_user(self.anna)
                .create(
                    {
                        "customer_id": foreign.id,
                        "line_ids": [(0, 0, {"employee_id": me, "is_linked": True})],
                    }
                )
                .action_save()
            ),
            lambda: (
                self.env["customer.salesman"]
                .with_user(self.anna)
                .with_context(links_of_new_customer=True)
                .create({"customer_id": foreign.id, "employee_id": me})
            ),
            lambda: (
                self.env["customer.salesman"]
                .with_user(self.anna)
                .with_context(default_customer_id=foreign.id)
                .create({"employee_id": me})
            ),
        ]
        for number, attempt in enumerate(attempts):
            with self.subTest(number=number), self.assertRaises(UserError):
                attempt()
        self.assertSeesNot(self.anna, self.customer_bert)

    def test_nobody_gives_himself_the_right_to_change_what_he_sees(self):
        self._show_team(self.manager)
        self.env.company.managers_edit_team = False
        seen = self.customer_anna.with_user(self.manager)
        me = self.employees[self.manager].id
        links = self.env["customer.salesman"].with_user(self.manager)
        self.assertTrue(seen.has_access("read"))
        for values, context in (
            ({"customer_id": seen.id, "employee_id": me}, {}),
            ({"employee_id": me}, {"default_customer_id": seen.id}),
        ):
            with self.subTest(context=context), self.assertRaises(AccessError):
                links.with_context(**context).create(values)
        self.assertFalse(seen.has_access("write"))

    def test_a_customer_typed_by_a_salesman_is_his(self):
        customer = (
            self.env["res.partner"]
            .with_user(self.anna)
            .create(
                {
                    "name": "Typed Ltd",
                    "is_company": True,
                    "child_ids": [(0, 0, {"name": "Boss of Typed"})],
                    "salesman_ids": [(4, self.employees[self.bert].id)],
                }
            )
        )
        self.assertEqual(customer.approval_status, "new")
        self.assertEqual(customer.main_salesman_id, self.employees[self.anna])
        self.assertEqual(
            customer.sudo().salesman_ids, self.employees[self.anna] + self.employees[self.bert]
        )
        self.assertEqual(customer.ref[:3], "TYP")
        self.assertSees(self.bert, customer.child_ids.with_env(self.env))
        self.assertSeesNot(self.stranger, customer.with_env(self.env))

    def test_a_salesman_without_employee_learns_what_to_do(self):
        user = self._make_user("lonely", "sales_team.group_sale_salesman")
        with self.assertRaisesRegex(UserError, "employee record"):
            self.env["res.partner"].with_user(user).create({"name": "X"})

    def test_nobody_adds_contacts_to_foreign_customers(self):
        mine = self.env["res.partner"].with_user(self.anna).create({"name": "Wanderer"})
        with self.assertRaises(AccessError):
            mine.parent_id = self.customer_bert.id
        with self.assertRaises(AccessError):
            mine.copy({"parent_id": self.customer_bert.id})
        with self.assertRaises(AccessError):
            self.env["res.partner"].with_user(self.anna).create(
                {"name": "Spy", "parent_id": self.customer_bert.id}
            )

    def test_exclusive_ownership(self):
        self.env.company.exclusive_salesman = True
        with self.assertRaisesRegex(ValidationError, "one salesman"):
            self.customer_anna.salesman_ids |= self.employees[self.bert]
        self.customer_anna.main_salesman_id = self.employees[self.bert]
        self.assertEqual(self.customer_anna.salesman_ids, self.employees[self.bert])

    def test_the_dialog_lists_all_salesmen_and_applies_changes_only(self):
        wizard = (
            self.env["customer.salesman.wizard"]
            .with_user(self.anna)
            .create(
                {
                    "customer_id": self.customer_anna.id,
                    "line_ids": self.env["customer.salesman.wizard"]
                    .with_user(self.anna)
                    ._prepare_lines(self.customer_anna.with_user(self.anna)),
                }
            )
        )
        ticked = wizard.line_ids.filtered("is_linked").sudo().employee_id
        self.assertEqual(ticked, self.employees[self.anna])
        self.assertIn(self.employees[self.stranger], wizard.line_ids.sudo().employee_id)
        wizard.line_ids.filtered(
            lambda line: line.sudo().employee_id == self.employees[self.bert]
        ).is_linked = True
        # meanwhile somebody else links the stranger: the dialog does not undo it
        self.customer_anna.salesman_ids |= self.employees[self.stranger]
        wizard.action_save()
        self.assertSees(self.bert, self.customer_anna)
        self.assertSees(self.stranger, self.customer_anna)

    def test_an_unlinked_salesman_gets_no_more_messages(self):
        self.customer_anna.message_subscribe(self.anna.partner_id.ids)
        self.customer_anna.salesman_ids = self.employees[self.bert]
        self.assertNotIn(self.anna.partner_id, self.customer_anna.message_partner_ids)

    def test_merging_customers_unites_their_salesmen(self):
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        contact = self.env["res.partner"].create(
            {"name": "Eve", "parent_id": self.customer_bert.id}
        )
        wizard._merge((self.customer_anna + self.customer_bert).ids, self.customer_anna)
        self.assertEqual(
            self.customer_anna.salesman_ids, self.employees[self.anna] + self.employees[self.bert]
        )
        self.assertEqual(self.customer_anna.main_salesman_id, self.employees[self.anna])
        self.assertEqual(contact.customer_id, self.customer_anna)
        self.assertSees(self.bert, contact)

    def test_a_customer_put_under_a_company_becomes_its_contact(self):
        person = self.env["res.partner"].with_user(self.anna).create({"name": "Eve"})
        self.assertEqual(person.approval_status, "new")
        person.parent_id = self.customer_anna
        self.assertFalse(person.approval_status)
        self.assertEqual(person.customer_id, self.customer_anna)
        self.assertEqual(person.sudo().salesman_link_ids, self.env["customer.salesman"])
        other = self._make_customer("Alone", self.anna, is_company=False)
        with self.assertRaisesRegex(UserError, "cannot become a contact"):
            other.with_user(self.anna).parent_id = self.customer_anna

    def test_administrators_are_linked_where_they_name_nobody(self):
        employee = self.env["hr.employee"].create({"name": "Admin", "user_id": self.crm_admin.id})
        create = self.env["res.partner"].with_user(self.crm_admin).create
        mine = create({"name": "Mine", "approval_status": "new"})
        self.assertEqual(mine.main_salesman_id, employee)
        theirs = create(
            {
                "name": "Theirs",
                "approval_status": "new",
                "salesman_ids": [(6, 0, self.employees[self.bert].ids)],
            }
        )
        self.assertEqual(theirs.salesman_ids, self.employees[self.bert])
        given = create({"name": "Given", "main_salesman_id": self.employees[self.bert].id})
        self.assertEqual(given.approval_status, "new")
        self.assertFalse(create({"name": "Vendor"}).approval_status)

    def test_portal_users_do_not_learn_what_we_think_of_them(self):
        portal = self._make_user("portal", "base.group_portal")
        portal.partner_id.parent_id = self.customer_anna
        as_portal = self.customer_anna.with_user(portal)
        self.assertEqual(as_portal.name, "Hopfner Brewery")
        for name in ("approval_status", "rank_id", "completeness", "main_salesman_id"):
            with self.subTest(name=name), self.assertRaises(AccessError):
                as_portal.read([name])

    def test_customers_are_found_by_their_salesmen(self):
        Partner = self.env["res.partner"].with_user(self.crm_admin)
        mine = [("id", "in", (self.customer_anna + self.customer_bert).ids)]
        for domain, found in (
            ([("salesman_ids", "in", self.employees[self.anna].ids)], self.customer_anna),
            ([("salesman_ids", "ilike", "Anna")], self.customer_anna),
            ([("salesman_ids", "any", [("name", "=", "Anna")])], self.customer_anna),
            ([("salesman_ids", "not in", self.employees[self.anna].ids)], self.customer_bert),
            ([("salesman_ids", "!=", False)], self.customer_anna + self.customer_bert),
            ([("salesman_ids", "=", False)], Partner),
        ):
            with self.subTest(domain=domain):
                self.assertEqual(Partner.search(mine + domain), found)

    def test_a_copy_has_a_code_of_its_own_and_no_address_twice(self):
        self.customer_anna.email = "info@hopfner.example"
        copy = self.customer_anna.with_user(self.anna).copy()
        self.assertEqual(copy.approval_status, "new")
        self.assertNotEqual(copy.ref, self.customer_anna.ref)
        self.assertFalse(copy.email)

    def test_who_creates_a_customer_follows_it_once(self):
        """With Odoo's subscriptions, as the web client and RPC have them."""
        self.env = self.env(context={})
        for user, vals in (
            (self.anna, {}),
            (self.crm_admin, {"salesman_ids": [(6, 0, self.employees[self.anna].ids)]}),
        ):
            customer = (
                self.env["res.partner"]
                .with_user(user)
                .create({"name": f"Followed by {user.name}", "is_company": True, **vals})
            )
            self.assertEqual(
                customer.sudo().message_partner_ids, user.partner_id | self.anna.partner_id
            )
            self.assertEqual(customer.user_id, self.anna)
