"""Make the stored columns of this version, so that the ORM does not compute them record by
record, and drop the indexes of fields that are not indexed any more, which the ORM leaves."""

# nobody is anonymised yet: empty is right
NEW_COLUMNS = {"res_partner": "is_forgotten", "crm_lead": "is_forgotten"}
OLD_INDEXES = (
    "sales_recommendation__company_id_index",
    "sales_recommendation__customer_id_index",
    "sales_recommendation__employee_id_index",
)


def migrate(cr, version):
    for table, column in NEW_COLUMNS.items():
        cr.execute(f"ALTER TABLE {table} ADD COLUMN IF NOT EXISTS {column} bool")
    for index in OLD_INDEXES:
        cr.execute(f"DROP INDEX IF EXISTS {index}")
