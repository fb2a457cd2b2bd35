package io.tidemark.spring.transaction;

import io.tidemark.VersionedCache;
import jakarta.persistence.PostRemove;
import jakarta.persistence.PostUpdate;
import org.springframework.beans.factory.ObjectProvider;

/** Drops the entry of each entity that Hibernate writes, whoever has changed it. */
class ProductListener {
  private final ObjectProvider<VersionedCache<Long, Product>> products;

  ProductListener(ObjectProvider<VersionedCache<Long, Product>> products) {
    this.products = products;
  }

  @PostUpdate
  @PostRemove
  void changed(ProductEntity product) {
    products.getObject().invalidate(product.id);
  }
}
