SELECT 1
SELECT 1;
SELECT 1 -- DROP TABLE x
SELECT 1 /* INSERT INTO x */
SELECT 'DELETE FROM x; --' AS "delete", 'it''s' AS `update`, 3 AS [drop]
SELECT grant_total, pg_sleep_log, "set", last_update FROM oddities
SELECT * FROM customers
SELECT c.* FROM customers AS c LIMIT 10 OFFSET 5
SELECT c.id FROM customers c LIMIT 5, 10
SELECT main.customers.id FROM main.customers
SELECT rowid, id FROM customers
SELECT [name], "region", `email` FROM [customers]
SELECT DISTINCT region FROM customers ORDER BY region COLLATE NOCASE DESC NULLS LAST
SELECT region, count(*), count(DISTINCT name) FROM customers GROUP BY region HAVING count(*) > 1
SELECT strftime('%Y-%m', ordered_at) AS month, sum(total), total(total) FROM orders GROUP BY month
SELECT date(ordered_at, 'start of month', '+1 month', '-1 day'), datetime('now'), time('now'), julianday('now') - julianday(ordered_at) FROM orders
SELECT unixepoch('now'), date('now', '-7 days'), date(1700000000, 'unixepoch', 'localtime')
SELECT current_date, current_time, current_timestamp
SELECT iif(total > 100, 'big', 'small'), ifnull(status, 'x'), nullif(status, ''), coalesce(status, 'x') FROM orders
SELECT CASE WHEN total > 100 THEN 'big' ELSE 'small' END FROM orders
SELECT upper(name), lower(name), length(name), substr(name, 1, 3), substring(name, 2), trim(name), ltrim(name, 'x'), replace(name, 'a', 'b'), instr(name, 'a') FROM customers
SELECT name || ' <' || email || '>' FROM customers
SELECT printf('%05d %s %.2f', id, name, 1.5), format('%d', id), hex(name), quote(name), unicode('a'), char(65, 66) FROM customers
SELECT abs(-1), round(1.234, 2), max(1, 2), min(1, 2), random() > 0, typeof(1), sign(-1), ceil(1.2), floor(1.8), pow(2, 3), sqrt(4), ln(2), log10(100), mod(7, 3), pi()
SELECT id FROM customers WHERE name LIKE 'a%' ESCAPE '\' OR name GLOB 'A*' OR name NOT LIKE '%x%'
SELECT id FROM customers WHERE region IS NOT 'north' AND region IS NOT NULL AND name NOTNULL AND email ISNULL
SELECT id FROM customers WHERE id == 1 OR id <> 2 OR id != 3 OR id BETWEEN 1 AND 3
SELECT id FROM customers WHERE id IN (1, 2, 3) AND id NOT IN (SELECT customer_id FROM orders WHERE status = 'x')
SELECT id FROM customers WHERE (id, region) = (1, 'north') OR (id, region) IN (VALUES (1, 'north'), (2, 'south'))
SELECT id FROM customers WHERE region IS NOT DISTINCT FROM 'north'
SELECT name FROM customers c WHERE EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = c.id)
SELECT (SELECT max(total) FROM orders o WHERE o.customer_id = c.id) FROM customers c
SELECT * FROM customers c LEFT JOIN orders o ON o.customer_id = c.id
SELECT * FROM customers JOIN orders USING (id)
SELECT * FROM customers NATURAL JOIN products
SELECT * FROM customers CROSS JOIN products
SELECT c.id FROM customers c FULL JOIN orders o ON o.customer_id = c.id
SELECT c.id FROM (customers c JOIN orders o ON o.customer_id = c.id)
SELECT id FROM customers UNION SELECT id FROM orders
SELECT id FROM customers UNION ALL SELECT id FROM orders ORDER BY 1 LIMIT 3
SELECT id FROM customers INTERSECT SELECT id FROM orders
SELECT id FROM customers EXCEPT SELECT id FROM orders
WITH t AS (SELECT 1 AS a) SELECT a FROM t
WITH t(a) AS MATERIALIZED (SELECT id FROM orders) SELECT count(a) FROM t
WITH t AS NOT MATERIALIZED (SELECT id FROM orders) SELECT count(*) FROM t
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10) SELECT sum(i) FROM n
WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n LIMIT 10) SELECT i FROM n
WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT i FROM n
WITH RECURSIVE tree AS (SELECT id, name, manager_id FROM employees WHERE manager_id IS NULL UNION ALL SELECT e.id, e.name, e.manager_id FROM employees e JOIN tree t ON e.manager_id = t.id) SELECT * FROM tree
VALUES (1, 'a'), (2, 'b')
SELECT * FROM (VALUES (1, 'a'), (2, 'b'))
SELECT column1, column2 FROM (VALUES (1, 'a'))
SELECT row_number() OVER (PARTITION BY customer_id ORDER BY total DESC) AS rn FROM orders
SELECT sum(total) OVER (ORDER BY id ROWS BETWEEN 6 PRECEDING AND CURRENT ROW) FROM orders
SELECT sum(total) OVER (ORDER BY id GROUPS BETWEEN 1 PRECEDING AND 1 FOLLOWING EXCLUDE TIES) FROM orders
SELECT rank() OVER w, dense_rank() OVER w, lag(total, 1, 0) OVER w, ntile(4) OVER w FROM orders WINDOW w AS (ORDER BY total)
SELECT first_value(total) OVER (ORDER BY id), last_value(total) OVER (ORDER BY id), nth_value(total, 2) OVER (ORDER BY id), percent_rank() OVER (ORDER BY id), cume_dist() OVER (ORDER BY id) FROM orders
SELECT count(*) FILTER (WHERE status = 'paid') FROM orders
SELECT group_concat(name, ', '), group_concat(DISTINCT region) FROM customers
SELECT avg(total), sum(total), min(total), max(total), count(total) FROM orders
SELECT json_extract(profile, '$.address.city'), json_type(profile), json_valid(profile), json_array_length('[1, 2]') FROM customers
SELECT profile -> 'address' ->> 'city', profile ->> '$.age' FROM customers
SELECT json_object('id', id, 'name', name), json_array(1, 2), json_group_array(name), json_group_object(id, name) FROM customers
SELECT key, value FROM json_each('{"a": 1}')
SELECT c.id, j.value FROM customers c, json_each(c.tags) j
SELECT j.fullkey, j.atom FROM customers c, json_tree(c.profile) AS j
SELECT cast(total AS INTEGER), cast(id AS TEXT), cast('1.5' AS REAL), cast(total AS NUMERIC) FROM orders
SELECT x'53514C', 0x1F, 1e3, .5, 1.
SELECT 7 / 2, 7 % 3, 5 & 3, 5 | 3, ~5, 1 << 3, 8 >> 1, -id, +id, NOT id FROM orders
SELECT likely(1), unlikely(0), likelihood(1, 0.5)
SELECT id FROM orders INDEXED BY idx_orders_customer WHERE customer_id = 1
SELECT id FROM orders NOT INDEXED WHERE customer_id = 1
SELECT name 'alias' FROM customers
SELECT "quoted" AS q, 'pragma_table_info(x)' AS p, 'load_extension' AS l
SELECT count(*) FROM orders WHERE status = 'attach database'
SELECT min(total), status FROM orders GROUP BY 2
SELECT * FROM orders ORDER BY total DESC, id ASC LIMIT 3
SELECT sum(CASE WHEN status = 'paid' THEN total END) * 1.0 / nullif(count(*), 0) FROM orders
SELECT c.region, strftime('%Y', o.ordered_at) AS y, sum(o.total) FROM orders o JOIN customers c ON c.id = o.customer_id GROUP BY 1, 2 ORDER BY 1, 2
SELECT zeroblob(10), length(randomblob(16)), substr('abc', -1)
SELECT name, salary, salary - avg(salary) OVER (PARTITION BY department) AS gap FROM employees
SELECT 'naïve 🎉' AS "Größe"
SELECT trim('  x  '), soundex IS NULL FROM (SELECT NULL AS soundex)
SELECT a.name, b.name AS manager FROM employees a LEFT OUTER JOIN employees b ON b.id = a.manager_id
SELECT id, name FROM customers WHERE name REGEXP '^A'
SELECT TRUE, FALSE, NULL IS NULL
SELECT json_set('{}', '$.a', 1), json_insert('{}', '$.b', 2), json_replace('{"a":1}', '$.a', 2), json_remove('{"a":1}', '$.a'), json_patch('{}', '{"c": 3}'), json_quote('x')
