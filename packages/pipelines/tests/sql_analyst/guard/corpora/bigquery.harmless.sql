SELECT 1
SELECT 1;
SELECT 1 -- EXPORT DATA
SELECT 1 # DROP TABLE x
SELECT 'EXECUTE IMMEDIATE' AS `delete`, "it's; DROP" AS quoted
SELECT r'\d+', b'bytes', """triple ' " quote""", '''x''', 'it\'s'
SELECT * FROM shop.customers
SELECT * FROM `my-project.shop.customers`
SELECT * FROM `my-project`.shop.customers
SELECT * FROM my-project.shop.customers
SELECT * EXCEPT (email) FROM shop.customers
SELECT * REPLACE (UPPER(name) AS name) FROM shop.customers
SELECT c.* EXCEPT (email) FROM shop.customers AS c LIMIT 10 OFFSET 5
SELECT grant_total, is_deleted, last_update FROM shop.oddities
SELECT DISTINCT region FROM shop.customers ORDER BY region DESC NULLS LAST
SELECT region, COUNT(*) AS n, COUNT(DISTINCT id), COUNTIF(id > 1) FROM shop.customers GROUP BY region HAVING n > 1
SELECT region, status, SUM(total) FROM shop.orders JOIN shop.customers USING (id) GROUP BY ROLLUP (region, status)
SELECT region, SUM(total) FROM shop.orders o JOIN shop.customers c ON c.id = o.customer_id GROUP BY GROUPING SETS ((region), ())
SELECT region, SUM(total) FROM shop.orders GROUP BY ALL
SELECT DATE_TRUNC(DATE(ordered_at), MONTH) AS month, SUM(total) FROM shop.orders GROUP BY month ORDER BY month
SELECT EXTRACT(YEAR FROM ordered_at), EXTRACT(WEEK(MONDAY) FROM ordered_at), EXTRACT(DAYOFWEEK FROM ordered_at), EXTRACT(DATE FROM ordered_at) FROM shop.orders
SELECT DATE_ADD(CURRENT_DATE(), INTERVAL 1 DAY), DATE_SUB(CURRENT_DATE(), INTERVAL 1 MONTH), DATE_DIFF(CURRENT_DATE(), DATE '2024-01-01', DAY), TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 7 DAY), DATETIME_TRUNC(CURRENT_DATETIME(), HOUR)
SELECT TIMESTAMP_TRUNC(ordered_at, DAY, 'UTC'), TIMESTAMP_DIFF(ordered_at, ordered_at, SECOND), FORMAT_DATE('%Y-%m', DATE(ordered_at)), FORMAT_TIMESTAMP('%F', ordered_at), PARSE_DATE('%Y', '2024'), PARSE_TIMESTAMP('%F', '2024-01-01'), UNIX_SECONDS(ordered_at), TIMESTAMP_MILLIS(1), LAST_DAY(DATE(ordered_at), MONTH) FROM shop.orders
SELECT GENERATE_DATE_ARRAY('2024-01-01', '2024-01-31', INTERVAL 1 DAY)
SELECT day FROM UNNEST(GENERATE_DATE_ARRAY(DATE '2024-01-01', DATE '2024-01-31')) AS day
SELECT x, o FROM UNNEST([1, 2, 3]) AS x WITH OFFSET AS o
SELECT c.name, tag FROM shop.customers AS c, UNNEST(c.tags) AS tag
SELECT c.name, tag FROM shop.customers c CROSS JOIN c.tags AS tag
SELECT c.name, tag FROM shop.customers c LEFT JOIN UNNEST(c.tags) tag
SELECT o.id, item.product, item.quantity FROM shop.orders o, o.items AS item
SELECT STRUCT(1 AS a, 'x' AS b), STRUCT<a INT64, b STRING>(1, 'x'), [1, 2], ARRAY<INT64>[1], ARRAY(SELECT id FROM shop.orders)
SELECT AS STRUCT id, name FROM shop.customers
SELECT ARRAY(SELECT AS STRUCT id, total FROM shop.orders WHERE total > 1)
SELECT tags[OFFSET(0)], tags[SAFE_OFFSET(1)], tags[ORDINAL(1)], tags[SAFE_ORDINAL(1)], ARRAY_LENGTH(tags), ARRAY_TO_STRING(tags, ','), ARRAY_REVERSE(tags), ARRAY_CONCAT(tags, ['x']) FROM shop.customers
SELECT ARRAY_AGG(name IGNORE NULLS ORDER BY id DESC LIMIT 3), STRING_AGG(DISTINCT name, ', ' ORDER BY name), ANY_VALUE(name HAVING MAX id), APPROX_QUANTILES(id, 4)[OFFSET(2)], APPROX_COUNT_DISTINCT(id), APPROX_TOP_COUNT(name, 5) FROM shop.customers
SELECT SUM(total), AVG(total), MIN(total), MAX(total), STDDEV(total), VARIANCE(total), CORR(total, id), LOGICAL_OR(total > 1), BIT_AND(id), MAX_BY(id, total), PERCENTILE_CONT(total, 0.5) OVER () FROM shop.orders
SELECT ROW_NUMBER() OVER (PARTITION BY customer_id ORDER BY total DESC) AS rn FROM shop.orders QUALIFY rn = 1
SELECT id FROM shop.orders WHERE TRUE QUALIFY RANK() OVER (PARTITION BY customer_id ORDER BY total) = 1
SELECT SUM(total) OVER (ORDER BY ordered_at ROWS BETWEEN 6 PRECEDING AND CURRENT ROW), LAG(total, 1) OVER w, NTILE(4) OVER w, FIRST_VALUE(total IGNORE NULLS) OVER w FROM shop.orders WINDOW w AS (ORDER BY id)
SELECT IF(total > 1, 'a', 'b'), IFNULL(status, 'x'), NULLIF(status, ''), COALESCE(status, 'x'), CASE WHEN total > 1 THEN 1 ELSE 0 END, SAFE_DIVIDE(total, 0), GREATEST(1, 2), LEAST(1, 2) FROM shop.orders
SELECT CAST(total AS STRING), SAFE_CAST('x' AS INT64), CAST('2024-01-01' AS DATE), CAST(total AS NUMERIC), CAST(ordered_at AS STRING FORMAT 'YYYY-MM') FROM shop.orders
SELECT CONCAT(name, ' ', email), name || 'x', UPPER(name), LOWER(name), LENGTH(name), SUBSTR(name, 1, 3), TRIM(name), REPLACE(name, 'a', 'b'), SPLIT(email, '@')[SAFE_OFFSET(1)], STARTS_WITH(name, 'A'), ENDS_WITH(name, 'a'), STRPOS(name, 'a'), LPAD(name, 10), REPEAT('*', 3), REVERSE(name), INITCAP(name), FORMAT('%d %s', id, name) FROM shop.customers
SELECT REGEXP_CONTAINS(name, r'^\d+$'), REGEXP_EXTRACT(name, r'(\w+)'), REGEXP_REPLACE(name, r'[aeiou]', ''), REGEXP_EXTRACT_ALL(name, r'\w'), CONTAINS_SUBSTR(name, 'x') FROM shop.customers
SELECT SAFE.SUBSTR('x', 1), SAFE.PARSE_DATE('%Y', 'x'), NET.HOST('http://x.y'), NET.REG_DOMAIN('http://x.y')
SELECT JSON_VALUE(profile, '$.city'), JSON_QUERY(profile, '$.a'), JSON_EXTRACT_SCALAR(profile, '$.a'), TO_JSON_STRING(c), PARSE_JSON('{}'), profile.address.city, JSON_VALUE_ARRAY(profile, '$.x'), LAX_STRING(profile.a) FROM shop.customers c
SELECT MD5('x'), TO_HEX(SHA256('x')), FARM_FINGERPRINT('x'), TO_BASE64(b'x'), GENERATE_UUID(), RAND()
SELECT ABS(-1), CEIL(1.2), FLOOR(1.8), ROUND(1.234, 2), TRUNC(1.9), MOD(7, 3), DIV(7, 2), POW(2, 3), SQRT(4), LN(2), LOG(2, 10), EXP(1), SIGN(-1), IEEE_DIVIDE(1, 0), 5 & 3, 5 | 3, 5 ^ 3, ~5, 1 << 2
SELECT name FROM shop.customers WHERE name LIKE 'A%' AND id IN (1, 2) AND region NOT IN ('x') AND id BETWEEN 1 AND 5 AND region IS NOT NULL AND id IN UNNEST([1, 2])
SELECT name FROM shop.customers c WHERE EXISTS (SELECT 1 FROM shop.orders o WHERE o.customer_id = c.id)
SELECT (SELECT MAX(total) FROM shop.orders o WHERE o.customer_id = c.id) FROM shop.customers c
SELECT * FROM shop.customers c LEFT JOIN shop.orders o ON o.customer_id = c.id
SELECT * FROM shop.customers CROSS JOIN shop.products
SELECT id FROM shop.customers UNION ALL SELECT id FROM shop.orders
SELECT id FROM shop.customers UNION DISTINCT SELECT id FROM shop.orders
SELECT id FROM shop.customers INTERSECT DISTINCT SELECT id FROM shop.orders
SELECT id FROM shop.customers EXCEPT DISTINCT SELECT id FROM shop.orders
WITH t AS (SELECT 1 AS a) SELECT a FROM t
WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 10) SELECT * FROM n
SELECT * FROM (SELECT region, id FROM shop.customers) PIVOT (COUNT(id) FOR region IN ('north' AS n, 'south' AS s))
SELECT * FROM shop.order_items UNPIVOT (amount FOR what IN (quantity, unit_price))
SELECT * FROM shop.orders TABLESAMPLE SYSTEM (10 PERCENT)
SELECT * FROM shop.orders FOR SYSTEM_TIME AS OF TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 1 HOUR)
SELECT * FROM `shop.events_*` WHERE _TABLE_SUFFIX BETWEEN '20240101' AND '20240131'
SELECT event_name, (SELECT value.string_value FROM UNNEST(event_params) WHERE key = 'page') AS page FROM shop.events
SELECT ST_DISTANCE(ST_GEOGPOINT(1, 2), ST_GEOGPOINT(3, 4)), ST_ASTEXT(ST_GEOGPOINT(1, 2))
SELECT HLL_COUNT.EXTRACT(HLL_COUNT.INIT(id)) FROM shop.orders
SELECT INTERVAL 1 DAY, DATE '2024-01-01', TIMESTAMP '2024-01-01 00:00:00', NUMERIC '1.5', JSON '{"a": 1}', TIME '10:00:00'
FROM shop.orders |> WHERE total > 10 |> AGGREGATE SUM(total) AS s GROUP BY status |> ORDER BY s DESC |> LIMIT 5
SELECT DATETIME(ordered_at, 'Europe/Berlin'), DATE(ordered_at, 'UTC'), TIME(ordered_at), STRING(ordered_at) FROM shop.orders
SELECT category, SUM(i.quantity * i.unit_price) AS revenue FROM shop.order_items AS i JOIN shop.products AS p ON p.id = i.product_id WHERE p.category != 'external_query' GROUP BY category ORDER BY revenue DESC LIMIT 10
SELECT GENERATE_ARRAY(1, 10), RANGE_BUCKET(5, [0, 10]), NORMALIZE('x'), TO_CODE_POINTS('a'), COLLATE('x', 'und:ci')
SELECT COALESCE(SAFE_CAST(JSON_VALUE(profile, '$.age') AS INT64), 0) FROM shop.customers
SELECT name, salary, AVG(salary) OVER (PARTITION BY department) AS a FROM shop.employees
SELECT DATE_DIFF(DATE(MAX(ordered_at)), DATE(MIN(ordered_at)), WEEK(MONDAY)) FROM shop.orders
