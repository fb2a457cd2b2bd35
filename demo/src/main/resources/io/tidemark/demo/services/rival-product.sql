-- The products once more, for the caches that the live page compares Tidemark with.
CREATE TABLE IF NOT EXISTS rival_product (LIKE product INCLUDING ALL);

CREATE SEQUENCE IF NOT EXISTS rival_product_reads;

-- Of stampedes without a cache.
CREATE SEQUENCE IF NOT EXISTS unprotected_reads;

INSERT INTO rival_product SELECT * FROM product ON CONFLICT (id) DO NOTHING;
