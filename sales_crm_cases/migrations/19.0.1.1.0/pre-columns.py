"""Make the stored columns of this version, so that the ORM does not compute them record by
record, and drop what fields have not any more, indexes and a foreign key, which the ORM leaves."""

from odoo.tools import SQL

# nobody is anonymised yet: empty is right
NEW_COLUMNS = {"res_partner": "is_forgotten", "crm_lead": "is_forgotten"}
OLD_INDEXES = (
    "sales_recommendation__company_id_index",
    "sales_recommendation__customer_id_index",
    "sales_recommendation__employee_id_index",
)


def migrate(cr, version):
    for table, column in NEW_COLUMNS.items():
        cr.execute(
            SQL(
                "ALTER TABLE %s ADD COLUMN IF NOT EXISTS %s bool",
                SQL.identifier(table),
                SQL.identifier(column),
            )
        )
    for index in OLD_INDEXES:
        cr.execute(SQL("DROP INDEX IF EXISTS %s", SQL.identifier(index)))
    cr.execute(
        """
        ALTER TABLE sales_recommendation DROP CONSTRAINT IF EXISTS sales_recommendation_kind_id_fkey;
        DELETE FROM ir_model_constraint WHERE name = 'sales_recommendation_kind_id_fkey';
        """
    )
