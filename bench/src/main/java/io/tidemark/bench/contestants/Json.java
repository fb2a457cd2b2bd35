package io.tidemark.bench.contestants;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;

/** How every contestant writes an item. */
final class Json {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  static final ObjectReader READER = MAPPER.readerFor(Item.class);
  static final ObjectWriter WRITER = MAPPER.writerFor(Item.class);

  private Json() {}
}
