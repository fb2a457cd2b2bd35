package io.tidemark.spring.cache;

record Book(String title, long version) implements Versioned {}
