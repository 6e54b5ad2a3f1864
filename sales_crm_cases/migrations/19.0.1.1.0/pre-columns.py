"""Make the stored columns of this version, so that the ORM does not compute them record by
record."""

# nobody is anonymised yet: empty is right
NEW_COLUMNS = {"res_partner": "is_forgotten", "crm_lead": "is_forgotten"}


def migrate(cr, version):
    for table, column in NEW_COLUMNS.items():
        cr.execute(f"ALTER TABLE {table} ADD COLUMN IF NOT EXISTS {column} bool")
