package io.tidemark.key;

import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Joins the texts of a key's fields so that one can tell where each ends. Thread-safe.
 *
 * @param fields each gives the text of a field, or null where the field is null
 */
record KeyFields<K>(List<Function<K, @Nullable String>> fields) implements KeyEncoder<K> {
  private static final String SEPARATOR = ",";

  /** No field's own text: in those a digit follows each tilde. */
  private static final String NULL = "~";

  @Override
  public String encode(K key) {
    StringBuilder text = new StringBuilder();
    String separator = "";
    for (Function<K, @Nullable String> field : fields) {
      String own = field.apply(key);
      text.append(separator).append(own == null ? NULL : escaped(own));
      separator = SEPARATOR;
    }
    return text.toString();
  }

  private static String escaped(String text) {
    return text.replace("~", "~0").replace(SEPARATOR, "~1");
  }
}
