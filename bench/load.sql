-- What load.py fills an Odoo database with, in steps; each starts with a line "-- step:".
-- Named parameters: see load.py. Helper tables stay in schema "bench":
--
--   bench.node   one row per employee of the management tree
--   bench.link   (partner_id, employee_id, main): the salesmen of each customer, 1.3 on average
--   bench.actor  the users that run.py measures with
--
-- Everything is drawn from setseed() or from hashes of a counter: two loads of one
-- scale are alike.

-- step: schema
SET session_replication_role = replica;
SET maintenance_work_mem = '512MB';
SET work_mem = '256MB';
SET synchronous_commit = off;
SELECT setseed(0.42);
CREATE SCHEMA bench;
-- readable pseudo words, always the same for a number
CREATE FUNCTION bench.word(i bigint) RETURNS text IMMUTABLE PARALLEL SAFE LANGUAGE sql AS $$
  SELECT initcap(string_agg(substr('bcdfgklmnprstvz', 1 + get_byte(h, 2*g) %% 15, 1)
                         || substr('aeiou',           1 + get_byte(h, 2*g+1) %% 5, 1), ''))
    FROM (SELECT decode(md5(i::text), 'hex') AS h) s, generate_series(0, 2) g $$;
-- a number from 0 to n - 1, always the same for i
CREATE FUNCTION bench.pick(i bigint, n bigint) RETURNS bigint IMMUTABLE PARALLEL SAFE LANGUAGE sql AS $$
  SELECT (hashint8(i)::bigint & 2147483647) %% n $$;

-- step: management tree
CREATE TABLE bench.level (lvl int PRIMARY KEY, size int, first int);
INSERT INTO bench.level
SELECT lvl, size, (sum(size) OVER (ORDER BY lvl) - size)::int
  FROM unnest(%(level_sizes)s) WITH ORDINALITY AS v(size, n), LATERAL (SELECT (n - 1)::int AS lvl) l;
-- ids in random order: where an id lies says nothing about its place in the tree
CREATE TABLE bench.node AS
SELECT l.lvl, j, l.first + j AS node,
       CASE WHEN l.lvl > 0 THEN p.first + (j::bigint * p.size / l.size)::int END AS parent_node,
       0 AS emp_id, 0 AS user_id, 0 AS partner_id, 0 AS resource_id, 0 AS version_id
  FROM bench.level l LEFT JOIN bench.level p ON p.lvl = l.lvl - 1, generate_series(0, l.size - 1) j;
ALTER TABLE bench.node ADD PRIMARY KEY (node);
WITH r AS (SELECT node, row_number() OVER (ORDER BY random()) AS rn FROM bench.node),
     b AS (SELECT (SELECT COALESCE(max(id), 0) FROM hr_employee) e, (SELECT max(id) FROM res_users) u,
                  (SELECT max(id) FROM res_partner) p,
                  (SELECT COALESCE(max(id), 0) FROM resource_resource) rs,
                  (SELECT COALESCE(max(id), 0) FROM hr_version) v)
UPDATE bench.node n
   SET emp_id = b.e + rn, user_id = b.u + rn, partner_id = b.p + rn, resource_id = b.rs + rn, version_id = b.v + rn
  FROM r, b WHERE r.node = n.node;

-- step: users and employees
INSERT INTO res_partner (id, create_date, write_date, create_uid, write_uid, name, complete_name, lang, tz, type,
                         email, active, employee, is_company, partner_share, commercial_partner_id, color,
                         supplier_rank, customer_rank, autopost_bills)
SELECT partner_id, now(), now(), 1, 1, nm, nm, 'en_US', 'Europe/Brussels', 'contact',
       'emp' || node || '@mycompany.example', true, true, false, false, partner_id, 0, 0, 0, 'ask'
  FROM (SELECT *, bench.word(node) || ' ' || bench.word(node + 7000000) AS nm FROM bench.node) n;
INSERT INTO res_users (id, company_id, partner_id, active, login, notification_type, share,
                       create_date, write_date, create_uid, write_uid, tour_enabled)
SELECT user_id, 1, partner_id, true, 'emp' || node, 'email', false, now(), now(), 1, 1, false FROM bench.node;
INSERT INTO res_company_users_rel (cid, user_id) SELECT 1, user_id FROM bench.node;
INSERT INTO res_groups_users_rel (gid, uid)
SELECT d.res_id, n.user_id FROM bench.node n, ir_model_data d
 WHERE d.model = 'res.groups'
   AND (d.module, d.name) IN (('base', 'group_user'), ('base', 'group_partner_manager'),
                              ('sales_team', 'group_sale_salesman'));
-- everybody who leads somebody shows the items of his team
INSERT INTO res_users_settings (user_id, show_subordinates, calendar_default_privacy, create_uid, write_uid, create_date, write_date)
SELECT user_id, EXISTS (SELECT 1 FROM bench.node c WHERE c.parent_node = n.node), 'public', 1, 1, now(), now()
  FROM bench.node n;
INSERT INTO resource_resource (id, company_id, user_id, calendar_id, name, resource_type, tz, active,
                               time_efficiency, create_uid, write_uid, create_date, write_date)
SELECT n.resource_id, 1, n.user_id, (SELECT min(id) FROM resource_calendar), p.name, 'user', 'Europe/Brussels',
       true, 100, 1, 1, now(), now()
  FROM bench.node n JOIN res_partner p ON p.id = n.partner_id;
INSERT INTO hr_version (id, company_id, employee_id, last_modified_uid, hr_responsible_id, distance_home_work_unit,
                        marital, employee_type, date_version, active, last_modified_date, resource_calendar_id,
                        create_uid, write_uid, create_date, write_date, is_custom_job_title, is_flexible,
                        is_fully_flexible)
SELECT n.version_id, 1, n.emp_id, 1, 1, 'kilometers', 'single', 'employee', '2024-01-01', true, now(),
       (SELECT min(id) FROM resource_calendar), 1, 1, now(), now(), false, false, false
  FROM bench.node n;
INSERT INTO hr_employee (id, resource_id, company_id, current_version_id, user_id, work_contact_id, parent_id, name,
                         work_email, active, is_salesman, create_uid, write_uid, create_date, write_date)
SELECT n.emp_id, n.resource_id, 1, n.version_id, n.user_id, n.partner_id, m.emp_id, p.name, p.email, true, true,
       1, 1, now(), now()
  FROM bench.node n LEFT JOIN bench.node m ON m.node = n.parent_node JOIN res_partner p ON p.id = n.partner_id;

-- step: salesmen of the customers
-- customers' ids are 1 to n above bench.base.p0. Salesmen: the lowest level and half of the
-- one above, about 60 customers each; 30 %% of the customers have two, mostly of one team
CREATE TABLE bench.base AS SELECT max(id) AS p0 FROM res_partner;
CREATE TABLE bench.seller AS
SELECT row_number() OVER (ORDER BY random()) - 1 AS s, emp_id, parent_node
  FROM bench.node WHERE lvl = 7 OR (lvl = 6 AND j %% 2 = 0);
CREATE UNIQUE INDEX ON bench.seller (s);
CREATE TABLE bench.mate AS
SELECT parent_node, row_number() OVER (PARTITION BY parent_node ORDER BY emp_id) - 1 AS k, emp_id,
       count(*) OVER (PARTITION BY parent_node) AS n
  FROM bench.seller;
CREATE UNIQUE INDEX ON bench.mate (parent_node, k);
CREATE TABLE bench.link AS
WITH c AS MATERIALIZED (
    SELECT b.p0 + i AS partner_id, floor(random() * (SELECT count(*) FROM bench.seller))::int AS s1,
           random() AS r, random() AS r2, random() AS r3
      FROM bench.base b, generate_series(1, %(customers)s) i),
one AS (SELECT c.*, s.emp_id, s.parent_node FROM c JOIN bench.seller s ON s.s = c.s1)
SELECT partner_id, emp_id AS employee_id, true AS main FROM one
UNION
SELECT partner_id, m.emp_id, false
  FROM one JOIN bench.mate m ON m.parent_node = one.parent_node AND m.k = floor(r2 * m.n)
 WHERE r < 0.21 AND m.emp_id != one.emp_id
UNION
SELECT partner_id, s.emp_id, false
  FROM one JOIN bench.seller s ON s.s = floor(r3 * (SELECT count(*) FROM bench.seller))::int
 WHERE r >= 0.21 AND r < 0.31 AND s.emp_id != one.emp_id;
CREATE UNIQUE INDEX ON bench.link (partner_id, employee_id);
ANALYZE bench.link;
INSERT INTO customer_salesman (customer_id, employee_id, is_main, create_uid, write_uid, create_date, write_date)
SELECT partner_id, employee_id, main, 1, 1, now(), now() FROM bench.link ORDER BY partner_id;

-- step: customers
-- one name in 1,000 holds the word "Abc"
INSERT INTO res_partner (id, create_date, write_date, create_uid, write_uid, name, complete_name,
                         commercial_company_name, lang, type, email, phone, ref, vat, street, city, zip, country_id,
                         active, employee, is_company, partner_share, commercial_partner_id, color, supplier_rank,
                         customer_rank, autopost_bills, approval_status, is_customer, customer_id, rank_id,
                         completeness, has_shared_code, has_open_case, main_salesman_id, user_id)
SELECT s.id, now() - random() * interval '700 days', now(), 1, 1, nm, nm, nm, 'en_US', 'contact',
       'info@' || lower(w) || i || '.example', '+32' || (400000000 + i), 'C' || lpad(i::text, 7, '0'),
       'BE' || (1000000000 + i), 'Street ' || i %% 300, bench.word(i %% 500 + 9000000), (1000 + i %% 9000)::text, 20,
       true, false, true, true, s.id, 0, 0, 1, 'ask',
       (ARRAY['active', 'active', 'active', 'active', 'active', 'active', 'active', 'new', 'released', 'hold'])[1 + i %% 10],
       true, s.id, r.ids[1 + i %% array_length(r.ids, 1)], 40 + i %% 61, false, true, n.emp_id, n.user_id
  FROM (SELECT b.p0 + i AS id, i, w,
               w || ' ' || bench.word(i + 3000000) || CASE WHEN i %% 1000 = 7 THEN ' Abc' ELSE '' END || ' ' || i AS nm
          FROM bench.base b, generate_series(1, %(customers)s) i, LATERAL (SELECT bench.word(i) AS w) w) s,
       (SELECT array_agg(id) AS ids FROM customer_rank) r,
       bench.link l, bench.node n
 WHERE l.partner_id = s.id AND l.main AND n.emp_id = l.employee_id;

-- step: contacts
INSERT INTO res_partner (id, create_date, write_date, create_uid, write_uid, name, complete_name,
                         commercial_company_name, lang, type, email, phone, city, country_id, active, employee,
                         is_company, partner_share, parent_id, commercial_partner_id, color, supplier_rank,
                         customer_rank, autopost_bills, is_customer, customer_id)
SELECT b.p0 + %(customers)s + i, now() - random() * interval '700 days', now(), 1, 1, w, p.complete_name || ', ' || w,
       p.name, 'en_US', 'contact', lower(w) || i || '@contact.example', '+33' || (600000000 + i), p.city, 20,
       true, false, false, true, p.id, p.id, 0, 0, 1, 'ask', false, p.id
  FROM bench.base b, generate_series(1, %(contacts)s) i,
       LATERAL (SELECT bench.word(i + 5000000) || ' ' || bench.word(i + 6000000) AS w) w,
       res_partner p WHERE p.id = b.p0 + 1 + bench.pick(i, %(customers)s);

-- step: cases
CREATE TABLE bench.base_lead AS SELECT COALESCE(max(id), 0) AS l0 FROM crm_lead;
INSERT INTO crm_lead (id, create_date, write_date, create_uid, write_uid, name, type, priority, partner_id, partner_name,
                      user_id, team_id, company_id, stage_id, expected_revenue, prorated_revenue, probability,
                      automated_probability, active, date_open, date_last_stage_update, color, won_status, customer_id)
SELECT b.l0 + i, cd, cd, n.user_id, n.user_id, 'Case ' || bench.word(i + 11000000) || ' ' || i, 'opportunity',
       (i %% 4)::text, p.id, p.commercial_company_name, n.user_id, (SELECT min(id) FROM crm_team), 1,
       st.ids[(ARRAY[1, 1, 1, 2, 2, 3, 3, 4])[1 + i %% 8]], (i %% 1000) * 10, (i %% 1000) * 5, 50, 50, i %% 10 != 3,
       cd, cd, 0, 'pending', p.commercial_partner_id
  FROM bench.base_lead b, generate_series(1, %(cases)s) i,
       (SELECT array_agg(id ORDER BY sequence, id) AS ids FROM crm_stage) st,
       LATERAL (SELECT now() - bench.pick(i + 77, 63072000) * interval '1 second' AS cd) d,
       bench.base pb, res_partner p, bench.link l, bench.node n
 WHERE p.id = pb.p0 + 1 + bench.pick(i + 1234567, %(customers)s + %(contacts)s)
   AND l.partner_id = p.commercial_partner_id AND l.main AND n.emp_id = l.employee_id;

-- step: activities
-- 70 %% on cases, 30 %% on customers; 85 %% are done (archived), spread over two years
INSERT INTO mail_activity (res_model_id, res_model, res_id, res_name, activity_type_id, user_id, summary, date_deadline,
                           date_done, done_at, case_id, first_deadline, postpone_count,
                           automated, active, create_uid, write_uid, create_date, write_date)
SELECT (SELECT id FROM ir_model WHERE model = 'crm.lead'), 'crm.lead', l.id, l.name, t.ids[1 + i %% 4], l.user_id,
       'Follow up', dd, CASE WHEN i %% 20 < 17 THEN dd END, CASE WHEN i %% 20 < 17 THEN dd END, l.id, dd, 0, false,
       i %% 20 >= 17, l.user_id, l.user_id, dd, dd
  FROM bench.base_lead b, generate_series(1, (%(activities)s * 0.7)::int) i,
       (SELECT array_agg(id ORDER BY id) AS ids FROM mail_activity_type WHERE res_model IS NULL) t,
       LATERAL (SELECT current_date - bench.pick(i + 555, 730)::int AS dd) d, crm_lead l
 WHERE l.id = b.l0 + 1 + bench.pick(i + 7654321, %(cases)s);
INSERT INTO mail_activity (res_model_id, res_model, res_id, res_name, activity_type_id, user_id, summary, date_deadline,
                           date_done, done_at, case_id, first_deadline, postpone_count,
                           automated, active, create_uid, write_uid, create_date, write_date)
SELECT (SELECT id FROM ir_model WHERE model = 'res.partner'), 'res.partner', p.id, p.complete_name, t.ids[1 + i %% 4],
       n.user_id, 'Call', dd, CASE WHEN i %% 20 < 17 THEN dd END, CASE WHEN i %% 20 < 17 THEN dd END, NULL, dd, 0, false,
       i %% 20 >= 17, n.user_id, n.user_id, dd, dd
  FROM bench.base pb, generate_series(1, (%(activities)s * 0.3)::int) i,
       (SELECT array_agg(id ORDER BY id) AS ids FROM mail_activity_type WHERE res_model IS NULL) t,
       LATERAL (SELECT current_date - bench.pick(i + 999, 730)::int AS dd) d, res_partner p, bench.link l, bench.node n
 WHERE p.id = pb.p0 + 1 + bench.pick(i + 3333333, %(customers)s + %(contacts)s)
   AND l.partner_id = p.commercial_partner_id AND l.main AND n.emp_id = l.employee_id;

-- step: sequences and actors
SELECT setval('res_partner_id_seq', (SELECT max(id) FROM res_partner)),
       setval('res_users_id_seq', (SELECT max(id) FROM res_users)),
       setval('hr_employee_id_seq', (SELECT max(id) FROM hr_employee)),
       setval('hr_version_id_seq', (SELECT max(id) FROM hr_version)),
       setval('resource_resource_id_seq', (SELECT max(id) FROM resource_resource)),
       setval('crm_lead_id_seq', (SELECT max(id) FROM crm_lead));
CREATE TABLE bench.actor AS
          SELECT 'salesman' AS actor, n.* FROM bench.node n JOIN bench.level l USING (lvl) WHERE lvl = 7 AND j = l.size * 9 / 20
UNION ALL SELECT 'manager', n.* FROM bench.node n JOIN bench.level l USING (lvl) WHERE lvl = 4 AND j = l.size / 2
UNION ALL SELECT 'division', n.* FROM bench.node n WHERE lvl = 1 AND j = 1
UNION ALL SELECT 'top', n.* FROM bench.node n WHERE lvl = 0
UNION ALL SELECT 'mover', n.* FROM bench.node n JOIN bench.level l USING (lvl) WHERE lvl = 2 AND j = l.size * 2 / 5
UNION ALL SELECT 'newboss', n.* FROM bench.node n JOIN bench.level l USING (lvl) WHERE lvl = 1 AND j = l.size - 1
UNION ALL SELECT 'all_documents', n.* FROM bench.node n JOIN bench.level l USING (lvl) WHERE lvl = 7 AND j = l.size - 1;
INSERT INTO res_groups_users_rel (gid, uid)
SELECT d.res_id, a.user_id FROM bench.actor a, ir_model_data d
 WHERE a.actor = 'all_documents' AND (d.module, d.name) = ('sales_team', 'group_sale_salesman_all_leads');
SET session_replication_role = DEFAULT;
