package io.tidemark.spring;

import org.jspecify.annotations.Nullable;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;

/** The resources that a native image needs: the Lua scripts, and the SQL of versions. */
final class TidemarkRuntimeHints implements RuntimeHintsRegistrar {
  @Override
  public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
    hints.resources().registerPattern("io/tidemark/redis/*.lua");
    hints.resources().registerPattern("io/tidemark/jdbc/*.sql");
  }
}
