package io.tidemark.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import io.tidemark.BadValueException;
import java.io.IOException;
import java.util.Map;

/**
 * Reads entries of another release, which may have other properties or types of properties. Jackson
 * reads much of that as something else, such as a number as a date, an empty text as null, or a
 * missing property of an unwrapped object as null. So a value is accepted only if it is written as
 * it was found, except that unknown properties may be gone and an alias may have become the name.
 */
final class JsonOfOthers<V> {
  private final ObjectReader reader;
  private final ObjectReader trees;
  private final ObjectWriter writer;
  private final JsonCompleteness known;
  private final JsonCompleteness marked;

  /**
   * Reads one type.
   *
   * @param trees makes trees of JSON
   * @param known knows the properties of all classes that the reader has met
   * @param marked knows whether the mark of this release covers all classes that its reader has met
   */
  JsonOfOthers(
      ObjectReader reader,
      ObjectReader trees,
      ObjectWriter writer,
      JsonCompleteness known,
      JsonCompleteness marked) {
    this.reader = reader;
    this.trees = trees;
    this.writer = writer;
    this.known = known;
    this.marked = marked;
  }

  /** Whether an entry with the mark of this release may still come from another one. */
  boolean mayBeMarkedAsOurs() {
    return marked.hasMetOthers();
  }

  V read(byte[] bytes, int start) throws IOException, BadValueException {
    V value = reader.readValue(bytes, start, bytes.length - start);
    check(
        trees.readTree(bytes, start, bytes.length - start),
        trees.readTree(writer.writeValueAsBytes(value)),
        reader.getValueType().getRawClass().getSimpleName());
    return value;
  }

  private void check(JsonNode found, JsonNode written, String path) throws BadValueException {
    boolean isSame;
    if (written.isObject()) {
      // Two keys of a map may have become one; an object may have had one more property.
      isSame = found.isObject() && (found.size() <= written.size() || !isMap(written));
      for (Map.Entry<String, JsonNode> property : written.properties()) {
        if (isSame) {
          checkProperty(found, property.getKey(), property.getValue(), path);
        }
      }
    } else if (written.isArray()) {
      isSame = found.isArray() && found.size() == written.size();
      for (int i = 0; isSame && i < written.size(); i++) {
        check(found.get(i), written.get(i), path + "[" + i + "]");
      }
    } else if (written.isNumber()) {
      isSame = found.isNumber() && found.decimalValue().compareTo(written.decimalValue()) == 0;
    } else {
      isSame = found.equals(written);
    }
    if (!isSame) {
      throw new BadValueException(path, "Read as a different value than was written");
    }
  }

  private boolean isMap(JsonNode object) {
    return !object.isEmpty()
        && object.properties().stream().noneMatch(entry -> known.isProperty(entry.getKey()));
  }

  private void checkProperty(JsonNode object, String name, JsonNode written, String path)
      throws BadValueException {
    // A map's keys are part of the value.
    String step = path + (known.isProperty(name) ? "." + name : "[a key]");
    JsonNode found = object.get(name);
    for (String alias : known.aliases(name)) {
      found = found == null ? object.get(alias) : found;
    }
    if (found == null) {
      throw new BadValueException(step, "Missing property");
    }
    check(found, written, step);
  }
}
