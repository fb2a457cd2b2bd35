package io.tidemark.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.tidemark.spi.ClaimAnswer;
import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.EncodedRow;
import io.tidemark.spi.FillAnswer;
import io.tidemark.spi.Finding;
import io.tidemark.spi.FloorRule;
import io.tidemark.spi.Lifetime;
import io.tidemark.spi.PublishAnswer;
import io.tidemark.spi.RefreshAnswer;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.SlotStore;
import io.tidemark.spi.Ticker;
import io.tidemark.spi.WriterName;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.BuilderFactory;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.CommandObject;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.RedisClusterClient;
import redis.clients.jedis.ScanIteration;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Slots in Redis: one string per key, {@code tidemark:<cache>:<key>}. Thread-safe.
 *
 * <p>A read is one GETRANGE, up to the length of the largest slot that the cache can have: what
 * somebody else has left at a slot's place, however large, does not fill a reader's memory. (An
 * empty string there reads as no slot.) A read asks for Redis's TIME too where it finds a claim, a
 * floor or an entry with grace, and the last answer is more than ten seconds old; for an entry
 * without grace, which Redis removes in time, ten minutes do; and so does one that finds an entry
 * which should be gone. It asks by a script on the server that holds the slot, and where the answer
 * does not come, an older one serves. A read that finds an expired entry asks for its time to live
 * (PTTL). Every other verb is one Lua script that touches one key. A slot is a header that
 * redis-cli shows in plain letters and digits, and then the payload; {@code slot.lua} describes it.
 * It tells when it was written in whole seconds, and the time of a load in two digits, rounded up.
 * What is at a slot's place and is none, another Redis type included, reads as {@link
 * Slot.Damaged}.
 *
 * <p>Lives are measured by Redis, in whole milliseconds. A life of more than 300 years is 300
 * years.
 *
 * <p>A verb blocks for as long as the client's timeouts let it: set the connection timeout, the
 * socket timeout, and the pool's longest wait, which is for ever by default. A thread that is
 * interrupted while it waits for the pool gets {@link io.tidemark.UnavailableException} and stays
 * interrupted. What the server refuses (OOM, READONLY, NOPERM and the like) is {@link
 * io.tidemark.RefusedException} with the server's words, and nothing was done; so is a client that
 * was closed. What it may soon allow (LOADING, BUSY) is {@link io.tidemark.UnavailableException}.
 *
 * <p>A call that meets a broken connection, as after a restart of Redis, or one that falls silent,
 * drops the idle ones of the client's pool, so that no later call meets them; on a cluster only
 * broken ones tell so. A read whose connection broke is then sent once more, so that it may take
 * twice as long, and {@link #clear} begins anew. What gets no answer in time is not sent again, and
 * no other verb is.
 *
 * <p>With {@code RedisClient} and {@code RedisSentinelClient} a script is sent at most once, and
 * {@link io.tidemark.OutcomeUnknownException} means that a connection broke or fell silent when it
 * may have been sent. Other clients, {@code RedisClusterClient} among them, send again by
 * themselves. With them every failure of a verb that writes is {@link
 * io.tidemark.OutcomeUnknownException}, but for a publish that the server refused last, and a fill
 * may answer {@code REFUSED} although its first sending was stored, which is safe: its caller looks
 * again. Build such a client with {@code maxAttempts(1)}: otherwise the network could hold back one
 * sending of a claim until a later write has broken that claim, and so make it anew for the fill
 * that follows.
 */
public final class RedisStore implements SlotStore {
  private static final int KEYS_PER_SCAN = 1_000;

  /** What PTTL answers of a key that has no time to live. */
  private static final long WITHOUT_LIFE = -1;

  /** What Redis holds at most in a string. */
  private static final int MOST_BYTES = 512 * 1024 * 1024;

  private static final byte[] NO_SLOT = {};

  /** How the slots begin that only {@link #check} claims. */
  private static final SlotKey CHECKED = new SlotKey("tidemark-check", "");

  private static final Duration CHECKED_LIFE = Duration.ofSeconds(1);

  private static final Script CLAIM = Script.of("claim.lua");
  private static final Script RENEW = Script.of("renew.lua");
  private static final Script ABANDON = Script.of("abandon.lua");
  private static final Script FILL = Script.of("fill.lua");
  private static final Script PUBLISH = Script.of("publish.lua");
  private static final Script REFRESH = Script.of("refresh.lua");
  private static final Script DROP = Script.of("drop.lua");

  private final UnifiedJedis jedis;
  private final ClientPools pools;
  private final RedisClock clock;
  private final JedisFailures failures;
  private final byte[] writer;

  /** The longest slot of each cache in bytes, as far as that was told. */
  private final ConcurrentMap<String, Integer> limits = new ConcurrentHashMap<>();

  private RedisStore(UnifiedJedis jedis, Ticker ticker, String writer) {
    this.jedis = jedis;
    this.pools = new ClientPools(jedis);
    this.clock = new RedisClock(jedis, ticker);
    this.failures = new JedisFailures(jedis);
    this.writer = SlotFormat.writer(WriterName.check(writer));
  }

  /**
   * A store on a client, which stays the caller's to close. Does not connect. It signs slots with
   * the name of {@link WriterName#ofThisProcess}.
   *
   * @param jedis sends every command to the master that owns the key, and changes no keys
   * @throws IllegalArgumentException if the client has a cache of its own, whose reads could step
   *     back
   */
  public static RedisStore create(UnifiedJedis jedis) {
    return create(jedis, WriterName.ofThisProcess());
  }

  /**
   * A store on a client, which stays the caller's to close. Does not connect.
   *
   * @param jedis sends every command to the master that owns the key, and changes no keys
   * @param writer what it signs slots with
   * @throws IllegalArgumentException if the client has a cache of its own, whose reads could step
   *     back; or unless the writer is 1 to 8 printable ASCII characters without spaces
   */
  public static RedisStore create(UnifiedJedis jedis, String writer) {
    return new RedisStore(checkUncached(jedis), Ticker.system(), writer);
  }

  /** Refuses a client whose reads may be old. */
  static <T extends UnifiedJedis> T checkUncached(T jedis) {
    if (Objects.requireNonNull(jedis, "jedis").getCache() != null) {
      throw new IllegalArgumentException(
          "jedis has a client-side cache; this needs a client without one");
    }
    return jedis;
  }

  /** What it is and what it signs with, for people. */
  @Override
  public String toString() {
    return "RedisStore (writer " + new String(writer, US_ASCII).strip() + ")";
  }

  @Override
  public Slot read(SlotKey key) {
    try {
      return pools.repeating(
          () -> {
            byte[] bytes = bytes(key);
            Slot slot = bytes == null ? new Slot.Empty() : SlotFormat.parsed(bytes, clock.of(key));
            return isKeptForEver(key, slot) ? new Slot.Empty() : slot;
          });
    } catch (JedisException e) {
      if (JedisFailures.isWrongType(e)) {
        return new Slot.Damaged();
      }
      throw failures.ofRead(key, e);
    }
  }

  /**
   * What is at a slot's place, or null if there is nothing. Of what is too large for the cache it
   * is as much as shows that, and reads as damaged.
   */
  private byte @Nullable [] bytes(SlotKey key) {
    byte[] name = SlotFormat.key(key);
    Integer limit = limits.get(key.cache());
    if (limit == null) {
      return jedis.get(name);
    }
    byte[] bytes = jedis.getrange(name, 0, limit);
    if (bytes.length > limit) {
      return NO_SLOT;
    }
    return bytes.length == 0 ? null : bytes;
  }

  /** The longest slot of a cache in bytes. */
  private int limit(SlotKey key) {
    return limits.getOrDefault(key.cache(), Integer.MAX_VALUE);
  }

  @Override
  public void limit(String cache, int maxPayloadBytes) {
    limits.merge(cache, SlotFormat.longest(Math.min(maxPayloadBytes, MOST_BYTES)), Math::max);
  }

  @Override
  public ClaimAnswer claim(
      SlotKey key, long fence, ClaimMode mode, Duration claimLife, Duration floorLife) {
    List<?> answer =
        (List<?>)
            run(
                CLAIM,
                key,
                new Arguments(writer)
                    .claimFence(fence)
                    .name(mode)
                    .claimLife(claimLife)
                    .floorLife(floorLife)
                    .number(limit(key)));
    String word = word(answer.get(0));
    return switch (word) {
      case "CLAIMED" -> new ClaimAnswer.Claimed(SlotFormat.parsedVersion((byte[]) answer.get(1)));
      case "LOST" -> lost((byte[]) answer.get(1));
      case "HIT" -> hit(key, (byte[]) answer.get(1));
      default -> throw new IllegalStateException("claim.lua answered " + word);
    };
  }

  @Override
  public boolean renew(SlotKey key, long fence, Duration claimLife) {
    Object answer = run(RENEW, key, new Arguments(writer).claimFence(fence).claimLife(claimLife));
    return word(answer).equals("RENEWED");
  }

  @Override
  public void abandon(SlotKey key, long fence) {
    run(ABANDON, key, new Arguments(writer).claimFence(fence));
  }

  @Override
  public FillAnswer fill(
      SlotKey key, long fence, EncodedRow row, FloorRule rule, Lifetime lifetime) {
    Object answer =
        run(FILL, key, new Arguments(writer).claimFence(fence).name(rule).row(row, lifetime));
    return FillAnswer.valueOf(word(answer));
  }

  @Override
  public PublishAnswer publish(
      SlotKey key, long fence, EncodedRow row, Lifetime lifetime, Duration floorLife) {
    return publish(
        PUBLISH,
        key,
        new Arguments(writer).fenceOrNone(fence).floorLife(floorLife).row(row, lifetime));
  }

  private PublishAnswer publish(Script script, SlotKey key, Arguments arguments) {
    try {
      Object answer = send(script, key, arguments);
      return PublishAnswer.valueOf(word(answer));
    } catch (JedisException e) {
      throw failures.ofRepeatable(key, e);
    }
  }

  @Override
  public RefreshAnswer refresh(SlotKey key, EncodedRow row, Lifetime lifetime, Duration floorLife) {
    Object answer =
        run(REFRESH, key, new Arguments(writer).floorLife(floorLife).row(row, lifetime));
    return RefreshAnswer.valueOf(word(answer));
  }

  @Override
  public PublishAnswer drop(SlotKey key, long version, Duration floorLife) {
    return publish(DROP, key, new Arguments(writer).version(version).floorLife(floorLife));
  }

  /**
   * {@inheritDoc}
   *
   * <p>Visits every server of a cluster by SCAN, and removes by UNLINK. While a cluster moves hash
   * slots between its servers, a slot that moves may be missed. Where a connection breaks it begins
   * anew, once; what was removed by a command whose answer was lost is not counted then.
   *
   * @throws io.tidemark.UnavailableException if nothing was removed
   * @throws io.tidemark.OutcomeUnknownException if some slots were removed, perhaps; clear again
   */
  @Override
  public long clear(String cache, LongConsumer progress) {
    String pattern = SlotFormat.keyPrefix(SlotKey.checkCacheName(cache)) + "*";
    AtomicLong removed = new AtomicLong();
    try {
      pools.repeating(() -> clear(pattern, removed, progress));
      return removed.get();
    } catch (JedisException e) {
      throw removed.get() == 0 ? failures.ofWrite(null, e) : JedisFailures.unknown(null, e);
    }
  }

  private void clear(String pattern, AtomicLong removed, LongConsumer progress) {
    if (jedis instanceof RedisClusterClient cluster) {
      // A server that joined since the client last looked would be left out.
      cluster.refreshClusterTopology();
    }
    ScanIteration scan = jedis.scanIteration(KEYS_PER_SCAN, pattern);
    while (!scan.isIterationCompleted()) {
      Collection<String> found = scan.nextBatchList();
      if (!found.isEmpty()) {
        // Safeguard CLEAR_BREAKS_CLAIMS: a load under way would put back what is cleared.
        progress.accept(removed.addAndGet(jedis.unlink(found.toArray(String[]::new))));
      }
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>Asks for the version, the role, the memory, the eviction policy and the persistence, and
   * does with a slot that no cache has what the store does all day; in a cluster, at each master,
   * which the finding names. Looks at the pool of the client too.
   */
  @Override
  public List<Finding> check() {
    return new RedisSetup(jedis, failures, this::tryOut, this::tryOutClear).check();
  }

  /** A slot's whole day. Where it cannot be deleted, it is soon gone all the same. */
  private void tryOut(Master master) {
    SlotKey checked = master.keyHere(CHECKED, SlotFormat::key);
    byte[] key = SlotFormat.key(checked);
    jedis.get(key);
    jedis.getrange(key, 0, 1);
    jedis.pttl(key);
    clock.ask(checked);
    Script.tryOutText(jedis, key);
    Arguments claim = new Arguments(writer).claimFence(1).name(ClaimMode.ALWAYS);
    claim.claimLife(CHECKED_LIFE).floorLife(Duration.ZERO).number(limit(checked));
    CLAIM.run(jedis, key, claim.values());
    ABANDON.run(jedis, key, new Arguments(writer).claimFence(1).values());
  }

  /** What only {@link #clear} does: one step of a scan, and the removal of nothing. */
  private void tryOutClear(Master master) {
    CommandArguments scan = new CommandArguments(Protocol.Command.SCAN).add("0");
    scan.add("MATCH").add(SlotFormat.keyPrefix(CHECKED.cache()) + "*").add("COUNT").add(1);
    master.ask(new CommandObject<>(scan, BuilderFactory.RAW_OBJECT));
    jedis.unlink(SlotFormat.key(master.keyHere(CHECKED, SlotFormat::key)));
  }

  /** The claim has changed nothing, so a failure to ask for the time is one of reading. */
  private ClaimAnswer hit(SlotKey key, byte[] bytes) {
    try {
      // The script has just found that it has not ended.
      return new ClaimAnswer.Hit(
          pools.repeating(() -> SlotFormat.parsed(bytes, clock.withoutDoubt(key))));
    } catch (JedisException e) {
      throw failures.ofRead(key, e);
    }
  }

  private static ClaimAnswer lost(byte[] bytes) {
    if (SlotFormat.parsed(bytes, SlotFormat.Clock.STOPPED) instanceof Slot.Pending pending) {
      return new ClaimAnswer.Lost(pending);
    }
    throw new IllegalStateException("claim.lua answered LOST without a claim");
  }

  /**
   * Whether somebody has taken an entry's life from it. It is kept after its expiry by that life
   * alone, so that nothing else tells when its grace is over. To find one expired is rare enough to
   * ask.
   */
  private boolean isKeptForEver(SlotKey key, Slot slot) {
    boolean isExpired =
        (slot instanceof Slot.Value value && value.freshness() == Slot.Freshness.EXPIRED)
            || (slot instanceof Slot.Absent absent && absent.freshness() == Slot.Freshness.EXPIRED);
    return isExpired && jedis.pttl(SlotFormat.key(key)) == WITHOUT_LIFE;
  }

  private Object run(Script script, SlotKey key, Arguments arguments) {
    try {
      return send(script, key, arguments);
    } catch (JedisException e) {
      throw failures.ofWrite(key, e);
    }
  }

  /** At most once: whether a script may be sent again is for its caller to say. */
  private Object send(Script script, SlotKey key, Arguments arguments) {
    try {
      return script.run(jedis, SlotFormat.key(key), arguments.values());
    } catch (JedisException e) {
      pools.dropBroken(e);
      throw e;
    }
  }

  private static String word(Object answer) {
    return new String((byte[]) answer, US_ASCII);
  }
}
