package io.tidemark.spring.transaction;

import jakarta.persistence.Entity;
import jakarta.persistence.EntityListeners;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.Version;

/** An entity whose version Hibernate counts. */
@Entity
@Table(name = "product")
@EntityListeners(ProductListener.class)
class ProductEntity {
  @Id long id;
  String name;
  int price;
  @Version long version;

  protected ProductEntity() {}

  ProductEntity(long id, String name, int price) {
    this.id = id;
    this.name = name;
    this.price = price;
  }
}
