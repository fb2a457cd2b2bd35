package io.tidemark.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.tidemark.spi.ClaimAnswer;
import io.tidemark.spi.ClaimMode;
import io.tidemark.spi.Drop;
import io.tidemark.spi.EncodedRow;
import io.tidemark.spi.Fill;
import io.tidemark.spi.FillAnswer;
import io.tidemark.spi.Finding;
import io.tidemark.spi.FloorRule;
import io.tidemark.spi.Lifetime;
import io.tidemark.spi.Publish;
import io.tidemark.spi.PublishAnswer;
import io.tidemark.spi.Refresh;
import io.tidemark.spi.RefreshAnswer;
import io.tidemark.spi.Reply;
import io.tidemark.spi.Slot;
import io.tidemark.spi.SlotKey;
import io.tidemark.spi.SlotStore;
import io.tidemark.spi.Ticker;
import io.tidemark.spi.WriterName;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.function.LongConsumer;
import redis.clients.jedis.UnifiedJedis;

/**
 * A store in Redis: one string per slot, at the key {@code tidemark:<cache>:<key>}. Thread-safe.
 *
 * <p>Each slot carries the lineage of the server that it was written on: the beginning of its
 * replication id, which is new after each promotion and each restart. Every script and every read
 * asks for the present one (INFO replication). A slot of another lineage is lost, because what a
 * failover or a restart brings back may be older than what it has lost. So is a slot that a cluster
 * has moved to another master. If the server says that it is a replica, or that it has no replica
 * that keeps up although it needs one (min-replicas-to-write), the verb throws {@link
 * io.tidemark.RefusedException}. {@link Failover#KEEP} switches all this off.
 *
 * <p>A slot is a header of plain letters and digits, readable in redis-cli, and then the payload;
 * {@code slot.lua} describes it. It contains the time of writing in whole seconds, and the load
 * time in two digits, rounded up. Any other value at the key, another Redis type included, reads as
 * {@link Slot.Damaged}; an empty string reads as no slot.
 *
 * <p>A read is one GETRANGE, limited to the largest slot that the cache may have, so that a foreign
 * value cannot fill a reader's memory; INFO follows it in the same round trip. It also reads TIME,
 * by a script on the server that holds the slot, if it finds a claim, a floor or an entry with
 * grace and the last known time is more than ten seconds old; or an entry without grace, which
 * Redis removes in time, and it is more than ten minutes old; or an entry that should be gone. If
 * no answer comes, the last known time serves. If it finds an expired entry, it asks for its PTTL.
 * Every other verb is one Lua script that touches one key.
 *
 * <p>{@link #readAll} is one MGET for 1,000 keys, followed by INFO. It reads each value up to the
 * largest slot that the cache may have; if it meets a larger one, it reads them all by GETRANGE, as
 * a single read does. A value of another type reads as no slot. The other verbs for many slots send
 * their scripts in pipelines of at most 1,000 commands and 1 MB. Each MGET or pipeline takes one
 * round trip. More follow for the PTTL of expired entries, and for a script that the server does
 * not know. Clients other than {@code RedisClient} and {@code RedisSentinelClient} read in
 * pipelines as well, and a cluster's servers are asked side by side. A read is sent once more if
 * the connection broke. A command of a pipeline that writes is sent at most once, by any client,
 * unless a server answered that the slot is elsewhere, and fails with {@link
 * io.tidemark.OutcomeUnknownException} if it got no reply.
 *
 * <p>Redis measures all lives, in whole milliseconds. They are cut to 300 years.
 *
 * <p>A verb blocks as long as the client's timeouts allow: set the connection timeout, the socket
 * timeout, and the pool's longest wait, which is endless by default. A thread that is interrupted
 * while it waits for the pool gets {@link io.tidemark.UnavailableException} and stays interrupted.
 * If the server refuses a command (OOM, READONLY, NOPERM and the like), nothing was done, and the
 * verb throws {@link io.tidemark.RefusedException} with the server's message; likewise if the
 * client is closed. If the server may accept it soon (LOADING, BUSY), the verb throws {@link
 * io.tidemark.UnavailableException}.
 *
 * <p>If a connection breaks, as after a restart of Redis, or falls silent, the idle connections of
 * the client's pool are closed, so that no later call meets them; on a cluster, only if it breaks.
 * A read whose connection broke is then sent once more, so it may take twice as long, and {@link
 * #clear} starts again. No other verb is sent again, and none that got no answer in time.
 *
 * <p>With {@code RedisClient} and {@code RedisSentinelClient} a script is sent at most once, and
 * {@link io.tidemark.OutcomeUnknownException} means that the connection broke or fell silent when
 * the script may have been sent. Other clients, including {@code RedisClusterClient}, repeat
 * commands by themselves. With those, a verb that writes fails with {@link
 * io.tidemark.OutcomeUnknownException}, except a publish or a drop that the server refused last. A
 * fill may answer {@code REFUSED} although its first sending was stored, which is safe: its caller
 * looks again. Build such a client with {@code maxAttempts(1)}. Otherwise the network could delay
 * one sending of a claim until a later write has broken that claim, and so restore it for the fill
 * that follows.
 */
public final class RedisStore implements SlotStore {
  /** The beginning of the keys that only {@link #check} uses. */
  private static final SlotKey CHECKED = new SlotKey("tidemark-check", "");

  private static final Duration CHECKED_LIFE = Duration.ofSeconds(1);

  private final UnifiedJedis jedis;
  private final Clearing clearing;
  private final JedisFailures failures;
  private final SlotReads reads;
  private final ScriptCalls calls;
  private final SlotScripts scripts;
  private final Lineages lineages;
  private final Failover failover;
  private final byte[] writer;

  RedisStore(UnifiedJedis jedis, Ticker ticker, String writer, Failover failover) {
    this.jedis = jedis;
    this.failover = failover;
    this.scripts = SlotScripts.of(failover);
    this.lineages = new Lineages(ticker);
    this.failures = new JedisFailures(jedis);
    this.clearing = new Clearing(jedis, failures, failover);
    this.reads = new SlotReads(jedis, failures, ticker, failover, lineages);
    this.calls = new ScriptCalls(jedis, failures);
    this.writer = SlotFormat.writer(WriterName.check(writer));
  }

  /**
   * Creates a store on a client, which the caller closes. Does not connect. The store signs slots
   * with {@link WriterName#ofThisProcess}.
   *
   * @param jedis sends every command to the master that owns the key, and changes no keys
   * @throws IllegalArgumentException if the client has a cache of its own, whose reads could step
   *     back, or is a client of a cluster other than a RedisClusterClient
   * @throws IllegalStateException if Jedis is older than 7.4
   */
  public static RedisStore create(UnifiedJedis jedis) {
    return builder(jedis).build();
  }

  /**
   * Creates a store on a client, which the caller closes. Does not connect.
   *
   * @param jedis sends every command to the master that owns the key, and changes no keys
   * @param writer the name to sign slots with
   * @throws IllegalArgumentException if the client has a cache of its own, whose reads could step
   *     back, or is a client of a cluster other than a RedisClusterClient; or unless the writer is
   *     1 to 8 printable ASCII characters without spaces
   * @throws IllegalStateException if Jedis is older than 7.4
   */
  public static RedisStore create(UnifiedJedis jedis, String writer) {
    return builder(jedis).writer(writer).build();
  }

  /**
   * Starts to build a store on a client, which the caller closes.
   *
   * @param jedis sends every command to the master that owns the key, and changes no keys
   * @throws IllegalArgumentException if the client has a cache of its own, whose reads could step
   *     back, or is a client of a cluster other than a RedisClusterClient
   * @throws IllegalStateException if Jedis is older than 7.4
   */
  public static RedisStoreBuilder builder(UnifiedJedis jedis) {
    return new RedisStoreBuilder(jedis);
  }

  /** Names the store and its writer, for people. */
  @Override
  public String toString() {
    return "RedisStore (writer " + new String(writer, US_ASCII).strip() + ")";
  }

  @Override
  public Slot read(SlotKey key) {
    return reads.read(key);
  }

  @Override
  public List<Reply<Slot>> readAll(List<SlotKey> keys) {
    return reads.readAll(keys);
  }

  @Override
  public void limit(String cache, int maxPayloadBytes) {
    reads.limit(cache, maxPayloadBytes);
  }

  @Override
  public ClaimAnswer claim(
      SlotKey key, long fence, ClaimMode mode, Duration claimLife, Duration floorLife) {
    return calls.run(claiming(key, fence, mode, claimLife, floorLife));
  }

  @Override
  public List<Reply<ClaimAnswer>> claimAll(
      List<SlotKey> keys, long fence, ClaimMode mode, Duration claimLife, Duration floorLife) {
    return calls.runAll(keys, key -> claiming(key, fence, mode, claimLife, floorLife));
  }

  private ScriptCall<ClaimAnswer> claiming(
      SlotKey key, long fence, ClaimMode mode, Duration claimLife, Duration floorLife) {
    return call(
        scripts.claim(),
        key,
        arguments()
            .newClaim(fence, mode)
            .claimLife(claimLife)
            .floorLife(floorLife)
            .number(reads.limit(key)),
        answer -> claimAnswer(key, (List<?>) answer));
  }

  private ClaimAnswer claimAnswer(SlotKey key, List<?> answer) {
    String word = word(answer.get(0));
    byte[] bytes = (byte[]) answer.get(1);
    return switch (word) {
      case "CLAIMED" -> {
        lineages.meet(Lineage.ofAnswer((byte[]) answer.get(2)));
        yield new ClaimAnswer.Claimed(SlotFormat.parsedVersion(bytes));
      }
      case "RESERVED" -> new ClaimAnswer.Reserved(SlotFormat.parsedVersion(bytes));
      case "LOST" -> lost(bytes);
      case "HIT" -> reads.hit(key, bytes);
      default -> throw new IllegalStateException("claim.lua answered " + word);
    };
  }

  @Override
  public boolean renew(SlotKey key, long fence, Duration claimLife) {
    return calls.run(renewing(key, fence, claimLife));
  }

  @Override
  public List<Reply<Boolean>> renewAll(List<SlotKey> keys, long fence, Duration claimLife) {
    return calls.runAll(keys, key -> renewing(key, fence, claimLife));
  }

  private ScriptCall<Boolean> renewing(SlotKey key, long fence, Duration claimLife) {
    return call(
        scripts.renew(),
        key,
        arguments().claimFence(fence).claimLife(claimLife),
        answer -> word(answer).equals("RENEWED"));
  }

  @Override
  public boolean abandon(SlotKey key, long fence) {
    return calls.run(abandoning(key, fence));
  }

  @Override
  public List<Reply<Boolean>> abandonAll(List<SlotKey> keys, long fence) {
    return calls.runAll(keys, key -> abandoning(key, fence));
  }

  private ScriptCall<Boolean> abandoning(SlotKey key, long fence) {
    return call(
        scripts.abandon(),
        key,
        arguments().claimFence(fence),
        answer -> word(answer).equals("ABANDONED"));
  }

  @Override
  public FillAnswer fill(
      SlotKey key, long fence, EncodedRow row, FloorRule rule, Lifetime lifetime) {
    return calls.run(filling(new Fill(key, fence, row, rule, lifetime)));
  }

  @Override
  public List<Reply<FillAnswer>> fillAll(List<Fill> fills) {
    return calls.runAll(fills, this::filling);
  }

  private ScriptCall<FillAnswer> filling(Fill fill) {
    return call(
        scripts.fill(),
        fill.key(),
        arguments().claimFence(fill.fence()).name(fill.rule()).row(fill.row(), fill.lifetime()),
        answer -> FillAnswer.valueOf(word(answer)));
  }

  @Override
  public PublishAnswer publish(
      SlotKey key, long fence, EncodedRow row, Lifetime lifetime, Duration floorLife) {
    return calls.run(publishing(new Publish(key, fence, row, lifetime, floorLife)));
  }

  @Override
  public List<Reply<PublishAnswer>> publishAll(List<Publish> publishes) {
    return calls.runAll(publishes, this::publishing);
  }

  private ScriptCall<PublishAnswer> publishing(Publish publish) {
    return repeatable(
        scripts.publish(),
        publish.key(),
        arguments()
            .fenceOrNone(publish.fence())
            .floorLife(publish.floorLife())
            .row(publish.row(), publish.lifetime()));
  }

  @Override
  public RefreshAnswer refresh(SlotKey key, EncodedRow row, Lifetime lifetime, Duration floorLife) {
    return calls.run(refreshing(new Refresh(key, row, lifetime, floorLife)));
  }

  @Override
  public List<Reply<RefreshAnswer>> refreshAll(List<Refresh> refreshes) {
    return calls.runAll(refreshes, this::refreshing);
  }

  private ScriptCall<RefreshAnswer> refreshing(Refresh refresh) {
    return call(
        scripts.refresh(),
        refresh.key(),
        arguments().floorLife(refresh.floorLife()).row(refresh.row(), refresh.lifetime()),
        answer -> RefreshAnswer.valueOf(word(answer)));
  }

  @Override
  public PublishAnswer drop(SlotKey key, long version, Duration floorLife) {
    return calls.run(dropping(new Drop(key, version, floorLife)));
  }

  @Override
  public List<Reply<PublishAnswer>> dropAll(List<Drop> drops) {
    return calls.runAll(drops, this::dropping);
  }

  private ScriptCall<PublishAnswer> dropping(Drop drop) {
    return repeatable(
        scripts.drop(),
        drop.key(),
        arguments().version(drop.version()).floorLife(drop.floorLife()));
  }

  private Arguments arguments() {
    return new Arguments(writer);
  }

  @Override
  public boolean mayLackFloors(Duration floorLife) {
    return failover != Failover.KEEP && lineages.hasMetWithin(floorLife);
  }

  private static <A> ScriptCall<A> call(
      Script script, SlotKey key, Arguments arguments, Function<Object, A> answer) {
    return new ScriptCall<>(script, key, arguments.values(), answer, false);
  }

  private static ScriptCall<PublishAnswer> repeatable(
      Script script, SlotKey key, Arguments arguments) {
    return new ScriptCall<>(
        script, key, arguments.values(), answer -> PublishAnswer.valueOf(word(answer)), true);
  }

  /**
   * {@inheritDoc}
   *
   * <p>Scans every master of a cluster (SCAN), and removes what it finds (UNLINK). Where hash slots
   * have moved between its servers meanwhile, or were about to, it scans again, until no slot can
   * have been missed: two or three times for hash slots that move once. If a connection breaks, it
   * starts again, once; slots removed by a command whose answer was lost are then not counted.
   *
   * @throws io.tidemark.UnavailableException if nothing was removed
   * @throws io.tidemark.OutcomeUnknownException if some slots were or may have been removed, or if
   *     hash slots moved during each of ten scans; clear again
   */
  @Override
  public long clear(String cache, LongConsumer progress) {
    return clearing.clear(SlotFormat.keyPrefix(SlotKey.checkCacheName(cache)) + "*", progress);
  }

  /**
   * {@inheritDoc}
   *
   * <p>Checks the version, the role, the memory, the eviction policy, the persistence and whether a
   * master that is cut off from its replicas goes on accepting writes. Tries every command of a
   * store on a slot that no cache has, and names each right that the user lacks. In a cluster it
   * checks each master; a finding names its master. Checks the client's pool too.
   */
  @Override
  public List<Finding> check() {
    return new RedisSetup(
            jedis, failures, failover, master -> SlotFormat.key(checked(master)), this::tryOut)
        .check();
  }

  private static SlotKey checked(Master master) {
    return master.keyHere(CHECKED, SlotFormat::key);
  }

  /** Runs scripts, by their text too. If the slot cannot be deleted, it expires soon. */
  private void tryOut(Master master) {
    SlotKey checked = checked(master);
    byte[] key = SlotFormat.key(checked);
    reads.askTime(checked);
    Script.tryOutText(jedis, key);
    Arguments claim = new Arguments(writer).newClaim(1, ClaimMode.ALWAYS);
    claim.claimLife(CHECKED_LIFE).floorLife(Duration.ZERO).number(reads.limit(checked));
    scripts.claim().run(jedis, key, claim.values());
    scripts.abandon().run(jedis, key, new Arguments(writer).claimFence(1).values());
  }

  private static ClaimAnswer lost(byte[] bytes) {
    Slot.Pending claim = SlotFormat.parsed(bytes, SlotClock.STOPPED).claim();
    if (claim == null) {
      throw new IllegalStateException("claim.lua answered LOST without a claim");
    }
    return new ClaimAnswer.Lost(claim);
  }

  private static String word(Object answer) {
    return new String((byte[]) answer, US_ASCII);
  }
}
