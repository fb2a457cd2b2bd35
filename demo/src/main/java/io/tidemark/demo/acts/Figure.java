package io.tidemark.demo.acts;

/**
 * Something that was counted or measured.
 *
 * @param name what it is
 * @param value a number or a text
 * @param unit such as {@code ms}; empty where there is none
 */
record Figure(String name, Object value, String unit) {
  /** The value with its unit, for people. */
  String text() {
    return unit.isEmpty() ? value.toString() : value + " " + unit;
  }
}
