"""The hand-over of many customers (V8): 10,000 of one salesman, each with an open case and two
open activities, in the steps of the cron. Prepared by SQL, done by the ORM, rolled back."""

import time

from odoo_environment import open_environment

ADMIN = 2
CUSTOMERS = 10_000
BUDGET = 60  # seconds


def measure_handover(bench, names):
    if "handover" not in names:
        return
    with open_environment(bench.database, ADMIN, **bench.settings) as env:
        old = bench.actors["salesman"]
        prepare(env, old)
        employee = env["hr.employee"].browse(old["employee_id"])
        successor = env["hr.employee"].search(
            [("is_salesman", "=", True), ("user_id", "!=", False), ("id", "!=", employee.id)],
            limit=1,
        )
        started = time.perf_counter()
        preview, _left = env["customer.handover"]._get_preview(employee)
        previewed, processed = time.perf_counter(), time.process_time()
        handover, steps = hand_over(env, employee, successor)
        spent = time.perf_counter() - previewed
        # on a busy machine this tells more: Python's part without the waiting
        computed = time.process_time() - processed
        print("\nhand-over: " + ", ".join(f"{label} {count}" for label, count in preview))
        print(f"  preview {(previewed - started) * 1000:.0f} ms")
        print(
            f"  {handover.done_count} of {handover.total_count} in {spent:.1f} s "
            f"({computed:.1f} s of Python), {steps} steps; budget {BUDGET} s for 10,000: "
            + ("ok" if spent * CUSTOMERS / max(handover.done_count, 1) < BUDGET else "MISSED")
        )


def hand_over(env, employee, successor):
    """As dialog and cron do, without the commits between the steps."""
    from odoo.addons.sales_crm_cases.models.customer_handover import STEP_SIZE

    handover = env["customer.handover"]._start(employee, successor).sudo()
    steps = 0
    while lines := env["customer.handover.line"].search(
        [("handover_id", "=", handover.id), ("state", "=", "todo")], limit=STEP_SIZE
    ):
        handover._work_off(lines)
        env.flush_all()
        env.invalidate_all()
        steps += 1
    handover._finish()
    return handover, steps


def prepare(env, old):
    """Give the salesman 10,000 customers with their cases and activities."""
    cr = env.cr
    parameters = {
        "employee": old["employee_id"],
        "user": old["user_id"],
        "number": CUSTOMERS,
        "activity_type": env.ref("mail.mail_activity_data_todo").id,
        "lead_model": env["ir.model"]._get_id("crm.lead"),
    }
    cr.execute(
        """
        CREATE TEMP TABLE chosen ON COMMIT DROP AS
        SELECT id FROM res_partner WHERE customer_id = id AND active ORDER BY id LIMIT %(number)s;
        DELETE FROM customer_salesman WHERE employee_id = %(employee)s;
        DELETE FROM customer_salesman WHERE customer_id IN (SELECT id FROM chosen) AND is_main;
        INSERT INTO customer_salesman (customer_id, employee_id, is_main)
        SELECT id, %(employee)s, TRUE FROM chosen;
        UPDATE res_partner SET main_salesman_id = %(employee)s, user_id = %(user)s
         WHERE id IN (SELECT id FROM chosen);
        UPDATE crm_lead SET user_id = NULL WHERE user_id = %(user)s;
        UPDATE mail_activity SET user_id = 1 WHERE user_id = %(user)s;
        """,
        parameters,
    )
    copy_row(cr, "crm_lead", "type = 'opportunity' AND active AND won_status = 'pending'")
    cr.execute(
        """
        INSERT INTO mail_activity (res_model_id, res_model, res_id, res_name, activity_type_id, summary,
                                   date_deadline, user_id, customer_id, active, create_uid, write_uid,
                                   create_date, write_date)
        SELECT %(lead_model)s, 'crm.lead', l.id, l.name, %(activity_type)s, 'Call',
               CURRENT_DATE + n, %(user)s, l.customer_id, TRUE, 1, 1, now(), now()
          FROM crm_lead l, generate_series(1, 2) n WHERE l.user_id = %(user)s
        """,
        parameters,
    )
    # each salesman follows his customers and cases
    cr.execute(
        """
        INSERT INTO mail_followers (res_model, res_id, partner_id)
        SELECT 'res.partner', c.id, u.partner_id FROM chosen c, res_users u WHERE u.id = %(user)s
         UNION ALL
        SELECT 'crm.lead', l.id, u.partner_id FROM crm_lead l JOIN res_users u ON u.id = l.user_id
         WHERE l.user_id = %(user)s
            ON CONFLICT DO NOTHING
        """,
        parameters,
    )
    cr.execute("ANALYZE chosen, customer_salesman, crm_lead, mail_activity, mail_followers")
    env.invalidate_all()


def copy_row(cr, table, condition):
    """Insert a case like an existing one for each chosen customer."""
    own = {"customer_id": "c.id", "partner_id": "c.id", "user_id": "p.user_id"}
    cr.execute("SELECT column_name FROM information_schema.columns WHERE table_name = %s", [table])
    names = [name for (name,) in cr.fetchall() if name != "id"]
    values = [own.get(name) or f't."{name}"' for name in names]
    cr.execute(
        f"""
        INSERT INTO {table} ({", ".join(f'"{name}"' for name in names)})
        SELECT {", ".join(values)}
          FROM chosen c JOIN res_partner p ON p.id = c.id,
               (SELECT * FROM {table} WHERE {condition} ORDER BY id LIMIT 1) t
        """
    )
