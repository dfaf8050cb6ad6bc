SELECT 1
SELECT 1;
SELECT 1 -- DROP TABLE x
SELECT 1 // PUT file
SELECT 1 /* CALL p() */
SELECT 'it''s; DROP TABLE x' AS "delete", $$ ; DROP $$ AS d, 'a\'b' AS e
SELECT grant_total, is_deleted, last_update, "set" FROM oddities
SELECT * FROM customers
SELECT * FROM shop.public.customers
SELECT * FROM "CUSTOMERS" c
SELECT * EXCLUDE (email) FROM customers
SELECT * EXCLUDE email RENAME (name AS full_name) FROM customers
SELECT * REPLACE (UPPER(name) AS name) FROM customers
SELECT * ILIKE '%id%' FROM customers
SELECT TOP 10 name FROM customers
SELECT c.* FROM customers AS c LIMIT 10 OFFSET 5
SELECT name FROM customers ORDER BY id FETCH FIRST 5 ROWS ONLY
SELECT DISTINCT region FROM customers ORDER BY region NULLS LAST
SELECT region, COUNT(*) AS n, COUNT(DISTINCT id), COUNT_IF(id > 1) FROM customers GROUP BY region HAVING n > 1
SELECT region, status, SUM(total) FROM orders o JOIN customers c ON c.id = o.customer_id GROUP BY ALL
SELECT region, SUM(total), GROUPING(region) FROM orders o JOIN customers c ON c.id = o.customer_id GROUP BY ROLLUP (region)
SELECT region, SUM(total) FROM orders o JOIN customers c ON c.id = o.customer_id GROUP BY CUBE (region, status)
SELECT region, SUM(total) FROM orders o JOIN customers c ON c.id = o.customer_id GROUP BY GROUPING SETS ((region), ())
SELECT DATE_TRUNC('month', ordered_at) AS month, SUM(total) FROM orders GROUP BY 1 ORDER BY 1
SELECT YEAR(ordered_at), MONTH(ordered_at), DAYOFWEEK(ordered_at), DAYNAME(ordered_at), EXTRACT(year FROM ordered_at), DATE_PART(quarter, ordered_at), WEEKISO(ordered_at) FROM orders
SELECT DATEADD(day, -30, CURRENT_DATE()), DATEDIFF('day', ordered_at, CURRENT_TIMESTAMP()), LAST_DAY(ordered_at), ADD_MONTHS(ordered_at, 1), MONTHS_BETWEEN(ordered_at, ordered_at), NEXT_DAY(ordered_at, 'mo'), TIME_SLICE(ordered_at, 15, 'MINUTE') FROM orders
SELECT TO_DATE('2024-01-01'), TO_TIMESTAMP_NTZ('2024-01-01'), TRY_TO_DATE('x'), TO_CHAR(ordered_at, 'YYYY-MM'), CONVERT_TIMEZONE('UTC', ordered_at), DATE_FROM_PARTS(2024, 1, 1), SYSDATE(), GETDATE(), ordered_at + INTERVAL '1 day' FROM orders
SELECT profile:address.city::STRING, profile['a']['b'], profile:list[0]::INT, GET_PATH(profile, 'a.b'), PARSE_JSON('{}'), TRY_PARSE_JSON('x'), TYPEOF(profile), OBJECT_KEYS(profile), AS_INTEGER(profile:a) FROM customers
SELECT f.value::STRING AS tag, f.index FROM customers c, LATERAL FLATTEN(input => c.tags) f
SELECT f.key, f.value FROM customers c, TABLE(FLATTEN(input => c.profile, recursive => TRUE)) f
SELECT t.value FROM TABLE(SPLIT_TO_TABLE('a,b', ',')) t
SELECT SEQ4() AS n, UNIFORM(1, 10, RANDOM()) FROM TABLE(GENERATOR(ROWCOUNT => 10))
SELECT DATEADD(day, ROW_NUMBER() OVER (ORDER BY SEQ4()) - 1, '2024-01-01'::DATE) FROM TABLE(GENERATOR(ROWCOUNT => 31))
SELECT ARRAY_CONSTRUCT(1, 2), OBJECT_CONSTRUCT('a', 1), OBJECT_CONSTRUCT(*), ARRAY_AGG(id) WITHIN GROUP (ORDER BY id), OBJECT_AGG(name, id), ARRAY_SIZE(tags), ARRAY_CONTAINS('x'::VARIANT, tags), ARRAY_TO_STRING(tags, ',') FROM customers GROUP BY tags, id, name
SELECT LISTAGG(DISTINCT name, ', ') WITHIN GROUP (ORDER BY name) FROM customers
SELECT MEDIAN(total), PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY total), APPROX_PERCENTILE(total, 0.9), APPROX_COUNT_DISTINCT(id), HLL(id), MODE(status), STDDEV(total), VARIANCE(total), KURTOSIS(total), SKEW(total), MAX_BY(id, total), ANY_VALUE(status), BOOLOR_AGG(total > 1), BITAND_AGG(id) FROM orders
SELECT ROW_NUMBER() OVER (PARTITION BY customer_id ORDER BY total DESC) AS rn FROM orders QUALIFY rn = 1
SELECT id FROM orders QUALIFY RANK() OVER (PARTITION BY customer_id ORDER BY total DESC) <= 3
SELECT SUM(total) OVER (ORDER BY ordered_at ROWS BETWEEN 6 PRECEDING AND CURRENT ROW), LAG(total) IGNORE NULLS OVER (ORDER BY id), RATIO_TO_REPORT(total) OVER (PARTITION BY status), CONDITIONAL_TRUE_EVENT(total > 1) OVER (ORDER BY id), NTILE(4) OVER (ORDER BY id) FROM orders
SELECT IFF(total > 1, 'a', 'b'), NVL(status, 'x'), NVL2(status, 1, 2), ZEROIFNULL(total), NULLIFZERO(total), DECODE(status, 'a', 1, 2), COALESCE(status, 'x'), DIV0(total, 0), EQUAL_NULL(1, NULL), CASE WHEN total > 1 THEN 1 END FROM orders
SELECT total::INT, CAST(total AS VARCHAR(10)), TRY_CAST('x' AS INT), TO_NUMBER('1'), TRY_TO_NUMBER('x', 10, 2), TO_VARCHAR(total), TO_BOOLEAN('true'), TO_VARIANT(1), total::NUMBER(10, 2) FROM orders
SELECT UPPER(name), LOWER(name), LENGTH(name), SUBSTR(name, 1, 3), LEFT(name, 2), TRIM(name), REPLACE(name, 'a', 'b'), SPLIT_PART(email, '@', 2), SPLIT(name, ' ')[0]::STRING, CONCAT(name, email), name || 'x', CONTAINS(name, 'a'), STARTSWITH(name, 'A'), CHARINDEX('a', name), LPAD(name, 10, ' '), REPEAT('*', 3), INITCAP(name), EDITDISTANCE(name, 'x'), SOUNDEX(name), INSERT(name, 1, 1, 'x'), STRTOK(name, ' ', 1) FROM customers
SELECT REGEXP_LIKE(name, 'A.*'), REGEXP_SUBSTR(name, '\\w+'), REGEXP_REPLACE(name, '[aeiou]', ''), REGEXP_COUNT(name, 'a'), name RLIKE '^A.*' FROM customers
SELECT name FROM customers WHERE name ILIKE '%a%' OR name LIKE ANY ('A%', 'B%') OR name NOT LIKE 'x' OR name ILIKE ANY ('a%')
SELECT MD5(name), SHA2(name, 256), HASH(name), BASE64_ENCODE(name), UUID_STRING(), RANDOM(), RANDSTR(5, RANDOM()) FROM customers
SELECT ABS(-1), CEIL(1.2), FLOOR(1.8), ROUND(1.234, 2), TRUNC(1.9), MOD(7, 3), POWER(2, 3), SQRT(4), LN(2), LOG(10, 2), EXP(1), SIGN(-1), SQUARE(2), WIDTH_BUCKET(5, 0, 10, 5), GREATEST(1, 2), LEAST(1, 2), BITAND(5, 3), HAVERSINE(1, 2, 3, 4), 7 % 3
SELECT name FROM customers WHERE id IN (1, 2) AND region IS DISTINCT FROM 'x' AND id BETWEEN 1 AND 5 AND region IS NOT NULL
SELECT name FROM customers c WHERE EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = c.id)
SELECT (SELECT MAX(total) FROM orders o WHERE o.customer_id = c.id) FROM customers c
SELECT * FROM customers c LEFT JOIN orders o ON o.customer_id = c.id
SELECT * FROM customers JOIN orders USING (id)
SELECT * FROM customers NATURAL JOIN products
SELECT * FROM orders o ASOF JOIN products p MATCH_CONDITION (o.total >= p.price) ON o.id = p.id
SELECT c.name, t.total FROM customers c, LATERAL (SELECT total FROM orders o WHERE o.customer_id = c.id LIMIT 1) t
SELECT id FROM customers UNION SELECT id FROM orders
SELECT id FROM customers UNION ALL SELECT id FROM orders ORDER BY id
SELECT id FROM customers MINUS SELECT id FROM orders
SELECT id FROM customers INTERSECT SELECT id FROM orders
SELECT id FROM customers EXCEPT SELECT id FROM orders
WITH t AS (SELECT 1 AS a) SELECT a FROM t
WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 10) SELECT * FROM n
WITH n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10) SELECT * FROM n
SELECT id, manager_id, LEVEL FROM employees START WITH manager_id IS NULL CONNECT BY PRIOR id = manager_id
SELECT * FROM (SELECT region, id FROM customers) PIVOT (COUNT(id) FOR region IN ('north', 'south')) AS p
SELECT * FROM (SELECT region, id FROM customers) PIVOT (COUNT(id) FOR region IN (ANY ORDER BY region))
SELECT * FROM order_items UNPIVOT (amount FOR what IN (quantity, unit_price))
SELECT * FROM orders SAMPLE (10)
SELECT * FROM orders TABLESAMPLE BERNOULLI (10) SEED (42)
SELECT * FROM orders SAMPLE (100 ROWS)
SELECT * FROM VALUES (1, 'a'), (2, 'b') AS t (id, letter)
SELECT $1, $2 FROM VALUES (1, 'a'), (2, 'b')
SELECT column1 FROM (VALUES (1), (2))
SELECT * FROM orders MATCH_RECOGNIZE (PARTITION BY customer_id ORDER BY ordered_at MEASURES FIRST(total) AS f, LAST(total) AS l ONE ROW PER MATCH AFTER MATCH SKIP PAST LAST ROW PATTERN (a b+) DEFINE b AS total > 1)
SELECT name COLLATE 'en-ci' FROM customers
SELECT a AS b, b + 1 AS c FROM (SELECT 1 AS a)
SELECT FILTER(tags, t -> t = 'x'), TRANSFORM([1, 2], x INT -> x + 1), REDUCE([1, 2], 0, (acc, x) -> acc + x) FROM customers
SELECT ST_DISTANCE(ST_MAKEPOINT(1, 2), ST_MAKEPOINT(3, 4)), ST_X(ST_MAKEPOINT(1, 2))
SELECT CURRENT_DATE, CURRENT_TIMESTAMP, CURRENT_TIME, LOCALTIMESTAMP
SELECT SUM(IFF(status = 'system$wait', total, 0)) / NULLIF(COUNT(*), 0) FROM orders
SELECT PARSE_URL('http://x.y')['host'], STRIP_NULL_VALUE(profile:a), IS_ARRAY(profile:a), CHECK_JSON('{}') FROM customers
SELECT [1, 2, 3], {'a': 1}, ARRAY_GENERATE_RANGE(0, 5), ARRAY_SORT([2, 1]), ARRAY_DISTINCT([1, 1])
SELECT name, salary, AVG(salary) OVER (PARTITION BY department) AS a FROM employees
SELECT category, SUM(i.quantity * i.unit_price) AS revenue FROM order_items i JOIN products p ON p.id = i.product_id GROUP BY category ORDER BY revenue DESC LIMIT 10
