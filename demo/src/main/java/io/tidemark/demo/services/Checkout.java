package io.tidemark.demo.services;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Objects;

/** The build that this program runs from: what tells the servers of one checkout from another's. */
final class Checkout {
  private Checkout() {}

  /** The folder of the build, {@code demo/target}. */
  static Path build() throws IOException {
    try {
      Path classes =
          Path.of(Checkout.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      return Objects.requireNonNull(classes.toRealPath().getParent());
    } catch (URISyntaxException e) {
      throw new IOException("the program does not know where it is", e);
    }
  }

  /** Where servers in the background say why they failed. */
  static Path backgroundLog() throws IOException {
    return build().resolve("services.log");
  }
}
