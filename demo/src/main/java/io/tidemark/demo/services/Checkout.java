package io.tidemark.demo.services;

import io.tidemark.servers.BuildFolder;
import java.io.IOException;
import java.nio.file.Path;

/** The build that this program runs from: what tells the servers of one checkout from another's. */
final class Checkout {
  private Checkout() {}

  /** The folder of the build, {@code demo/target}. */
  static Path build() throws IOException {
    return BuildFolder.of(Checkout.class);
  }

  /** Where servers in the background say why they failed. */
  static Path backgroundLog() throws IOException {
    return build().resolve("services.log");
  }
}
