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
  private static final String EXPIRY = "001790000005123";
  private static final String WRITTEN = "001790000000123";
  private static final String LOAD_TIME = "000001234567";
  private static final String WRITER = "4711@node-1                     ";

  private DamagedSlots() {}

  static Stream<Arguments> all() {
    String signature = "t" + WRITTEN + "d" + LOAD_TIME + "b" + WRITER;
    String value = "T2Vv" + SEVEN + "f" + FENCE + "l" + NONE + "e" + EXPIRY + signature;
    String pending = "T2Pv" + NONE + "f" + FENCE + "l" + SEVEN + "e" + NEVER + signature;
    String absence = "T2Av" + NONE + "f" + FENCE + "l" + SEVEN + "e" + EXPIRY + signature;
    return Stream.of(
        damaged("nothing", ""),
        damaged("a NUL", "\0"),
        damaged("some text", "{\"json\": true}"),
        damaged("a header cut short", value.substring(0, value.length() - 1)),
        damaged(
            "the format before this one", "T1Vv" + SEVEN + "f" + FENCE + "l" + NONE + "e" + NEVER),
        damaged(
            "the format before this one, with a payload as long as this one's header",
            "T1Vv" + SEVEN + "f" + FENCE + "l" + NONE + "e" + NEVER + "x".repeat(200)),
        damaged("a later format", value.replaceFirst("T2", "T3")),
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
        damaged("an expiry with a letter", value.replaceFirst(EXPIRY, "00179000000512x")),
        damaged("an expiry with a line end", value.replaceFirst(EXPIRY, "00179000000512\n")),
        damaged("an expiry of 14 digits", value.replaceFirst(EXPIRY, EXPIRY.substring(1)) + " "),
        damaged("a time with a letter", value.replaceFirst(WRITTEN, "00179000000012x")),
        damaged("a time of 16 digits", value.replaceFirst("t" + WRITTEN, "t0" + WRITTEN)),
        damaged("a load time with a sign", value.replaceFirst(LOAD_TIME, "-00001234567")),
        damaged("a load time of 11 digits", value.replaceFirst(LOAD_TIME, "00001234567") + " "),
        damaged("no writer", value.replaceFirst(WRITER, " ".repeat(32))),
        damaged("a writer after a space", value.replaceFirst(WRITER, " ".repeat(31) + "x")),
        damaged("a writer with a space", value.replaceFirst("node-1", "node 1")),
        damaged("a writer with a NUL", value.replaceFirst("node-1", "node\0001")),
        damaged("a writer with a byte over 127", value.replaceFirst("node-1", "node²1")),
        damaged("a writer with a tab after it", value.replaceFirst("node-1 ", "node-1\t")),
        damaged("a letter out of place", value.replaceFirst("f", "g")),
        damaged("a claim with a payload", pending + "x"),
        damaged("an absence with a payload", absence + "\0"));
  }

  private static Arguments damaged(String what, String bytes) {
    return arguments(what, bytes.getBytes(ISO_8859_1));
  }
}
