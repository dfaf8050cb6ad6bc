SELECT 1
SELECT 1;
SELECT 1 -- DROP TABLE x
SELECT 1 # DELETE FROM x
SELECT /* UPDATE x */ 1
SELECT 'INSERT INTO x' AS `delete`
SELECT "it's; DROP TABLE x" AS quoted
SELECT 'it\'s; DROP TABLE x; --' AS esc
SELECT 'a\\' AS backslash, 'b\\\'' AS two
SELECT "say \"x\"; --", 'say "y"', "a''b", 'c""d'
SELECT name AS `update`, region AS `select` FROM customers
SELECT grant_total, sleep_log, `set`, last_update FROM oddities
SELECT updated_at, deleted_at, is_deleted FROM oddities
SELECT * FROM customers
SELECT c.* FROM customers c LIMIT 10
SELECT * FROM orders LIMIT 5, 10
SELECT * FROM orders LIMIT 10 OFFSET 5
SELECT 1 FROM dual
SELECT 1--1
SELECT 5 - -3
SELECT DISTINCT region FROM customers ORDER BY region DESC
SELECT SQL_NO_CACHE id FROM orders
SELECT STRAIGHT_JOIN c.name FROM customers c JOIN orders o ON o.customer_id = c.id
SELECT /*+ MAX_EXECUTION_TIME(1000) */ id FROM orders
SELECT /*+ NO_INDEX_MERGE(orders) */ id FROM orders
SELECT id FROM orders FORCE INDEX (PRIMARY)
SELECT id FROM orders USE INDEX (PRIMARY) WHERE id > 1
SELECT region, count(*) FROM customers GROUP BY region WITH ROLLUP
SELECT region, COUNT(DISTINCT id) AS n FROM customers GROUP BY region HAVING n > 1
SELECT DATE_FORMAT(ordered_at, '%Y-%m') AS month, SUM(total) FROM orders GROUP BY month ORDER BY month
SELECT YEAR(ordered_at), MONTH(ordered_at), DAY(ordered_at), QUARTER(ordered_at), WEEK(ordered_at), DAYOFWEEK(ordered_at), WEEKDAY(ordered_at), HOUR(ordered_at), MINUTE(ordered_at), SECOND(ordered_at) FROM orders
SELECT DATE_ADD(ordered_at, INTERVAL 1 DAY), DATE_SUB(ordered_at, INTERVAL 2 MONTH), ordered_at + INTERVAL 1 HOUR FROM orders
SELECT DATEDIFF(NOW(), ordered_at), TIMESTAMPDIFF(MONTH, ordered_at, NOW()), TIMESTAMPADD(DAY, 1, ordered_at) FROM orders
SELECT EXTRACT(YEAR_MONTH FROM ordered_at), LAST_DAY(ordered_at), MAKEDATE(2024, 60), MAKETIME(1, 2, 3) FROM orders
SELECT STR_TO_DATE('01,5,2013', '%d,%m,%Y'), UNIX_TIMESTAMP(ordered_at), FROM_UNIXTIME(1700000000), CURDATE(), CURTIME(), UTC_TIMESTAMP() FROM orders
SELECT CURRENT_DATE, CURRENT_TIMESTAMP, NOW(), SYSDATE(), LOCALTIME
SELECT DAYNAME(ordered_at), MONTHNAME(ordered_at), YEARWEEK(ordered_at), TO_DAYS(ordered_at) FROM orders
SELECT CONVERT_TZ(ordered_at, '+00:00', '+02:00'), TIME_FORMAT('10:00', '%H'), SEC_TO_TIME(100), TIME_TO_SEC('00:01') FROM orders
SELECT IF(total > 100, 'big', 'small'), IFNULL(status, 'x'), NULLIF(status, ''), COALESCE(status, 'x'), ISNULL(status) FROM orders
SELECT CASE WHEN total > 100 THEN 'big' ELSE 'small' END FROM orders
SELECT CONCAT(name, ' ', email), CONCAT_WS(', ', name, email), UPPER(name), LCASE(name), LENGTH(name), CHAR_LENGTH(name) FROM customers
SELECT SUBSTRING(name, 1, 3), SUBSTR(name FROM 2), LEFT(name, 2), RIGHT(name, 2), MID(name, 1, 2), SUBSTRING_INDEX(email, '@', -1) FROM customers
SELECT TRIM(BOTH 'x' FROM name), LTRIM(name), RTRIM(name), LPAD(name, 20, ' '), RPAD(name, 20, '.'), REPEAT('*', 3), REVERSE(name), SPACE(3) FROM customers
SELECT REPLACE(name, 'a', 'b'), INSERT(name, 1, 2, 'xx'), LOCATE('a', name), INSTR(name, 'a'), POSITION('a' IN name), FIELD(region, 'north', 'south'), FIND_IN_SET('a', 'a,b'), ELT(1, 'a', 'b') FROM customers
SELECT name FROM customers WHERE name REGEXP '^[A-Z]' OR name RLIKE 'x$' OR name NOT REGEXP '\\d'
SELECT REGEXP_REPLACE(name, '[aeiou]', ''), REGEXP_SUBSTR(name, '[A-Z]+'), REGEXP_INSTR(name, 'a') FROM customers
SELECT name FROM customers WHERE name LIKE '%50\%%' OR name LIKE 'a\_b'
SELECT name FROM customers WHERE BINARY name = 'Ann'
SELECT FORMAT(total, 2), ROUND(total, 1), TRUNCATE(total, 1), CEIL(total), FLOOR(total), MOD(id, 3), id DIV 2, id % 2, POW(2, 3), ABS(-1), SIGN(-2) FROM orders
SELECT RAND(), RAND(5), PI(), LOG(2), LOG10(100), LN(2), EXP(1), SQRT(4), CRC32('x'), CONV('a', 16, 2), BIN(5), HEX(255), OCT(8), BIT_COUNT(7)
SELECT MD5(name), SHA1(name), SHA2(name, 256), TO_BASE64(name), HEX(name) FROM customers
SELECT CAST(total AS SIGNED), CAST(id AS CHAR), CAST('2024-01-01' AS DATE), CAST(total AS DECIMAL(10, 2)), CONVERT(total, UNSIGNED), CONVERT(name USING utf8mb4) FROM orders JOIN customers USING (id)
SELECT GROUP_CONCAT(DISTINCT name ORDER BY name DESC SEPARATOR '; ') FROM customers
SELECT SUM(total), AVG(total), MIN(total), MAX(total), STD(total), STDDEV_SAMP(total), VARIANCE(total), VAR_POP(total), BIT_OR(id) FROM orders
SELECT JSON_ARRAYAGG(name), JSON_OBJECTAGG(id, name) FROM customers
SELECT JSON_EXTRACT(profile, '$.address.city'), JSON_UNQUOTE(JSON_EXTRACT(profile, '$.a')), JSON_LENGTH(profile), JSON_KEYS(profile), JSON_VALID(profile), JSON_CONTAINS(profile, '1', '$.a') FROM customers
SELECT JSON_OBJECT('id', id, 'name', name), JSON_ARRAY(1, 2), JSON_SET('{}', '$.a', 1), JSON_SEARCH('{"a": "x"}', 'one', 'x') FROM customers
SELECT JSON_VALUE(profile, '$.age') FROM customers
SELECT jt.a FROM JSON_TABLE('[{"a": 1}]', '$[*]' COLUMNS (a INT PATH '$.a', n FOR ORDINALITY)) AS jt
SELECT ROW_NUMBER() OVER (PARTITION BY customer_id ORDER BY total DESC) AS rn, id FROM orders
SELECT SUM(total) OVER (ORDER BY ordered_at ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) FROM orders
SELECT RANK() OVER w, DENSE_RANK() OVER w, LAG(total) OVER w, NTILE(4) OVER w FROM orders WINDOW w AS (ORDER BY total)
SELECT FIRST_VALUE(total) OVER (ORDER BY id), NTH_VALUE(total, 2) OVER (ORDER BY id), CUME_DIST() OVER (ORDER BY id) FROM orders
WITH t AS (SELECT 1 AS a) SELECT a FROM t
WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 10) SELECT * FROM n
WITH RECURSIVE tree AS (SELECT id, manager_id, 1 AS d FROM employees WHERE manager_id IS NULL UNION ALL SELECT e.id, e.manager_id, d + 1 FROM employees e JOIN tree t ON e.manager_id = t.id) SELECT * FROM tree
SELECT id FROM customers UNION SELECT id FROM orders
(SELECT id FROM customers LIMIT 1) UNION ALL (SELECT id FROM orders LIMIT 1) ORDER BY id
SELECT id FROM customers INTERSECT SELECT id FROM orders
SELECT id FROM customers EXCEPT SELECT id FROM orders
SELECT name FROM customers c WHERE EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = c.id)
SELECT name FROM customers WHERE id IN (SELECT customer_id FROM orders) AND id NOT IN (99)
SELECT name FROM customers WHERE (id, region) IN ((1, 'north'), (2, 'south'))
SELECT name FROM customers WHERE id = ANY (SELECT customer_id FROM orders) AND id <=> 1
SELECT name FROM customers WHERE region IS NULL XOR id > 3
SELECT name FROM customers WHERE id BETWEEN 1 AND 5 && region = 'north' || id = 7
SELECT * FROM customers LEFT JOIN orders ON orders.customer_id = customers.id
SELECT * FROM customers NATURAL JOIN products
SELECT * FROM customers CROSS JOIN products
SELECT a.name FROM customers a, orders b WHERE a.id = b.customer_id
SELECT (SELECT MAX(total) FROM orders o WHERE o.customer_id = c.id) FROM customers c
SELECT * FROM (SELECT region, COUNT(*) AS n FROM customers GROUP BY region) t WHERE n > 1
SELECT shop.customers.id FROM shop.customers
SELECT `customers`.`name` FROM `customers`
SELECT x'4D', 0x4D, b'101', N'text', _utf8mb4'text'
SELECT name COLLATE utf8mb4_bin FROM customers ORDER BY name COLLATE utf8mb4_bin
SELECT 'a' 'b' 'c'
SELECT TRUE, FALSE, NULL, NOT TRUE, !0
SELECT INET_ATON('10.0.0.1'), INET_NTOA(167772161), UUID() <> '', STRCMP('a', 'b'), QUOTE('x')
SELECT ANY_VALUE(name), region FROM customers GROUP BY region
SELECT MATCH (name) AGAINST ('+smith -jones' IN BOOLEAN MODE) FROM customers
SELECT ASCII('a'), ORD('a'), CHAR(65), CHAR(65 USING utf8mb4), GREATEST(1, 2), LEAST(1, 2), INTERVAL(23, 1, 15, 17)
SELECT `key`, `order`, `group` FROM oddities
SELECT SUM(IF(status = 'paid', total, 0)) / NULLIF(COUNT(*), 0) AS rate FROM orders
SELECT DATE(ordered_at) AS day, COUNT(*) FROM orders WHERE ordered_at >= CURDATE() - INTERVAL 7 DAY GROUP BY DATE(ordered_at)
SELECT PERIOD_DIFF(202402, 202401), ADDDATE('2024-01-01', 31), SUBDATE('2024-01-01', INTERVAL 1 DAY), ADDTIME('10:00:00', '01:00:00')
SELECT 'sleep(5)', "benchmark(1000000, md5(1))", 'load_file(''/etc/passwd'')'
SELECT COUNT(*) FROM orders WHERE status = 'into outfile'
SELECT ST_X(POINT(1, 2)), ST_Distance(POINT(0, 0), POINT(3, 4))
VALUES ROW(1, 'a'), ROW(2, 'b')
SELECT id FROM orders PARTITION (p0, p1) AS o WHERE o.id > 1
