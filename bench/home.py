"""CRM home and Customer home by hand (H1, H5): a statement for each of their figures."""

MODELS = ("res.partner", "crm.lead", "sale.order")


MONTH = "date_trunc('month', current_date)"
TAB = """
    SELECT f.total, f.id, f.summary, f.date_deadline, t.name, c.name, k.name, k.phone, l.name, u.name
      FROM (SELECT a.*, count(*) OVER () AS total %s) f
      LEFT JOIN mail_activity_type t ON t.id = f.activity_type_id
      LEFT JOIN res_partner c ON c.id = f.customer_id LEFT JOIN crm_lead l ON l.id = f.case_id
      LEFT JOIN res_partner k ON k.id = COALESCE(l.partner_id, c.main_contact_id)
      LEFT JOIN res_users s ON s.id = f.user_id LEFT JOIN res_partner u ON u.id = s.partner_id
"""


def in_month(column):
    return f"{column} >= {MONTH} AND {column} < {MONTH} + interval '1 month'"


def home(env, actor):
    """The counts of CRM home, in the order of :func:`get_home_statements`, sorted."""
    # the months of the database, as by hand
    found = env["sales.home"].with_context(tz="UTC").get_home()
    dashboard = found["dashboard"]
    counts = [
        row[name]["count"]
        for row in dashboard["activities"]["rows"]
        for name in ("existing", "new")
    ]
    counts += [row["count"] for row in dashboard["pipeline"]["rows"]]
    counts += [row["count"] for row in dashboard["performance"]["rows"]]
    counts += [tile["count"] for tile in found["tiles"] if "count" in tile]
    counts += [
        found[tab]["count"] for tab in ("today", "recent") for _record in found[tab]["records"]
    ]
    return get_sorted(counts)


def get_sorted(counts):
    return [(count,) for count in sorted(filter(None, counts))]


def customer_home(env, actor):
    env["sales.home"].get_customer_home(actor["page"][0])


def home_by_hand(actor):
    """The figures of CRM home as SQL statements, by way of asking for customers."""
    return {
        name: list(get_home_statements(actor, *conditions))
        for name, conditions in get_ways(actor).items()
    }


def get_ways(actor):
    """Two functions of a column each: SQL condition that the customer in it is visible; of large
    tables, and where there is an index on the customer."""
    if actor["sees_all_links"]:

        def complement(column):
            return (
                f"{column} IS NOT NULL AND {column} NOT IN (SELECT id FROM res_partner "
                "WHERE customer_id = id AND main_salesman_id IS NULL)"
            )

        return {"complement": (complement, complement)}
    employees = f"'{{{','.join(map(str, actor['employee_ids']))}}}'::int[]"
    links = f"SELECT customer_id FROM customer_salesman WHERE employee_id = ANY({employees})"

    def array(column):
        # of which the planner expects ten ids: it starts from the customers
        return f"{column} = ANY(ARRAY({links}))"

    def join(column):
        return f"{column} IN ({links})"

    return {"array": (array, array), "join": (join, join), "mixed": (join, array)}


def get_home_statements(actor, sees, sees_few):
    user_id = actor["user_id"]
    team = f"""(SELECT e.user_id FROM sales_visibility v JOIN hr_employee e ON e.id = v.employee_id
                 WHERE v.user_id = {user_id})"""
    if not actor["sees_all_links"]:
        team = f"(SELECT unnest(ARRAY{team}))"
    on_customers = f"a.res_model IN {MODELS} AND {sees('a.customer_id')}"
    activities = f"FROM mail_activity a WHERE {on_customers} AND a.user_id IN {team}"
    cases = f"FROM crm_lead l WHERE l.type = 'opportunity' AND {sees('l.customer_id')}"
    team_cases = f"{cases} AND l.user_id IN {team}"
    open_ones = "l.active AND l.won_status = 'pending'"
    orders = f"FROM sale_order o WHERE {sees_few('o.customer_id')}"
    team_orders = f"{orders} AND o.user_id IN {team}"
    counted_orders = (
        "SELECT count(*), sum(o.amount_untaxed / COALESCE(NULLIF(o.currency_rate, 0), 1))"
    )
    # the table of activities, the pipeline
    yield f"""
        SELECT count(*), s.type, s.existing FROM (
            SELECT a.activity_type_id AS type, (SELECT p.first_business_date < a.date_done
                     FROM res_partner p WHERE p.id = a.customer_id) IS TRUE AS existing
              {activities} AND a.date_done >= current_date - 29) s
         GROUP BY 2, 3"""
    yield f"""
        SELECT count(*), to_char(l.date_deadline, 'YYYY-MM'), sum(l.expected_revenue)
          {team_cases} AND {open_ones} AND l.date_deadline >= {MONTH}
           AND l.date_deadline < {MONTH} + interval '4 months' GROUP BY 2"""
    # performance
    yield f"SELECT count(*) {team_cases} AND {in_month('l.create_date')}"
    yield f"{counted_orders} {team_orders} AND o.state <> 'cancel' AND {in_month('o.create_date')}"
    yield f"{counted_orders} {team_orders} AND o.state = 'sale' AND {in_month('o.date_order')}"
    yield f"""
        SELECT count(*), sum(m.amount_untaxed_signed) FROM account_move m
         WHERE m.move_type IN ('out_invoice', 'out_refund') AND m.state = 'posted'
           AND {in_month("m.invoice_date")} AND m.invoice_user_id IN {team}
           AND {sees("m.commercial_partner_id")}"""
    yield f"""
        SELECT count(*), sum(t.value) FROM sales_target t
          JOIN sales_visibility v ON v.employee_id = t.employee_id
         WHERE v.user_id = {user_id} AND {in_month("t.month")}"""
    # tiles
    yield f"""
        SELECT count(*) FROM res_partner p
         WHERE p.active AND p.approval_status IS NOT NULL AND p.id = p.customer_id
           AND {sees("p.customer_id")}"""
    yield f"SELECT count(*) {cases} AND {open_ones}"
    yield f"SELECT count(*) {orders} AND o.state IN ('draft', 'sent')"
    yield f"""
        SELECT count(*) FROM sales_recommendation r
         WHERE r.state = 'open' AND {sees_few("r.customer_id")}
           AND (r.owner_key = 0 OR EXISTS (SELECT FROM sales_visibility v
                 WHERE v.user_id = {user_id} AND v.employee_id = r.owner_key OFFSET 0))"""
    yield f"SELECT count(*) {activities} AND a.active IS TRUE AND a.date_deadline < current_date"
    yield f"SELECT count(*) {activities} AND a.active IS TRUE"
    yield f"""
        SELECT count(*) FROM third_party_contract c
         WHERE c.order_id IS NULL AND c.date_end >= current_date AND {sees_few("c.customer_id")}"""
    yield f"SELECT count(*) FROM customer_note n WHERE {sees_few('n.customer_id')}"
    yield f"SELECT count(*) FROM customer_reminder r WHERE r.owner_id = {user_id} AND r.active"
    # tabs
    yield TAB % (
        f"{activities} AND a.active IS TRUE AND a.date_deadline = current_date ORDER BY a.id LIMIT 40"
    )
    yield (
        TAB
        % f"""
        FROM mail_activity a WHERE {on_customers} AND a.user_id = {user_id}
         AND a.date_done >= current_date - 29 ORDER BY a.date_done DESC, a.id DESC LIMIT 12"""
    )


def customer_home_by_hand(actor):
    """The same of one customer: its sight, its details, its figures."""
    customer_id = actor["page"][0]
    cases = f"FROM crm_lead l WHERE l.type = 'opportunity' AND l.customer_id = {customer_id}"
    orders = f"FROM sale_order o WHERE o.customer_id = {customer_id}"
    return {
        "by id": [
            f"""
            SELECT p.name, p.ref, p.phone, p.email, p.city, r.name, e.name, m.name, m.phone, m.email
              FROM res_partner p LEFT JOIN customer_rank r ON r.id = p.rank_id
              LEFT JOIN hr_employee e ON e.id = p.main_salesman_id
              LEFT JOIN res_partner m ON m.id = p.main_contact_id
             WHERE p.id = {customer_id} AND EXISTS (
                SELECT 1 FROM customer_salesman k
                  JOIN sales_visibility v ON v.employee_id = k.employee_id
                 WHERE k.customer_id = p.id AND v.user_id = {actor["user_id"]})""",
            f"""
            SELECT e.name FROM customer_salesman k JOIN hr_employee e ON e.id = k.employee_id
             WHERE k.customer_id = {customer_id}""",
            f"""
            SELECT a.activity_type_id, count(*) FROM mail_activity a
             WHERE a.res_model IN {MODELS} AND a.customer_id = {customer_id}
               AND a.date_done >= current_date - 29 GROUP BY 1""",
            f"SELECT count(*) {cases} AND {in_month('l.create_date')}",
            f"SELECT count(*), sum(o.amount_untaxed) {orders} AND {in_month('o.create_date')}",
            f"""
            SELECT count(*), sum(o.amount_untaxed) {orders} AND o.state = 'sale'
               AND {in_month("o.date_order")}""",
            f"""
            SELECT count(*), sum(m.amount_untaxed_signed) FROM account_move m
             WHERE m.commercial_partner_id = {customer_id} AND m.state = 'posted'
               AND {in_month("m.invoice_date")}""",
            f"""
            SELECT to_char(l.date_deadline, 'YYYY-MM'), count(*), sum(l.expected_revenue) {cases}
               AND l.active AND l.won_status = 'pending' AND l.date_deadline >= {MONTH}
             GROUP BY 1""",
            f"""
            SELECT l.id, l.name, l.case_number, l.date_deadline, l.expected_revenue {cases}
               AND l.active AND l.won_status = 'pending'""",
        ]
    }
