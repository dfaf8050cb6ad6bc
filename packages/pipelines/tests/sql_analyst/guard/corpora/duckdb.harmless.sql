SELECT 1
SELECT 1;
SELECT 1 -- COPY x TO 'y'
SELECT 1 /* ATTACH 'x' */
SELECT 'read_csv(''x'')' AS "install", 'ATTACH' AS "load"
SELECT grant_total, pg_sleep_log, "set", last_update FROM oddities
SELECT * FROM customers
FROM customers
FROM customers SELECT name WHERE id > 1
FROM customers WHERE id > 1
SELECT * EXCLUDE (email) FROM customers
SELECT * REPLACE (upper(name) AS name) FROM customers
SELECT * EXCLUDE (email) REPLACE (id + 1 AS id) FROM customers
SELECT COLUMNS('n.*') FROM customers
SELECT min(COLUMNS(* EXCLUDE (tags, profile))) FROM customers
SELECT c.* FROM customers c LIMIT 10 OFFSET 5
SELECT main.customers.id FROM main.customers
SELECT DISTINCT region FROM customers ORDER BY ALL
SELECT DISTINCT ON (customer_id) customer_id, total FROM orders ORDER BY customer_id, total DESC
SELECT region, status, sum(total) FROM orders o JOIN customers c ON c.id = o.customer_id GROUP BY ALL
SELECT region, count(*) FROM customers GROUP BY region HAVING count(*) > 1 ORDER BY 2 DESC NULLS LAST
SELECT region, status, sum(total) FROM orders o JOIN customers c ON c.id = o.customer_id GROUP BY ROLLUP (region, status)
SELECT region, status, sum(total) FROM orders o JOIN customers c ON c.id = o.customer_id GROUP BY CUBE (region, status)
SELECT region, status, sum(total), grouping_id(region, status) FROM orders o JOIN customers c ON c.id = o.customer_id GROUP BY GROUPING SETS ((region), (status), ())
SELECT date_trunc('month', ordered_at) AS month, sum(total) FROM orders GROUP BY month ORDER BY month
SELECT year(ordered_at), month(ordered_at), dayname(ordered_at), extract('dow' FROM ordered_at), date_part('week', ordered_at), strftime(ordered_at, '%Y-%m') FROM orders
SELECT ordered_at + INTERVAL 1 DAY, ordered_at - INTERVAL '2 hours', date_diff('day', ordered_at, now()::TIMESTAMP), date_add(ordered_at, INTERVAL 3 MONTH) FROM orders
SELECT strptime('2024-01-02', '%Y-%m-%d'), DATE '2024-01-01', TIMESTAMP '2024-01-01 10:00:00', make_date(2024, 1, 2), last_day(DATE '2024-02-01'), time_bucket(INTERVAL '7 days', ordered_at) FROM orders
SELECT current_date, today(), epoch(ordered_at), to_timestamp(0), age(ordered_at) FROM orders
SELECT ordered_at AT TIME ZONE 'UTC', ordered_at::DATE, CAST(total AS INTEGER), TRY_CAST('x' AS INT), total::DECIMAL(10, 2) FROM orders
SELECT row_number() OVER (PARTITION BY customer_id ORDER BY total DESC) AS rn FROM orders QUALIFY rn = 1
SELECT id FROM orders QUALIFY row_number() OVER (PARTITION BY customer_id ORDER BY total) <= 2
SELECT sum(total) OVER (ORDER BY id ROWS BETWEEN 6 PRECEDING AND CURRENT ROW), avg(total) OVER (ORDER BY ordered_at RANGE BETWEEN INTERVAL 7 DAYS PRECEDING AND CURRENT ROW) FROM orders
SELECT rank() OVER w, lag(total) OVER w, lead(total, 2, 0) OVER w, ntile(4) OVER w FROM orders WINDOW w AS (ORDER BY total)
SELECT count(*) FILTER (WHERE status = 'paid'), sum(total) FILTER (total > 10) FROM orders
SELECT median(total), quantile_cont(total, 0.9), mode(status), approx_count_distinct(id), arg_max(id, total), max_by(id, total), stddev(total), kurtosis(total), skewness(total), entropy(status) FROM orders
SELECT string_agg(name, ', ' ORDER BY name), list(name ORDER BY id DESC), histogram(region), first(name), any_value(name), array_agg(DISTINCT region) FROM customers
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY total) FROM orders
SELECT [1, 2, 3], {'a': 1, 'b': 'x'}, MAP {'k': 1}, [x * 2 for x in [1, 2, 3] if x > 1], struct_pack(a := 1), row(1, 2)
SELECT list_sort([2, 1]), list_contains([1], 1), len([1]), list_aggregate([1, 2], 'sum'), array_to_string(['a'], ',')
SELECT list_transform([1, 2], lambda x: x + 1)
SELECT unnest(tags) AS tag FROM customers
SELECT c.name, t.tag FROM customers c, unnest(c.tags) AS t(tag)
SELECT tags[1], tags[1:2], tags[-1], len(tags) FROM customers
SELECT profile ->> '$.address.city', profile -> 'address' ->> 'city', json_extract_string(profile, '$.age'), json_array_length('[1]'), json_keys(profile) FROM customers
SELECT j.key, j.value FROM customers, json_each(profile) AS j
SELECT s.a, s['b'] FROM (SELECT {'a': 1, 'b': 2} AS s)
SELECT upper(name), lower(name), length(name), substr(name, 1, 3), name[1:3], trim(name), replace(name, 'a', 'b'), split_part(email, '@', 2), string_split(name, ' '), concat_ws(' ', name, email), lpad(name, 10, ' '), reverse(name), left(name, 2), starts_with(name, 'A'), contains(name, 'a') FROM customers
SELECT regexp_matches(name, '^A'), regexp_extract(name, '(\w+)', 1), regexp_replace(name, '[aeiou]', '', 'g'), regexp_full_match(name, '.*') FROM customers
SELECT name FROM customers WHERE name ILIKE '%a%' OR name SIMILAR TO 'A.*' OR name GLOB 'A*' OR name ~ '.*' OR name ^@ 'A'
SELECT levenshtein(name, 'x'), jaccard(name, 'xyz'), jaro_winkler_similarity(name, 'x'), md5(name), sha256(name), hash(name) FROM customers
SELECT printf('%d', id), format('{} {}', id, name), chr(65), ascii('a'), hex('a'), bin(5), to_base64('a'::BLOB) FROM customers
SELECT abs(-1), ceil(1.2), round(1.234, 2), 7 // 2, 7 % 3, 2 ** 3, 2 ^ 3, sqrt(4), ln(2), log10(10), greatest(1, 2), least(1, 2), pi(), random() < 2, gcd(4, 6), factorial(5), 5 & 3, xor(5, 3)
SELECT coalesce(NULL, 1), nullif(1, 1), if(true, 1, 2), ifnull(NULL, 1), CASE WHEN true THEN 1 END
SELECT id FROM customers WHERE region IS DISTINCT FROM 'x' AND id BETWEEN 1 AND 3 AND id IN (1, 2) AND region NOT IN ('x')
SELECT name FROM customers c WHERE EXISTS (FROM orders o WHERE o.customer_id = c.id)
SELECT (SELECT max(total) FROM orders o WHERE o.customer_id = c.id) FROM customers c
SELECT * FROM customers c LEFT JOIN orders o ON o.customer_id = c.id
SELECT * FROM customers c SEMI JOIN orders o ON o.customer_id = c.id
SELECT * FROM customers c ANTI JOIN orders o ON o.customer_id = c.id
SELECT o.id, p.price FROM orders o ASOF JOIN products p ON o.total >= p.price
SELECT * FROM customers POSITIONAL JOIN products
SELECT * FROM customers JOIN orders USING (id)
SELECT a.id FROM customers a, products b
SELECT c.name, t.total FROM customers c, LATERAL (SELECT total FROM orders o WHERE o.customer_id = c.id LIMIT 1) t
SELECT id FROM customers UNION ALL BY NAME SELECT id, total FROM orders
SELECT id FROM customers UNION SELECT id FROM orders
SELECT id FROM customers INTERSECT SELECT id FROM orders
SELECT id FROM customers EXCEPT ALL SELECT id FROM orders
WITH t AS (SELECT 1 AS a) SELECT a FROM t
WITH t AS MATERIALIZED (FROM orders) SELECT count(*) FROM t
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10) SELECT sum(i) FROM n
VALUES (1, 'a'), (2, 'b')
SELECT * FROM (VALUES (1, 'a'), (2, 'b')) t(id, letter)
SELECT * FROM range(10) r(i)
SELECT i FROM generate_series(1, 10) t(i)
SELECT d FROM generate_series(DATE '2024-01-01', DATE '2024-01-31', INTERVAL 1 DAY) t(d)
SELECT * FROM orders USING SAMPLE 10
SELECT * FROM orders USING SAMPLE reservoir(5 ROWS)
SELECT * FROM orders TABLESAMPLE 50%
PIVOT orders ON status USING sum(total)
PIVOT orders ON status USING sum(total) GROUP BY customer_id
SELECT * FROM (SELECT customer_id, status, total FROM orders) PIVOT (sum(total) FOR status IN ('paid', 'open'))
UNPIVOT order_items ON quantity, unit_price INTO NAME what VALUE amount
SELECT * FROM order_items UNPIVOT (amount FOR what IN (quantity, unit_price))
SELECT a + 1 AS b, b * 2 AS c FROM (SELECT 1 AS a)
SELECT total AS t FROM orders WHERE t > 10 ORDER BY t
SELECT 'a' || 'b', 'x' COLLATE NOCASE, $$dollar ; DROP$$, E'tab\t'
SELECT "customers"."name" FROM "customers"
SELECT typeof(1), typeof([1]), uuid() IS NOT NULL, gen_random_uuid() IS NOT NULL
SELECT name, salary, avg(salary) OVER (PARTITION BY department) FROM employees
SELECT sum(i.quantity * i.unit_price) AS revenue, p.category FROM order_items i JOIN products p ON p.id = i.product_id GROUP BY ALL ORDER BY revenue DESC LIMIT 5
SELECT x: 1, y: 2
SELECT max(total, 3) FROM orders
SELECT sum(total) AS "grand total" FROM orders LIMIT 10%
SELECT 'abc'.upper(), name.lower() FROM customers
SELECT map_keys(MAP {'a': 1}), map_extract(MAP {'a': 1}, 'a'), MAP {'a': 1}['a'], struct_extract({'a': 1}, 'a'), json_object('a', 1), to_json({'a': 1})
SELECT CAST('[1,2]' AS INT[]), CAST({'a': 1} AS STRUCT(a BIGINT)), '1'::HUGEINT, 1_000
WITH p AS (PIVOT orders ON status USING sum(total) GROUP BY customer_id) SELECT * FROM p
