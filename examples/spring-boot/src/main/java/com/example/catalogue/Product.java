package com.example.catalogue;

import java.math.BigDecimal;

/** A product, as it is cached and as it is served: both are JSON. */
public record Product(long id, String name, BigDecimal price) {}
