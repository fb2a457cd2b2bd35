package com.example.catalogue;

import io.tidemark.Row;
import io.tidemark.VersionedCache;
import io.tidemark.jdbc.JdbcSource;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** Reads products from the cache, and writes them through it. */
@Service
class Catalogue {
  private static final int PAGE_SIZE = 50;

  private final VersionedCache<Long, Product> products;
  private final JdbcSource<Long, Product> source;
  private final JdbcClient jdbc;

  Catalogue(
      VersionedCache<Long, Product> products, JdbcSource<Long, Product> source, JdbcClient jdbc) {
    this.products = products;
    this.source = source;
    this.jdbc = jdbc;
  }

  Optional<Product> product(long id) {
    return products.get(id);
  }

  /** The database knows which products are on a page; the cache has them, all in one round trip. */
  List<Product> page(int number) {
    List<Long> ids =
        jdbc.sql("select id from product order by id limit ? offset ?")
            .params(PAGE_SIZE, (long) PAGE_SIZE * number)
            .query(Long.class)
            .list();
    return products.getAll(ids).values().stream().flatMap(Optional::stream).toList();
  }

  /**
   * Changes a product, and notes its price. The product is published to all instances when the
   * transaction has committed, and never if it is rolled back.
   */
  @Transactional
  public Optional<Product> change(long id, String name, BigDecimal price) {
    Row<Product> changed = products.update(id, () -> updated(id, name, price)).row();
    if (changed instanceof Row.Present<Product> present) {
      jdbc.sql("insert into product_price (product_id, price) values (?, ?)")
          .params(id, price)
          .update();
      return Optional.of(present.value());
    }
    return Optional.empty();
  }

  private Row<Product> updated(long id, String name, BigDecimal price) {
    return jdbc.sql("update product set name = ?, price = ? where id = ? returning *")
        .params(name, price, id)
        .query((row, n) -> source.row(row))
        .optional()
        .orElse(Row.absent());
  }
}
