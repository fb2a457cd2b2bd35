package io.tidemark.proof.safeguards;

import java.util.List;
import java.util.regex.Pattern;

/**
 * A line that a safeguard is in, with the safeguard's name in a comment above it: {@code //
 * Safeguard OWN_CLAIM: why}, or with two dashes in Lua and SQL. More lines of comment, and more
 * marks, may stand in between. Immutable.
 *
 * @param safeguard the name
 * @param from where the line begins in the text of its file
 * @param to where it ends
 */
record Mark(String safeguard, int from, int to) {
  private static final Pattern MARK =
      Pattern.compile(
          "^ *(?://|--) Safeguard (\\w+): .*\\n(?=(?: *(?://|--).*\\n)*+(.*))", Pattern.MULTILINE);

  /** All marks in the text of a file, in their order. */
  static List<Mark> in(String text) {
    return MARK.matcher(text)
        .results()
        .map(found -> new Mark(found.group(1), found.start(2), found.end(2)))
        .toList();
  }
}
