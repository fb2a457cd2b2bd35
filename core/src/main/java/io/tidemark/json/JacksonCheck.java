package io.tidemark.json;

import com.fasterxml.jackson.core.Version;

/**
 * Checks the version of Jackson on the class path, which may be another than this was compiled
 * with: build tools and Spring Boot choose one of their own.
 */
final class JacksonCheck {
  private static final int MAJOR = 2;
  private static final int OLDEST_MINOR = 17;

  private JacksonCheck() {}

  /**
   * Refuses a Jackson that is too old, before the first call of a method that it does not have.
   *
   * @throws IllegalStateException if it says that it is too old
   */
  static void check() {
    check("jackson-core", com.fasterxml.jackson.core.json.PackageVersion.VERSION);
    check("jackson-databind", com.fasterxml.jackson.databind.cfg.PackageVersion.VERSION);
  }

  static void check(String artifact, Version version) {
    // Versions compare their artifacts first.
    if (version.getMajorVersion() == MAJOR && version.getMinorVersion() < OLDEST_MINOR) {
      throw new IllegalStateException(
          "%s on the class path is %s, which is too old; use 2.17 or later"
              .formatted(artifact, version));
    }
  }
}
