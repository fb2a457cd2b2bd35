/**
 * Says why an application with caches does not start, and what to do about it.
 *
 * <p>{@link io.tidemark.spring.failure.SetupException} has both texts already. The analyzers make
 * Spring Boot print it, and what the builder of a cache and the binding of properties throw. A
 * value that cannot be converted, or is out of range, is left to Spring Boot's own analyzers.
 */
@NullMarked
package io.tidemark.spring.failure;

import org.jspecify.annotations.NullMarked;
