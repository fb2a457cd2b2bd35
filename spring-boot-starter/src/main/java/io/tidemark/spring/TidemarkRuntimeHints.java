package io.tidemark.spring;

import org.jspecify.annotations.Nullable;
import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.cache.interceptor.SimpleKey;

/**
 * What a native image needs: the Lua scripts, the SQL of versions, and the parameters that Spring's
 * keys of several parameters keep to themselves.
 */
final class TidemarkRuntimeHints implements RuntimeHintsRegistrar {
  @Override
  public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
    hints.resources().registerPattern("io/tidemark/redis/*.lua");
    hints.resources().registerPattern("io/tidemark/jdbc/*.sql");
    hints.reflection().registerType(SimpleKey.class, MemberCategory.ACCESS_DECLARED_FIELDS);
  }
}
