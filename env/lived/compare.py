"""What has changed in a database since a snapshot: in its catalog, and in each row.

python - DATABASE catalog                tables, columns, indexes, … as JSON
python - DATABASE snapshot LABEL         copies all tables into a schema of their own
python - DATABASE rows LABEL ALLOWED     differences of rows, with the number of those that no
                                         rule of ALLOWED (JSON) gives a reason for
python - DATABASE traces LABEL           records that still name the addon
"""

import json
import sys

import psycopg2
from psycopg2.sql import SQL, Identifier, Literal

ADDON = "sales_crm_cases"
CATALOG = """
    SELECT 'relation', c.relname::text, c.relkind::text
      FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v', 'm', 'S')
    UNION ALL
    SELECT 'column', c.relname || '.' || a.attname,
           concat_ws(' ', format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN 'NOT NULL' END,
                     pg_get_expr(d.adbin, d.adrelid))
      FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v', 'm')
    UNION ALL
    SELECT 'index', c.relname || '.' || i.relname, pg_get_indexdef(i.oid)
      FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid
     WHERE c.relnamespace = 'public'::regnamespace
    UNION ALL
    SELECT 'constraint', c.relname || '.' || k.conname, pg_get_constraintdef(k.oid)
      FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
     WHERE c.relnamespace = 'public'::regnamespace
    UNION ALL
    SELECT 'trigger', t.tgname::text, pg_get_triggerdef(t.oid)
      FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
     WHERE NOT t.tgisinternal AND c.relnamespace = 'public'::regnamespace
    UNION ALL
    SELECT 'function', p.oid::regprocedure::text, md5(p.prosrc)
      FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace
    UNION ALL
    SELECT 'type', t.typname::text, t.typtype::text
      FROM pg_type t WHERE t.typnamespace = 'public'::regnamespace AND t.typtype IN ('d', 'e')
    UNION ALL
    SELECT 'extension', extname::text, '' FROM pg_extension
"""
EXAMPLES = 5


def answer(cursor, query, parameters=None):
    cursor.execute(query, parameters)
    return cursor.fetchall()


def tables_of(cursor, schema):
    """{table: [columns]}"""
    rows = answer(
        cursor,
        """
        SELECT c.relname, array_agg(a.attname::text ORDER BY a.attnum)
          FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
         WHERE c.relnamespace = %s::regnamespace AND c.relkind = 'r'
         GROUP BY c.relname ORDER BY c.relname
        """,
        [schema],
    )
    return dict(rows)


def take_snapshot(connection, cursor, schema):
    cursor.execute(SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(Identifier(schema)))
    cursor.execute(SQL("CREATE SCHEMA {}").format(Identifier(schema)))
    for table in tables_of(cursor, "public"):
        cursor.execute(
            SQL("CREATE TABLE {0}.{1} AS TABLE public.{1}").format(
                Identifier(schema), Identifier(table)
            )
        )
        connection.commit()


def find_traces(cursor, schema):
    """Texts that name the addon, in the tables where Odoo keeps what modules define."""
    models = [
        row[0]
        for row in answer(
            cursor,
            SQL(
                "SELECT model FROM {0}.ir_model WHERE model NOT IN (SELECT model FROM {1}.ir_model)"
            ).format(Identifier("lived_used"), Identifier(schema)),
        )
    ]
    for table in sorted(tables_of(cursor, "public")):
        if not table.startswith(("ir_", "mail_", "res_groups", "bus_")) or table.startswith(
            ("ir_module_module", "ir_attachment")
        ):
            continue
        count = answer(
            cursor,
            SQL(
                "SELECT count(*), min(left(t::text, 300)) FROM public.{} t "
                "WHERE replace(t::text, 'module_sales_crm_cases', '') ~ %s"
            ).format(Identifier(table)),
            [
                ADDON
                + "|"
                + "|".join(f"[^a-z_.]{model.replace('.', '[.]')}[^a-z_.]" for model in models)
            ],
        )[0]
        if count[0]:
            yield f"{table}: {count[0]} rows, for instance {count[1]}"


def compare_rows(cursor, schema, allowed):
    old_tables, new_tables = tables_of(cursor, schema), tables_of(cursor, "public")
    for table in sorted(old_tables.keys() & new_tables.keys()):
        columns = [name for name in old_tables[table] if name in new_tables[table]]
        rules = [rule for rule in allowed if rule["table"] == table]
        if "id" in columns:
            yield from compare_by_id(cursor, schema, table, columns, rules)
        else:
            yield from compare_sets(cursor, schema, table, columns, rules)


def make_functions(cursor, schema):
    """What the reasons ask: ``pg_temp.own(id, model)``, whether the addon defines, or defined, the
    record; ``pg_temp.was_member(id)``, whether the user was in a group of it."""
    cursor.execute(
        SQL(
            """
            CREATE FUNCTION pg_temp.own(record int, of_model text) RETURNS bool LANGUAGE sql STABLE AS $$
                SELECT EXISTS (SELECT 1 FROM public.ir_model_data
                                WHERE module = {addon} AND model = of_model AND res_id = record)
                    OR EXISTS (SELECT 1 FROM {schema}.ir_model_data
                                WHERE module = {addon} AND model = of_model AND res_id = record)
            $$;
            CREATE FUNCTION pg_temp.was_member(member int) RETURNS bool LANGUAGE sql STABLE AS $$
                SELECT EXISTS (SELECT 1 FROM {schema}.res_groups_users_rel
                                WHERE uid = member AND pg_temp.own(gid, 'res.groups'))
            $$
            """
        ).format(addon=Literal(ADDON), schema=Identifier(schema))
    )


def reason_of(rules, what):
    """The condition under which a difference has a reason."""
    conditions = [
        SQL("({})").format(SQL(rule.get("where", "TRUE"))) for rule in rules if what in rule["what"]
    ]
    return SQL(" OR ").join(conditions) if conditions else SQL("FALSE")


def report(cursor, source, table, what, condition, rules, shown):
    """Yield the difference, if there is one."""
    reason = reason_of(rules, what)
    counts = answer(
        cursor,
        SQL(
            "SELECT count(*), count(*) FILTER (WHERE ({reason}) IS NOT TRUE) {source} WHERE {condition}"
        ).format(reason=reason, source=source, condition=condition),
    )[0]
    if not counts[0]:
        return
    examples = []
    if counts[1]:
        examples = answer(
            cursor,
            SQL(
                "SELECT left({shown}, 160) {source} WHERE {condition} AND ({reason}) IS NOT TRUE LIMIT {limit}"
            ).format(
                shown=shown,
                source=source,
                condition=condition,
                reason=reason,
                limit=Literal(EXAMPLES),
            ),
        )
    yield {
        "what": what,
        "where": table,
        "rows": counts[0],
        "unexplained": counts[1],
        "reasons": sorted({rule["reason"] for rule in rules if what in rule["what"]}),
        "examples": [row[0] for row in examples],
    }


def compare_by_id(cursor, schema, table, columns, rules):
    source = SQL("FROM {}.{t} old FULL JOIN public.{t} new ON new.id = old.id").format(
        Identifier(schema), t=Identifier(table)
    )
    changes = [
        SQL("count(*) FILTER (WHERE old.{c}::text IS DISTINCT FROM new.{c}::text)").format(
            c=Identifier(name)
        )
        for name in columns
    ]
    both = SQL("old.id IS NOT NULL AND new.id IS NOT NULL")
    yield from report(
        cursor, source, table, "added", SQL("old.id IS NULL"), rules, SQL("new::text")
    )
    yield from report(
        cursor, source, table, "removed", SQL("new.id IS NULL"), rules, SQL("old::text")
    )
    counts = answer(
        cursor, SQL("SELECT {} {} WHERE {}").format(SQL(", ").join(changes), source, both)
    )[0]
    for name, count in zip(columns, counts, strict=True):
        if count:
            condition = SQL("{both} AND old.{c}::text IS DISTINCT FROM new.{c}::text").format(
                both=both, c=Identifier(name)
            )
            shown = SQL(
                "concat_ws(' ', old.id, left(old.{c}::text, 100), '->', left(new.{c}::text, 100))"
            ).format(c=Identifier(name))
            yield from report(cursor, source, table, f"changed {name}", condition, rules, shown)


def compare_sets(cursor, schema, table, columns, rules):
    names = SQL(", ").join(map(Identifier, columns))
    for what, first, second, alias in (
        ("added", "public", schema, "new"),
        ("removed", schema, "public", "old"),
    ):
        source = SQL(
            "FROM (SELECT {n} FROM {a}.{t} EXCEPT ALL SELECT {n} FROM {b}.{t}) {alias}"
        ).format(
            n=names,
            a=Identifier(first),
            b=Identifier(second),
            t=Identifier(table),
            alias=SQL(alias),
        )
        yield from report(cursor, source, table, what, SQL("TRUE"), rules, SQL(f"{alias}::text"))


def main(database, command, label="", *rest):
    schema = f"lived_{label}"
    with psycopg2.connect(dbname=database) as connection, connection.cursor() as cursor:
        if command == "catalog":
            print(json.dumps(answer(cursor, CATALOG)))
            return
        if command == "snapshot":
            take_snapshot(connection, cursor, schema)
            return
        make_functions(cursor, schema)
        found = (
            compare_rows(cursor, schema, json.loads(rest[0]))
            if command == "rows"
            else find_traces(cursor, schema)
        )
        print(json.dumps(list(found)))


main(*sys.argv[1:])
