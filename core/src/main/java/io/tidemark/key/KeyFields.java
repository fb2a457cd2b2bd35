package io.tidemark.key;

import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Joins the texts of a key's fields so that each field's end can be told. Thread-safe.
 *
 * @param fields each returns the text of a field, or null if the field is null
 */
record KeyFields<K>(List<Function<K, @Nullable String>> fields) implements KeyEncoder<K> {
  private static final String SEPARATOR = ",";

  /** Never the text of a field: there, a digit follows each tilde. */
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
