"""What happens to a database when the addon comes and goes (K15)."""

from datetime import datetime, time, timedelta

import pytz
from odoo.tools import SQL

from .models.privacy_block import KEY_PARAMETER
from .models.res_users import SALESMAN

# stored columns that would otherwise be computed record by record at installation
NEW_COLUMNS = {
    "res_partner": {
        "customer_id": "int4",
        "main_salesman_id": "int4",
        "completeness": "int4",
        "call_contact_id": "int4",
        "has_call_contact": "bool",
        "main_contact_id": "int4",
        "has_open_case": "bool",
        "last_contact_date": "date",
        "planned_call_date": "date",
        "first_business_date": "date",
        "next_call_date": "date",
        "current_case_id": "int4",
        # nobody is anonymised yet
        "is_forgotten": "bool",
    },
    "crm_lead": {
        "customer_id": "int4",
        "case_number": "varchar",
        # no team has a process yet
        "process_id": "int4",
        "subject_id": "int4",
        "is_forgotten": "bool",
    },
    "sale_order": {"customer_id": "int4"},
    "mail_activity": {"customer_id": "int4", "case_id": "int4"},
    "hr_employee": {"is_salesman": "bool"},
    "crm_stage": {"outcome": "varchar", "probability": "float8"},
    "mail_activity_type": {"counts_as_contact": "bool"},
}


def pre_init_hook(env):
    """Make the columns. Most are empty, for no partner is a customer yet; the others are filled
    here, since the ORM would note that Odoo's stages and activity types were written."""
    for table, columns in NEW_COLUMNS.items():
        for column, column_type in columns.items():
            env.cr.execute(
                SQL(
                    "ALTER TABLE %s ADD COLUMN IF NOT EXISTS %s %s",
                    SQL.identifier(table),
                    SQL.identifier(column),
                    SQL(column_type),
                )
            )
    env.cr.execute(
        """
        UPDATE crm_stage SET outcome = CASE WHEN is_won THEN 'order' ELSE 'open' END,
                             probability = CASE WHEN is_won THEN 100 ELSE 0 END
         WHERE outcome IS NULL
        """
    )
    env.cr.execute(
        """
        UPDATE mail_activity_type
           SET counts_as_contact = COALESCE(category IN ('phonecall', 'meeting'), FALSE)
         WHERE counts_as_contact IS NULL
        """
    )


def post_init_hook(env):
    """Make who was ever invoiced or ordered a customer, and link his salesperson."""
    _plan_night_run(env, "ir_cron_recommendations", "ir_cron_privacy_rules")
    env["privacy.block"]._get_or_make_keys()
    _tick_salesmen(env)
    env["sales.visibility"]._refresh_all()
    env.flush_all()
    _number_cases(env)
    _link_activities_to_cases(env)
    customer_ids = _find_existing_customers(env)
    if customer_ids:
        _adopt_customers(env, customer_ids)
        _link_salespersons(env, customer_ids)
        _complete_stored_fields(env, customer_ids)
        env["res.partner"]._sync_rank_calls()


def uninstall_hook(env):
    """Drop what the ORM does not know of. Odoo's own columns are as they were."""
    _leave_statuses_to_teams(env)
    _leave_what_is_used(env)
    # the hashes go, too
    env["ir.config_parameter"].search([("key", "=", KEY_PARAMETER)]).unlink()
    env.cr.execute("DROP SEQUENCE IF EXISTS sales_visibility_revision_number CASCADE")


def _leave_statuses_to_teams(env):
    """Statuses of processes that are in use become stages of the teams that use them; without
    processes they would be everybody's. The others go."""
    env.cr.execute(
        """
        INSERT INTO crm_stage_crm_team_rel (crm_stage_id, crm_team_id)
        SELECT DISTINCT l.stage_id, l.team_id
          FROM crm_lead l JOIN crm_stage s ON s.id = l.stage_id
         WHERE s.process_id IS NOT NULL AND l.team_id IS NOT NULL
            ON CONFLICT DO NOTHING
        """
    )
    env.cr.execute(
        """
        DELETE FROM crm_stage s WHERE s.process_id IS NOT NULL
           AND NOT EXISTS (SELECT 1 FROM crm_lead l WHERE l.stage_id = s.id)
        """
    )
    env["crm.stage"].invalidate_model()


def _leave_what_is_used(env):
    """Statuses and activity types that cases and activities point to are the database's own from
    now on: Odoo would try to delete them, and keep their external ids."""
    env.cr.execute(
        """
        DELETE FROM ir_model_data d
         WHERE d.module = 'sales_crm_cases'
           AND (d.model = 'crm.stage'
                AND EXISTS (SELECT 1 FROM crm_lead l WHERE l.stage_id = d.res_id)
             OR d.model = 'mail.activity.type'
                AND EXISTS (SELECT 1 FROM mail_activity a WHERE a.activity_type_id = d.res_id))
        """
    )
    env["ir.model.data"].invalidate_model()
    env.registry.clear_cache()


def _plan_night_run(env, *names):
    """Recommendations and retention rules are worked out at half past midnight where the main
    company works; the last one has passed, so the first run follows the installation.

    :param names: the scheduled actions
    """
    zone = pytz.timezone(env["sales.recommendation"]._get_own_tz())
    now = datetime.now(zone)
    night = zone.localize(datetime.combine(now.date(), time(0, 30)))
    if night > now:
        night = zone.localize(datetime.combine(now.date() - timedelta(1), time(0, 30)))
    for name in names:
        env.ref(f"sales_crm_cases.{name}").nextcall = night.astimezone(pytz.utc).replace(
            tzinfo=None
        )


def _tick_salesmen(env):
    """Whoever has a right in Sales is a salesman; in SQL, as below."""
    users = env.ref(SALESMAN).all_user_ids
    env.cr.execute(
        """
        UPDATE hr_employee SET is_salesman = TRUE
         WHERE user_id = ANY(%s) AND is_salesman IS NOT TRUE
        """,
        [users.ids],
    )
    env["hr.employee"].invalidate_model(["is_salesman"])


def _number_cases(env):
    """Existing cases are numbered in the order in which they were made."""
    sequence = env.ref("sales_crm_cases.sequence_case")
    env.cr.execute(
        """
        UPDATE crm_lead l SET case_number = %(prefix)s || lpad(n.number::text, %(padding)s, '0')
          FROM (SELECT id, row_number() OVER (ORDER BY id) AS number
                  FROM crm_lead WHERE type = 'opportunity') n
         WHERE n.id = l.id AND l.case_number IS NULL
        """,
        {"prefix": sequence.prefix, "padding": sequence.padding},
    )
    sequence.number_next_actual = env.cr.rowcount + 1
    env["crm.lead"].invalidate_model(["case_number"])


def _link_activities_to_cases(env):
    for model_name, field_name in env["mail.activity"]._get_case_paths().items():
        env.cr.execute(
            SQL(
                """
                UPDATE mail_activity a SET case_id = d.%(case)s
                  FROM %(table)s d WHERE a.res_model = %(model)s AND a.res_id = d.id
                """,
                case=SQL.identifier(field_name or "id"),
                table=SQL.identifier(env[model_name]._table),
                model=model_name,
            )
        )
    env["mail.activity"].invalidate_model(["case_id"])


def _find_existing_customers(env):
    """Ids of the commercial entities with a posted invoice or a confirmed order, colleagues
    and own companies excepted."""
    env.cr.execute(
        """
        SELECT p.id FROM res_partner p
         WHERE p.commercial_partner_id = p.id
           AND p.partner_share
           AND NOT EXISTS (SELECT 1 FROM res_company c WHERE c.partner_id = p.id)
           AND (EXISTS (SELECT 1 FROM account_move m
                         WHERE m.commercial_partner_id = p.id AND m.state = 'posted'
                           AND m.move_type IN ('out_invoice', 'out_refund', 'out_receipt'))
             OR EXISTS (SELECT 1 FROM sale_order o JOIN res_partner q ON q.id = o.partner_id
                         WHERE q.commercial_partner_id = p.id AND o.state = 'sale'))
        """
    )
    return [row[0] for row in env.cr.fetchall()]


def _adopt_customers(env, customer_ids):
    """Status and family, in SQL: nothing else of them changes, not even who wrote last."""
    env.cr.execute(
        """
        UPDATE res_partner p
           SET approval_status = 'active', is_customer = TRUE,
               has_shared_code = EXISTS (SELECT 1 FROM res_partner q
                                          WHERE q.ref = p.ref AND q.id != p.id AND q.id = ANY(%(ids)s))
         WHERE p.id = ANY(%(ids)s)
        """,
        {"ids": customer_ids},
    )
    env.cr.execute(
        """
        UPDATE res_partner SET customer_id = commercial_partner_id
         WHERE commercial_partner_id = ANY(%s) AND partner_share
        """,
        [customer_ids],
    )
    for table in ("crm_lead", "sale_order"):
        env.cr.execute(
            SQL(
                """
                UPDATE %(table)s d SET customer_id = p.customer_id
                  FROM res_partner p WHERE p.id = d.partner_id AND p.customer_id IS NOT NULL
                """,
                table=SQL.identifier(table),
            )
        )
    env.invalidate_all()
    for model_name in env["mail.activity"]._get_synced_models():
        env["mail.activity"]._sync_customers(model_name)
    env["mail.activity"]._sync_cases()


def _link_salespersons(env, customer_ids):
    """One link per customer: to the employee of its salesperson, of its own company first."""
    env.cr.execute(
        """
        INSERT INTO customer_salesman
               (customer_id, employee_id, is_main, create_uid, write_uid, create_date, write_date)
        SELECT DISTINCT ON (p.id) p.id, e.id, TRUE, 1, 1, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
          FROM res_partner p JOIN hr_employee e ON e.user_id = p.user_id AND e.active
         WHERE p.id = ANY(%s)
         ORDER BY p.id, e.company_id = p.company_id DESC NULLS LAST, e.id
            ON CONFLICT DO NOTHING
        """,
        [customer_ids],
    )
    env.cr.execute(
        """
        UPDATE res_partner p SET main_salesman_id = l.employee_id
          FROM customer_salesman l WHERE l.customer_id = p.id AND l.is_main AND p.id = ANY(%s)
        """,
        [customer_ids],
    )
    env.cr.execute(
        """
        UPDATE hr_employee SET is_salesman = TRUE
         WHERE id IN (SELECT employee_id FROM customer_salesman) AND is_salesman IS NOT TRUE
        """
    )
    env.invalidate_all()


def _complete_stored_fields(env, customer_ids):
    """The computed fields of the new customers, in portions, without touching who wrote last."""
    Partner = env["res.partner"].with_context(tracking_disable=True, active_test=False)
    names = (
        "completeness",
        "call_contact_id",
        "has_call_contact",
        "main_contact_id",
        "has_open_case",
        "first_business_date",
        "current_case_id",
    )
    for start in range(0, len(customer_ids), 5000):
        portion = customer_ids[start : start + 5000]
        env.cr.execute(
            "SELECT id, write_uid, write_date FROM res_partner WHERE id = ANY(%s)", [portion]
        )
        stamps = env.cr.fetchall()
        customers = Partner.browse(portion)
        for name in names:
            env.add_to_compute(Partner._fields[name], customers)
        customers.flush_recordset(names)
        env.cr.execute(
            """
            UPDATE res_partner p SET write_uid = s.uid, write_date = s.date
              FROM unnest(%s::int[], %s::int[], %s::timestamp[]) AS s(id, uid, date) WHERE p.id = s.id
            """,
            [list(column) for column in zip(*stamps, strict=True)],
        )
        env.invalidate_all()
