package io.tidemark.redis;

import java.util.Arrays;
import java.util.regex.Pattern;

/** What to do about a server that refuses a command, by the words of its answer. */
enum Refusal {
  LOGIN(
      "NOAUTH .*|WRONGPASS .*|ERR invalid password|.*without any password configured.*",
      "give the client the user name and the password that the server expects"),
  OUTSIDE("DENIED .*", "give the server a password, and the client too"),
  RIGHTS("(EXECABORT .*: )?NOPERM .*", "give its user this right"),
  REPLICA("READONLY .*", "connect to the master: replicas do not accept writes"),
  SCRIPTS(
      "ERR Could not find scripting engine.*",
      "load the server's module for Lua; it cannot be used without scripts"),
  UNKNOWN(
      "ERR unknown command.*",
      "let the server have this command: rename-command or its provider took it away"),
  MEMORY("OOM .*", "raise maxmemory, or set maxmemory-policy to 'allkeys-lru'"),
  REPLICAS(
      "NOREPLICAS .*",
      "bring its replicas back, or lower min-replicas-to-write for the time being"),
  DISK("MISCONF .*", "see its log for what is wrong with its disk"),
  OTHER(".*", "allow it to this user, on a server that accepts writes");

  private final Pattern words;
  private final String advice;

  Refusal(String words, String advice) {
    this.words = Pattern.compile(words, Pattern.DOTALL);
    this.advice = advice;
  }

  /** The kind of a refusal. */
  static Refusal of(String words) {
    return Arrays.stream(values())
        .filter(kind -> kind.words.matcher(words).matches())
        .findFirst()
        .orElse(OTHER);
  }

  /** Whether the user may not do it, whereas others may. */
  static boolean isOfRights(String words) {
    return of(words) == RIGHTS;
  }

  String advice() {
    return advice;
  }
}
