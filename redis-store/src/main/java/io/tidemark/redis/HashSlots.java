package io.tidemark.redis;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.BuilderFactory;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.CommandObject;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.RedisClusterClient;

/**
 * The masters of a cluster at some moment, and what each said about its own hash slots: which it
 * had, and which were leaving or arriving. Immutable once it is made, and thread-safe.
 */
final class HashSlots {
  /** How many hash slots a cluster has. */
  static final int COUNT = 16_384;

  /** The words of a line of CLUSTER NODES. */
  private static final int ID = 0;

  private static final int ADDRESS = 1;
  private static final int FLAGS = 2;
  private static final int EPOCH = 6;
  private static final int SLOTS = 8;

  private final List<Master> masters = new ArrayList<>();
  private final @Nullable String[] facts = new @Nullable String[COUNT];
  private final BitSet moving = new BitSet(COUNT);

  /** The ids of the masters that were asked, and those of the masters that hash slots move to. */
  private final Set<String> asked = new HashSet<>();

  private final Set<String> receivers = new HashSet<>();

  private HashSlots() {}

  /**
   * Asks all masters that have hash slots, or are about to get some.
   *
   * @throws redis.clients.jedis.exceptions.JedisException if one does not answer
   */
  static HashSlots of(RedisClusterClient cluster) {
    HashSlots found = new HashSlots();
    Map<String, String> addresses = new HashMap<>();
    Master.of(cluster).forEach(master -> found.ask(master, addresses));
    // CLUSTER SLOTS does not tell those that have no hash slot yet, but keys of arriving ones.
    for (String id : List.copyOf(found.receivers)) {
      String address = addresses.get(id);
      if (address != null && !found.asked.contains(id)) {
        found.ask(Master.at(cluster, address), addresses);
      }
    }
    return found;
  }

  /** The masters that were asked. */
  List<Master> masters() {
    return List.copyOf(masters);
  }

  /**
   * The hash slots none of whose keys can have been missed by visits to all masters between two
   * moments: the slot stayed where it was; or its keys were moving all the time, and in the same
   * move from an earlier visit on, so that a key which left before one visit to its master had
   * arrived before the next.
   *
   * @param before the moment before the latest visits
   * @param earlier the moment before the visits that came before those; null if there were none
   */
  BitSet unmissed(HashSlots before, @Nullable HashSlots earlier) {
    BitSet unmissed = new BitSet(COUNT);
    IntStream.range(0, COUNT)
        .filter(slot -> isSame(slot, before))
        .filter(slot -> !moving.get(slot) || (earlier != null && isSame(slot, earlier)))
        .forEach(unmissed::set);
    return unmissed;
  }

  private boolean isSame(int slot, HashSlots other) {
    return Objects.equals(facts[slot], other.facts[slot]);
  }

  /** What each master is asked. */
  static CommandObject<String> question() {
    return new CommandObject<>(
        new CommandArguments(Protocol.Command.CLUSTER).add("NODES"), BuilderFactory.STRING);
  }

  private void ask(Master master, Map<String, String> addresses) {
    masters.add(master);
    for (String line : master.ask(question()).split("\n", -1)) {
      String[] words = line.split(" ", -1);
      if (words.length >= SLOTS) {
        addresses.put(words[ID], words[ADDRESS].replaceFirst("@.*", ""));
        if (words[FLAGS].contains("myself") && asked.add(words[ID])) {
          note(words);
        }
      }
    }
  }

  /** Notes what a master said about itself. The epoch tells whether it got a slot a second time. */
  private void note(String[] words) {
    String owner = words[ID] + "@" + words[EPOCH] + " ";
    for (String share : Arrays.asList(words).subList(SLOTS, words.length)) {
      String[] ends = share.replaceAll("[\\[\\]]", "").split("-", -1);
      int first = Integer.parseInt(ends[0]);
      if (share.startsWith("[")) {
        // [slot->-receiver] or [slot-<-sender]
        moving.set(first);
        add(first, owner + share + " ");
        if (ends[1].equals(">")) {
          receivers.add(ends[2]);
        }
      } else {
        int last = Integer.parseInt(ends[ends.length - 1]);
        IntStream.rangeClosed(first, last).forEach(slot -> add(slot, owner));
      }
    }
  }

  private void add(int slot, String fact) {
    String known = facts[slot];
    facts[slot] = known == null ? fact : known + fact;
  }
}
