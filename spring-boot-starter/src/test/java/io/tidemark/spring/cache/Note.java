package io.tidemark.spring.cache;

record Note(String text) {}
