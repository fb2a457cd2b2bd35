package io.tidemark.spring.transaction;

/** A row, as it is cached. */
record Account(long id, int balance) {}
