package io.tidemark.spring.transaction;

/** A row, as it is cached. */
record Product(long id, String name, int price) {}
