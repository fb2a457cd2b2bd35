/** Tidemark in a Spring Boot application: auto-configuration, and caches by their properties. */
@NullMarked
package io.tidemark.spring;

import org.jspecify.annotations.NullMarked;
