package io.tidemark.demo.acts;

import io.tidemark.demo.client.NodeCache;

/**
 * One cache whose answers are judged.
 *
 * @param title what people call it
 * @param cache how nodes are asked for it
 */
record Side(String title, NodeCache cache) {
  static final Side TIDEMARK = new Side("Tidemark", NodeCache.TIDEMARK);

  static Side rival(String title, String name) {
    return new Side(title, NodeCache.ofRival(name));
  }
}
