/**
 * Spring's cache abstraction over Tidemark: a bean {@link io.tidemark.spring.cache.TidemarkCache}
 * for each cache of {@code @Cacheable(sync = true)}. {@link io.tidemark.spring.cache.Versioned}
 * says which version a value has, {@link io.tidemark.spring.cache.NativeKey} is a key within the
 * cache underneath. Hidden: {@code KeyTexts} gives Spring's keys their texts, {@code MethodSource}
 * makes the methods that are being called the source, {@code MethodCall} is one of them, {@code
 * ValueRules} knows what the values are.
 */
@NullMarked
package io.tidemark.spring.cache;

import org.jspecify.annotations.NullMarked;
