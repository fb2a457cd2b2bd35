package io.tidemark.bench.contestants;

import java.io.IOException;
import java.io.Serializable;

/**
 * What is cached. Its JSON is what every contestant stores and decodes, so that none is ahead by
 * its encoding.
 *
 * @param id its key
 * @param version grows with each change
 * @param text as much as an item of the wanted size needs
 */
public record Item(int id, long version, String text) implements Serializable {
  private static final long serialVersionUID = 1L;

  /** The length of the JSON of an item without a text, whose numbers have one digit each. */
  private static final int BARE_LENGTH = 30;

  /** An item whose JSON has about so many bytes. */
  public static Item ofSize(int id, long version, int bytes) {
    return new Item(id, version, "x".repeat(Math.max(1, bytes - BARE_LENGTH)));
  }

  /** How it is stored. */
  public byte[] json() {
    try {
      return Json.WRITER.writeValueAsBytes(this);
    } catch (IOException e) {
      throw new IllegalStateException("item " + id + " cannot be encoded", e);
    }
  }

  static Item of(byte[] json) {
    try {
      return Json.READER.readValue(json);
    } catch (IOException e) {
      throw new IllegalStateException("an item cannot be decoded", e);
    }
  }
}
