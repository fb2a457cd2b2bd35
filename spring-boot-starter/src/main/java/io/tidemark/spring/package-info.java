/**
 * Tidemark in a Spring Boot application.
 *
 * <ul>
 *   <li>{@link io.tidemark.spring.Tidemark} is the bean that an application uses: it hands out a
 *       builder for each cache, with everything from the properties, and closes what was built.
 *   <li>{@link io.tidemark.spring.CacheBuilderCustomizer} changes all builders.
 *   <li>{@code TidemarkStartup} checks the set-up before the first request; {@link
 *       io.tidemark.spring.BackendProbe} asks the servers for it, and for the health.
 *   <li>{@code properties} has what can be configured, {@code failure} says what is wrong with it.
 *   <li>{@code redis} and {@code zookeeper} connect the servers, {@code actuate} Spring Boot's
 *       Actuator and Micrometer. Each backs off where the application has beans of its own.
 *   <li>{@code cache} is Spring's cache abstraction, {@code transaction} connects caches to
 *       Spring's transactions.
 * </ul>
 */
@NullMarked
package io.tidemark.spring;

import org.jspecify.annotations.NullMarked;
