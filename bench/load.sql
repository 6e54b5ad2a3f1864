-- What load.py fills an Odoo database with, in steps; each starts with a line "-- step:".
-- Named parameters: see load.py. Helper tables stay in schema "bench":
--
--   bench.node   one row per employee of the management tree
--   bench.link   (partner_id, employee_id, main): the salesmen of each customer, 1.3 on average
--   bench.actor  the users that run.py measures with
--   bench.day    the day of the load: all dates are counted from it
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
CREATE TABLE bench.day AS SELECT current_date AS loaded;
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
-- two of three with a birthday, half of them receive sales calls
INSERT INTO res_partner (id, create_date, write_date, create_uid, write_uid, name, complete_name,
                         commercial_company_name, lang, type, email, phone, city, country_id, active, employee,
                         is_company, partner_share, parent_id, commercial_partner_id, color, supplier_rank,
                         customer_rank, autopost_bills, is_customer, customer_id, birthday, receives_sales_calls)
SELECT b.p0 + %(customers)s + i, now() - random() * interval '700 days', now(), 1, 1, w, p.complete_name || ', ' || w,
       p.name, 'en_US', 'contact', lower(w) || i || '@contact.example', '+33' || (600000000 + i), p.city, 20,
       true, false, false, true, p.id, p.id, 0, 0, 1, 'ask', false, p.id,
       CASE WHEN i %% 3 > 0 THEN date '1950-01-01' + bench.pick(i + 14000000, 18262)::int END, i %% 2 = 0
  FROM bench.base b, generate_series(1, %(contacts)s) i,
       LATERAL (SELECT bench.word(i + 5000000) || ' ' || bench.word(i + 6000000) AS w) w,
       res_partner p WHERE p.id = b.p0 + 1 + bench.pick(i, %(customers)s);
INSERT INTO customer_anniversary (name, date, partner_id, create_uid, write_uid, create_date, write_date)
SELECT 'With the company', date '1990-01-01' + bench.pick(i + 15000000, 12000)::int, b.p0 + %(customers)s + 1
       + bench.pick(i + 16000000, %(contacts)s), 1, 1, now(), now()
  FROM bench.base b, generate_series(1, %(anniversaries)s) i;

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

-- step: contracts
-- with 40 leasing houses, one of ten with us; they end between a year ago and in three years, a
-- third with 30 or 90 days of notice. One of forty customers with contracts has a case for one
INSERT INTO res_partner (id, create_date, write_date, create_uid, write_uid, name, complete_name, lang, type, active,
                         employee, is_company, partner_share, commercial_partner_id, color, supplier_rank,
                         customer_rank, autopost_bills)
SELECT s.id, now(), now(), 1, 1, nm, nm, 'en_US', 'contact', true, false, true, true, s.id, 0, 0, 0, 'ask'
  FROM (SELECT b.p0 + %(customers)s + %(contacts)s + i AS id, bench.word(i + 17000000) || ' Leasing' AS nm
          FROM bench.base b, generate_series(1, 40) i) s;
INSERT INTO third_party_contract (id, customer_id, third_party_id, company_id, currency_id, name, is_own, date_start,
                                  date_end, term_months, notice_days, decision_date, amount, yearly_volume,
                                  yearly_cost, create_uid, write_uid, create_date, write_date)
SELECT i, b.p0 + 1 + bench.pick(i + 21000000, %(customers)s),
       CASE WHEN own THEN c.partner_id ELSE b.p0 + %(customers)s + %(contacts)s + 1 + i %% 40 END, c.id, c.currency_id,
       'L-' || lpad(i::text, 6, '0'), own, (e - make_interval(months => term))::date + 1, e, term, notice, e - notice,
       (i %% 200) * 100, 0, 0, 1, 1, now(), now()
  FROM bench.base b, res_company c, generate_series(1, %(contracts)s) i,
       LATERAL (SELECT current_date - 365 + bench.pick(i + 22000000, 1460)::int AS e,
                       bench.pick(i + 23000000, 10) = 0 AS own,
                       (ARRAY[12, 24, 36, 48, 60])[1 + bench.pick(i + 24000000, 5)] AS term,
                       (ARRAY[0, 0, 0, 0, 30, 90])[1 + bench.pick(i + 25000000, 6)] AS notice) d
 WHERE c.id = 1;
CREATE TABLE bench.contract_case AS
SELECT min(t.id) AS contract_id, l.case_id
  FROM third_party_contract t
  JOIN (SELECT customer_id, max(id) AS case_id FROM crm_lead GROUP BY 1) l USING (customer_id)
 WHERE bench.pick(t.customer_id + 26000000, 40) = 0 GROUP BY 2;
UPDATE crm_lead l SET contract_id = k.contract_id FROM bench.contract_case k WHERE k.case_id = l.id;
UPDATE third_party_contract t SET case_id = k.case_id FROM bench.contract_case k WHERE k.contract_id = t.id;

-- step: quotes
-- for customers with cases; every other one belongs to the case. One of five is of a colleague,
-- if the customer has a second salesman. Valid until 90 days before or after today; 15 of 20 are open
INSERT INTO sale_order (id, name, partner_id, partner_invoice_id, partner_shipping_id, customer_id, company_id, user_id,
                        team_id, currency_id, currency_rate, state, invoice_status, date_order, validity_date,
                        opportunity_id, amount_untaxed, amount_tax, amount_total, locked, require_signature,
                        require_payment, prepayment_percent, create_uid, write_uid, create_date, write_date)
SELECT i, 'S' || lpad(i::text, 6, '0'), l.partner_id, l.partner_id, l.partner_id, l.customer_id, c.id, u.user_id,
       l.team_id, c.currency_id, 1, d.state, 'no', d.valid - 30, d.valid, CASE WHEN i %% 2 = 0 THEN l.id END,
       (i %% 500) * 20, 0, (i %% 500) * 20, d.state = 'sale', true, false, 1, u.user_id, u.user_id, d.valid - 30, now()
  FROM bench.base_lead b, res_company c, generate_series(1, %(quotes)s) i,
       LATERAL (SELECT current_date - 90 + bench.pick(i + 31000000, 181)::int AS valid,
                       CASE WHEN s < 9 THEN 'draft' WHEN s < 15 THEN 'sent' WHEN s < 19 THEN 'sale'
                            ELSE 'cancel' END AS state
                  FROM bench.pick(i + 32000000, 20) s) d,
       crm_lead l,
       LATERAL (SELECT COALESCE((SELECT e.user_id FROM bench.link k JOIN hr_employee e ON e.id = k.employee_id
                                  WHERE i %% 5 = 0 AND k.partner_id = l.customer_id AND NOT k.main LIMIT 1),
                                l.user_id) AS user_id) u
 WHERE c.id = 1 AND l.id = b.l0 + 1 + bench.pick(i + 33000000, %(cases)s);
UPDATE third_party_contract t SET order_id = o.id
  FROM sale_order o WHERE o.opportunity_id = t.case_id AND o.state = 'sale';

-- step: sequences and actors
SELECT setval('res_partner_id_seq', (SELECT max(id) FROM res_partner)),
       setval('res_users_id_seq', (SELECT max(id) FROM res_users)),
       setval('hr_employee_id_seq', (SELECT max(id) FROM hr_employee)),
       setval('hr_version_id_seq', (SELECT max(id) FROM hr_version)),
       setval('resource_resource_id_seq', (SELECT max(id) FROM resource_resource)),
       setval('crm_lead_id_seq', (SELECT max(id) FROM crm_lead)),
       setval('third_party_contract_id_seq', (SELECT max(id) FROM third_party_contract)),
       setval('sale_order_id_seq', (SELECT max(id) FROM sale_order));
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
