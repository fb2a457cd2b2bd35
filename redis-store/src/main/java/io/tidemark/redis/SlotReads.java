package io.tidemark.redis;

import io.tidemark.spi.ClaimAnswer;
import io.tidemark.spi.Reply;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.Ticker;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Connection;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/** Reads slots, one or many at once, up to the largest size of their caches. Thread-safe. */
final class SlotReads {
  /** The answer of PTTL for a key without a time to live. */
  private static final long WITHOUT_LIFE = -1;

  /** The largest string in Redis. */
  private static final int MOST_BYTES = 512 * 1024 * 1024;

  private final Commands commands;
  private final ClientPools pools;
  private final Pipelines pipelines;
  private final RedisClock clock;
  private final JedisFailures failures;
  private final Lineages lineages;

  /**
   * Asks the server of a slot for its lineage, in the same round trip. Null where slots of any
   * lineage count.
   */
  private final @Nullable CommandArguments replication;

  /** The largest payload of each cache in bytes, for caches with a limit. */
  private final ConcurrentMap<String, Integer> limits = new ConcurrentHashMap<>();

  SlotReads(
      UnifiedJedis jedis,
      JedisFailures failures,
      Ticker ticker,
      Failover failover,
      Lineages lineages) {
    this.commands = new Commands(jedis);
    this.pools = new ClientPools(jedis);
    this.pipelines = new Pipelines(jedis);
    this.clock = new RedisClock(commands, ticker);
    this.failures = failures;
    this.lineages = lineages;
    this.replication =
        failover == Failover.KEEP
            ? null
            : new CommandArguments(Protocol.Command.INFO).add("replication");
  }

  /** Limits the payloads of a cache; see {@link io.tidemark.spi.SlotStore#limit}. */
  void limit(String cache, int maxPayloadBytes) {
    limits.merge(cache, Math.min(maxPayloadBytes, MOST_BYTES), Math::max);
  }

  /** The largest payload of a cache in bytes. */
  int limit(SlotKey key) {
    return limits.getOrDefault(key.cache(), Integer.MAX_VALUE);
  }

  /** The longest slot of a cache in bytes; null if its cache has no limit. */
  private @Nullable Integer longest(SlotKey key) {
    Integer limit = limits.get(key.cache());
    return limit == null ? null : SlotFormat.longest(limit);
  }

  Slot read(SlotKey key) {
    try {
      return pools.repeating(
          () -> {
            Slot slot = slot(key);
            return isExpired(slot) && isKeptForEver(key) ? new Slot.Empty() : slot;
          });
    } catch (JedisException e) {
      if (JedisFailures.isWrongType(e)) {
        return new Slot.Damaged();
      }
      throw failures.ofRead(key, e);
    }
  }

  private Slot slot(SlotKey key) {
    byte[] name = SlotFormat.key(key);
    CommandArguments reading = reading(key, name);
    if (replication == null) {
      return parsed(key, (byte[]) commands.send(name, reading), Lineage.ANY, clock.of(key));
    }
    // Safeguard LINEAGE_ASKED_AFTER: what was read before a failover must not pass for after it.
    List<@Nullable Object> replies = commands.sendTogether(name, List.of(reading, replication));
    return parsed(key, (byte[]) replies.get(0), lineage(replies.get(1)), clock.of(key));
  }

  /**
   * Reads the lineage of the server that has just told a slot.
   *
   * @param answer to INFO replication; null if that was not asked
   */
  private Lineage lineage(@Nullable Object answer) {
    if (replication == null) {
      return Lineage.ANY;
    }
    if (answer instanceof JedisDataException refusal) {
      throw refusal;
    }
    Lineage lineage = Lineage.parsed((byte[]) Objects.requireNonNull(answer));
    lineages.meet(lineage);
    return lineage;
  }

  private CommandArguments reading(SlotKey key, byte[] name) {
    Integer longest = longest(key);
    return longest == null
        ? new CommandArguments(Protocol.Command.GET).key(name)
        : new CommandArguments(Protocol.Command.GETRANGE).key(name).add(0).add(longest);
  }

  private boolean isKeptForEver(SlotKey key) {
    byte[] name = SlotFormat.key(key);
    CommandArguments pttl = new CommandArguments(Protocol.Command.PTTL).key(name);
    return Long.valueOf(WITHOUT_LIFE).equals(commands.send(name, pttl));
  }

  /** Reads the lineage likewise, once for each answer. */
  private Lineage lineage(@Nullable Object answer, IdentityHashMap<Object, Reply<Lineage>> told) {
    return answer == null
        ? lineage(null)
        : told.computeIfAbsent(answer, one -> Reply.of(() -> lineage(one))).get();
  }

  /** Reads many slots in one round trip for each pipeline, and a second for expired entries. */
  List<Reply<Slot>> readAll(List<SlotKey> keys) {
    if (!pipelines.areAvailable()) {
      return keys.stream().map(key -> Reply.of(() -> read(key))).toList();
    }
    List<Pipelines.Reply> replies = sent(keys, this::values);
    List<Reply<Slot>> slots = new ArrayList<>(keys.size());
    RedisClock.ReplyClock replyClock = clock.ofReply();
    IdentityHashMap<Object, Reply<Lineage>> told = new IdentityHashMap<>();
    for (int i = 0; i < keys.size(); i++) {
      SlotKey key = keys.get(i);
      Pipelines.Reply reply = replies.get(i);
      slots.add(Reply.of(() -> slot(key, reply, told, replyClock.of(key))));
    }
    return withoutThoseKeptForEver(keys, slots);
  }

  /** Sends requests that change nothing, and once more those whose connection broke. */
  private List<Pipelines.Reply> sent(
      List<SlotKey> keys, Function<List<SlotKey>, List<Pipelines.Reply>> request) {
    List<Pipelines.Reply> replies = new ArrayList<>(request.apply(keys));
    List<Integer> again = new ArrayList<>();
    JedisException dropped = null;
    for (int i = 0; i < replies.size(); i++) {
      JedisException failure = replies.get(i).failure();
      if (failure != null && failure != dropped) {
        pools.dropBroken(failure);
        dropped = failure;
      }
      if (failure != null && ConnectionFailures.isBroken(failure)) {
        again.add(i);
      }
    }
    List<Pipelines.Reply> second = request.apply(again.stream().map(keys::get).toList());
    for (int i = 0; i < again.size(); i++) {
      replies.set(again.get(i), second.get(i));
    }
    return replies;
  }

  /** Asks for the values by MGET where there is one server, else by a GETRANGE for each. */
  private List<Pipelines.Reply> values(List<SlotKey> keys) {
    LimitedMget mget = LimitedMget.find();
    if (mget == null || !pipelines.haveOneServer()) {
      return valuesOneByOne(keys);
    }
    List<Pipelines.Reply> replies = new ArrayList<>(keys.size());
    while (replies.size() < keys.size()) {
      int from = replies.size();
      int to = Math.min(keys.size(), from + Pipelines.MOST_COMMANDS);
      try {
        LimitedMget.Values values = values(mget, keys.subList(from, to));
        if (values == null) {
          // One is too large, which this cuts.
          replies.addAll(valuesOneByOne(keys.subList(from, to)));
        } else {
          values
              .values()
              .forEach(value -> replies.add(new Pipelines.Reply(value, null, values.last())));
        }
      } catch (JedisException e) {
        int failed = ConnectionFailures.isUnreachable(e) ? keys.size() : to;
        replies.addAll(Collections.nCopies(failed - from, new Pipelines.Reply(null, e)));
      }
    }
    return replies;
  }

  private LimitedMget.@Nullable Values values(LimitedMget mget, List<SlotKey> keys) {
    Connection connection = pipelines.connection();
    try {
      return mget.read(
          connection,
          keys.stream().map(SlotFormat::key).toList(),
          keys.stream()
              .map(key -> Objects.requireNonNullElse(longest(key), Integer.MAX_VALUE))
              .toList(),
          replication);
    } finally {
      Pipelines.giveBack(connection);
    }
  }

  private List<Pipelines.Reply> valuesOneByOne(List<SlotKey> keys) {
    return pipelines.send(keys.stream().map(this::getrange).toList(), replication);
  }

  private Pipelines.Command getrange(SlotKey key) {
    byte[] name = SlotFormat.key(key);
    return new Pipelines.Command(key, reading(key, name), name.length);
  }

  /**
   * Reads a slot from a reply.
   *
   * @param told the lineages in the replies to what was asked last, read once for each pipeline
   */
  private Slot slot(
      SlotKey key,
      Pipelines.Reply reply,
      IdentityHashMap<Object, Reply<Lineage>> told,
      SlotClock keyClock) {
    JedisException failure = reply.failure();
    if (failure == null) {
      try {
        return parsed(key, (byte[]) reply.answer(), lineage(reply.last(), told), keyClock);
      } catch (JedisException e) {
        throw failures.ofRead(key, e);
      }
    }
    if (JedisFailures.isWrongType(failure)) {
      return new Slot.Damaged();
    }
    throw failures.ofRead(key, failure);
  }

  /**
   * Reads the bytes of a slot.
   *
   * @param bytes null if there are none, and empty if there are none and the cache has a limit; as
   *     many as were fetched if there are more
   */
  private Slot parsed(SlotKey key, byte @Nullable [] bytes, Lineage lineage, SlotClock keyClock) {
    Integer limit = limits.get(key.cache());
    if (bytes == null || (bytes.length == 0 && limit != null)) {
      return new Slot.Empty();
    }
    Slot slot = SlotFormat.parsed(bytes, lineage, keyClock);
    boolean isTooLarge =
        limit != null && slot instanceof Slot.Value value && value.payload().bytes().length > limit;
    return isTooLarge ? new Slot.Damaged() : slot;
  }

  /**
   * Reads an entry that a claim found. The claim has changed nothing, so a failure to read the time
   * is that of a read.
   */
  ClaimAnswer hit(SlotKey key, byte[] bytes) {
    try {
      // The script has just found that the entry has not ended.
      return new ClaimAnswer.Hit(
          pools.repeating(() -> SlotFormat.parsed(bytes, clock.withoutDoubt(key))));
    } catch (JedisException e) {
      throw failures.ofRead(key, e);
    }
  }

  /**
   * Takes out the entries that have expired and lost their time to live. Only that ends their grace
   * time, so without it they would stay for ever.
   */
  private List<Reply<Slot>> withoutThoseKeptForEver(List<SlotKey> keys, List<Reply<Slot>> slots) {
    List<Integer> expired =
        IntStream.range(0, keys.size())
            .filter(
                i ->
                    slots.get(i) instanceof Reply.Answered<Slot> answered
                        && isExpired(answered.answer()))
            .boxed()
            .toList();
    if (expired.isEmpty()) {
      return Collections.unmodifiableList(slots);
    }
    List<Pipelines.Reply> lives =
        sent(
            expired.stream().map(keys::get).toList(),
            some -> pipelines.send(some.stream().map(SlotReads::pttl).toList()));
    for (int i = 0; i < expired.size(); i++) {
      int index = expired.get(i);
      JedisException failure = lives.get(i).failure();
      if (failure != null) {
        slots.set(index, new Reply.Failed<>(failures.ofRead(keys.get(index), failure)));
      } else if (Long.valueOf(WITHOUT_LIFE).equals(lives.get(i).answer())) {
        slots.set(index, new Reply.Answered<>(new Slot.Empty()));
      }
    }
    return Collections.unmodifiableList(slots);
  }

  private static Pipelines.Command pttl(SlotKey key) {
    byte[] name = SlotFormat.key(key);
    return new Pipelines.Command(
        key, new CommandArguments(Protocol.Command.PTTL).key(name), name.length);
  }

  private static boolean isExpired(Slot slot) {
    return (slot instanceof Slot.Value value && value.freshness() == Slot.Freshness.EXPIRED)
        || (slot instanceof Slot.Absent absent && absent.freshness() == Slot.Freshness.EXPIRED);
  }

  /** Asks a server for its time, and ignores the answer. */
  void askTime(SlotKey key) {
    clock.ask(key);
  }
}
