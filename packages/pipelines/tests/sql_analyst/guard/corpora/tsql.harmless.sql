SELECT 1
SELECT 1;
SELECT 1 -- DROP TABLE x
SELECT 1 /* EXEC xp_cmdshell /* nested */ still */ AS one
SELECT 'EXEC xp_cmdshell ''dir''' AS [exec], N'it''s' AS [drop]
SELECT [update], [delete], grant_total, is_deleted FROM oddities
SELECT TOP 10 * FROM customers
SELECT TOP (5) name FROM customers ORDER BY id DESC
SELECT TOP 10 PERCENT name FROM customers ORDER BY id
SELECT TOP (3) WITH TIES name FROM customers ORDER BY region
SELECT * FROM dbo.customers
SELECT * FROM [shop].[dbo].[customers]
SELECT "name" FROM "customers"
SELECT c.name AS [customer name] FROM customers AS c
SELECT name = UPPER(c.name), c.id FROM customers c
SELECT * FROM customers WITH (NOLOCK)
SELECT * FROM customers c WITH (NOLOCK, INDEX(ix_name)) WHERE id > 1
SELECT * FROM orders ORDER BY id OFFSET 10 ROWS FETCH NEXT 5 ROWS ONLY
SELECT DISTINCT region FROM customers
SELECT region, COUNT(*) AS n, COUNT_BIG(*) AS m FROM customers GROUP BY region HAVING COUNT(*) > 1 ORDER BY n DESC
SELECT region, status, SUM(total) FROM orders o JOIN customers c ON c.id = o.customer_id GROUP BY ROLLUP (region, status)
SELECT region, status, SUM(total), GROUPING(region), GROUPING_ID(region, status) FROM orders o JOIN customers c ON c.id = o.customer_id GROUP BY GROUPING SETS ((region), (status), ())
SELECT region, SUM(total) FROM orders o JOIN customers c ON c.id = o.customer_id GROUP BY CUBE (region, status)
SELECT YEAR(ordered_at), MONTH(ordered_at), DATEPART(week, ordered_at), DATENAME(month, ordered_at), DAY(ordered_at) FROM orders
SELECT DATEADD(day, -30, GETDATE()), DATEDIFF(day, ordered_at, GETDATE()), EOMONTH(ordered_at), DATEFROMPARTS(2024, 1, 1), DATETRUNC(month, ordered_at), DATEDIFF_BIG(second, ordered_at, SYSDATETIME()) FROM orders
SELECT CAST(ordered_at AS date), CONVERT(varchar(10), ordered_at, 120), TRY_CAST('x' AS int), TRY_CONVERT(int, 'x'), FORMAT(ordered_at, 'yyyy-MM'), PARSE('1' AS int) FROM orders
SELECT GETUTCDATE(), SYSDATETIME(), SYSUTCDATETIME(), CURRENT_TIMESTAMP, SYSDATETIMEOFFSET(), ISDATE('x')
SELECT ordered_at AT TIME ZONE 'UTC' AT TIME ZONE 'Central European Standard Time' FROM orders
SELECT ISNULL(region, 'x'), COALESCE(region, 'x'), NULLIF(region, ''), IIF(id > 1, 'a', 'b'), CHOOSE(1, 'a', 'b') FROM customers
SELECT CASE WHEN total > 100 THEN 'big' ELSE 'small' END AS size FROM orders
SELECT LEN(name), UPPER(name), LOWER(name), LEFT(name, 2), RIGHT(name, 2), SUBSTRING(name, 1, 3), LTRIM(RTRIM(name)), TRIM(name), REPLACE(name, 'a', 'b'), STUFF(name, 1, 1, 'x'), REVERSE(name), REPLICATE('*', 3), SPACE(2) FROM customers
SELECT CHARINDEX('a', name), PATINDEX('%[0-9]%', name), CONCAT(name, ' ', email), CONCAT_WS(',', name, email), QUOTENAME(name), STR(1.5, 5, 1), CHAR(65), NCHAR(65), ASCII('a'), UNICODE(N'a'), SOUNDEX(name), DIFFERENCE(name, 'x'), DATALENGTH(name) FROM customers
SELECT name + ' <' + email + '>' FROM customers
SELECT STRING_AGG(name, ', ') WITHIN GROUP (ORDER BY name) FROM customers
SELECT value FROM STRING_SPLIT('a,b', ',')
SELECT ABS(-1), CEILING(1.2), FLOOR(1.8), ROUND(1.234, 2), POWER(2, 3), SQUARE(2), SQRT(4), LOG(2), LOG10(2), EXP(1), SIGN(-1), PI(), RAND(), 7 % 3, 7 / 2, 5 & 3, 5 | 3, 5 ^ 3, ~5
SELECT SUM(total), AVG(total), MIN(total), MAX(total), STDEV(total), STDEVP(total), VAR(total), VARP(total), CHECKSUM_AGG(id), APPROX_COUNT_DISTINCT(id) FROM orders
SELECT ROW_NUMBER() OVER (PARTITION BY customer_id ORDER BY total DESC) AS rn, RANK() OVER (ORDER BY total), NTILE(4) OVER (ORDER BY total), LAG(total, 1, 0) OVER (ORDER BY id), FIRST_VALUE(total) OVER (ORDER BY id) FROM orders
SELECT SUM(total) OVER (PARTITION BY customer_id ORDER BY ordered_at ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) FROM orders
SELECT PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY total) OVER (PARTITION BY customer_id) FROM orders
WITH t AS (SELECT 1 AS a) SELECT a FROM t
WITH t (a) AS (SELECT id FROM orders), u AS (SELECT a FROM t) SELECT * FROM u
WITH n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 10) SELECT * FROM n OPTION (MAXRECURSION 100)
WITH tree AS (SELECT id, manager_id, 0 AS lvl FROM employees WHERE manager_id IS NULL UNION ALL SELECT e.id, e.manager_id, t.lvl + 1 FROM employees e INNER JOIN tree t ON e.manager_id = t.id) SELECT * FROM tree
SELECT id FROM customers UNION SELECT id FROM orders
SELECT id FROM customers UNION ALL SELECT id FROM orders ORDER BY id
SELECT id FROM customers INTERSECT SELECT id FROM orders
SELECT id FROM customers EXCEPT SELECT id FROM orders
SELECT * FROM customers c LEFT OUTER JOIN orders o ON o.customer_id = c.id
SELECT * FROM customers c FULL JOIN orders o ON o.customer_id = c.id
SELECT * FROM customers CROSS JOIN products
SELECT c.name, t.total FROM customers c CROSS APPLY (SELECT TOP 3 total FROM orders o WHERE o.customer_id = c.id ORDER BY total DESC) t
SELECT c.name, t.total FROM customers c OUTER APPLY (SELECT TOP 1 total FROM orders o WHERE o.customer_id = c.id) t
SELECT c.id, s.value FROM customers c CROSS APPLY STRING_SPLIT(c.tags, ',') s
SELECT * FROM (SELECT region, id FROM customers) AS s PIVOT (COUNT(id) FOR region IN ([north], [south])) AS p
SELECT id, what, amount FROM order_items UNPIVOT (amount FOR what IN (quantity, unit_price)) AS u
SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS v(id, letter)
SELECT JSON_VALUE(profile, '$.city'), JSON_QUERY(profile, '$.address'), ISJSON(profile) FROM customers
SELECT * FROM OPENJSON('[{"a": 1}]') WITH (a int '$.a', b nvarchar(50) '$.b')
SELECT [key], value FROM OPENJSON('{"a": 1}')
SELECT c.id, j.city FROM customers c CROSS APPLY OPENJSON(c.profile) WITH (city nvarchar(50) '$.city') j
SELECT id, name FROM customers FOR JSON PATH
SELECT id, name FROM customers FOR JSON AUTO, ROOT('x'), INCLUDE_NULL_VALUES
SELECT id FROM customers FOR XML PATH('row'), ROOT('rows')
SELECT STUFF((SELECT ',' + name FROM customers FOR XML PATH('')), 1, 1, '')
SELECT x.value('(/a/b)[1]', 'int'), x.query('/a'), x.exist('/a') FROM documents
SELECT n.value('.', 'nvarchar(50)') FROM documents CROSS APPLY x.nodes('/a/b') AS t(n)
SELECT name FROM customers WHERE name LIKE '[A-C]%' OR name LIKE '%50!%%' ESCAPE '!'
SELECT name FROM customers WHERE name COLLATE Latin1_General_CS_AS = 'Ann'
SELECT name FROM customers WHERE id IN (1, 2) AND region IS NOT NULL AND id BETWEEN 1 AND 5 AND NOT id = 3
SELECT name FROM customers c WHERE EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = c.id)
SELECT name FROM customers WHERE id = ANY (SELECT customer_id FROM orders) OR id > ALL (SELECT 1)
SELECT (SELECT MAX(total) FROM orders o WHERE o.customer_id = c.id) FROM customers c
SELECT * FROM orders TABLESAMPLE (10 PERCENT)
SELECT SUM(CASE WHEN status = 'paid' THEN total ELSE 0 END) * 1.0 / NULLIF(COUNT(*), 0) FROM orders
SELECT HASHBYTES('SHA2_256', name), CHECKSUM(name), NEWID(), ISNUMERIC('1'), 0x1F FROM customers
SELECT * FROM orders OPTION (RECOMPILE, MAXDOP 1)
SELECT name FROM customers WHERE region <> 'shutdown' AND name != 'waitfor'
SELECT 'openrowset' AS a, 'sp_executesql' AS b
SELECT * FROM customers FOR SYSTEM_TIME AS OF '2024-01-01'
SELECT DATEADD(month, DATEDIFF(month, 0, ordered_at), 0) AS month, SUM(total) FROM orders GROUP BY DATEADD(month, DATEDIFF(month, 0, ordered_at), 0)
SELECT a.name, b.name AS manager FROM employees a LEFT JOIN employees b ON b.id = a.manager_id
SELECT CAST(1 AS decimal(10, 2)), CAST('x' AS nvarchar(max)), CAST(1 AS bit), CAST('2024-01-01' AS datetime2(3)), CAST(1 AS money)
SELECT value FROM GENERATE_SERIES(1, 10)
SELECT GREATEST(1, 2), LEAST(1, 2), TRANSLATE('abc', 'ab', 'xy')
SELECT p.category, SUM(i.quantity * i.unit_price) AS revenue FROM order_items i INNER JOIN products p ON p.id = i.product_id GROUP BY p.category ORDER BY revenue DESC
SELECT [close], [open], [order] FROM oddities
SELECT LAST_VALUE(total) OVER (ORDER BY id ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING), PERCENT_RANK() OVER (ORDER BY total), CUME_DIST() OVER (ORDER BY total) FROM orders
