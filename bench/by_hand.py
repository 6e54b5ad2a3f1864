"""The quickest SQL that was found for the rows of the lists and counts: several candidates each,
for what is quick depends on how much the actor sees.

Each function takes ``(actor)`` and returns ``{name: SQL}``.
"""

ACTIVITY_MODELS = ("res.partner", "crm.lead", "sale.order")
COUNT_LIMIT = 10001  # what the web client asks for
DAYS = 30
PARTNER_COLUMNS = (
    "p.id, p.complete_name, p.email, p.phone, p.city, p.vat, c.name, u.name, p.approval_status"
)


def conditions(actor, column):
    """Ways to write in SQL that ``column``, a customer, is visible to the actor."""
    employees = tuple(actor["employee_ids"])
    found = {}
    if len(employees) <= 5000:
        links = f"SELECT customer_id FROM customer_salesman WHERE employee_id IN ({', '.join(map(str, employees))})"
        found["join"] = f"{column} IN ({links})"
        found["hash"] = f"({column} IN ({links})) IS TRUE"
    if len(employees) > 50:
        found["probe"] = f"""{column} IS NOT NULL AND EXISTS (
            SELECT 1 FROM customer_salesman k JOIN sales_visibility v ON v.employee_id = k.employee_id
             WHERE k.customer_id = {column} AND v.user_id = {actor["user_id"]} OFFSET 0)"""
    if actor["sees_all_links"]:
        found["complement"] = f"""{column} IS NOT NULL AND {column} NOT IN (
            SELECT id FROM res_partner WHERE customer_id = id AND main_salesman_id IS NULL)"""
    return found


def entity_conditions(actor):
    """The same for customers themselves."""
    found = {
        name: f"p.approval_status IS NOT NULL AND {condition}"
        for name, condition in conditions(actor, "p.customer_id").items()
    }
    employees = ", ".join(map(str, actor["employee_ids"]))
    if len(actor["employee_ids"]) <= 5000:
        found["main"] = f"""p.approval_status IS NOT NULL AND p.customer_id IS NOT NULL AND (
            p.main_salesman_id = ANY((SELECT '{{{employees.replace(" ", "")}}}')::int[])
            OR p.id = ANY(ARRAY(SELECT customer_id FROM customer_salesman
                                 WHERE is_main IS NOT TRUE AND employee_id IN ({employees}))))"""
    return found


def customers_by_hand(actor):
    return list_by_hand(entity_conditions(actor))


def families_by_hand(actor):
    return list_by_hand(conditions(actor, "p.customer_id"))


def list_by_hand(found):
    return {
        name: f"""
        SELECT {PARTNER_COLUMNS} FROM (
            SELECT * FROM res_partner p WHERE p.active AND {condition}
             ORDER BY p.complete_name, p.id DESC LIMIT 80) p
          LEFT JOIN res_country c ON c.id = p.country_id
          LEFT JOIN res_users s ON s.id = p.user_id LEFT JOIN res_partner u ON u.id = s.partner_id
         ORDER BY p.complete_name, p.id DESC"""
        for name, condition in found.items()
    }


def customer_count_by_hand(actor):
    return count_by_hand(entity_conditions(actor))


def family_count_by_hand(actor):
    return count_by_hand(conditions(actor, "p.customer_id"))


def count_by_hand(found):
    return {
        name: f"SELECT count(*) FROM (SELECT 1 FROM res_partner p WHERE p.active AND {condition} LIMIT {COUNT_LIMIT}) t"
        for name, condition in found.items()
    }


def cases_by_hand(actor):
    # the native order of cases
    return {
        name: f"""
        SELECT l.id, l.name, p.complete_name, s.name, u.name, l.expected_revenue, l.priority FROM (
            SELECT * FROM crm_lead l WHERE l.active AND l.type = 'opportunity' AND {condition}
             ORDER BY l.priority DESC, l.id DESC LIMIT 80) l
          LEFT JOIN res_partner p ON p.id = l.partner_id LEFT JOIN crm_stage s ON s.id = l.stage_id
          LEFT JOIN res_users r ON r.id = l.user_id LEFT JOIN res_partner u ON u.id = r.partner_id
         ORDER BY l.priority DESC, l.id DESC"""
        for name, condition in conditions(actor, "l.customer_id").items()
    }


def case_count_by_hand(actor):
    return {
        name: f"""SELECT count(*) FROM (SELECT 1 FROM crm_lead l
             WHERE l.active AND l.type = 'opportunity' AND {condition} LIMIT {COUNT_LIMIT}) t"""
        for name, condition in conditions(actor, "l.customer_id").items()
    }


def pipeline_by_hand(actor):
    return {
        name: f"""
        SELECT g.stage_id, s.name, g.count, g.revenue FROM (
            SELECT l.stage_id, count(*), sum(l.expected_revenue) AS revenue FROM crm_lead l
             WHERE l.active AND l.type = 'opportunity' AND {condition} GROUP BY 1) g
          JOIN crm_stage s ON s.id = g.stage_id ORDER BY s.sequence, s.id"""
        for name, condition in conditions(actor, "l.customer_id").items()
    }


def activity_conditions(actor):
    found = conditions(actor, "a.customer_id")
    if len(actor["employee_ids"]) <= 5000:
        # an array of which the planner expects ten ids: it starts from the customers
        found["array"] = f"""a.customer_id = ANY(ARRAY(
            SELECT customer_id FROM customer_salesman
             WHERE employee_id IN ({", ".join(map(str, actor["employee_ids"]))})))"""
    return {
        name: f"a.res_model IN {ACTIVITY_MODELS} AND {condition}"
        for name, condition in found.items()
    }


def activities_by_hand(actor, owner=""):
    return {
        name: f"""
        SELECT a.id, t.name, a.summary, c.complete_name, k.name, k.phone, l.name, a.date_deadline,
               u.name, a.res_model
          FROM (SELECT * FROM mail_activity a WHERE a.active IS TRUE AND {condition} {owner}
                 ORDER BY a.date_deadline, a.id LIMIT 80) a
          LEFT JOIN mail_activity_type t ON t.id = a.activity_type_id
          LEFT JOIN res_partner c ON c.id = a.customer_id
          LEFT JOIN crm_lead l ON l.id = a.case_id LEFT JOIN res_partner k ON k.id = l.partner_id
          LEFT JOIN res_users s ON s.id = a.user_id LEFT JOIN res_partner u ON u.id = s.partner_id
         ORDER BY a.date_deadline, a.id"""
        for name, condition in activity_conditions(actor).items()
    }


def own_activities_by_hand(actor):
    return activities_by_hand(actor, f"AND a.user_id = {actor['user_id']}")


def activity_count_by_hand(actor):
    return {
        name: f"""SELECT count(*) FROM (SELECT 1 FROM mail_activity a
                   WHERE a.active IS TRUE AND {condition} LIMIT {COUNT_LIMIT}) t"""
        for name, condition in activity_conditions(actor).items()
    }


def warnings_by_hand(actor):
    return {
        name: f"""SELECT count(*) FROM mail_activity a
                   WHERE a.active IS TRUE AND a.date_deadline < current_date AND {condition}"""
        for name, condition in activity_conditions(actor).items()
    }


def activity_table_by_hand(actor):
    return {
        name: f"""SELECT count(*), a.activity_type_id, a.user_id FROM mail_activity a
                   WHERE a.date_done >= current_date - {DAYS} AND {condition}
                   GROUP BY 2, 3 ORDER BY 1, 2, 3"""
        for name, condition in activity_conditions(actor).items()
    }


def recommendation_conditions(actor):
    found = conditions(actor, "r.customer_id")
    employees = f"{{{','.join(map(str, actor['employee_ids']))}}}"
    if len(actor["employee_ids"]) <= 5000:
        found["array"] = f"""r.customer_id = ANY(ARRAY(
            SELECT customer_id FROM customer_salesman WHERE employee_id = ANY('{employees}')))"""
    # birthdays are a salesman's own; zero is nobody's
    own = f"r.owner_key IN (SELECT 0 UNION ALL SELECT unnest('{employees}'::int[]))"
    return {name: f"r.state = 'open' AND {own} AND {each}" for name, each in found.items()}


def recommendations_by_hand(actor):
    return {
        name: f"""
        SELECT r.id, r.due_date, p.complete_name, r.details, k.name, e.name, r.state, r.res_model
          FROM (SELECT * FROM sales_recommendation r WHERE {condition}
                 ORDER BY r.due_date, r.id LIMIT 80) r
          JOIN sales_recommendation_kind k ON k.id = r.kind_id
          LEFT JOIN res_partner p ON p.id = r.customer_id
          LEFT JOIN hr_employee e ON e.id = r.employee_id
         ORDER BY r.due_date, r.id"""
        for name, condition in recommendation_conditions(actor).items()
    }


def recommendation_count_by_hand(actor):
    return {
        name: f"SELECT count(*) FROM (SELECT 1 FROM sales_recommendation r WHERE {condition} LIMIT {COUNT_LIMIT}) t"
        for name, condition in recommendation_conditions(actor).items()
    }


def rank_call_conditions(actor):
    return {
        name: f"p.next_call_date IS NOT NULL AND {condition}"
        for name, condition in entity_conditions(actor).items()
    }


def rank_calls_by_hand(actor):
    return {
        name: f"""
        SELECT p.id, p.next_call_date, p.name, p.ref, k.name, c.name, c.phone, p.last_contact_date,
               p.planned_call_date, e.name, p.city
          FROM (SELECT * FROM res_partner p WHERE p.active AND {condition}
                 ORDER BY p.next_call_date, p.id LIMIT 80) p
          LEFT JOIN customer_rank k ON k.id = p.rank_id
          LEFT JOIN res_partner c ON c.id = p.call_contact_id
          LEFT JOIN hr_employee e ON e.id = p.main_salesman_id
         ORDER BY p.next_call_date, p.id"""
        for name, condition in rank_call_conditions(actor).items()
    }


def rank_call_count_by_hand(actor):
    return count_by_hand(rank_call_conditions(actor))
