from odoo.tests import HttpCase, tagged

from .privacy_common import PrivacyCommon


@tagged("post_install", "-at_install")
class TestPrivacyTours(PrivacyCommon, HttpCase):
    """What privacy officers do in the browser (G1, G2, G5)."""

    PEOPLE = "/odoo/privacy-people"

    def _tour(self, name, address=PEOPLE, user=None):
        self.start_tour(address, name, login=(user or self.officer).login, timeout=300)

    def test_touch_one_and_many(self):
        old = self.env["res.partner"].union(
            *(self._make_old(f"Old Customer of Age {n}") for n in ("One", "Two", "Three"))
        )
        self.env["res.partner"].create({"name": "Young Customer of Age"})
        self._tour("sales_crm_privacy_touch")
        self.env.invalidate_all()
        self.assertEqual(old.mapped("privacy_age"), [0, 0, 0])

    def test_anonymise_one_who_warns(self):
        person = self._make_person_of_interest()
        self.env["crm.lead"].create(
            {"name": "Kettles", "type": "opportunity", "partner_id": person.id}
        )
        self.env["customer.note"].create({"customer_id": person.id, "body": "Has a dog"})
        self._make_invoice(person)
        self._tour("sales_crm_privacy_anonymise")
        self.env.invalidate_all()
        self.assertEqual(person.privacy_state, "restricted")
        self.assertEqual(self.env["privacy.request"].search_count([]), 1, "once for two clicks")
        self._tour(
            "sales_crm_privacy_gone_for_salesman", f"/odoo/customer-home/{person.id}", self.anna
        )

    def test_choose_the_fields(self):
        self._tour("sales_crm_privacy_fields")
        self.assertFalse(self.env["privacy.field"].search([("anonymise", "=", False)]))

    def test_subject_access(self):
        person = self._make_person_of_interest()
        self._tour("sales_crm_privacy_subject_access")
        requests = self.env["privacy.request"].search([])
        self.assertEqual(requests.mapped("kind"), ["export", "export"])
        self.assertEqual(requests.line_ids.partner_id, person)

    def test_a_second_officer_approves(self):
        people = self.env["res.partner"].create([{"name": f"Crowd Member {n}"} for n in range(101)])
        request = self._anonymize(people)
        self._tour("sales_crm_privacy_own_request", "/odoo/privacy-log")
        self._tour("sales_crm_privacy_second_officer", "/odoo/privacy-log", self.officer2)
        self.env.invalidate_all()
        self.assertEqual(request.state, "running")
        self.assertEqual(request.approver_id, self.officer2)
