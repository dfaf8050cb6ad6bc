SELECT 1
SELECT 1;
SELECT 1 -- DROP TABLE customers
SELECT 1 /* ; DELETE FROM orders; */ AS one
/* INSERT INTO x */ SELECT count(*) FROM orders
SELECT 1 /* outer /* inner; DROP TABLE x */ still a comment */ + 1
SELECT 'DROP TABLE customers; --' AS text
SELECT 'it''s; DELETE' AS quoted
SELECT E'line\nbreak \' ; UPDATE' AS escaped
SELECT $$ ; DROP TABLE x; $$ AS dollar
SELECT $tag$ pg_sleep(10) $tag$ AS tagged
SELECT 'C:\temp\' AS path
SELECT name AS "update", region AS "delete" FROM customers
SELECT name AS "select", id AS "from" FROM customers WHERE name <> 'grant all'
SELECT grant_total, pg_sleep_log, "set", last_update FROM oddities
SELECT o."set" FROM oddities o WHERE o.is_deleted IS NOT TRUE
SELECT updated_at, created_at, deleted_at FROM oddities
SELECT * FROM customers
SELECT c.* FROM customers c LIMIT 10
SELECT DISTINCT region FROM customers ORDER BY region NULLS LAST
SELECT DISTINCT ON (customer_id) customer_id, id, total FROM orders ORDER BY customer_id, ordered_at DESC
SELECT count(*) FROM orders WHERE status = 'deleted'
SELECT count(*) FILTER (WHERE status = 'paid') AS paid, count(*) AS all_orders FROM orders
SELECT region, count(*) AS n FROM customers GROUP BY region HAVING count(*) > 1 ORDER BY n DESC
SELECT region, status, sum(total) FROM orders JOIN customers ON customers.id = orders.customer_id GROUP BY GROUPING SETS ((region), (status), ())
SELECT region, status, sum(total), grouping(region) FROM orders JOIN customers c ON c.id = customer_id GROUP BY ROLLUP (region, status)
SELECT region, status, sum(total) FROM orders JOIN customers c ON c.id = customer_id GROUP BY CUBE (region, status)
SELECT date_trunc('month', ordered_at) AS month, sum(total) FROM orders GROUP BY 1 ORDER BY 1
SELECT extract(year FROM ordered_at) AS y, extract(epoch FROM ordered_at) AS e, extract(isodow FROM ordered_at) AS d FROM orders
SELECT ordered_at AT TIME ZONE 'UTC', ordered_at::date, ordered_at + interval '1 day 2 hours' FROM orders
SELECT now() - interval '30 days' < ordered_at FROM orders
SELECT current_date, current_timestamp, localtimestamp, current_time
SELECT age(timestamp '2024-03-01', timestamp '2023-01-15'), date '2024-01-31' + 1
SELECT to_char(ordered_at, 'YYYY-MM-DD HH24:MI'), to_char(total, 'FM999G999D00') FROM orders
SELECT to_date('2024-01-02', 'YYYY-MM-DD'), to_timestamp(1700000000), make_date(2024, 2, 29)
SELECT date_part('dow', ordered_at), date_bin('15 minutes', ordered_at, timestamp '2001-01-01') FROM orders
SELECT justify_interval(interval '40 days'), make_interval(days => 10)
SELECT round(avg(total), 2), sum(total)::numeric(12, 2), stddev_samp(total), var_pop(total) FROM orders
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY total), percentile_disc(ARRAY[0.25, 0.75]) WITHIN GROUP (ORDER BY total) FROM orders
SELECT mode() WITHIN GROUP (ORDER BY status) FROM orders
SELECT corr(total, id), covar_pop(total, id), regr_slope(total, id), regr_r2(total, id) FROM orders
SELECT string_agg(DISTINCT name, ', ' ORDER BY name) FROM customers
SELECT array_agg(id ORDER BY id DESC) FROM orders
SELECT json_agg(json_build_object('id', id, 'total', total)) FROM orders
SELECT jsonb_object_agg(id, name) FROM customers
SELECT row_number() OVER (PARTITION BY customer_id ORDER BY ordered_at DESC) AS rn, id FROM orders
SELECT sum(total) OVER (ORDER BY ordered_at ROWS BETWEEN 6 PRECEDING AND CURRENT ROW) FROM orders
SELECT avg(total) OVER (ORDER BY ordered_at RANGE BETWEEN interval '7 days' PRECEDING AND CURRENT ROW) FROM orders
SELECT sum(total) OVER w, rank() OVER w, dense_rank() OVER w FROM orders WINDOW w AS (PARTITION BY status ORDER BY total)
SELECT sum(id) OVER (ORDER BY id GROUPS BETWEEN 1 PRECEDING AND 1 FOLLOWING EXCLUDE CURRENT ROW) FROM orders
SELECT lag(total, 1, 0) OVER (ORDER BY id), lead(total) OVER (ORDER BY id), first_value(total) OVER (ORDER BY id), nth_value(total, 2) OVER (ORDER BY id) FROM orders
SELECT ntile(4) OVER (ORDER BY total), percent_rank() OVER (ORDER BY total), cume_dist() OVER (ORDER BY total) FROM orders
SELECT CASE WHEN total > 100 THEN 'big' WHEN total > 10 THEN 'medium' ELSE 'small' END AS size FROM orders
SELECT CASE status WHEN 'paid' THEN 1 ELSE 0 END FROM orders
SELECT coalesce(region, 'none'), nullif(region, ''), greatest(1, 2, id), least(1, id) FROM customers
SELECT name FROM customers WHERE name ILIKE '%a\_b%' OR name LIKE 'A%' ESCAPE '!'
SELECT name FROM customers WHERE name ~ '^\d+$' OR name ~* 'smith' OR name !~ 'x'
SELECT name FROM customers WHERE name SIMILAR TO '(A|B)%'
SELECT name FROM customers WHERE id IN (1, 2, 3) AND region NOT IN ('x') AND id BETWEEN 1 AND 10
SELECT name FROM customers WHERE id = ANY (ARRAY[1, 2]) OR id = ALL (SELECT 1)
SELECT name FROM customers WHERE region IS DISTINCT FROM 'north' AND region IS NOT NULL
SELECT name FROM customers c WHERE EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = c.id)
SELECT name, (SELECT max(total) FROM orders o WHERE o.customer_id = c.id) AS best FROM customers c
SELECT * FROM customers c LEFT JOIN orders o ON o.customer_id = c.id
SELECT * FROM customers c RIGHT JOIN orders o ON o.customer_id = c.id
SELECT c.name, o.id FROM customers c FULL OUTER JOIN orders o ON o.customer_id = c.id
SELECT a.id, b.id FROM customers a CROSS JOIN products b
SELECT id FROM orders JOIN order_items USING (id)
SELECT a.name, b.name FROM employees a JOIN employees b ON a.manager_id = b.id
SELECT o.id, i.n FROM orders o, LATERAL (SELECT count(*) AS n FROM order_items i WHERE i.order_id = o.id) i
SELECT c.name, t.total FROM customers c CROSS JOIN LATERAL (SELECT total FROM orders o WHERE o.customer_id = c.id ORDER BY total DESC LIMIT 3) t
SELECT c.name, x.total FROM customers c LEFT JOIN LATERAL (SELECT total FROM orders o WHERE o.customer_id = c.id LIMIT 1) x ON true
SELECT id FROM customers UNION SELECT id FROM orders
SELECT id FROM customers UNION ALL SELECT id FROM orders ORDER BY id LIMIT 5
SELECT id FROM customers INTERSECT SELECT id FROM orders
SELECT id FROM customers EXCEPT SELECT id FROM orders
(SELECT id FROM customers ORDER BY id LIMIT 2) UNION ALL (SELECT id FROM orders ORDER BY id LIMIT 2)
WITH t AS (SELECT 1 AS a) SELECT a FROM t
WITH t AS MATERIALIZED (SELECT id FROM orders) SELECT count(*) FROM t
WITH t AS NOT MATERIALIZED (SELECT id FROM orders), u AS (SELECT id FROM t) SELECT count(*) FROM u
WITH t(a, b) AS (SELECT id, name FROM customers) SELECT a, b FROM t
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10) SELECT sum(i) FROM n
WITH RECURSIVE tree AS (SELECT id, name, manager_id, 1 AS depth FROM employees WHERE manager_id IS NULL UNION ALL SELECT e.id, e.name, e.manager_id, t.depth + 1 FROM employees e JOIN tree t ON e.manager_id = t.id) SELECT * FROM tree
WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n) SELECT i FROM n LIMIT 5
VALUES (1, 'a'), (2, 'b')
SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS t(id, letter)
SELECT * FROM generate_series(1, 10) AS g(n)
SELECT d::date FROM generate_series(date '2024-01-01', date '2024-01-31', interval '1 day') AS d
SELECT g.day, count(o.id) FROM generate_series(timestamp '2024-01-01', timestamp '2024-01-05', interval '1 day') AS g(day) LEFT JOIN orders o ON o.ordered_at::date = g.day::date GROUP BY g.day
SELECT unnest(tags) AS tag, count(*) FROM customers GROUP BY 1
SELECT c.name, t.tag, t.place FROM customers c CROSS JOIN LATERAL unnest(c.tags) WITH ORDINALITY AS t(tag, place)
SELECT tags[1], tags[1:2], array_length(tags, 1), cardinality(tags), tags || ARRAY['x'] FROM customers
SELECT name FROM customers WHERE tags @> ARRAY['vip'] OR tags && ARRAY['a', 'b'] OR 'x' = ANY (tags)
SELECT array_to_string(tags, ','), array_position(tags, 'vip'), array_remove(tags, 'x') FROM customers
SELECT profile -> 'address' ->> 'city', profile #> '{address,zip}', profile #>> '{address,zip}' FROM customers
SELECT name FROM customers WHERE profile @> '{"vip": true}' OR profile ? 'vip' OR profile ?| ARRAY['a'] OR profile ?& ARRAY['a', 'b']
SELECT jsonb_array_elements(profile -> 'list') FROM customers
SELECT key, value FROM customers, jsonb_each_text(profile)
SELECT jsonb_path_query(profile, '$.address.city') FROM customers
SELECT jsonb_set(profile, '{a}', '1'), profile - 'a', profile || '{"b": 2}' FROM customers
SELECT x.a, x.b FROM jsonb_to_recordset('[{"a": 1, "b": "x"}]') AS x(a int, b text)
SELECT to_jsonb(c) FROM customers c
SELECT row_to_json(t) FROM (SELECT id, name FROM customers) t
SELECT upper(name), lower(name), initcap(name), length(name), trim(both ' ' from name), left(name, 2), right(name, 2) FROM customers
SELECT substring(name from 1 for 3), substring(name from '^[A-Z]+'), overlay(name placing 'x' from 1), position('a' in name) FROM customers
SELECT split_part(email, '@', 2), replace(name, 'a', 'b'), regexp_replace(name, '[^a-z]', '', 'gi'), concat_ws(' ', name, email) FROM customers
SELECT (regexp_matches(name, '(\w+)'))[1], regexp_split_to_array(name, '\s+') FROM customers
SELECT format('%s has %s', name, id), lpad(id::text, 8, '0'), repeat('*', 3), md5(name), encode(sha256(name::bytea), 'hex') FROM customers
SELECT name || ' <' || email || '>' FROM customers
SELECT abs(-1), ceil(1.2), floor(1.8), round(1.2345, 2), trunc(1.9), mod(7, 3), power(2, 10), sqrt(2), exp(1), ln(2), log(10, 100), sign(-3)
SELECT 7 / 2, 7 % 3, 2 ^ 3, |/ 25, ||/ 27, 5 & 3, 5 | 3, 5 # 3, ~5, 1 << 3, 8 >> 1
SELECT width_bucket(total, 0, 1000, 10) AS bucket, count(*) FROM orders GROUP BY bucket
SELECT random(), gen_random_uuid(), pi()
SELECT cast(total AS integer), total::text, '1'::int, '{1,2}'::int[], '2024-01-01'::date FROM orders
SELECT bool_and(total > 0), bool_or(total > 100), every(total > 0) FROM orders
SELECT name COLLATE "C" FROM customers ORDER BY name COLLATE "C"
SELECT id FROM orders ORDER BY total DESC NULLS LAST OFFSET 5 ROWS FETCH NEXT 10 ROWS ONLY
SELECT id FROM orders ORDER BY total FETCH FIRST 3 ROWS WITH TIES
SELECT * FROM orders TABLESAMPLE SYSTEM (10) REPEATABLE (42)
SELECT * FROM orders TABLESAMPLE BERNOULLI (50)
SELECT * FROM ONLY orders
SELECT public.orders.id FROM public.orders
TABLE orders
SELECT ROW(1, 'a'), (1, 2) = (1, 2), ROW(id, total) FROM orders
SELECT count(DISTINCT (customer_id, status)) FROM orders
SELECT to_tsvector('english', name) @@ to_tsquery('english', 'smith & jones') FROM customers
SELECT ts_rank(to_tsvector(name), plainto_tsquery('x')) FROM customers
SELECT int4range(1, 10) @> 5, tsrange(now()::timestamp, now()::timestamp + interval '1 day') && tsrange(NULL, NULL)
SELECT (date '2024-01-01', date '2024-06-01') OVERLAPS (date '2024-05-01', date '2024-12-31')
SELECT '192.168.1.0/24'::inet >> '192.168.1.5'::inet, host('192.168.1.5'::inet)
SELECT xmlelement(name item, name) FROM customers
SELECT pg_typeof(1), pg_size_pretty(1024::bigint)
SELECT E'\\x41'::bytea, B'101', X'1F'
SELECT U&'d\0061t\+000061'
SELECT sum(CASE WHEN status = 'paid' THEN total ELSE 0 END) / nullif(count(*), 0) AS rate FROM orders
SELECT month, total, total - lag(total) OVER (ORDER BY month) AS growth FROM (SELECT date_trunc('month', ordered_at) AS month, sum(total) AS total FROM orders GROUP BY 1) m
SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY region ORDER BY id) AS rn FROM customers) ranked WHERE rn = 1
SELECT p.category, sum(i.quantity * i.unit_price) AS revenue FROM order_items i JOIN products p ON p.id = i.product_id JOIN orders o ON o.id = i.order_id WHERE o.status IN ('paid', 'shipped') AND o.ordered_at >= '2024-01-01' GROUP BY p.category ORDER BY revenue DESC LIMIT 10
SELECT generate_subscripts(ARRAY[1, 2], 1), array_fill(0, ARRAY[3])
SELECT id FROM orders WHERE total > (SELECT avg(total) FROM orders)
SELECT NOT true, true AND false OR true, id IS NULL, (id > 1) IS TRUE FROM orders
SELECT name FROM customers WHERE (id, region) IN (SELECT customer_id, status FROM orders)
SELECT max(id) AS "max id", min(id) "Größe" FROM orders
SELECT 'naïve café 🎉 — ok' AS unicode
SELECT timezone('UTC', now()), clock_timestamp() > statement_timestamp()
SELECT string_to_array('a,b', ','), string_to_table('a,b', ',')
SELECT any_value.id FROM orders any_value
SELECT id, (profile->>'age')::int AS age FROM customers WHERE (profile->>'age')::int > 21
SELECT pg_catalog.lower(name) FROM customers
SELECT c.id FROM customers AS c WHERE c.name = 'xp_cmdshell' OR c.name = 'pg_read_file(''/etc/passwd'')'
SELECT "customers"."name" FROM "public"."customers"
select count(*) from orders o where o.ordered_at >= date_trunc('quarter', current_date) - interval '3 months'
SELECT id, total, total * 100.0 / sum(total) OVER () AS share FROM orders
SELECT a.kind, count(*) FROM events a WHERE a.payload ->> 'page' IS NOT NULL GROUP BY a.kind
SELECT user_id, max(happened_at) - min(happened_at) AS span FROM events GROUP BY user_id
SELECT hired_on, salary, avg(salary) OVER (PARTITION BY department) FROM employees
