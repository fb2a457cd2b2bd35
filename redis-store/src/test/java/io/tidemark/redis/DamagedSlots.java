package io.tidemark.redis;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/** Bytes that are almost a slot. */
final class DamagedSlots {
  private static final String NONE = "00000000000000000000";
  private static final String SEVEN = "10000000000000000007";
  private static final String FENCE = "0000000000000000042";
  private static final String NEVER = "000000000000000";

  private DamagedSlots() {}

  static Stream<Arguments> all() {
    String value = "T1Vv" + SEVEN + "f" + FENCE + "l" + NONE + "e" + NEVER;
    String pending = "T1Pv" + NONE + "f" + FENCE + "l" + SEVEN + "e" + NEVER;
    String absence = "T1Av" + NONE + "f" + FENCE + "l" + SEVEN + "e" + NEVER;
    return Stream.of(
        damaged("nothing", ""),
        damaged("a NUL", "\0"),
        damaged("some text", "{\"json\": true}"),
        damaged("a header cut short", value.substring(0, value.length() - 1)),
        damaged("a later format", value.replaceFirst("T1", "T2")),
        damaged("an unknown state", value.replaceFirst("V", "X")),
        damaged("a value without a version", value.replaceFirst(SEVEN, NONE)),
        damaged("a value of version 2^63", value.replaceFirst(SEVEN, "19223372036854775808")),
        damaged("a value of version 10^19 - 1", value.replaceFirst(SEVEN, "19999999999999999999")),
        damaged("a version that starts with 2", value.replaceFirst(SEVEN, "20000000000000000007")),
        damaged("a version that starts with 0", value.replaceFirst(SEVEN, "00000000000000000007")),
        damaged("a version with a sign", value.replaceFirst(SEVEN, "1000000000000000000-")),
        damaged("a version with a NUL", value.replaceFirst(SEVEN, "1000000000000000000\0")),
        damaged(
            "a version with a byte over 127", value.replaceFirst(SEVEN, "1000000000000000000²")),
        damaged("a version of 19 digits", value.replaceFirst(SEVEN, "1000000000000000007") + "0"),
        damaged("a fence of 2^63", pending.replaceFirst(FENCE, "9223372036854775808")),
        damaged("a fence of 18 digits", pending.replaceFirst(FENCE, FENCE.substring(1)) + "0"),
        damaged("a fence with a letter", pending.replaceFirst(FENCE, "000000000000000004x")),
        damaged("a floor of 2^63", pending.replaceFirst(SEVEN, "19223372036854775808")),
        damaged("a floor that starts with 0", absence.replaceFirst(SEVEN, "00000000000000000007")),
        damaged("an expiry with a letter", value.replaceFirst(NEVER + "$", "00000000000000x")),
        damaged("an expiry with a line end", value.replaceFirst(NEVER + "$", "00000000000000\n")),
        damaged("a letter out of place", value.replaceFirst("f", "g")),
        damaged("a claim with a payload", pending + "x"),
        damaged("an absence with a payload", absence + "\0"));
  }

  private static Arguments damaged(String what, String bytes) {
    return arguments(what, bytes.getBytes(ISO_8859_1));
  }
}
