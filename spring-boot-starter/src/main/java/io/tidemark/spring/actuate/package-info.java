/**
 * Shows the caches to Spring Boot's Actuator: a health indicator, the endpoint {@code tidemark},
 * and the meters of Micrometer. Each of the three is there if its library is, and backs off by
 * itself.
 */
@NullMarked
package io.tidemark.spring.actuate;

import org.jspecify.annotations.NullMarked;
