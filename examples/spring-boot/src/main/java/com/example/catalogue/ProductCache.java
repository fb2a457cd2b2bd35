package com.example.catalogue;

import io.tidemark.VersionedCache;
import io.tidemark.jdbc.JdbcSource;
import io.tidemark.spring.Tidemark;
import javax.sql.DataSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The cache of products. */
@Configuration(proxyBeanMethods = false)
class ProductCache {
  /** Reads a row and its version: the cache for a miss, the catalogue after a write. */
  @Bean
  JdbcSource<Long, Product> productSource(DataSource dataSource) {
    return JdbcSource.<Long, Product>builder(dataSource)
        .query("select * from product where id = ?")
        .rowMapper(
            row ->
                new Product(row.getLong("id"), row.getString("name"), row.getBigDecimal("price")))
        .versionTimestamp("updated_at")
        .build();
  }

  @Bean
  VersionedCache<Long, Product> products(Tidemark tidemark, JdbcSource<Long, Product> source) {
    return tidemark.cache("catalogue", Long.class, Product.class).source(source).build();
  }
}
