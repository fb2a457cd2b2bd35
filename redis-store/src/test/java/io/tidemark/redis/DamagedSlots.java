package io.tidemark.redis;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/** Bytes that are almost a slot. */
final class DamagedSlots {
  private static final String NONE = "00000000000000000000";
  private static final String SEVEN = "10000000000000000007";
  private static final String FENCE = "10000000000000000042";
  private static final String EXPIRY = "1790000005123";
  private static final String FLOOR_END = "1790000009123";
  private static final String WRITTEN = "1790000000";
  private static final String LOAD_TIME = "125";
  private static final String WRITER = "4711@n-1";
  private static final String RESERVER = "4712@n-2";

  private DamagedSlots() {}

  static Stream<Arguments> all() {
    String value = "T7--------V" + EXPIRY + SEVEN + "t" + WRITTEN + "d" + LOAD_TIME + "b" + WRITER;
    String withoutLoadTime = value.replaceFirst("d" + LOAD_TIME, "");
    String absence = value.replace('V', 'A');
    String kept =
        value.replace('V', 'v') + "f" + FENCE + "c" + FLOOR_END + "t" + WRITTEN + "b" + RESERVER;
    String keptAbsence = kept.replace('v', 'a');
    String pending =
        "T7--------P"
            + FENCE
            + "l"
            + SEVEN
            + "c"
            + EXPIRY
            + "e"
            + FLOOR_END
            + "t"
            + WRITTEN
            + "b"
            + WRITER;
    return Stream.of(
        damaged("nothing", ""),
        damaged("a NUL", "\0"),
        damaged("some text", "{\"json\": true}"),
        damaged("a header cut short", value.substring(0, value.length() - 1)),
        damaged(
            "a short header cut short", withoutLoadTime.substring(0, withoutLoadTime.length() - 1)),
        damaged("a claim cut short", pending.substring(0, pending.length() - 1)),
        damaged("an entry of the format before this one", value.replaceFirst("T7", "T6")),
        damaged("a claim of the format before this one", pending.replaceFirst("T7", "T6")),
        damaged("a later format", value.replaceFirst("T7", "T8")),
        damaged("an unknown state", value.replaceFirst("V", "X")),
        damaged("a claim in the state of an entry", pending.replaceFirst("P", "V")),
        damaged("an entry in the state of a claim", value.replaceFirst("V", "P")),
        damaged("a claim in small letters", pending.replaceFirst("P", "p")),
        damaged("a value without a version", value.replaceFirst(SEVEN, NONE)),
        damaged("a value of version 2^63", value.replaceFirst(SEVEN, "19223372036854775808")),
        damaged("a value of version 10^19 - 1", value.replaceFirst(SEVEN, "19999999999999999999")),
        damaged("a version that starts with 2", value.replaceFirst(SEVEN, "20000000000000000007")),
        damaged("a version that starts with 0", value.replaceFirst(SEVEN, "00000000000000000007")),
        damaged("a version with a sign", value.replaceFirst(SEVEN, "1000000000000000000-")),
        damaged("a version with a space", value.replaceFirst(SEVEN, "1 000000000000000007")),
        damaged("a floor of 2^63", pending.replaceFirst(SEVEN, "19223372036854775808")),
        damaged("a floor with a letter", pending.replaceFirst(SEVEN, "1000000000000000000x")),
        damaged("a fence of 2^63", pending.replaceFirst(FENCE, "19223372036854775808")),
        damaged("a fence of 10^19 - 1", pending.replaceFirst(FENCE, "19999999999999999999")),
        damaged("a lock's fence of 0", pending.replaceFirst(FENCE, "10000000000000000000")),
        damaged("a ballot of 2^63", pending.replaceFirst(FENCE, "09223372036854775808")),
        damaged("a fence that starts with 2", pending.replaceFirst(FENCE, "20000000000000000042")),
        damaged("a fence with a letter", pending.replaceFirst(FENCE, "1000000000000000004x")),
        damaged("an expiry with a letter", value.replaceFirst(EXPIRY, "179000000512x")),
        damaged("an expiry of 14 digits", value.replaceFirst(EXPIRY, "0" + EXPIRY)),
        damaged("a claim's end with a letter", pending.replaceFirst(EXPIRY, "179000000512x")),
        damaged("a floor's end with a letter", pending.replaceFirst(FLOOR_END, "179000000912x")),
        damaged(
            "a time of writing with a letter", value.replaceFirst("t" + WRITTEN, "t179000000x")),
        damaged("a time of writing of 9 digits", value.replaceFirst("t17", "t7")),
        damaged("a load time with a letter", value.replaceFirst("d" + LOAD_TIME, "d1x5")),
        damaged("a load time of 2 digits", value.replaceFirst("d" + LOAD_TIME, "d12") + " "),
        damaged("a load time without its letter", value.replaceFirst("d" + LOAD_TIME, LOAD_TIME)),
        damaged("a load time's letter alone", value.replaceFirst("d" + LOAD_TIME, "d") + "xxx"),
        damaged(
            "an absence without a load time, with a payload",
            withoutLoadTime.replace('V', 'A') + "x"),
        damaged("no writer", value.replaceFirst(WRITER, " ".repeat(8))),
        damaged("a writer after a space", value.replaceFirst(WRITER, " ".repeat(7) + "x")),
        damaged("a writer with a space", value.replaceFirst(WRITER, "4711 n-1")),
        damaged("a writer with a NUL", value.replaceFirst(WRITER, "4711\0n-1")),
        damaged("a writer with a byte over 127", value.replaceFirst(WRITER, "4711²n-1")),
        damaged("a writer with a tab after it", value.replaceFirst(WRITER, "4711@n-\t")),
        damaged("a claim without a writer", pending.replaceFirst(WRITER, " ".repeat(8))),
        damaged("a letter out of place", value.replaceFirst("t", "g")),
        damaged("a letter of a claim out of place", pending.replaceFirst("l", "m")),
        damaged("a claim with a payload", pending + "x"),
        damaged("an absence with a payload", absence + "\0"),
        damaged("a mark cut short", kept.substring(0, kept.length() - 1)),
        damaged("a value that is kept without a mark", value.replaceFirst("V", "v")),
        damaged("an absence that is kept without a mark", absence.replaceFirst("A", "a")),
        damaged("a kept absence with a payload", keptAbsence + "x"),
        damaged("a kept value without a version", kept.replaceFirst(SEVEN, NONE)),
        damaged("a mark's fence of 2^63", kept.replaceFirst(FENCE, "19223372036854775808")),
        damaged("a mark's fence with a letter", kept.replaceFirst(FENCE, "1000000000000000004x")),
        damaged("a mark's end with a letter", kept.replaceFirst("c" + FLOOR_END, "c179000000912x")),
        damaged(
            "a mark's time with a letter",
            kept.replaceFirst("t" + WRITTEN + "b" + RESERVER, "t179000000xb" + RESERVER)),
        damaged("a mark without a maker", kept.replaceFirst(RESERVER, " ".repeat(8))),
        damaged("a letter of a mark out of place", kept.replaceFirst("f1", "g1")));
  }

  private static Arguments damaged(String what, String bytes) {
    return arguments(what, bytes.getBytes(ISO_8859_1));
  }
}
