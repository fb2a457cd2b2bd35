-- The table of the demo, with products 1 to 100, and the counter of reads.
-- Products that exist are left as they are.
CREATE TABLE IF NOT EXISTS product (
  id bigint PRIMARY KEY,
  name text NOT NULL,
  price numeric(12, 2) NOT NULL,
  stock int NOT NULL,
  updated_at timestamptz NOT NULL
);

-- Every read of a product takes a number: the database itself counts what reaches it.
CREATE SEQUENCE IF NOT EXISTS product_reads;

INSERT INTO product (id, name, price, stock, updated_at)
SELECT
  n,
  CASE WHEN n = 1 THEN 'Laptop' ELSE 'Product ' || n END,
  CASE WHEN n = 1 THEN 999.99 ELSE n * 10 + 0.99 END,
  CASE WHEN n = 1 THEN 10 ELSE n END,
  clock_timestamp()
FROM generate_series(1, 100) AS n
ON CONFLICT (id) DO NOTHING;
